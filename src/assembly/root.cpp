// SPDX-License-Identifier: Apache-2.0
#include "assembly/root.h"

#include <algorithm>

#include <fmt/format.h>

#include "store/layout_folder.h"

namespace skillet {
namespace {

// What index.json says about one manifest of a package.
Descriptor index_descriptor(const IndexEntry &entry) {
    Descriptor descriptor{std::string(media::manifest),
                          entry.blob.digest,
                          entry.blob.bytes,
                          entry.blob.artifact_type,
                          {}};
    if (descriptor.artifact_type == media::model) {
        descriptor.annotations.emplace(annotation_ref_name, entry.id + "-" + entry.version);
    } else {
        // So that reading one package never looks at another's documents.
        descriptor.annotations.emplace(annotation_subject, entry.package.to_string());
    }
    return descriptor;
}

std::string database_of(const std::string &root) { return root + "/skillet.db"; }

// Of a blob that is not what its name says, or is not there.
bool is_about_bytes(Code code) { return code == SKL_E_DIGEST_MISMATCH || code == SKL_E_NOT_FOUND; }

// Quarantined for what a new copy of its bytes can mend.
bool had_damaged_bytes(const PackageRow &row) {
    return row.state == State::quarantined && is_about_bytes(row.state_code);
}

// The newest version in the range that is fit to serve; where none is, the newest one at all, so
// that the caller learns its state. Null if there is none.
const PackageRow *newest_in(const SemverRange &range, const std::vector<PackageRow> &rows) {
    const PackageRow *best = nullptr;
    std::optional<Semver> best_version;
    for (const PackageRow &row : rows) {
        const auto version = Semver::parse(row.version);
        if (!version || !range.contains(*version)) continue;
        const bool serves = row.state == State::verified;
        const bool best_serves = best != nullptr && best->state == State::verified;
        const bool better =
            best == nullptr ||
            (serves != best_serves ? serves : version->precedence(*best_version) > 0);
        if (!better) continue;
        best = &row;
        best_version = *version;
    }
    return best;
}

// Adds what became of the dependencies; an error that is not about them is the caller's.
Result<void> report_needs(Result<void> met, Report &report) {
    if (!met && met.error().code != SKL_E_DEPENDENCY_UNSATISFIED) return met;
    const size_t count = report.package->skill.relations.depends.size();
    report.add(
        CheckGroup::compatibility, "/depends", "",
        count == 0 ? "needs no other skill" : fmt::format("all {} are installed and serve", count),
        std::move(met));
    report.sort();
    return {};
}

Error not_found(const Reference &reference, const std::vector<PackageRow> &versions) {
    if (versions.empty()) {
        return make_error(SKL_E_NOT_FOUND, "no such skill is installed", reference.id,
                          "`skillet list` shows what is; `skillet install FILE` adds one");
    }
    std::vector<std::string> have;
    for (const PackageRow &row : versions) {
        have.push_back(fmt::format("{} ({})", row.version, name_of(row.state)));
    }
    return make_error(SKL_E_NOT_FOUND,
                      fmt::format("no such version; installed: {}", fmt::join(have, ", ")),
                      reference.id);
}

}  // namespace

std::vector<LogField> identity_of(const PackageRow &row) {
    return {{"id", row.id}, {"version", row.version}, {"digest", row.digest.to_string()}};
}

Result<std::unique_ptr<Root>> Root::open(FileSystem &files, const std::string &path,
                                         const std::string &actor, const Log &log,
                                         const LicensePolicy &licenses) {
    // Only somebody else's root: a new one is made, or that fails.
    if (files.exists(database_of(path)) && !files.can_write(path)) {
        return open_to_read(files, path, log, licenses);
    }
    SKL_TRY_ASSIGN(store, Store::open(files, path));
    SKL_TRY_ASSIGN(database, Database::open(database_of(path)));
    std::unique_ptr<Root> root(new Root(path, /*read_only=*/false, std::move(store),
                                        std::move(database), actor, log, licenses));
    // A crash between a commit and the derived index leaves a stale index: mend it here.
    SKL_TRY(root->mend_index());
    return root;
}

Result<std::unique_ptr<Root>> Root::open_to_read(FileSystem &files, const std::string &path,
                                                 const Log &log, const LicensePolicy &licenses) {
    SKL_TRY_ASSIGN(database, Database::open_to_read(database_of(path)));
    SKL_TRY_ASSIGN(store, Store::open_to_read(files, path));
    return std::unique_ptr<Root>(new Root(path, /*read_only=*/true, std::move(store),
                                          std::move(database), "", log, licenses));
}

Result<RootLock> Root::lock(const StopSignal &stop) const {
    SKL_TRY(check_can_change());
    return RootLock::take(path_, stop);
}

Result<void> Root::check_can_change() const {
    if (!read_only_) return {};
    return make_error(SKL_E_READ_ONLY, "this root can be read, but not changed", path_,
                      "do this as a user who may write it, or choose another --root");
}

Result<bool> Root::index_is_current() const {
    SKL_TRY_ASSIGN(wanted, wanted_index());
    return has_index(wanted);
}

Result<void> Root::mend_index() {
    SKL_TRY_ASSIGN(current, index_is_current());
    if (current) return {};
    const auto held = lock({});
    if (!held) return held.error();
    SKL_TRY(refresh_index());
    SKL_TRY_ASSIGN(entries, registry_.index_entries());
    // A new root has no index yet, and nothing to list in one.
    if (!entries.empty()) {
        log_.write(SKL_LOG_WARNING, "index.mended", "index.json was not what the registry says",
                   {{"root", path_}});
    }
    return {};
}

Result<OciIndex> Root::wanted_index(const std::optional<Digest> &package) const {
    SKL_TRY_ASSIGN(entries, registry_.index_entries(package));
    OciIndex index;
    for (const IndexEntry &entry : entries) index.manifests.push_back(index_descriptor(entry));
    return index;
}

bool Root::has_index(const OciIndex &wanted) const {
    const auto present = store_.index();
    return present && present->to_json() == wanted.to_json();
}

Result<void> Root::refresh_index() {
    SKL_TRY_ASSIGN(wanted, wanted_index());
    return has_index(wanted) ? Result<void>() : store_.write_index(wanted);
}

Result<void> Root::leave_out_documents(Package &package) const {
    SKL_TRY_ASSIGN(entries, registry_.index_entries(package.descriptor.digest));
    std::set<Digest> attached;
    bool is_calibrated = false;
    for (const IndexEntry &entry : entries) {
        if (entry.blob.artifact_type == media::model) continue;
        attached.insert(entry.blob.digest);
        is_calibrated = is_calibrated || entry.blob.artifact_type == media::calibration;
    }
    std::erase_if(package.documents, [&](const AttachedDocument &document) {
        const Digest &digest = document.descriptor.digest;
        if (attached.contains(digest)) return false;  // put again, it is mended if it is damaged
        const bool is_second =
            is_calibrated && document.descriptor.artifact_type == media::calibration;
        if (is_second || attached.size() >= attached_documents_max) {
            log_.write(SKL_LOG_WARNING, "package.document_left_out",
                       is_second ? "the package has another calibration here, which stays"
                                 : "as many documents are attached as are read",
                       {{"digest", package.descriptor.digest.to_string()},
                        {"subject", document.content.digest.to_string()}});
            return true;
        }
        attached.insert(digest);
        return false;
    });
    return {};
}

Result<Stamps> Root::put_blobs(const Package &package, const PutBlob &put, const Work &work) {
    std::vector<Digest> added;
    Stamps stamps;
    const auto copy = [&]() -> Result<void> {
        Phase copying(work, "copy", package.total_bytes());
        for (const Descriptor &blob : package.blobs()) {
            // Noted first: put() may fail and yet leave the blob, unsynced.
            if (!store_.contains(blob.digest)) added.push_back(blob.digest);
            SKL_TRY(put(store_, blob, copying));
            SKL_TRY_ASSIGN(bytes, store_.open(blob.digest));
            SKL_TRY_ASSIGN(stamp, FileStamp::of(bytes.fd(), bytes.name()));
            stamps.emplace(blob.digest, stamp);
        }
        return registry_.add({package.descriptor.digest,
                              package.skill.id,
                              package.skill.version.text(),
                              State::installed,
                              false,
                              package.total_bytes(),
                              {},
                              {}},
                             blob_rows(package), package.skill.relations);
    };
    if (auto done = copy(); !done) {
        (void)store_.remove(added);
        return std::move(done).error();
    }
    return stamps;
}

Result<Stamps> Root::add(Package package, const PutBlob &put, const Work &work) {
    const auto held = lock(work.stop);
    if (!held) return held.error();
    SKL_TRY_ASSIGN(present, registry_.find(package.descriptor.digest));
    if (present) SKL_TRY(leave_out_documents(package));
    SKL_TRY_ASSIGN(stamps, put_blobs(package, put, work));
    SKL_TRY(refresh_index());
    return std::move(stamps);
}

Result<PackageRow> Root::install(const std::string &path, const Work &work,
                                 const std::string &name) {
    SKL_TRY_ASSIGN(source, open_source(path));
    SKL_TRY_ASSIGN(descriptor, package_named(*source, name));
    SKL_TRY_ASSIGN(package, read_package(*source, descriptor));
    const auto copy = [&](Store &store, const Descriptor &blob, Phase &copying) -> Result<void> {
        SKL_TRY_ASSIGN(bytes, source->open(blob.digest));
        return store.put(blob, bytes, copying);
    };
    return install(std::move(package), copy, work);
}

Result<PackageRow> Root::install(Package package, const PutBlob &put, const Work &work) {
    SKL_TRY(check_license(licenses_, package.skill.license_expression));
    const Digest digest = package.descriptor.digest;
    SKL_TRY_ASSIGN(stamps, add(std::move(package), put, work));
    SKL_TRY_ASSIGN(row, get(digest));
    if (row.state == State::installed || had_damaged_bytes(row)) {
        VerifyOptions how;
        how.hashed = std::move(stamps);
        SKL_TRY_ASSIGN(report, examine(row, how, work));
        if (const Error *failure = report.first_failure()) return *failure;
        SKL_TRY_ASSIGN(verified, get(digest));
        row = std::move(verified);
    }
    SKL_TRY(check_serves(row.state, row.id + "@" + row.version));
    log_.write(SKL_LOG_INFO, "package.installed", "a package was installed", identity_of(row));
    return std::move(row);
}

Result<PackageRow> Root::get(const Digest &digest) const {
    SKL_TRY_ASSIGN(row, registry_.find(digest));
    if (!row) return make_error(SKL_E_NOT_FOUND, "the package was removed", digest.to_string());
    return *std::move(row);
}

Result<Report> Root::examine(const PackageRow &row, const VerifyOptions &options,
                             const Work &work) {
    SKL_TRY_ASSIGN(source, source_of(row.digest));
    SKL_TRY_ASSIGN(descriptor, only_package(source));
    VerifyOptions own = options;
    own.licenses = licenses_;
    if (!own.find_base) own.find_base = find_base_in(store_);
    SKL_TRY_ASSIGN(report, examine_package(source, descriptor, own, work));
    if (const Error *failure = report.first_failure()) {
        quarantine(row.digest, *failure);
        return std::move(report);
    }
    // Last, since it is about others: it keeps the package out of service and blames nobody.
    SKL_TRY(report_needs(check_needs(*report.package), report));
    if (!report.holds() || read_only_) return std::move(report);
    if (had_damaged_bytes(row)) {
        SKL_TRY(registry_.transition(row.digest, Trigger::release, "its bytes are whole again"));
    }
    if (row.state == State::installed || had_damaged_bytes(row)) SKL_TRY(mark_verified(row.digest));
    return std::move(report);
}

std::vector<PackageBlob> blob_rows(const Package &package) {
    std::vector<PackageBlob> rows;
    for (const Descriptor &blob : package.blobs()) {
        rows.push_back({blob.digest, blob.size, blob.artifact_type});
    }
    return rows;
}

InstalledPackage resolvable(const Package &package) {
    return {package.descriptor.digest, package.skill.id, package.skill.version, State::installed,
            package.skill.relations};
}

Result<void> Root::check_needs(const Package &package) const {
    if (package.skill.relations.depends.empty()) return {};
    SKL_TRY_ASSIGN(installation, registry_.installation());
    SKL_TRY(skillet::resolve(installation, resolvable(package)));
    return {};
}

Result<void> Root::verify(const PackageRow &row, const Work &work) {
    SKL_TRY_ASSIGN(report, examine(row, {}, work));
    const Error *failure = report.first_failure();
    return failure != nullptr ? Result<void>(*failure) : Result<void>();
}

Result<void> Root::mark_verified(const Digest &digest) {
    const auto moved = registry_.transition(digest, Trigger::verify, "every check held");
    if (moved) return {};
    // Somebody else who verified it may have been faster.
    SKL_TRY_ASSIGN(row, get(digest));
    return row.state == State::verified ? Result<void>() : moved.error();
}

Result<bool> Root::is_whole_again(const Error &cause) const {
    const auto blob = Digest::parse(cause.subject);
    if (!is_about_bytes(cause.code) || !blob) return false;
    SKL_TRY_ASSIGN(needed, registry_.needed_blobs());
    const auto known = needed.find(*blob);
    if (known == needed.end()) return false;
    Phase looking({}, "", 0);
    return store_.is_intact({"", *blob, known->second, "", {}}, looking);
}

void Root::quarantine(const Digest &digest, const Error &cause) {
    if (!blames_package(cause.code)) return;
    // While we looked, another process may have removed the package, which is what we saw, and
    // installed it anew: then nothing is wrong with it.
    const auto seen_at = registry_.generation();
    const auto is_whole = is_whole_again(cause);
    if (!seen_at || (is_whole && *is_whole)) return;
    for (const Digest &package : sharers_of(digest, cause)) {
        const bool moved =
            !read_only_ && registry_.fail(package, cause.message, cause.code, *seen_at);
        if (moved) log_quarantine(package, cause);
        if (moved || !read_only_) continue;
        log_.write(SKL_LOG_WARNING, "package.damaged", cause.message,
                   {{"digest", package.to_string()}, {"subject", cause.subject}});
    }
}

bool Root::take_out_of_service(const Digest &digest, const Error &cause) {
    if (read_only_) return false;
    if (!registry_.transition(digest, Trigger::fail, cause.message, cause.code)) return false;
    log_quarantine(digest, cause);
    return true;
}

void Root::log_quarantine(const Digest &digest, const Error &cause) const {
    log_.write(SKL_LOG_WARNING, "package.quarantined", cause.message,
               {{"digest", digest.to_string()}, {"subject", cause.subject}});
}

std::vector<Digest> Root::sharers_of(const Digest &digest, const Error &cause) const {
    std::vector<Digest> packages = {digest};
    const auto blob = Digest::parse(cause.subject);
    if (!is_about_bytes(cause.code) || !blob) return packages;
    const auto sharers = registry_.packages_with(*blob);
    if (!sharers) return packages;
    for (const Digest &other : *sharers) {
        if (other != digest) packages.push_back(other);
    }
    return packages;
}

Result<void> Root::remove(const PackageRow &row, const std::string &reason) {
    const auto held = lock({});
    if (!held) return held.error();
    SKL_TRY_ASSIGN(present, get(row.digest));
    SKL_TRY(check_no_dependant(present));
    SKL_TRY_ASSIGN(unused, registry_.retire_and_remove(present.digest, reason));
    SKL_TRY(refresh_index());
    log_.write(SKL_LOG_INFO, "package.removed", "a package was removed", identity_of(row));
    return store_.remove(unused);
}

Result<void> Root::serve(const PackageRow &row, const std::string &reason) {
    const auto held = lock({});
    if (!held) return held.error();
    SKL_TRY_ASSIGN(package, read(row));
    SKL_TRY(check_needs(package));
    SKL_TRY(registry_.serve(row.digest, reason));
    log_.write(SKL_LOG_INFO, "package.rolled_back", "another version serves", identity_of(row));
    return {};
}

Result<void> Root::save_known_good(std::string_view name, std::string_view reason) {
    const auto held = lock({});
    if (!held) return held.error();
    return registry_.save_known_good(name, reason);
}

Result<void> Root::restore_known_good(std::string_view name, std::string_view reason) {
    const auto held = lock({});
    if (!held) return held.error();
    return registry_.restore_known_good(name, reason);
}

Result<void> Root::remove_known_good(std::string_view name) {
    const auto held = lock({});
    if (!held) return held.error();
    return registry_.remove_known_good(name);
}

Result<void> Root::protect(const Digest &blob) {
    const auto held = lock({});
    if (!held) return held.error();
    return store_.protect(blob);
}

Result<PackageRow> Root::resolve(const Reference &reference) const {
    SKL_TRY_ASSIGN(versions, registry_.versions(reference.id));
    if (reference.range) {
        const PackageRow *best = newest_in(*reference.range, versions);
        return best != nullptr ? Result<PackageRow>(*best) : not_found(reference, versions);
    }
    const auto matches = [&](const PackageRow &row) {
        if (reference.digest) return row.digest == *reference.digest;
        if (!reference.version.empty()) return row.version == reference.version;
        return row.current;
    };
    const auto found = std::find_if(versions.begin(), versions.end(), matches);
    if (found != versions.end()) return *found;
    const bool any_version = !reference.digest && reference.version.empty();
    // Nothing serves the id: name the newest one, so that the caller learns its state.
    if (any_version && !versions.empty()) return versions.back();
    return not_found(reference, versions);
}

Result<IndexedStore> Root::source_of(const Digest &digest) const {
    SKL_TRY_ASSIGN(index, wanted_index(digest));
    if (index.manifests.empty()) {
        return make_error(SKL_E_NOT_FOUND, "no such package", digest.to_string());
    }
    return IndexedStore(store_, std::move(index));
}

Result<Package> Root::read(const PackageRow &row) const {
    SKL_TRY_ASSIGN(source, source_of(row.digest));
    SKL_TRY_ASSIGN(descriptor, only_package(source));
    return read_package(source, descriptor);
}

}  // namespace skillet
