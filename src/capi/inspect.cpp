// SPDX-License-Identifier: Apache-2.0
#include <skillet/authoring/inspect.h>

#include "author/inspect_gguf.h"
#include "capi/boundary.h"

using namespace skillet;

namespace {

Result<bool> truth(uint32_t value, const char *name) {
    if (value > 1) {
        return make_error(SKL_E_INVALID_ARGUMENT, std::string(name) + " must be 0 or 1", name);
    }
    return value == 1;
}

}  // namespace

skl_status skl_gguf_inspect(const char *path, const skl_inspect_options *options,
                            const skl_work_options *how, skl_document *out, skl_error *error) {
    return guard(error, [&]() -> Result<void> {
        SKL_TRY(require(out, "out"));
        SKL_TRY_ASSIGN(name, text_argument(path, "path"));
        SKL_TRY_ASSIGN(known, read_options(options));
        SKL_TRY_ASSIGN(deep, truth(known.deep, "deep"));
        SKL_TRY_ASSIGN(any_architecture, truth(known.any_architecture, "any_architecture"));
        SKL_TRY_ASSIGN(work, work_of(how));
        SKL_TRY_ASSIGN(file, FileSlice::open(name));
        SKL_TRY_ASSIGN(document, inspect_gguf(file, {deep, any_architecture}, work));
        *out = make_document(document);
        return {};
    });
}
