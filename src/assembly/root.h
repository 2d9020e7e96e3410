// SPDX-License-Identifier: Apache-2.0
// A root directory: its store and its registry, and the operations that change both.
//
// The registry's database is the truth; index.json of the store is derived from it after each
// change and when the root is opened. Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "assembly/reference.h"
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

// Puts one blob of a package that is being installed into the store, checked against its
// descriptor.
using PutBlob = std::function<Result<void>(Store &store, const Descriptor &blob, Phase &copying)>;

class Root {
public:
    // Creates the root if it is not there. `files` must outlive it.
    static Result<std::unique_ptr<Root>> open(FileSystem &files, const std::string &path,
                                              const std::string &actor, const Log &log = {},
                                              const LicensePolicy &licenses = {});

    // Puts the package's blobs into the store, registers it and verifies it. Nothing is kept if a
    // blob cannot be put or the licence policy refuses; a package that fails verification stays as
    // quarantined, one whose dependencies are missing as installed. Of a package that is here
    // already, damaged blobs are replaced and nothing else changes; if it does not serve, its
    // state's code says why. `put` is called with the root's lock held, each blob once.
    [[nodiscard]] Result<PackageRow> install(Package package, const PutBlob &put, const Work &work);
    // The only package of a .skill file.
    [[nodiscard]] Result<PackageRow> install(const std::string &archive_path, const Work &work);

    // Checks everything again and reports it, also whether what the package depends on is there. A
    // package that fails is quarantined, unless all that it lacks is others; an installed one that
    // holds becomes verified.
    [[nodiscard]] Result<Report> examine(const PackageRow &row, const VerifyOptions &options,
                                         const Work &work);
    // The same; the error of the first check that fails.
    [[nodiscard]] Result<void> verify(const PackageRow &row, const Work &work);

    // Takes the package out of service, deletes its rows and the blobs that nobody else needs.
    // SKL_E_DEPENDENCY_UNSATISFIED naming a verified package that would lose what it needs.
    [[nodiscard]] Result<void> remove(const PackageRow &row, const std::string &reason);

    // The package a reference names; SKL_E_NOT_FOUND with what there is instead.
    // REQUIRES: reference.path is empty.
    [[nodiscard]] Result<PackageRow> resolve(const Reference &reference) const;

    [[nodiscard]] Result<Package> read(const PackageRow &row) const;

    // Whether all that the package depends on is there now; it need not be installed itself. Costs
    // nothing where there are no dependencies.
    [[nodiscard]] Result<void> check_needs(const Package &package) const;
    // Quarantines the package if `cause` is about its bytes, and not about the machine or the call;
    // never fails loudly.
    void quarantine(const Digest &digest, const Error &cause);

    [[nodiscard]] Registry &registry() { return registry_; }
    [[nodiscard]] const Store &store() const { return store_; }
    [[nodiscard]] const LicensePolicy &licenses() const { return licenses_; }

private:
    Root(std::string path, Store store, Database database, const std::string &actor, Log log,
         LicensePolicy licenses)
        : path_(std::move(path)),
          store_(std::move(store)),
          registry_(std::move(database), utc_now, actor),
          log_(std::move(log)),
          licenses_(std::move(licenses)) {}

    Result<Descriptor> descriptor_of(const Digest &digest) const;
    Result<PackageRow> get(const Digest &digest) const;
    Result<OciIndex> wanted_index() const;
    [[nodiscard]] bool has_index(const OciIndex &wanted) const;
    // The functions below change the root; RootLock is held where they do.
    Result<void> refresh_index();
    Result<void> add(Package package, const PutBlob &put, const Work &work);
    Result<void> mark_verified(const Digest &digest);
    Result<void> check_no_dependant(const PackageRow &row) const;
    Result<void> put_blobs(const Package &package, const PutBlob &put, const Work &work);

    std::string path_;
    Store store_;
    Registry registry_;
    Log log_;
    LicensePolicy licenses_;
};

}  // namespace skillet
