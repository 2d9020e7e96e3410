// SPDX-License-Identifier: Apache-2.0
#include <skillet/authoring/compare.h>

#include "capi/boundary.h"
#include "capi/named_package.h"
#include "comparison/compatibility.h"
#include "comparison/diff.h"

using namespace skillet;

namespace {

using Compare = Result<json::Value>(const Side &a, const Side &b, const Work &work);

skl_status compare(skl_runtime runtime, const char *a, const char *b,
                   const skl_work_options *options, skl_document *out, skl_error *error,
                   Compare *document_of) {
    return guard(error, [&]() -> Result<void> {
        SKL_TRY(require(out, "out"));
        SKL_TRY_ASSIGN(object, find(runtime));
        SKL_TRY_ASSIGN(first, text_argument(a, "a"));
        SKL_TRY_ASSIGN(second, text_argument(b, "b"));
        SKL_TRY_ASSIGN(work, work_of(options));
        SKL_TRY_ASSIGN(one, open_side(*object, first, work));
        SKL_TRY_ASSIGN(other, open_side(*object, second, work));
        SKL_TRY_ASSIGN(document, document_of(one, other, work));
        *out = make_document(document);
        return {};
    });
}

}  // namespace

skl_status skl_compare_compatibility(skl_runtime runtime, const char *a, const char *b,
                                     const skl_work_options *options, skl_document *out,
                                     skl_error *error) {
    return compare(runtime, a, b, options, out, error,
                   [](const Side &one, const Side &other, const Work &) -> Result<json::Value> {
                       return compatibility_document(one, other);
                   });
}

skl_status skl_compare_packages(skl_runtime runtime, const char *a, const char *b,
                                const skl_work_options *options, skl_document *out,
                                skl_error *error) {
    return compare(runtime, a, b, options, out, error, diff_document);
}
