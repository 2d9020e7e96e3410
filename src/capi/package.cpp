// SPDX-License-Identifier: Apache-2.0
#include <skillet/package.h>
#include <sys/utsname.h>

#include <thread>

#include <fmt/format.h>

#include "author/inspect.h"
#include "author/verification_document.h"
#include "capi/boundary.h"
#include "capi/row_members.h"
#include "json/error_json.h"
#include "json/parse.h"
#include "store/archive.h"

using namespace skillet;

json::Object skillet::row_members(const PackageRow &row) {
    return {{"id", row.id},
            {"version", row.version},
            {"digest", row.digest.to_string()},
            {"state", name_of(row.state)},
            {"current", row.current},
            {"bytes", row.bytes},
            {"held_back", row.held_back},
            {"installed_at", row.installed_at},
            {"reason", row.state_reason},
            {"cause", row.state_code == SKL_OK ? "" : code_info(row.state_code).name}};
}

namespace {

// A package that a path or a reference names, and where its bytes are.
struct Located {
    Package package;
    std::optional<Archive> archive;
    std::optional<PackageRow> row;
};

Result<Located> locate(Runtime &runtime, const char *text) {
    SKL_TRY_ASSIGN(argument, text_argument(text, "reference"));
    SKL_TRY_ASSIGN(reference, Reference::parse(argument));
    if (!reference.path.empty()) {
        SKL_TRY_ASSIGN(file, FileSlice::open(reference.path));
        SKL_TRY_ASSIGN(archive, Archive::open(file));
        SKL_TRY_ASSIGN(descriptor, only_package(archive));
        SKL_TRY_ASSIGN(package, read_package(archive, descriptor));
        return Located{std::move(package), std::move(archive), {}};
    }
    SKL_TRY_ASSIGN(root, runtime.root_with(reference.id));
    SKL_TRY_ASSIGN(row, root->resolve(reference));
    SKL_TRY_ASSIGN(package, root->read(row));
    return Located{std::move(package), {}, row};
}

json::Object need_members(const Resolution::Need &need) {
    return {{"id", need.id}, {"version", need.version}, {"digest", need.digest.to_string()}};
}

// What an installed package needs, and who needs it.
Result<json::Value> dependencies_document(Root &root, const Package &package) {
    SKL_TRY_ASSIGN(installation, root.registry().installation());
    const auto resolution = resolve(installation, resolvable(package));
    json::Array needs;
    json::Value replaced;
    if (resolution) {
        for (const Resolution::Need &need : resolution->needs) {
            json::Object members = need_members(need);
            members.append("path", need.path);
            needs.push_back(std::move(members));
        }
        if (resolution->replaced) replaced = need_members(*resolution->replaced);
    }
    json::Array dependants;
    for (const InstalledPackage *one : dependants_of(installation, package.descriptor.digest)) {
        dependants.push_back(one->text());
    }
    return json::Value(json::Object{
        {"satisfied", resolution.has_value()},
        {"obstacle", resolution ? json::Value() : json::error_members(resolution.error())},
        {"needs", std::move(needs)},
        {"replaced", std::move(replaced)},
        {"dependants", std::move(dependants)}});
}

// What somebody who reads a report wants to know of the machine.
std::string system_text() {
    struct utsname names {};
    if (::uname(&names) != 0) return "unknown";
    return fmt::format("{} {} {}, {} processors", names.sysname, names.release, names.machine,
                       std::thread::hardware_concurrency());
}

std::string library_text() {
    const auto build = json::parse(skl_build_info(), SKL_E_INTERNAL, "build");
    const json::Value *commit = build ? json::resolve(*build, "/build/commit") : nullptr;
    const std::string *text = commit != nullptr ? commit->string() : nullptr;
    return fmt::format("skillet {} ({})", skl_version(), text != nullptr ? *text : "not recorded");
}

struct Examined {
    Report report;
    std::string state;  // in the registry; empty for a file
};

// A file is only looked at; what is installed also changes its state.
Result<Examined> examine(Runtime &runtime, const char *text, const VerifyOptions &options,
                         const Work &work) {
    SKL_TRY_ASSIGN(argument, text_argument(text, "reference"));
    SKL_TRY_ASSIGN(reference, Reference::parse(argument));
    if (!reference.path.empty()) {
        SKL_TRY_ASSIGN(file, FileSlice::open(reference.path));
        SKL_TRY_ASSIGN(archive, Archive::open(file));
        SKL_TRY_ASSIGN(descriptor, only_package(archive));
        VerifyOptions own = options;
        if (!own.find_base && runtime.has_root()) {
            SKL_TRY_ASSIGN(root, runtime.root());
            own.find_base = find_base_in(root->store());
        }
        SKL_TRY_ASSIGN(report, examine_package(archive, descriptor, own, work));
        return Examined{std::move(report), {}};
    }
    SKL_TRY_ASSIGN(root, runtime.root_with(reference.id));
    SKL_TRY_ASSIGN(row, root->resolve(reference));
    SKL_TRY_ASSIGN(report, root->examine(row, options, work));
    SKL_TRY_ASSIGN(after, root->registry().find(row.digest));
    return Examined{std::move(report), after ? name_of(after->state) : "removed"};
}

json::Value document_of(const Examined &examined, const VerifyOptions &options) {
    return verification_document(examined.report,
                                 {skl_engine_version(), library_text(), system_text(), utc_now(),
                                  options.deep, examined.state});
}

}  // namespace

namespace {

Result<void> install(skl_runtime runtime, const char *path, const std::string &name,
                     const skl_work_options *options, skl_document *out) {
    SKL_TRY(require(out, "out"));
    SKL_TRY_ASSIGN(object, find(runtime));
    SKL_TRY_ASSIGN(file, text_argument(path, "path"));
    SKL_TRY_ASSIGN(work, work_of(options));
    SKL_TRY_ASSIGN(root, object->root());
    SKL_TRY_ASSIGN(row, root->install(file, work, name));
    json::Object document{{"schema", "skillet.installed/1"}};
    for (auto &member : row_members(row)) document.append(member.first, member.second);
    *out = make_document(document);
    return {};
}

}  // namespace

skl_status skl_package_install(skl_runtime runtime, const char *path,
                               const skl_work_options *options, skl_document *out,
                               skl_error *error) {
    return guard(error, [&] { return install(runtime, path, {}, options, out); });
}

skl_status skl_package_install_named(skl_runtime runtime, const char *path, const char *name,
                                     const skl_work_options *options, skl_document *out,
                                     skl_error *error) {
    return guard(error, [&]() -> Result<void> {
        SKL_TRY_ASSIGN(wanted, text_argument(name, "name"));
        return install(runtime, path, wanted, options, out);
    });
}

skl_status skl_package_verify(skl_runtime runtime, const char *reference,
                              const skl_work_options *options, skl_document *out,
                              skl_error *error) {
    return guard(error, [&]() -> Result<void> {
        SKL_TRY(require(out, "out"));
        SKL_TRY_ASSIGN(object, find(runtime));
        SKL_TRY_ASSIGN(work, work_of(options));
        const VerifyOptions how{.licenses = object->settings().licenses};
        SKL_TRY_ASSIGN(examined, examine(*object, reference, how, work));
        if (const Error *failure = examined.report.first_failure()) return *failure;
        *out = make_document(document_of(examined, how));
        return {};
    });
}

skl_status skl_package_report(skl_runtime runtime, const char *reference,
                              const skl_report_options *options, skl_document *out,
                              skl_error *error) {
    return guard(error, [&]() -> Result<void> {
        SKL_TRY(require(out, "out"));
        SKL_TRY_ASSIGN(object, find(runtime));
        SKL_TRY_ASSIGN(known, read_options(options));
        SKL_TRY_ASSIGN(work, work_of(known.work));
        SKL_TRY_ASSIGN(base, optional_text(known.base, "base"));
        VerifyOptions how{.deep = (known.flags & SKL_REPORT_DEEP) != 0,
                          .licenses = object->settings().licenses};
        if (!base.empty()) how.find_base = base_from_file(base);
        SKL_TRY_ASSIGN(examined, examine(*object, reference, how, work));
        *out = make_document(document_of(examined, how));
        return {};
    });
}

skl_status skl_package_list(skl_runtime runtime, skl_document *out, skl_error *error) {
    return guard(error, [&]() -> Result<void> {
        SKL_TRY(require(out, "out"));
        SKL_TRY_ASSIGN(object, find(runtime));
        json::Array packages;
        if (object->has_root()) {
            SKL_TRY_ASSIGN(root, object->root());
            SKL_TRY_ASSIGN(rows, root->registry().list());
            for (const PackageRow &row : rows) packages.push_back(row_members(row));
        }
        *out = make_document(
            json::Object{{"schema", "skillet.list/1"}, {"packages", std::move(packages)}});
        return {};
    });
}

skl_status skl_package_show(skl_runtime runtime, const char *reference, skl_document *out,
                            skl_error *error) {
    return guard(error, [&]() -> Result<void> {
        SKL_TRY(require(out, "out"));
        SKL_TRY_ASSIGN(object, find(runtime));
        SKL_TRY_ASSIGN(located, locate(*object, reference));
        json::Value document = package_document(located.package);
        if (located.row) {
            SKL_TRY_ASSIGN(root, object->root());
            SKL_TRY_ASSIGN(dependencies, dependencies_document(*root, located.package));
            document.object()->set("installed", row_members(*located.row));
            document.object()->set("dependencies", std::move(dependencies));
        }
        *out = make_document(document);
        return {};
    });
}
