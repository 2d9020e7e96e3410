// SPDX-License-Identifier: Apache-2.0
#include "store/oci.h"

#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "testing/describe.h"

namespace skillet {
namespace {

using testing::describe;

const std::string empty_blob =
    R"("digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a")"
    R"(,"size":2)";
const std::string good_descriptor =
    R"({"mediaType":"application/vnd.oci.empty.v1+json",)" + empty_blob + "}";

// A manifest whose members can be replaced one by one.
struct ManifestText {
    std::string schema_version = "2";
    std::string config = good_descriptor;
    std::string layers = "[" + good_descriptor + "]";
    std::string more;

    [[nodiscard]] std::string text() const {
        return fmt::format(R"({{"schemaVersion":{},"config":{},"layers":{}{}}})", schema_version,
                           config, layers, more);
    }
};

void expect_refused(const ManifestText &manifest, const std::string &pointer) {
    const auto parsed = OciManifest::parse(manifest.text());
    ASSERT_FALSE(parsed) << manifest.text();
    EXPECT_EQ(parsed.error().code, SKL_E_MANIFEST_INVALID) << manifest.text();
    EXPECT_EQ(parsed.error().subject, pointer) << parsed.error().message;
}

std::string repeated(const std::string &item, size_t count) {
    std::string list = "[";
    for (size_t i = 0; i < count; ++i) list += (i == 0 ? "" : ",") + item;
    return list + "]";
}

OciManifest full_manifest() {
    OciManifest manifest;
    manifest.artifact_type = media::model;
    manifest.config = describe("{}", media::model_config);
    Descriptor weight = describe("weights", media::weight);
    weight.annotations.emplace(annotation_filepath, "model.gguf");
    manifest.layers = {describe("skill", media::skill), weight};
    manifest.subject = describe("subject", media::manifest);
    manifest.annotations.emplace(annotation_version, "1.0.0");
    return manifest;
}

TEST(OciManifest, reads_back_what_it_writes) {
    const std::string text = full_manifest().to_json();
    const auto parsed = OciManifest::parse(text);
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(parsed->to_json(), text);
    EXPECT_EQ(parsed->artifact_type, media::model);
    EXPECT_EQ(parsed->config.digest, sha256("{}"));
    ASSERT_EQ(parsed->layers.size(), 2u);
    EXPECT_EQ(parsed->layers[1].annotation(annotation_filepath), "model.gguf");
    EXPECT_EQ(parsed->layers[1].annotation("absent"), "");
    EXPECT_EQ(parsed->layers[1].size, 7u);
    EXPECT_EQ(parsed->subject.value().digest, sha256("subject"));
    EXPECT_EQ(parsed->annotations.at(std::string(annotation_version)), "1.0.0");
}

TEST(OciManifest, writes_canonical_json) {
    OciManifest manifest;
    manifest.artifact_type = "a/b";
    manifest.config = describe("{}", media::empty);
    EXPECT_EQ(manifest.to_json(),
              R"({"artifactType":"a/b","config":{)" +
                  empty_blob.substr(0, empty_blob.find(",\"size")) +
                  R"(,"mediaType":"application/vnd.oci.empty.v1+json","size":2},"layers":[],)"
                  R"("mediaType":"application/vnd.oci.image.manifest.v1+json","schemaVersion":2})");
}

TEST(OciManifest, ignores_members_it_does_not_know) {
    ManifestText manifest;
    manifest.more = R"(,"future":{"digest":1},"annotations":{"org.example":"x"})";
    manifest.config =
        R"({"mediaType":"a/b","urls":["http://a"],"data":"e30=","platform":{},)" + empty_blob + "}";
    EXPECT_TRUE(OciManifest::parse(manifest.text()));
}

TEST(OciManifest, finds_a_layer_only_if_it_is_the_only_one_of_its_kind) {
    OciManifest manifest = full_manifest();
    ASSERT_NE(manifest.layer(media::skill), nullptr);
    EXPECT_EQ(manifest.layer(media::skill)->digest, sha256("skill"));
    EXPECT_EQ(manifest.layer(media::doc), nullptr);
    manifest.layers.push_back(manifest.layers[0]);
    EXPECT_EQ(manifest.layer(media::skill), nullptr);
}

TEST(OciManifest, refuses_another_schema_version_or_media_type) {
    for (const char *version : {"1", "3", "\"2\"", "2.5", "null"}) {
        ManifestText manifest;
        manifest.schema_version = version;
        expect_refused(manifest, "/schemaVersion");
    }
    ManifestText manifest;
    manifest.more = R"(,"mediaType":"application/vnd.oci.image.index.v1+json")";
    expect_refused(manifest, "/mediaType");
    manifest.more = R"(,"mediaType":2)";
    expect_refused(manifest, "/mediaType");
    manifest.more = R"(,"mediaType":"application/vnd.oci.image.manifest.v1+json")";
    EXPECT_TRUE(OciManifest::parse(manifest.text()));
}

TEST(OciManifest, refuses_members_of_the_wrong_type) {
    ManifestText manifest;
    manifest.layers = "{}";
    expect_refused(manifest, "/layers");
    manifest = {};
    manifest.layers = "[" + good_descriptor + ",7]";
    EXPECT_FALSE(OciManifest::parse(manifest.text()));
    manifest = {};
    manifest.config = "null";
    EXPECT_FALSE(OciManifest::parse(manifest.text()));
    manifest = {};
    manifest.more = R"(,"artifactType":["a/b"])";
    expect_refused(manifest, "/artifactType");
    manifest.more = R"(,"annotations":["a"])";
    expect_refused(manifest, "/annotations");
    manifest.more = R"(,"annotations":{"a/b":1})";
    expect_refused(manifest, "/annotations/a~1b");
    manifest.more = R"(,"subject":{"mediaType":"a/b"})";
    expect_refused(manifest, "/subject/digest");
}

TEST(OciManifest, refuses_what_is_no_object_at_all) {
    for (const char *text : {"", "[]", "null", "2", "{", "{}", "{\"schemaVersion\":2}", "\xff"}) {
        const auto parsed = OciManifest::parse(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().code, SKL_E_MANIFEST_INVALID);
    }
}

TEST(OciManifest, refuses_a_digest_in_any_other_form) {
    const std::string digests[] = {"", "sha512:" + std::string(128, 'a'),
                                   "sha256:" + std::string(64, 'A'), "sha256:../../etc/passwd",
                                   "sha256:" + std::string(63, 'a')};
    for (const std::string &digest : digests) {
        ManifestText manifest;
        manifest.layers = fmt::format(R"([{},{{"mediaType":"a/b","digest":"{}","size":1}}])",
                                      good_descriptor, digest);
        expect_refused(manifest, "/layers/1/digest");
    }
}

TEST(OciManifest, refuses_sizes_outside_what_json_readers_agree_on) {
    const auto with_size = [](const std::string &size) {
        ManifestText manifest;
        manifest.config = R"({"mediaType":"a/b","digest":"sha256:)" + std::string(64, 'a') +
                          R"(","size":)" + size + "}";
        return manifest;
    };
    for (const char *size : {"-1", "9007199254740993", "9223372036854775807", "1.5", "\"1\""}) {
        expect_refused(with_size(size), "/config/size");
    }
    EXPECT_TRUE(OciManifest::parse(with_size("0").text()));
    EXPECT_TRUE(OciManifest::parse(with_size("9007199254740992").text()));
}

TEST(OciManifest, refuses_an_empty_media_type_and_a_missing_one) {
    ManifestText manifest;
    manifest.config = R"({"mediaType":"",)" + empty_blob + "}";
    expect_refused(manifest, "/config/mediaType");
    manifest.config = "{" + empty_blob + "}";
    expect_refused(manifest, "/config/mediaType");
}

TEST(OciManifest, refuses_more_layers_than_it_reads) {
    ManifestText manifest;
    manifest.layers = repeated(good_descriptor, layers_max);
    EXPECT_TRUE(OciManifest::parse(manifest.text()));
    manifest.layers = repeated(good_descriptor, layers_max + 1);
    expect_refused(manifest, "/layers");
}

TEST(OciIndex, reads_back_what_it_writes) {
    Descriptor manifest = describe("manifest", media::manifest);
    manifest.artifact_type = media::model;
    manifest.annotations.emplace(annotation_ref_name, "com.example.skill-1.0.0");
    const std::string text = OciIndex{{manifest, describe("other", media::manifest)}}.to_json();
    const auto parsed = OciIndex::parse(text);
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(parsed->to_json(), text);
    ASSERT_EQ(parsed->manifests.size(), 2u);
    EXPECT_EQ(parsed->manifests[0].artifact_type, media::model);
}

TEST(OciIndex, writes_the_empty_index_as_other_tools_expect_it) {
    EXPECT_EQ(OciIndex{}.to_json(),
              R"({"manifests":[],"mediaType":"application/vnd.oci.image.index.v1+json",)"
              R"("schemaVersion":2})");
}

TEST(OciIndex, refuses_an_image_manifest_and_too_many_entries) {
    const auto with_manifests = [](size_t count) {
        const std::string entry =
            R"({"mediaType":"a","digest":"sha256:)" + std::string(64, 'a') + R"(","size":1})";
        return R"({"schemaVersion":2,"manifests":)" + repeated(entry, count) + "}";
    };
    EXPECT_FALSE(OciIndex::parse(full_manifest().to_json()));
    EXPECT_TRUE(OciIndex::parse(with_manifests(index_manifests_max)));
    const auto refused = OciIndex::parse(with_manifests(index_manifests_max + 1));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().subject, "/manifests");
}

TEST(OciLayout, accepts_its_version_however_it_is_spaced_and_no_other) {
    EXPECT_TRUE(check_oci_layout(oci_layout_text));
    EXPECT_TRUE(check_oci_layout("{ \"imageLayoutVersion\" : \"1.0.0\", \"more\": 1 }\n"));
    EXPECT_EQ(check_oci_layout(R"({"imageLayoutVersion":"2.0.0"})").error().code,
              SKL_E_FORMAT_UNSUPPORTED);
    EXPECT_EQ(check_oci_layout("{}").error().code, SKL_E_MANIFEST_INVALID);
    EXPECT_EQ(check_oci_layout("1.0.0").error().code, SKL_E_MANIFEST_INVALID);
}

}  // namespace
}  // namespace skillet
