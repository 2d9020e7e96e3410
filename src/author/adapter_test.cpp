// SPDX-License-Identifier: Apache-2.0
// From an adapter and its base to a package: init and pack.
#include <gtest/gtest.h>

#include "author/init.h"
#include "author/pack.h"
#include "store/archive.h"
#include "testing/skill_builder.h"
#include "testing/temp_dir.h"

namespace skillet {
namespace {

using testing::erase_member;
using testing::made;
using testing::set_member;

template <typename T>
void expect_refused(const Result<T> &result, Code code, std::string_view subject) {
    ASSERT_FALSE(result) << "accepted what is wrong with " << subject;
    EXPECT_EQ(result.error().code, code) << result.error().message;
    EXPECT_EQ(result.error().subject, subject) << result.error().message;
    EXPECT_FALSE(result.error().hint.empty());
}

class AdapterAuthorTest : public ::testing::Test {
protected:
    AdapterAuthorTest()
        : model_(testing::write_classifier_model(folder_ / "model.gguf")),
          adapter_(testing::write_adapter(folder_ / "adapter.gguf")),
          base_(testing::named_base(model_)),
          document_(testing::adapter_document(adapter_, base_)) {}

    [[nodiscard]] Result<json::Value> init(const std::string &path, const NamedBase *base) const {
        return init_skill(made(FileSlice::open(path)), {"org.example.mood", "0.1.0"}, base);
    }
    [[nodiscard]] Result<Packed> pack_with(const NamedBase *base) const {
        const std::string skill =
            testing::write_file(folder_ / "skill.json", json::pretty(document_));
        return pack(*posix_file_system(), {skill, adapter_, {}, {}, folder_ / "out.skill"}, base);
    }

    testing::TempDir folder_;
    std::string model_;
    std::string adapter_;
    NamedBase base_;
    json::Value document_;
};

TEST_F(AdapterAuthorTest, init_writes_a_document_that_packs_as_it_is) {
    EXPECT_TRUE(pack_with(&base_));
}

TEST_F(AdapterAuthorTest, an_adapter_needs_its_base_and_a_model_has_none) {
    expect_refused(init(adapter_, nullptr), SKL_E_INVALID_ARGUMENT, adapter_);
    expect_refused(pack_with(nullptr), SKL_E_INVALID_ARGUMENT, adapter_);
    expect_refused(init(model_, &base_), SKL_E_INVALID_ARGUMENT, model_);
}

TEST_F(AdapterAuthorTest, init_needs_a_name_for_the_base) {
    base_.id.clear();
    expect_refused(init(adapter_, &base_), SKL_E_INVALID_ARGUMENT, "");
}

TEST_F(AdapterAuthorTest, a_package_names_the_base_it_holds) {
    const std::string package =
        testing::pack_skill(folder_.path(), model_, testing::skill_document(model_));
    const NamedBase base = made(NamedBase::open(package));
    EXPECT_EQ(base.id, "org.example.test");
    EXPECT_EQ(base.version, "1.0.0");
    EXPECT_EQ(base.model.digest, base_.model.digest);
}

TEST_F(AdapterAuthorTest, an_adapters_package_is_no_base) {
    const std::string package =
        testing::pack_skill(folder_.path(), adapter_, document_, {}, &base_);
    const auto base = NamedBase::open(package);
    ASSERT_FALSE(base);
    EXPECT_EQ(base.error().code, SKL_E_INCOMPATIBLE);
}

TEST_F(AdapterAuthorTest, derived_members_may_be_left_out_and_the_base_keeps_its_name) {
    const Packed whole = made(pack_with(&base_));
    document_.object()->set(
        "adapter",
        json::Object{{"base", json::Object{{"id", "org.example.base"}, {"version", "1.0.0"}}}});
    erase_member(document_, "/artifact");
    EXPECT_EQ(made(pack_with(&base_)).digest, whole.digest);
    base_.id = "org.example.another-name";
    EXPECT_EQ(made(pack_with(&base_)).digest, whole.digest) << "the author's word counts";
    erase_member(document_, "/adapter");
    EXPECT_NE(made(pack_with(&base_)).digest, whole.digest) << "without it, the base's own";
}

TEST_F(AdapterAuthorTest, packing_with_another_base_is_refused) {
    testing::GgufWriter other = testing::tiny_classifier();
    other.tensor_at("cls.bias").data[0] ^= 1;
    NamedBase wrong =
        testing::named_base(testing::write_file(folder_ / "other.gguf", other.bytes()));
    expect_refused(pack_with(&wrong), SKL_E_MANIFEST_INVALID, "/adapter/base/digest");
}

TEST_F(AdapterAuthorTest, an_adapter_that_does_not_fit_is_not_packed) {
    testing::AdapterShape wider;
    wider.base.feed_forward = 128;
    testing::write_adapter(adapter_, wider);
    expect_refused(pack_with(&base_), SKL_E_INCOMPATIBLE, "blk.0.ffn_up.weight");
}

}  // namespace
}  // namespace skillet
