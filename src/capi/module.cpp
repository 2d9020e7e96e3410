// SPDX-License-Identifier: Apache-2.0
#include <skillet/module.h>
#include <skillet/request.h>

#include "author/inspect.h"
#include "capi/boundary.h"

using namespace skillet;

skl_status skl_module_open(skl_runtime runtime, const char *reference, skl_cancel cancel,
                           skl_module *out, skl_error *error) {
    return guard(error, [&]() -> Result<void> {
        SKL_TRY(require(out, "out"));
        SKL_TRY_ASSIGN(object, find(runtime));
        SKL_TRY_ASSIGN(text, text_argument(reference, "reference"));
        SKL_TRY_ASSIGN(stop, stop_signal(cancel));
        SKL_TRY_ASSIGN(module, object->open_skill(text, stop));
        out->id = handles().modules.add(std::move(module));
        return {};
    });
}

skl_status skl_module_load(skl_module module, skl_cancel cancel, skl_error *error) {
    return guard(error, [&]() -> Result<void> {
        SKL_TRY_ASSIGN(object, find(module));
        SKL_TRY_ASSIGN(stop, stop_signal(cancel));
        return object->load(stop);
    });
}

skl_status skl_module_show(skl_module module, skl_document *out, skl_error *error) {
    return guard(error, [&]() -> Result<void> {
        SKL_TRY(require(out, "out"));
        SKL_TRY_ASSIGN(object, find(module));
        *out = make_document(package_document(object->package()));
        return {};
    });
}

skl_status skl_module_invoke(skl_module module, const char *input, size_t input_size,
                             const skl_request_options *options, skl_result *out,
                             skl_error *error) {
    return guard(error, [&]() -> Result<void> {
        SKL_TRY(require(out, "out"));
        SKL_TRY(require(input, "input"));
        SKL_TRY_ASSIGN(object, find(module));
        skl_request_options known{};
        if (options != nullptr) SKL_TRY(read_options(options, sizeof known, &known));
        if (known.reserved != 0) {
            return make_error(SKL_E_INVALID_ARGUMENT, "reserved is not 0", "reserved");
        }
        SKL_TRY_ASSIGN(stop, stop_signal(known.cancel, known.deadline_ms));
        SKL_TRY_ASSIGN(answer, object->invoke({input, input_size}, stop));
        out->id = handles().results.add(
            std::make_shared<const ResultObject>(ResultObject{object, std::move(answer)}));
        return {};
    });
}

void skl_module_close(skl_module module) { handles().modules.remove(module.id); }
