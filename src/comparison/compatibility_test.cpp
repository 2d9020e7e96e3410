// SPDX-License-Identifier: Apache-2.0
#include "comparison/compatibility.h"

#include <gtest/gtest.h>

#include "store/archive.h"
#include "testing/skill_builder.h"
#include "testing/temp_dir.h"

namespace skillet {
namespace {

using testing::made;
using testing::write_file;

class CompatibilityTest : public ::testing::Test {
protected:
    CompatibilityTest()
        : model_(testing::write_classifier_model(folder_ / "model.gguf")),
          adapter_(testing::write_adapter(folder_ / "adapter.gguf")) {}

    [[nodiscard]] static Side open(const std::string &path) { return made(Side::open(path, {})); }
    [[nodiscard]] Side adapter_package(const std::string &adapter, const std::string &model,
                                       const std::string &id = "org.example.adapter") {
        const NamedBase base = testing::named_base(model);
        return open(testing::pack_skill(folder_.path(), adapter,
                                        testing::adapter_document(adapter, base, id), {}, &base));
    }
    [[nodiscard]] std::string other_model() const {
        testing::GgufWriter other = testing::tiny_classifier();
        other.tensor_at("cls.bias").data[0] ^= 1;
        return write_file(folder_ / "other.gguf", other.bytes());
    }

    testing::TempDir folder_;
    std::string model_;
    std::string adapter_;
};

void expect_mismatch(const Compatibility &found, const char *name) {
    EXPECT_FALSE(found.compatible);
    ASSERT_NE(found.first_mismatch(), nullptr) << found.verdict;
    EXPECT_EQ(found.first_mismatch()->name, name);
    EXPECT_NE(found.verdict.find(name), std::string::npos) << found.verdict;
}

TEST_F(CompatibilityTest, models_with_equal_keys_can_stand_in_for_each_other) {
    const Compatibility found = compare_compatibility(open(model_), open(other_model()));
    EXPECT_EQ(found.relation, "independent");
    EXPECT_TRUE(found.compatible) << found.verdict;
    EXPECT_EQ(open(model_).key()->digest, open(other_model()).key()->digest);
}

TEST_F(CompatibilityTest, models_may_differ_and_the_first_component_that_does_is_named) {
    testing::ClassifierShape shape;
    shape.words = {"x"};
    const std::string other = testing::write_classifier_model(folder_ / "words.gguf", shape);
    expect_mismatch(compare_compatibility(open(model_), open(other)), "tokenizer");
}

TEST_F(CompatibilityTest, a_packages_model_is_compared_like_a_file) {
    const std::string package =
        testing::pack_skill(folder_.path(), model_, testing::skill_document(model_));
    EXPECT_TRUE(compare_compatibility(open(package), open(model_)).compatible);
}

TEST_F(CompatibilityTest, an_adapter_attaches_to_its_base_in_either_order) {
    const Side adapter = adapter_package(adapter_, model_);
    const Side base = open(model_);
    for (const bool adapter_first : {true, false}) {
        const Compatibility found = adapter_first ? compare_compatibility(adapter, base)
                                                  : compare_compatibility(base, adapter);
        EXPECT_EQ(found.relation, "attachment");
        EXPECT_TRUE(found.compatible) << found.verdict;
        for (const ComparedComponent &one : found.components) {
            if (one.name != "precision") continue;
            EXPECT_EQ(adapter_first ? one.a : one.b, "F32");
        }
    }
}

TEST_F(CompatibilityTest, an_adapter_does_not_attach_to_a_base_of_the_same_shape) {
    expect_mismatch(compare_compatibility(adapter_package(adapter_, model_), open(other_model())),
                    "base");
}

TEST_F(CompatibilityTest, an_adapters_file_alone_attaches_to_nothing) {
    EXPECT_FALSE(open(adapter_).key());
    expect_mismatch(compare_compatibility(open(adapter_), open(model_)), "base");
}

TEST_F(CompatibilityTest, two_adapters_share_a_base_or_do_not) {
    testing::AdapterShape stronger;
    stronger.rank = 8;
    const std::string second = testing::write_adapter(folder_ / "second.gguf", stronger);
    const Side one = adapter_package(adapter_, model_);
    const Compatibility same =
        compare_compatibility(one, adapter_package(second, model_, "org.example.second"));
    EXPECT_EQ(same.relation, "adapters");
    EXPECT_TRUE(same.compatible) << "they may do different things to one base";
    EXPECT_NE(same.verdict.find("never combined"), std::string::npos) << same.verdict;
    expect_mismatch(
        compare_compatibility(one, adapter_package(second, other_model(), "org.example.third")),
        "base");
    expect_mismatch(compare_compatibility(open(adapter_), open(second)), "base");
}

TEST_F(CompatibilityTest, a_role_that_is_not_the_files_is_refused) {
    const NamedBase base = testing::named_base(model_);
    const std::string package = testing::pack_skill(
        folder_.path(), adapter_, testing::adapter_document(adapter_, base), {}, &base);
    Side side = open(package);
    side.package->skill.adapter.reset();
    const Archive archive = made(Archive::open(made(FileSlice::open(package))));
    const auto again = Side::of("x", archive, *side.package, {});
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, SKL_E_MANIFEST_INVALID);
    EXPECT_EQ(again.error().subject, "/artifact/role");
}

}  // namespace
}  // namespace skillet
