// SPDX-License-Identifier: Apache-2.0
#include "capi/named_package.h"

namespace skillet {
namespace {

// Empty for a path.
Result<std::optional<Reference>> reference_of(const std::string &name) {
    if (name.ends_with(".gguf")) return std::optional<Reference>();
    SKL_TRY_ASSIGN(reference, Reference::parse(name));
    if (!reference.path.empty()) return std::optional<Reference>();
    return std::optional<Reference>(std::move(reference));
}

struct Installed {
    Root &root;
    Package package;
};

Result<Installed> find_installed(Runtime &runtime, const Reference &reference) {
    SKL_TRY_ASSIGN(root, runtime.root_with(reference.id));
    SKL_TRY_ASSIGN(row, root->resolve(reference));
    SKL_TRY_ASSIGN(package, root->read(row));
    return Installed{*root, std::move(package)};
}

}  // namespace

Result<Side> open_side(Runtime &runtime, const std::string &name, const Work &work) {
    SKL_TRY_ASSIGN(reference, reference_of(name));
    if (!reference) return Side::open(name, work);
    SKL_TRY_ASSIGN(installed, find_installed(runtime, *reference));
    return Side::of(name, installed.root.store(), std::move(installed.package), work);
}

Result<NamedBase> open_base(Runtime *runtime, const std::string &name) {
    SKL_TRY_ASSIGN(reference, reference_of(name));
    if (!reference) return NamedBase::open(name);
    if (runtime == nullptr) {
        return make_error(SKL_E_INVALID_ARGUMENT, "a reference needs a runtime to look it up", name,
                          "give a runtime, or the path of a file");
    }
    SKL_TRY_ASSIGN(installed, find_installed(*runtime, *reference));
    return NamedBase::of(installed.root.store(), installed.package);
}

}  // namespace skillet
