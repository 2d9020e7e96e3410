// SPDX-License-Identifier: Apache-2.0
// Packages are read and verified here as somebody may have made them, right or wrong.
#include "package/package.h"

#include <array>
#include <set>

#include <gtest/gtest.h>

#include "package/verification.h"
#include "store/archive.h"
#include "testing/archive_draft.h"
#include "testing/describe.h"
#include "testing/skill_builder.h"
#include "testing/temp_dir.h"

namespace skillet {
namespace {

using json::Value;
using testing::ArchiveDraft;
using testing::made;
using testing::set_member;

class PackageTest : public ::testing::Test {
protected:
    PackageTest()
        : model_path_(testing::write_classifier_model(folder_ / "model.gguf")),
          model_(testing::tiny_classifier().bytes()),
          document_(testing::skill_document(model_path_)) {}

    // Packed with a calibration and an evidence document.
    [[nodiscard]] std::string packed() {
        return testing::pack_skill(
            folder_.path(), model_path_, document_,
            {testing::calibration_document(document_, 1.5), testing::evidence_document(document_)});
    }
    [[nodiscard]] std::string skill_text() const { return json::canonical(document_); }
    Archive write(const ArchiveDraft &draft) { return draft.write(folder_ / "draft.skill"); }
    // Reads the package of the draft, which has but one.
    Result<Package> read(const ArchiveDraft &draft) {
        const Archive archive = write(draft);
        SKL_TRY_ASSIGN(descriptor, only_package(archive));
        return read_package(archive, descriptor);
    }
    // A package with this document attached.
    Result<Package> read_with(std::string_view type, const Value &attached) {
        ArchiveDraft draft;
        const Descriptor package = draft.list(draft.manifest(model_, skill_text()));
        draft.attach(type, json::canonical(attached), package);
        return read(draft);
    }
    // Reads the package and verifies it.
    static Result<Report> verify(const Archive &archive) {
        SKL_TRY_ASSIGN(descriptor, only_package(archive));
        return verify_package(archive, descriptor);
    }

    template <typename T>
    static void expect_refused(const Result<T> &result, Code code, std::string_view subject) {
        ASSERT_FALSE(result) << "accepted what is wrong with " << subject;
        EXPECT_EQ(result.error().code, code) << result.error().message;
        EXPECT_EQ(result.error().subject, subject) << result.error().message;
    }

    testing::TempDir folder_;
    std::string model_path_;
    std::string model_;
    Value document_;
};

Archive open(const std::string &path) { return made(Archive::open(made(FileSlice::open(path)))); }

TEST_F(PackageTest, is_read_with_all_that_belongs_to_it) {
    const Archive archive = open(packed());
    const Descriptor descriptor = made(only_package(archive));
    const Package package = made(read_package(archive, descriptor));
    EXPECT_EQ(package.descriptor.digest, descriptor.digest);
    EXPECT_EQ(package.skill.id, "org.example.test");
    EXPECT_EQ(package.artifact.digest, sha256(model_));
    EXPECT_EQ(package.artifact.size, model_.size());
    ASSERT_TRUE(package.calibration);
    EXPECT_FALSE(package.foreign_calibration);
    EXPECT_EQ(package.calibration->temperature, 1.5);
    ASSERT_EQ(package.evidence.size(), 1u);
    EXPECT_EQ(package.evidence[0].digest,
              sha256(json::canonical(testing::evidence_document(document_))));
    EXPECT_EQ(package.evidence_status(), EvidenceStatus::evaluated);
    EXPECT_EQ(package.documents.size(), 2u);
}

TEST_F(PackageTest, lists_its_blobs_once_with_its_manifest_first) {
    const Archive archive = open(packed());
    const Package package = made(read_package(archive, made(only_package(archive))));
    const std::vector<Descriptor> blobs = package.blobs();
    std::set<Digest> digests;
    uint64_t bytes = 0;
    for (const Descriptor &blob : blobs) {
        digests.insert(blob.digest);
        bytes += blob.size;
    }
    EXPECT_EQ(blobs.front().digest, package.descriptor.digest);
    EXPECT_EQ(digests.size(), blobs.size());
    EXPECT_EQ(bytes, package.total_bytes());
    // Manifest, config, model and skill.json; one config for two documents and their manifests.
    EXPECT_EQ(blobs.size(), 4u + 5u);
}

TEST_F(PackageTest, refuses_one_flipped_bit_in_any_blob_naming_the_blob) {
    const std::string path = packed();
    const Archive good = open(path);
    const std::string bytes = made(read_all(made(FileSlice::open(path)), 1 << 20));
    const Package package = made(read_package(good, made(only_package(good))));
    for (const Descriptor &blob : package.blobs()) {
        const FileSlice slice = made(good.open(blob.digest));
        for (const uint64_t at : {uint64_t{0}, slice.size() / 2, slice.size() - 1}) {
            std::string flipped = bytes;
            flipped[slice.offset() + at] = static_cast<char>(flipped[slice.offset() + at] ^ 1);
            const Archive bad = open(testing::write_file(folder_ / "flipped.skill", flipped));
            expect_refused(verify(bad), SKL_E_DIGEST_MISMATCH, blob.digest.to_string());
        }
    }
}

TEST_F(PackageTest, refuses_to_be_without_any_of_its_blobs) {
    ArchiveDraft whole;
    const Descriptor manifest = whole.list(whole.manifest(model_, skill_text()));
    whole.attach(media::evidence, json::canonical(testing::evidence_document(document_)), manifest);
    const Package package = made(read(whole));
    for (const Descriptor &blob : package.blobs()) {
        ArchiveDraft draft = whole;
        draft.leave_out(blob.digest);
        expect_refused(verify(write(draft)), SKL_E_NOT_FOUND, blob.digest.to_string());
    }
}

// What is in the archive.

TEST_F(PackageTest, is_the_only_one_of_its_archive) {
    ArchiveDraft none;
    expect_refused(only_package(write(none)), SKL_E_MANIFEST_INVALID, "index.json");

    ArchiveDraft two;
    two.list(two.manifest(model_, skill_text()));
    two.list(two.manifest(model_, "{}"));
    const Archive archive = write(two);
    expect_refused(only_package(archive), SKL_E_MANIFEST_INVALID, "index.json");
    EXPECT_EQ(packages_of(made(archive.index())).size(), 2u);
}

TEST_F(PackageTest, needs_exactly_one_model_and_one_skill) {
    for (const size_t layer : {0u, 1u}) {
        ArchiveDraft without;
        OciManifest manifest = without.manifest(model_, skill_text());
        manifest.layers.erase(manifest.layers.begin() + static_cast<ptrdiff_t>(layer));
        without.list(manifest);
        expect_refused(read(without), SKL_E_MANIFEST_INVALID, "/layers");

        ArchiveDraft twice;
        manifest = twice.manifest(model_, skill_text());
        manifest.layers.push_back(manifest.layers[layer]);
        twice.list(manifest);
        expect_refused(read(twice), SKL_E_MANIFEST_INVALID, "/layers");
    }
}

TEST_F(PackageTest, refuses_a_manifest_of_another_kind) {
    ArchiveDraft draft;
    OciManifest manifest = draft.manifest(model_, skill_text());
    manifest.artifact_type = "application/vnd.example.other";
    draft.list(manifest);
    draft.index.manifests.front().artifact_type = media::model;
    expect_refused(read(draft), SKL_E_FORMAT_UNSUPPORTED, "/artifactType");
}

TEST_F(PackageTest, refuses_a_skill_json_that_is_not_canonical) {
    ArchiveDraft draft;
    draft.list(draft.manifest(model_, json::pretty(document_)));
    expect_refused(read(draft), SKL_E_MANIFEST_INVALID, "skill.json");
}

TEST_F(PackageTest, refuses_a_manifest_that_disagrees_with_skill_json) {
    for (const auto &[annotation, wrong, subject] :
         {std::tuple{annotation_version, "2.0.0", "/version"},
          {annotation_licenses, "MIT", "/license"}}) {
        ArchiveDraft draft;
        OciManifest manifest = draft.manifest(model_, skill_text());
        manifest.annotations.emplace(annotation, wrong);
        draft.list(manifest);
        expect_refused(read(draft), SKL_E_MANIFEST_INVALID, subject);
    }
    for (const auto &[member, claim] :
         {std::pair{"/artifact/digest", Value(sha256("other").to_string())},
          {"/artifact/bytes", Value(model_.size() + 1)}}) {
        Value document = document_;
        set_member(document, member, claim);
        ArchiveDraft draft;
        draft.list(draft.manifest(model_, json::canonical(document)));
        expect_refused(read(draft), SKL_E_MANIFEST_INVALID, member);
    }
}

TEST_F(PackageTest, is_not_verified_if_skill_json_is_wrong_about_the_model) {
    set_member(document_, "/artifact/parameters", 1);
    ArchiveDraft draft;
    draft.list(draft.manifest(model_, skill_text()));
    EXPECT_TRUE(read(draft)) << "the model is not opened yet";
    expect_refused(verify(write(draft)), SKL_E_MANIFEST_INVALID, "/artifact/parameters");
}

TEST_F(PackageTest, is_not_verified_if_its_model_is_none_or_does_not_run) {
    auto headless = testing::tiny_classifier();
    headless.remove_key("bert.pooling_type");
    for (const std::string &model : {std::string("no model"), headless.bytes()}) {
        set_member(document_, "/artifact/digest", sha256(model).to_string());
        set_member(document_, "/artifact/bytes", model.size());
        ArchiveDraft draft;
        draft.list(draft.manifest(model, skill_text()));
        const auto verified = verify(write(draft));
        ASSERT_FALSE(verified);
        EXPECT_EQ(verified.error().code, SKL_E_FORMAT_UNSUPPORTED) << verified.error().message;
    }
}

// What is attached to it.

TEST_F(PackageTest, counts_only_measurements_of_its_own_model_and_contract) {
    for (const char *member : {"/subject/artifact", "/subject/contract"}) {
        Value calibration = testing::calibration_document(document_, 1.5);
        set_member(calibration, member, sha256("other").to_string());
        const Package uncalibrated = made(read_with(media::calibration, calibration));
        EXPECT_FALSE(uncalibrated.calibration) << member;
        EXPECT_TRUE(uncalibrated.foreign_calibration) << member;
        EXPECT_EQ(uncalibrated.documents.size(), 1u) << "it stays a part of the package";

        Value evidence = testing::evidence_document(document_);
        set_member(evidence, member, sha256("other").to_string());
        const Package unmeasured = made(read_with(media::evidence, evidence));
        EXPECT_TRUE(unmeasured.evidence.empty()) << member;
        EXPECT_EQ(unmeasured.evidence_status(), EvidenceStatus::structural);
    }
}

TEST_F(PackageTest, is_structural_and_uncalibrated_without_documents) {
    ArchiveDraft draft;
    draft.list(draft.manifest(model_, skill_text()));
    const Package package = made(read(draft));
    EXPECT_EQ(package.evidence_status(), EvidenceStatus::structural);
    EXPECT_FALSE(package.calibration);
    EXPECT_TRUE(package.documents.empty());
}

TEST_F(PackageTest, ignores_documents_about_other_packages) {
    ArchiveDraft draft;
    draft.list(draft.manifest(model_, skill_text()));
    draft.attach(media::evidence, json::canonical(testing::evidence_document(document_)),
                 testing::describe("another package", media::manifest));
    const Package package = made(read(draft));
    EXPECT_TRUE(package.documents.empty());
    EXPECT_EQ(package.evidence_status(), EvidenceStatus::structural);
}

TEST_F(PackageTest, is_not_harmed_by_a_damaged_document_about_another_package) {
    ArchiveDraft draft;
    draft.list(draft.manifest(model_, skill_text()));
    const Descriptor other = testing::describe("another package", media::manifest);
    const Descriptor damaged = draft.attach(media::evidence, "{}", other);
    draft.leave_out(damaged.digest);
    expect_refused(read(draft), SKL_E_NOT_FOUND, damaged.digest.to_string());
    draft.index.manifests.back().annotations.emplace(annotation_subject, other.digest.to_string());
    EXPECT_TRUE(read(draft));
}

TEST_F(PackageTest, refuses_an_attached_document_that_says_not_what_it_is_about) {
    Value evidence = testing::evidence_document(document_);
    set_member(evidence, "/subject/artifact", "sha256:00");
    expect_refused(read_with(media::evidence, evidence), SKL_E_MANIFEST_INVALID,
                   "/subject/artifact");
    testing::erase_member(evidence, "/subject");
    expect_refused(read_with(media::evidence, evidence), SKL_E_MANIFEST_INVALID, "/subject");
}

TEST_F(PackageTest, refuses_a_malformed_calibration_of_its_own) {
    Value calibration = testing::calibration_document(document_, 1.5);
    set_member(calibration, "/temperature", 0);
    expect_refused(read_with(media::calibration, calibration), SKL_E_MANIFEST_INVALID,
                   "/temperature");
}

TEST_F(PackageTest, refuses_two_calibrations_of_which_only_one_could_count) {
    ArchiveDraft draft;
    const Descriptor package = draft.list(draft.manifest(model_, skill_text()));
    const Value second = testing::calibration_document(document_, 2.5);
    for (const Value &document : {testing::calibration_document(document_, 1.5), second}) {
        draft.attach(media::calibration, json::canonical(document), package);
    }
    expect_refused(read(draft), SKL_E_MANIFEST_INVALID,
                   sha256(json::canonical(second)).to_string());
}

TEST_F(PackageTest, counts_every_evidence_document_about_it) {
    ArchiveDraft draft;
    const Descriptor package = draft.list(draft.manifest(model_, skill_text()));
    const Value evaluated = testing::evidence_document(document_);
    Value reproduced = evaluated;
    set_member(reproduced, "/kind", "reproduced");
    set_member(reproduced, "/basis", sha256(json::canonical(evaluated)).to_string());
    for (const Value &document : {evaluated, reproduced}) {
        draft.attach(media::evidence, json::canonical(document), package);
    }
    EXPECT_EQ(made(read(draft)).evidence_status(), EvidenceStatus::reproduced);
}

TEST_F(PackageTest, refuses_more_documents_than_anybody_needs) {
    ArchiveDraft draft;
    const Descriptor package = draft.list(draft.manifest(model_, skill_text()));
    for (size_t i = 0; i <= attached_documents_max; ++i) {
        Value document = testing::evidence_document(document_);
        set_member(document, "/results/run", static_cast<int64_t>(i));
        draft.attach(media::evidence, json::canonical(document), package);
    }
    expect_refused(read(draft), SKL_E_MANIFEST_INVALID, "index.json");
}

TEST_F(PackageTest, refuses_an_attached_document_without_a_layer_of_its_type) {
    ArchiveDraft draft;
    const Descriptor package = draft.list(draft.manifest(model_, skill_text()));
    OciManifest referrer;
    referrer.artifact_type = media::evidence;
    referrer.config = draft.add(media::empty, "{}");
    referrer.subject = package;
    const Descriptor entry = draft.list(referrer);
    expect_refused(read(draft), SKL_E_MANIFEST_INVALID, entry.digest.to_string());
}

}  // namespace
}  // namespace skillet
