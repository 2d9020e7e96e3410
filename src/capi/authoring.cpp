// SPDX-License-Identifier: Apache-2.0
#include <skillet/authoring/authoring.h>

#include "author/init.h"
#include "author/inspect.h"
#include "author/pack.h"
#include "capi/boundary.h"

using namespace skillet;

namespace {

Result<std::vector<std::string>> texts(const char *const *list, size_t count, const char *name) {
    std::vector<std::string> copies;
    if (count > 0) SKL_TRY(require(list, name));
    for (size_t i = 0; i < count; ++i) {
        SKL_TRY_ASSIGN(text, text_argument(list[i], name));
        copies.push_back(std::move(text));
    }
    return copies;
}

}  // namespace

skl_status skl_author_init(const char *model_path, const char *id, const char *version,
                           skl_document *out, skl_error *error) {
    return guard(error, [&]() -> Result<void> {
        SKL_TRY(require(out, "out"));
        SKL_TRY_ASSIGN(path, text_argument(model_path, "model_path"));
        InitOptions options;
        SKL_TRY_ASSIGN(name, text_argument(id, "id"));
        options.id = std::move(name);
        SKL_TRY_ASSIGN(first, optional_text(version, "version"));
        if (!first.empty()) options.version = std::move(first);
        SKL_TRY_ASSIGN(model, FileSlice::open(path));
        SKL_TRY_ASSIGN(document, init_skill(model, options));
        *out = make_document(document);
        return {};
    });
}

skl_status skl_author_pack(const skl_pack_options *options, skl_document *out, skl_error *error) {
    return guard(error, [&]() -> Result<void> {
        SKL_TRY(require(options, "options"));
        SKL_TRY(require(out, "out"));
        SKL_TRY_ASSIGN(known, read_options(options));
        SKL_TRY_ASSIGN(skill, text_argument(known.skill_path, "skill_path"));
        SKL_TRY_ASSIGN(model, text_argument(known.model_path, "model_path"));
        SKL_TRY_ASSIGN(output, text_argument(known.output_path, "output_path"));
        SKL_TRY_ASSIGN(documents, texts(known.documents, known.document_count, "documents"));
        SKL_TRY_ASSIGN(attachments,
                       texts(known.attachments, known.attachment_count, "attachments"));
        const auto files = posix_file_system();
        SKL_TRY_ASSIGN(packed, pack(*files, {skill, model, documents, attachments, output}));
        *out = make_document(json::Object{{"schema", "skillet.packed/1"},
                                          {"id", packed.id},
                                          {"version", packed.version},
                                          {"digest", packed.digest.to_string()},
                                          {"bytes", packed.bytes},
                                          {"file", output}});
        return {};
    });
}

skl_status skl_author_inspect(const char *path, skl_document *out, skl_error *error) {
    return guard(error, [&]() -> Result<void> {
        SKL_TRY(require(out, "out"));
        SKL_TRY_ASSIGN(file, text_argument(path, "path"));
        SKL_TRY_ASSIGN(document, inspect_file(file));
        *out = make_document(document);
        return {};
    });
}
