// SPDX-License-Identifier: Apache-2.0
// The ways to the base of an adapter. It is known by the digest of its file alone, so that it does
// not matter which package brought it, or what it is called there.
#include <utility>

#include <fmt/format.h>

#include "package/verification.h"
#include "store/archive.h"

namespace skillet {
namespace {

// The bytes that a path means: a GGUF, or the model of a .skill file.
Result<FileSlice> open_model(const std::string &path) {
    SKL_TRY_ASSIGN(file, FileSlice::open(path));
    if (gguf::has_magic(file)) return file;
    SKL_TRY_ASSIGN(archive, Archive::open(file));
    SKL_TRY_ASSIGN(descriptor, only_package(archive));
    SKL_TRY_ASSIGN(package, read_package(archive, descriptor));
    return archive.open(package.artifact.digest);
}

}  // namespace

Error base_missing(const AdapterMember &adapter, std::string_view why) {
    return make_error(
        SKL_E_DEPENDENCY_UNSATISFIED,
        fmt::format("the adapter needs its base {} {} ({}): {}", adapter.base_id,
                    adapter.base_version.text(), adapter.base_digest.to_string(), why),
        adapter.base_id, "install the base first, then verify again; or give it with --base FILE");
}

FindBase find_base_in(const BlobSource &store) {
    return [&store](const AdapterMember &adapter) -> Result<BaseModel> {
        const auto bytes = store.open(adapter.base_digest);
        if (!bytes) return base_missing(adapter, "no package that is installed has it");
        SKL_TRY_ASSIGN(digest, sha256(*bytes));
        if (digest != adapter.base_digest) {
            return base_missing(adapter, "the installed one is damaged");
        }
        return BaseModel::read(*bytes, digest);
    };
}

FindBase base_from_file(std::string path) {
    return [path = std::move(path)](const AdapterMember &adapter) -> Result<BaseModel> {
        SKL_TRY_ASSIGN(bytes, open_model(path));
        SKL_TRY_ASSIGN(digest, sha256(bytes));
        if (digest != adapter.base_digest) {
            return base_missing(adapter,
                                fmt::format("{} is another model, {}", path, digest.to_string()));
        }
        return BaseModel::read(bytes, digest);
    };
}

}  // namespace skillet
