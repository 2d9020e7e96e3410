// SPDX-License-Identifier: Apache-2.0
// A root directory: its store and its registry, and the operations that change both.
//
// The registry's database is the truth; index.json of the store is derived from it after each
// change and when the root is opened. Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "assembly/collected.h"
#include "assembly/indexed_store.h"
#include "assembly/reference.h"
#include "assembly/root_lock.h"
#include "base/file_system.h"
#include "base/log.h"
#include "base/result.h"
#include "base/work.h"
#include "manifest/license_policy.h"
#include "package/package.h"
#include "package/verification.h"
#include "registry/registry.h"
#include "store/store.h"

namespace skillet {

// The package as resolution sees it.
[[nodiscard]] InstalledPackage resolvable(const Package &package);
// What a log record says of a package.
[[nodiscard]] std::vector<LogField> identity_of(const PackageRow &row);
// The package's blobs as the registry keeps them: those with an artifact type are manifests.
[[nodiscard]] std::vector<PackageBlob> blob_rows(const Package &package);

// What became of a package by an operator's request.
struct StateChange {
    Edge edge;
    std::vector<std::string> dependants;  // "org.a@1.0.0": served until then, and do not without it
};

// Puts one blob of a package that is being installed into the store, or finds it there; its bytes
// are hashed and compared with the descriptor.
using PutBlob = std::function<Result<void>(Store &store, const Descriptor &blob, Phase &copying)>;

using Stamps = std::map<Digest, FileStamp>;

class Root {
public:
    // Creates the root if it is not there. A root that this user or this medium does not allow to
    // change is opened all the same; what would change it then fails with SKL_E_READ_ONLY. `files`
    // must outlive it.
    static Result<std::unique_ptr<Root>> open(FileSystem &files, const std::string &path,
                                              const std::string &actor, const Log &log = {},
                                              const LicensePolicy &licenses = {});
    // A root that must be there, as it is: nothing is mended, nothing can be changed.
    static Result<std::unique_ptr<Root>> open_to_read(FileSystem &files, const std::string &path,
                                                      const Log &log = {},
                                                      const LicensePolicy &licenses = {});

    // Puts the package's blobs into the store, registers it and verifies it. Nothing is kept if a
    // blob cannot be put or the licence policy refuses; a package that fails verification stays as
    // quarantined, one whose dependencies are missing as installed. Of a package that is here
    // already, damaged blobs are replaced; if it was quarantined for them, it is verified again.
    // Documents that it lacks are attached; a calibration only if it has none. If it does not serve
    // in the end, its state's code says why. `put` is called with the root's lock
    // held, each blob once.
    [[nodiscard]] Result<PackageRow> install(Package package, const PutBlob &put, const Work &work);
    // Of a .skill file, or of the folder of an OCI image layout: the only package, or that of the
    // name.
    [[nodiscard]] Result<PackageRow> install(const std::string &path, const Work &work,
                                             const std::string &name = {});

    // Checks everything again and reports it, also whether what the package depends on is there. A
    // package that fails is quarantined, unless all that it lacks is others; an installed one that
    // holds becomes verified, and so does one that was quarantined for bytes that are whole again.
    [[nodiscard]] Result<Report> examine(const PackageRow &row, const VerifyOptions &options,
                                         const Work &work);
    // The same; the error of the first check that fails.
    [[nodiscard]] Result<void> verify(const PackageRow &row, const Work &work);

    // Takes the package out of service, deletes its rows and the blobs that nobody else needs.
    // SKL_E_DEPENDENCY_UNSATISFIED naming a verified package that would lose what it needs.
    [[nodiscard]] Result<void> remove(const PackageRow &row, const std::string &reason);

    // Makes this package serve its id, whatever newer versions there are (Registry::serve), if all
    // that it needs is there.
    [[nodiscard]] Result<void> serve(const PackageRow &row, const std::string &reason);

    // What an operator asks for: suspend, resume, retire, reinstate, quarantine or release; see
    // docs/lifecycle.md. SKL_E_DEPENDENCY_UNSATISFIED if a package is to be retired that a verified
    // one or a known-good set needs; SKL_E_INVALID_ARGUMENT if quarantine or release give no
    // reason. What is `installed` afterwards has to be verified again, which is left to the caller.
    [[nodiscard]] Result<StateChange> change_state(const PackageRow &row, Trigger trigger,
                                                   const std::string &reason,
                                                   const StopSignal &stop = {});

    // Known-good sets: see Registry.
    [[nodiscard]] Result<void> save_known_good(std::string_view name, std::string_view reason);
    [[nodiscard]] Result<void> restore_known_good(std::string_view name, std::string_view reason);
    [[nodiscard]] Result<void> remove_known_good(std::string_view name);

    // Removes the blobs that no package needs; and before that, if it is asked to, retired
    // packages. Nothing depends on those: only a verified package is something to depend on.
    [[nodiscard]] Result<Collected> collect(const CollectOptions &options, const Work &work);

    // The package a reference names; SKL_E_NOT_FOUND with what there is instead.
    // REQUIRES: reference.path is empty.
    [[nodiscard]] Result<PackageRow> resolve(const Reference &reference) const;
    // The same; but where a reference leaves a choice, and that package cannot take the edge, the
    // newest that can: `resume ID` means the version that is suspended, not the one that serves.
    [[nodiscard]] Result<PackageRow> resolve_for(const Reference &reference, Trigger trigger) const;

    // The row as it is now; SKL_E_NOT_FOUND if the package was removed.
    [[nodiscard]] Result<PackageRow> get(const Digest &digest) const;
    [[nodiscard]] Result<Package> read(const PackageRow &row) const;

    // Whether all that the package depends on is there now; it need not be installed itself. Costs
    // nothing where there are no dependencies.
    [[nodiscard]] Result<void> check_needs(const Package &package) const;
    // Quarantines the package if `cause` is about its bytes, and not about the machine or the call,
    // and with it every other one that needs the same damaged blob; never fails loudly. A blob that
    // is whole again blames nobody.
    void quarantine(const Digest &digest, const Error &cause);

    // Quarantines this one package, whatever the cause. False if that changed nothing: it is
    // quarantined already or gone, or the root cannot be changed.
    bool take_out_of_service(const Digest &digest, const Error &cause);

    // Whether index.json is what the registry says; and makes it so.
    [[nodiscard]] Result<bool> index_is_current() const;
    [[nodiscard]] Result<void> mend_index();
    // Takes everybody's right to write to a blob.
    [[nodiscard]] Result<void> protect(const Digest &blob);

    [[nodiscard]] Registry &registry() { return registry_; }
    [[nodiscard]] const Store &store() const { return store_; }
    [[nodiscard]] bool is_read_only() const { return read_only_; }
    // SKL_E_READ_ONLY if it is.
    [[nodiscard]] Result<void> check_can_change() const;
    [[nodiscard]] const LicensePolicy &licenses() const { return licenses_; }

private:
    Root(std::string path, bool read_only, Store store, Database database, const std::string &actor,
         Log log, LicensePolicy licenses)
        : path_(std::move(path)),
          read_only_(read_only),
          store_(std::move(store)),
          registry_(std::move(database), utc_now, actor),
          log_(std::move(log)),
          licenses_(std::move(licenses)) {}

    // The package's manifest, and what is attached to it, as a source that holds no other package.
    Result<IndexedStore> source_of(const Digest &digest) const;
    // Whether the blob that `cause` is about is there now, as it should be.
    Result<bool> is_whole_again(const Error &cause) const;
    void log_quarantine(const Digest &digest, const Error &cause) const;
    // The package, and all others that need the blob that `cause` is about.
    std::vector<Digest> sharers_of(const Digest &digest, const Error &cause) const;
    // The whole index, or what of it is about one package.
    Result<OciIndex> wanted_index(const std::optional<Digest> &package = {}) const;
    [[nodiscard]] bool has_index(const OciIndex &wanted) const;
    // The right to change the root: SKL_E_READ_ONLY if nobody gets it.
    Result<RootLock> lock(const StopSignal &stop) const;
    // The functions below change the root; RootLock is held where they do.
    Result<void> refresh_index();
    // Gives the stamps of the blobs, all of which were hashed.
    Result<Stamps> add(Package package, const PutBlob &put, const Work &work);
    Result<void> mark_verified(const Digest &digest);
    // Removes the rows of the packages, unless it is a rehearsal, and gives the blobs that only
    // they needed.
    Result<std::set<Digest>> remove_retired(const std::vector<PackageRow> &packages, bool dry_run);
    Result<std::vector<std::string>> dependants_on(const PackageRow &row) const;
    Result<void> check_no_dependant(const PackageRow &row) const;
    // Of a package that is here: what documents it cannot take in addition to those it has.
    Result<void> leave_out_documents(Package &package) const;
    Result<Stamps> put_blobs(const Package &package, const PutBlob &put, const Work &work);

    std::string path_;
    bool read_only_;
    Store store_;
    Registry registry_;
    Log log_;
    LicensePolicy licenses_;
};

}  // namespace skillet
