// SPDX-License-Identifier: Apache-2.0
#include <skillet/authoring/authoring.h>

#include "author/init.h"
#include "author/inspect.h"
#include "author/pack.h"
#include "capi/boundary.h"
#include "capi/named_package.h"

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

// The base as its author calls it.
Result<NamedBase> base_of(const skl_base_options *options) {
    SKL_TRY(require(options, "base"));
    SKL_TRY_ASSIGN(known, read_options(options));
    SKL_TRY_ASSIGN(name, text_argument(known.base, "base.base"));
    SKL_TRY_ASSIGN(id, optional_text(known.id, "base.id"));
    SKL_TRY_ASSIGN(version, optional_text(known.version, "base.version"));
    std::shared_ptr<Runtime> runtime;
    if (known.runtime.id != 0) {
        SKL_TRY_ASSIGN(object, find(known.runtime));
        runtime = std::move(object);
    }
    SKL_TRY_ASSIGN(base, open_base(runtime.get(), name));
    if (!id.empty()) base.id = std::move(id);
    if (!version.empty()) base.version = std::move(version);
    return std::move(base);
}

Result<void> init(const char *path_text, const char *id, const char *version, const NamedBase *base,
                  skl_document *out) {
    SKL_TRY(require(out, "out"));
    SKL_TRY_ASSIGN(path, text_argument(path_text, "model_path"));
    InitOptions options;
    SKL_TRY_ASSIGN(name, text_argument(id, "id"));
    options.id = std::move(name);
    SKL_TRY_ASSIGN(first, optional_text(version, "version"));
    if (!first.empty()) options.version = std::move(first);
    SKL_TRY_ASSIGN(file, FileSlice::open(path));
    SKL_TRY_ASSIGN(document, init_skill(file, options, base));
    *out = make_document(document);
    return {};
}

Result<void> pack_files(const skl_pack_options *options, const NamedBase *base, skl_document *out) {
    SKL_TRY(require(options, "options"));
    SKL_TRY(require(out, "out"));
    SKL_TRY_ASSIGN(known, read_options(options));
    SKL_TRY_ASSIGN(skill, text_argument(known.skill_path, "skill_path"));
    SKL_TRY_ASSIGN(model, text_argument(known.model_path, "model_path"));
    SKL_TRY_ASSIGN(output, text_argument(known.output_path, "output_path"));
    SKL_TRY_ASSIGN(documents, texts(known.documents, known.document_count, "documents"));
    SKL_TRY_ASSIGN(attachments, texts(known.attachments, known.attachment_count, "attachments"));
    const auto files = posix_file_system();
    SKL_TRY_ASSIGN(packed, pack(*files, {skill, model, documents, attachments, output}, base));
    *out = make_document(json::Object{{"schema", "skillet.packed/1"},
                                      {"id", packed.id},
                                      {"version", packed.version},
                                      {"digest", packed.digest.to_string()},
                                      {"bytes", packed.bytes},
                                      {"file", output}});
    return {};
}

}  // namespace

skl_status skl_author_init(const char *model_path, const char *id, const char *version,
                           skl_document *out, skl_error *error) {
    return guard(error, [&] { return init(model_path, id, version, nullptr, out); });
}

skl_status skl_author_init_adapter(const char *adapter_path, const char *id, const char *version,
                                   const skl_base_options *base, skl_document *out,
                                   skl_error *error) {
    return guard(error, [&]() -> Result<void> {
        SKL_TRY_ASSIGN(named, base_of(base));
        return init(adapter_path, id, version, &named, out);
    });
}

skl_status skl_author_pack(const skl_pack_options *options, skl_document *out, skl_error *error) {
    return guard(error, [&] { return pack_files(options, nullptr, out); });
}

skl_status skl_author_pack_adapter(const skl_pack_options *options, const skl_base_options *base,
                                   skl_document *out, skl_error *error) {
    return guard(error, [&]() -> Result<void> {
        SKL_TRY_ASSIGN(named, base_of(base));
        return pack_files(options, &named, out);
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
