// SPDX-License-Identifier: Apache-2.0
#include <skillet/remote.h>

#include "assembly/pull.h"
#include "assembly/push.h"
#include "capi/boundary.h"
#include "capi/row_members.h"
#include "store/archive.h"

using namespace skillet;

namespace {

constexpr uint32_t connections_most = 16;

struct Call {
    RemoteOptions options;
    Work work;
};

Result<Call> read_call(const skl_remote_options *options) {
    SKL_TRY_ASSIGN(known, read_options(options));
    SKL_TRY(require_zero(known.reserved, "reserved"));
    if (known.connections_max > connections_most) {
        return make_error(SKL_E_INVALID_ARGUMENT, "more than 16 connections", "connections_max");
    }
    Call call;
    SKL_TRY_ASSIGN(work, work_of(known.work));
    SKL_TRY_ASSIGN(credentials, optional_text(known.credentials, "credentials"));
    call.work = std::move(work);
    call.options.credentials_file = std::move(credentials);
    call.options.plain_http = (known.flags & SKL_REMOTE_PLAIN_HTTP) != 0;
    if (known.connections_max != 0) call.options.connections_max = known.connections_max;
    return call;
}

Result<RemoteReference> remote_argument(const char *remote) {
    SKL_TRY_ASSIGN(text, text_argument(remote, "remote"));
    return RemoteReference::parse(text);
}

json::Value pushed_document(const Package &package, const Pushed &pushed) {
    return json::Object{{"schema", "skillet.pushed/1"},
                        {"remote", pushed.reference},
                        {"tag", pushed.tag},
                        {"id", package.skill.id},
                        {"version", package.skill.version.text()},
                        {"digest", package.descriptor.digest.to_string()},
                        {"bytes", package.total_bytes()},
                        {"uploaded_bytes", pushed.uploaded_bytes},
                        {"documents", pushed.documents}};
}

Result<json::Value> push_file(const std::string &path, const RemoteReference &remote,
                              const Call &call) {
    SKL_TRY_ASSIGN(file, FileSlice::open(path));
    SKL_TRY_ASSIGN(archive, Archive::open(file));
    SKL_TRY_ASSIGN(descriptor, only_package(archive));
    SKL_TRY_ASSIGN(package, read_package(archive, descriptor));
    SKL_TRY_ASSIGN(pushed, push(archive, package, remote, call.options, call.work));
    return pushed_document(package, pushed);
}

Result<json::Value> push_installed(Runtime &runtime, const Reference &reference,
                                   const RemoteReference &remote, const Call &call) {
    SKL_TRY_ASSIGN(root, runtime.root_with(reference.id));
    SKL_TRY_ASSIGN(row, root->resolve(reference));
    SKL_TRY(check_serves(row.state, row.id + "@" + row.version));
    SKL_TRY_ASSIGN(package, root->read(row));
    auto pushed = push(root->store(), package, remote, call.options, call.work);
    if (pushed) return pushed_document(package, *pushed);
    // Whether our own bytes are at fault is not for a registry to say: look ourselves.
    if (blames_package(pushed.error().code)) (void)root->verify(row, call.work);
    return std::move(pushed).error();
}

}  // namespace

skl_status skl_package_pull(skl_runtime runtime, const char *remote,
                            const skl_remote_options *options, skl_document *out,
                            skl_error *error) {
    return guard(error, [&]() -> Result<void> {
        SKL_TRY(require(out, "out"));
        SKL_TRY_ASSIGN(object, find(runtime));
        SKL_TRY_ASSIGN(reference, remote_argument(remote));
        SKL_TRY_ASSIGN(call, read_call(options));
        SKL_TRY_ASSIGN(root, object->root());
        SKL_TRY_ASSIGN(pulled, pull(*root, reference, call.options, call.work));
        json::Object document{{"schema", "skillet.pulled/1"}, {"remote", pulled.reference}};
        for (auto &member : row_members(pulled.row)) document.append(member.first, member.second);
        document.append("downloaded_bytes", pulled.downloaded_bytes);
        *out = make_document(document);
        return {};
    });
}

skl_status skl_package_push(skl_runtime runtime, const char *reference, const char *remote,
                            const skl_remote_options *options, skl_document *out,
                            skl_error *error) {
    return guard(error, [&]() -> Result<void> {
        SKL_TRY(require(out, "out"));
        SKL_TRY_ASSIGN(object, find(runtime));
        SKL_TRY_ASSIGN(name, text_argument(reference, "reference"));
        SKL_TRY_ASSIGN(parsed, Reference::parse(name));
        SKL_TRY_ASSIGN(target, remote_argument(remote));
        SKL_TRY_ASSIGN(call, read_call(options));
        SKL_TRY_ASSIGN(document, parsed.path.empty() ? push_installed(*object, parsed, target, call)
                                                     : push_file(parsed.path, target, call));
        *out = make_document(document);
        return {};
    });
}
