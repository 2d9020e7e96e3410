// SPDX-License-Identifier: Apache-2.0
// An adapter's skill.json cannot say anything about the adapter and its base that their bytes do
// not say.
#include "manifest/adapter_member.h"

#include <functional>
#include <map>

#include <gtest/gtest.h>

#include "manifest/skill.h"
#include "testing/skill_builder.h"
#include "testing/temp_dir.h"

namespace skillet {
namespace {

using json::Value;
using testing::erase_member;
using testing::json_of;
using testing::made;
using testing::set_member;

class AdapterMemberTest : public ::testing::Test {
protected:
    AdapterMemberTest() {
        const std::string model = testing::write_classifier_model(folder_ / "model.gguf");
        const std::string adapter = testing::write_adapter(folder_ / "adapter.gguf");
        const NamedBase base = testing::named_base(model);
        document_ = testing::adapter_document(adapter, base);
        artifact_ = made(inspect_artifact(made(FileSlice::open(adapter)), &base));
    }

    [[nodiscard]] Value with(std::string_view pointer, Value value) const {
        Value document = document_;
        set_member(document, pointer, std::move(value));
        return document;
    }
    [[nodiscard]] Value without(std::string_view pointer) const {
        Value document = document_;
        erase_member(document, pointer);
        return document;
    }
    [[nodiscard]] Result<void> check(const Value &document) const {
        SKL_TRY_ASSIGN(skill, Skill::from_json(document));
        AdapterBasis basis = *artifact_.basis;
        basis.base_id = skill.adapter->base_id;
        basis.base_version = skill.adapter->base_version.text();
        return skill.check_against(artifact_.facts, artifact_.digest, artifact_.bytes, &basis);
    }
    void expect_refused(const Value &document, std::string_view subject,
                        Code code = SKL_E_MANIFEST_INVALID) const {
        const auto checked = check(document);
        ASSERT_FALSE(checked) << "accepted what is wrong at " << subject;
        EXPECT_EQ(checked.error().subject, subject) << checked.error().message;
        EXPECT_EQ(checked.error().code, code) << subject << ": " << checked.error().message;
    }

    testing::TempDir folder_;
    Value document_;
    Artifact artifact_;
};

TEST_F(AdapterMemberTest, says_what_the_adapter_and_its_base_are) {
    EXPECT_TRUE(check(document_));
    const Skill skill = made(Skill::from_json(document_));
    ASSERT_TRUE(skill.adapter);
    EXPECT_EQ(skill.adapter->base_id, "org.example.base");
    EXPECT_EQ(skill.adapter->base_version.text(), "1.0.0");
    EXPECT_EQ(skill.adapter->base_digest, artifact_.basis->base_digest);
    EXPECT_EQ(skill.adapter->target_modules, (std::vector<std::string>{"attn_q", "ffn_up"}));
    EXPECT_EQ(skill.adapter->rank, 4);
    EXPECT_EQ(skill.adapter->alpha, 8);
    EXPECT_EQ(skill.adapter->scaling, "alpha/rank");
    EXPECT_EQ(skill.adapter->precision, "F32");
    EXPECT_EQ(skill.adapter->merge, "overlay");
    EXPECT_EQ(skill.adapter->abi, "skillet.adapter/1");
    EXPECT_EQ(skill.contract.labels(), artifact_.basis->base.labels) << "the base's head answers";
    EXPECT_EQ(*json::resolve(document_, "/artifact/role"), Value("adapter"));
}

const std::string other_digest = '"' + sha256("other").to_string() + '"';

// One case for each derived member that only an adapter has, or that says something else for one.
const std::map<std::string, std::string> drifts = {
    {"/adapter/base/digest", other_digest},
    {"/adapter/target_modules", R"(["attn_k", "ffn_up"])"},
    {"/adapter/tensors_digest", other_digest},
    {"/adapter/rank", "8"},
    {"/adapter/alpha", "16"},
    {"/adapter/scaling", R"-("alpha/sqrt(rank)")-"},
    {"/adapter/precision", R"("F16")"},
    {"/adapter/merge", R"("merged")"},
    {"/adapter/abi", R"("skillet.adapter/2")"},
    {"/artifact/digest", other_digest},
    {"/artifact/family", R"("llama")"},
    {"/tokenizer/id", R"("bert/other")"},
    {"/tokenizer/digest", other_digest},
    {"/engine/features", R"(["classify-head"])"},
    {"/resources/estimate/formula", R"("encoder/1")"},
    {"/resources/estimate/weights_bytes", "1"},
    {"/resources/estimate/context_bytes", "1"},
};

TEST_F(AdapterMemberTest, refuses_each_derived_member_that_drifts_from_the_bytes) {
    for (const auto &[pointer, claim] : drifts)
        expect_refused(with(pointer, json_of(claim)), pointer);
}

TEST_F(AdapterMemberTest, has_a_case_for_each_derived_member) {
    const std::function<void(const Value &, const std::string &)> visit =
        [&](const Value &value, const std::string &pointer) {
            if (const json::Object *object = value.object()) {
                for (const auto &[name, member] : *object) visit(member, pointer + "/" + name);
            } else if (pointer != "/adapter/base/id" && pointer != "/adapter/base/version") {
                EXPECT_TRUE(drifts.contains(pointer)) << pointer << " is derived: add a case";
            }
        };
    visit(*json::resolve(document_, "/adapter"), "/adapter");
}

TEST_F(AdapterMemberTest, refuses_each_missing_and_each_unknown_member) {
    for (const char *object : {"/adapter", "/adapter/base"}) {
        for (const auto &[name, value] : *json::resolve(document_, object)->object()) {
            const std::string pointer = std::string(object) + "/" + name;
            expect_refused(without(pointer), pointer);
            expect_refused(with(pointer, nullptr), pointer);
        }
        const std::string surprise = std::string(object) + "/surprise";
        expect_refused(with(surprise, 1), surprise);
    }
}

TEST_F(AdapterMemberTest, a_tensor_left_out_shows_in_the_digest) {
    testing::GgufWriter lean = testing::tiny_adapter();
    lean.remove_tensor("blk.0.attn_q.weight.lora_a").remove_tensor("blk.0.attn_q.weight.lora_b");
    const auto file = made(gguf::read(MemorySource(lean.bytes(), "lean")));
    artifact_.basis->adapter = made(gguf::derive_adapter_facts(file));
    const DerivedMembers derived =
        derive_members(artifact_.facts, artifact_.digest, artifact_.bytes, 16, &*artifact_.basis);
    set_member(document_, "/resources", derived.resources);
    set_member(document_, "/adapter/target_modules",
               *json::resolve(*derived.adapter, "/target_modules"));
    expect_refused(document_, "/adapter/tensors_digest");
}

TEST_F(AdapterMemberTest, only_an_adapter_has_the_member_and_it_must_have_it) {
    expect_refused(without("/adapter"), "/adapter");
    expect_refused(with("/artifact/role", "model"), "/adapter");
}

TEST_F(AdapterMemberTest, the_base_may_be_called_what_its_author_likes) {
    EXPECT_TRUE(check(with("/adapter/base/id", "org.example.another-name")));
    EXPECT_TRUE(check(with("/adapter/base/version", "2.0.0")));
    expect_refused(with("/adapter/base/id", "base"), "/adapter/base/id");
    expect_refused(with("/adapter/base/version", "1"), "/adapter/base/version");
}

TEST_F(AdapterMemberTest, promises_what_the_base_can_keep) {
    Value document = with("/contract/labels", json_of(R"(["spam", "ham"])"));
    expect_refused(document, "/contract/labels");
}

}  // namespace
}  // namespace skillet
