// SPDX-License-Identifier: Apache-2.0
#include <skillet/module.h>

#include "author/inspect.h"
#include "capi/boundary.h"

using namespace skillet;

skl_status skl_module_open(skl_runtime runtime, const char *reference,
                           const skl_work_options *options, skl_module *out, skl_error *error) {
    return guard(error, [&]() -> Result<void> {
        SKL_TRY(require(out, "out"));
        SKL_TRY_ASSIGN(object, find(runtime));
        SKL_TRY_ASSIGN(text, text_argument(reference, "reference"));
        SKL_TRY_ASSIGN(work, work_of(options));
        SKL_TRY_ASSIGN(module, object->open_skill(text, work));
        out->id = handles().modules.add(std::move(module));
        return {};
    });
}

skl_status skl_module_load(skl_module module, const skl_work_options *options, skl_error *error) {
    return guard(error, [&]() -> Result<void> {
        SKL_TRY_ASSIGN(object, find(module));
        SKL_TRY_ASSIGN(work, work_of(options));
        return object->load(work);
    });
}

skl_status skl_module_keep(skl_module module, const skl_keep_options *options, skl_error *error) {
    return guard(error, [&]() -> Result<void> {
        SKL_TRY_ASSIGN(object, find(module));
        SKL_TRY_ASSIGN(known, read_options(options));
        SKL_TRY(require_zero(known.reserved, "reserved"));
        object->runtime().resident().keep(
            object->package().descriptor.digest,
            {.pinned = (known.flags & SKL_KEEP_PINNED) != 0, .priority = known.priority});
        return {};
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

void skl_module_close(skl_module module) { close(&Handles::modules, module.id); }
