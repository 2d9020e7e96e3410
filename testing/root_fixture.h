// SPDX-License-Identifier: Apache-2.0
// A root in a folder of its own, and packages of one tiny model to install into it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "assembly/root.h"
#include "testing/installed_root.h"
#include "testing/repack.h"
#include "testing/skill_builder.h"
#include "testing/temp_dir.h"

namespace skillet::testing {

class RootFixture : public ::testing::Test {
protected:
    RootFixture() : root_(open()) {}

    [[nodiscard]] std::unique_ptr<Root> open(const std::vector<std::string> &allow = {},
                                             const std::vector<std::string> &deny = {}) {
        const LicensePolicy licenses = made(LicensePolicy::parse(allow, deny));
        return made(Root::open(*files_, path(), "test", {}, licenses));
    }
    [[nodiscard]] std::string path() const { return folder_ / "root"; }
    // Packs the model under this id and version.
    [[nodiscard]] std::string pack(const std::string &version, const std::string &id = "org.a.b",
                                   bool calibrated = false) {
        const json::Value document = skill_document(model_, id, version);
        std::vector<json::Value> attachments;
        if (calibrated) attachments.push_back(calibration_document(document, 2));
        return pack_skill(folder_.path(), model_, document, attachments);
    }
    [[nodiscard]] std::string pack_wrong_claim() {
        return repack_skill(pack("9.0.0"), folder_ / "wrong.skill", "/artifact/parameters", 7);
    }
    PackageRow install(const std::string &archive) { return made(root_->install(archive, {})); }
    [[nodiscard]] Code refusal(const std::string &archive, const Work &work = {}) {
        const auto installed = root_->install(archive, work);
        return installed ? SKL_OK : installed.error().code;
    }
    [[nodiscard]] std::vector<PackageRow> list() { return *root_->registry().list(); }
    [[nodiscard]] Result<PackageRow> resolve(const std::string &text) {
        return root_->resolve(made(Reference::parse(text)));
    }
    [[nodiscard]] State state_of(const PackageRow &row) {
        return (*root_->registry().find(row.digest))->state;
    }
    // Of the model in the store.
    [[nodiscard]] std::string model_blob(const PackageRow &row) {
        return root_->store().blob_path(made(root_->read(row)).artifact.digest);
    }

    TempDir folder_;
    std::string model_ = write_classifier_model(folder_ / "model.gguf");
    std::unique_ptr<FileSystem> files_ = posix_file_system();
    std::unique_ptr<Root> root_;
};

}  // namespace skillet::testing
