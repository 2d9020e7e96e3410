// SPDX-License-Identifier: Apache-2.0
// A contract in tokens, by a model of which each byte of text is a token.
#include "decode/prompt_plan.h"

#include <gtest/gtest.h>

#include "testing/document_edit.h"
#include "testing/made.h"
#include "testing/scripted_engine.h"

namespace skillet {
namespace {

using testing::json_of;
using testing::made;
using testing::set_member;

constexpr const char *contract_text = R"({
    "task": "classify",
    "labels": ["yes", "yellow", "no"],
    "continuation": {"before": " ", "end": "</s>"},
    "domain": {"supported": "", "unsupported": "", "fallback": ""},
    "input": {"properties": {"a": {"type": "string"}, "b": {"type": "string"}}},
    "output": true,
    "prepare": [],
    "prompt": [{"control": "<s>"}, {"literal": "A"}, {"slot": "/a"}, {"literal": "B"},
               {"slot": "/b"}, {"literal": "?"}],
    "limits": {"input_bytes": 1000, "input_tokens": 10, "output_bytes": 64, "deadline_ms": 1000,
               "context_tokens": 100},
    "confidence": {"meaning": "calibrated-probability", "abstain_below": 0},
    "determinism": "strict"
})";

class PromptPlanTest : public ::testing::Test {
protected:
    PromptPlan plan() { return made(PromptPlan::make(contract(), model_)); }
    Contract contract() { return made(Contract::parse(document_, "/contract")); }
    PromptReading read(std::string_view input) {
        const Contract own = contract();
        return made(plan().read(own, model_, made(own.accept_input(input))));
    }
    // The text of tokens, control tokens as '#'.
    static std::string text(const std::vector<TokenId> &tokens) {
        std::string text;
        for (const TokenId token : tokens) text += token < 256 ? static_cast<char>(token) : '#';
        return text;
    }
    Error refusal() {
        const auto plan = PromptPlan::make(contract(), model_);
        return plan ? Error{} : plan.error();
    }

    json::Value document_ = json_of(contract_text);
    std::shared_ptr<testing::Script> script_ = std::make_shared<testing::Script>();
    testing::ScriptedModel model_{script_, nullptr};
};

TEST_F(PromptPlanTest, begins_with_what_is_the_same_in_each_request) {
    EXPECT_EQ(text(plan().fixed()), "#A");
    EXPECT_EQ(text(read(R"({"a":"xy","b":"z"})").rest), "xyBz?");
    EXPECT_EQ(text(read("{}").rest), "B?");
    set_member(document_, "/prompt", json_of(R"([{"slot":"/a"},{"control":"<s>"}])"));
    EXPECT_EQ(text(plan().fixed()), "");
    EXPECT_EQ(text(read(R"({"a":"<s>"})").rest), "<s>#");
}

TEST_F(PromptPlanTest, ends_each_label_with_the_token_that_is_named) {
    const PromptPlan own = plan();
    const TokenTree &tree = own.labels().trees()[0];
    EXPECT_EQ(tree.nodes[0].token, ' ');
    size_t ends = 0;
    for (const TokenTree::Node &edge : tree.edges) ends += edge.token == 257 ? 1 : 0;
    EXPECT_EQ(ends, 3u);
    EXPECT_EQ(tree.nodes.size(), std::string(" yesllowno").size());
}

TEST_F(PromptPlanTest, admits_as_many_tokens_of_slots_as_the_contract_does) {
    const Contract own = contract();
    const auto code = [&](std::string_view input) {
        const auto reading = plan().read(own, model_, made(own.accept_input(input)));
        return reading ? SKL_OK : reading.error().code;
    };
    EXPECT_EQ(code(R"({"a":"12345","b":"67890"})"), SKL_OK);
    EXPECT_EQ(code(R"({"a":"12345","b":"678901"})"), SKL_E_CONTEXT_EXCEEDED);
    EXPECT_EQ(code(R"({"a":"12345678901"})"), SKL_E_CONTEXT_EXCEEDED);
}

TEST_F(PromptPlanTest, truncates_slots_in_order_and_never_what_the_author_wrote) {
    set_member(document_, "/prepare", json_of(R"([{"step": "truncate@1", "tokens": 4}])"));
    const PromptReading reading = read(R"({"a":"123","b":"456"})");
    EXPECT_EQ(text(reading.rest), "123B4?");
    EXPECT_EQ(reading.text_tokens, 4u);
    EXPECT_EQ(reading.tokens_dropped, 2u);
    EXPECT_EQ(text(read(R"({"a":"123456","b":"7"})").rest), "1234B?");
}

TEST_F(PromptPlanTest, names_the_slot_that_would_be_more_than_text) {
    script_->tokenize = [](std::string_view text) -> Result<std::vector<TokenId>> {
        if (text == "evil") return make_error(SKL_E_INPUT_SCHEMA, "more than text");
        return std::vector<TokenId>(text.begin(), text.end());
    };
    const Contract own = contract();
    const auto reading = plan().read(own, model_, json_of(R"({"a":"x","b":"evil"})"));
    ASSERT_FALSE(reading);
    EXPECT_EQ(reading.error().code, SKL_E_INPUT_SCHEMA);
    EXPECT_EQ(reading.error().subject, "/b");
    set_member(document_, "/prompt/1/literal", "evil");
    EXPECT_EQ(refusal().code, SKL_E_MANIFEST_INVALID);
    EXPECT_EQ(refusal().subject, "/contract/prompt/1");
}

TEST_F(PromptPlanTest, is_refused_where_the_vocabulary_does_not_fit) {
    set_member(document_, "/continuation/end", "<end>");
    EXPECT_EQ(refusal().subject, "/contract/continuation/end");
    EXPECT_EQ(refusal().code, SKL_E_MANIFEST_INVALID);
    set_member(document_, "/continuation/end", "</s>");
    testing::member_at(document_, "/labels/1") = std::string(TokenTree::nodes_max, 'x');
    EXPECT_EQ(refusal().subject, "/contract/labels/1");
}

TEST_F(PromptPlanTest, fits_into_its_context_to_the_token) {
    // "#AB?", 10 tokens of input, and the nodes of " yes", " yellow" and " no".
    set_member(document_, "/limits/context_tokens", 4 + 10 + 10);
    plan();
    set_member(document_, "/limits/context_tokens", 4 + 10 + 9);
    EXPECT_EQ(refusal().subject, "/contract/limits/context_tokens");
    EXPECT_NE(refusal().hint.find("24"), std::string::npos);
    set_member(document_, "/prompt", json_of(R"([{"slot":"/a"}])"));
    EXPECT_EQ(refusal().subject, "/contract/prompt");
}

}  // namespace
}  // namespace skillet
