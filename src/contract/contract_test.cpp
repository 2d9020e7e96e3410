// SPDX-License-Identifier: Apache-2.0
// Refusals are tables: one change to a good contract, and the JSON pointer that must be blamed.
#include "contract/contract.h"

#include <optional>

#include <gtest/gtest.h>

#include "json/write.h"
#include "testing/document_edit.h"

namespace skillet {
namespace {

using json::Value;
using testing::erase_member;
using testing::json_of;
using testing::member_at;
using testing::set_member;

constexpr const char *good_text = R"({
    "task": "classify",
    "labels": ["ham", "spam"],
    "domain": {"supported": "mail", "unsupported": "chat", "fallback": "ask"},
    "input": {
        "type": "object",
        "properties": {"subject": {"type": "string"}, "body": {"type": "string"}},
        "required": ["body"],
        "additionalProperties": false
    },
    "output": {
        "type": "object",
        "properties": {"label": {"enum": ["ham", "spam"]}},
        "required": ["label"],
        "additionalProperties": false
    },
    "prepare": [
        {"step": "strip-html@1", "members": ["/body"]},
        {"step": "truncate@1", "tokens": 20},
        {"step": "window@1", "size": 12, "stride": 5, "max": 4, "combine": "mean-logits"}
    ],
    "prompt": [{"literal": "re: "}, {"slot": "/subject"}, {"literal": "\n"}, {"slot": "/body"}],
    "limits": {"input_bytes": 60, "input_tokens": 20, "output_bytes": 64, "deadline_ms": 1000},
    "confidence": {"meaning": "calibrated-probability", "abstain_below": 0.5},
    "determinism": "strict"
})";

Value good() { return json_of(good_text); }

// The good contract, except for one member.
Value with(std::string_view pointer, Value value) {
    Value document = good();
    set_member(document, pointer, std::move(value));
    return document;
}

Contract parsed(const Value &document) {
    auto contract = Contract::parse(document, "/contract");
    if (!contract) throw std::runtime_error(contract.error().message);
    return *std::move(contract);
}

void expect_refused(const Value &document, const std::string &subject,
                    Code code = SKL_E_MANIFEST_INVALID) {
    const auto contract = Contract::parse(document, "/contract");
    ASSERT_FALSE(contract) << "accepted what is wrong at " << subject;
    EXPECT_EQ(contract.error().subject, "/contract" + subject) << contract.error().message;
    EXPECT_EQ(contract.error().code, code) << subject << ": " << contract.error().message;
}

// Whose absence and whose type must be refused.
constexpr const char *members[] = {"/task",
                                   "/labels",
                                   "/domain",
                                   "/domain/supported",
                                   "/domain/unsupported",
                                   "/domain/fallback",
                                   "/input",
                                   "/output",
                                   "/prepare",
                                   "/prepare/1/tokens",
                                   "/prompt",
                                   "/prompt/0/literal",
                                   "/limits",
                                   "/limits/input_bytes",
                                   "/limits/input_tokens",
                                   "/limits/output_bytes",
                                   "/limits/deadline_ms",
                                   "/confidence",
                                   "/confidence/meaning",
                                   "/confidence/abstain_below",
                                   "/determinism"};

TEST(Contract, refuses_each_missing_member_by_its_pointer) {
    for (const char *member : members) {
        Value document = good();
        erase_member(document, member);
        expect_refused(document, member);
    }
}

TEST(Contract, refuses_each_member_of_another_type_by_its_pointer) {
    for (const std::string member : members) {
        const bool is_schema = member == "/input" || member == "/output";
        expect_refused(with(member, nullptr), member,
                       is_schema ? SKL_E_SCHEMA_REFUSED : SKL_E_MANIFEST_INVALID);
    }
    expect_refused(Value("a contract"), "");
}

TEST(Contract, names_every_member_of_the_good_one_in_the_tables_above) {
    const Value document = good();
    for (const auto &[name, value] : *document.object()) {
        const std::string pointer = "/" + name;
        EXPECT_NE(std::find(std::begin(members), std::end(members), pointer), std::end(members))
            << pointer;
    }
}

TEST(Contract, refuses_unknown_members_wherever_they_are) {
    for (const std::string object :
         {"", "/domain", "/prepare/0", "/prompt/0", "/prompt/1", "/limits", "/confidence"}) {
        expect_refused(with(object + "/surprise", 1), object + "/surprise");
    }
}

struct Refusal {
    const char *change;
    const char *to;
    const char *subject;
    Code code = SKL_E_MANIFEST_INVALID;
};

constexpr Refusal refusals[] = {
    {"/task", R"("generate")", "/task", SKL_E_FORMAT_UNSUPPORTED},
    {"/labels", R"(["ham"])", "/labels"},
    {"/labels", R"(["ham", "spam", "ham"])", "/labels"},
    {"/labels", R"(["ham", ""])", "/labels"},
    {"/labels", R"(["ham", 1])", "/labels/1"},
    {"/labels", R"(["ham", "eggs"])", "/output"},
    {"/output", R"({"required": ["label", "reason"]})", "/output"},
    {"/output/type", R"("array")", "/output"},
    {"/input/$dynamicRef", R"("#a")", "/input/$dynamicRef", SKL_E_SCHEMA_REFUSED},
    {"/input/properties/body/format", R"("iri")", "/input/properties/body/format",
     SKL_E_SCHEMA_REFUSED},
    {"/output/properties/label/pattern", R"("(?=h).")", "/output/properties/label/pattern",
     SKL_E_SCHEMA_REFUSED},
    {"/prepare", R"([{"step": "stem@1"}])", "/prepare/0/step"},
    {"/prepare", R"([{"step": "strip-html@1", "members": ["/subjct"]}])", "/prepare"},
    {"/prompt", "[]", "/prompt"},
    {"/prompt", "[{}]", "/prompt/0/literal"},
    {"/prompt", R"(["text"])", "/prompt/0"},
    {"/prompt", R"([{"slot": "/body"}, {"slot": ""}])", "/prompt/1/slot"},
    {"/prompt", R"([{"slot": "body"}])", "/prompt/0/slot"},
    {"/prompt", R"([{"slot": "/body"}, {"slot": "/boby"}])", "/prompt/1/slot"},
    {"/prompt", R"([{"slot": "/body/more"}])", "/prompt/0/slot"},
    {"/prompt", R"([{"slot": "/body"}, {"control": "</s>"}])", "/prompt/1/control"},
    {"/input", "true", "/prompt/1/slot"},
    {"/task", R"("score")", "/task"},
    {"/prompt", R"([{"slot": "/body", "literal": "a"}])", "/prompt/0/literal"},
    {"/limits/input_bytes", "1", "/limits/input_bytes"},
    {"/limits/input_bytes", "16777217", "/limits/input_bytes"},
    {"/limits/input_bytes", "60.5", "/limits/input_bytes"},
    {"/limits/input_tokens", "0", "/limits/input_tokens"},
    {"/limits/input_tokens", "1048577", "/limits/input_tokens"},
    {"/limits/input_tokens", "19", "/limits/input_tokens"},  // truncate keeps 20
    {"/limits/input_tokens", "26", "/limits/input_tokens"},  // windows hold 10 + 3 * 5
    {"/limits/output_bytes", "1", "/limits/output_bytes"},
    {"/limits/output_bytes", "1048577", "/limits/output_bytes"},
    {"/limits/output_bytes", "15", "/limits/output_bytes"},  // {"label":"spam"} has 16
    {"/limits/deadline_ms", "0", "/limits/deadline_ms"},
    {"/limits/deadline_ms", "3600001", "/limits/deadline_ms"},
    {"/confidence/meaning", R"("softmax")", "/confidence/meaning"},
    {"/confidence/abstain_below", "-0.1", "/confidence/abstain_below"},
    {"/confidence/abstain_below", "1.1", "/confidence/abstain_below"},
    {"/determinism", R"("throughput")", "/determinism"},
};

TEST(Contract, refuses_each_wrong_value_by_its_pointer) {
    for (const Refusal &row : refusals) {
        SCOPED_TRACE(std::string(row.change) + " = " + row.to);
        expect_refused(with(row.change, json_of(row.to)), row.subject, row.code);
    }
}

TEST(Contract, refuses_more_labels_and_segments_than_it_can_use) {
    json::Array labels;
    for (int i = 0; i < 1025; ++i) labels.emplace_back(std::to_string(i));
    Value document = with("/labels", labels);
    set_member(document, "/output/properties/label", json::Object{});
    expect_refused(document, "/labels");
    labels.pop_back();
    set_member(document, "/labels", labels);
    EXPECT_EQ(parsed(document).labels().size(), 1024u);

    json::Array segments(65, json::Object{{"slot", "/body"}});
    expect_refused(with("/prompt", segments), "/prompt");
    segments.pop_back();
    EXPECT_TRUE(Contract::parse(with("/prompt", segments), "/contract"));
}

TEST(Contract, gives_what_it_says) {
    const Contract contract = parsed(good());
    EXPECT_EQ(contract.task(), "classify");
    EXPECT_EQ(contract.labels(), (std::vector<std::string>{"ham", "spam"}));
    EXPECT_EQ(contract.prepare().truncate_tokens, 20u);
    EXPECT_EQ(contract.limits().input_bytes, 60u);
    EXPECT_EQ(contract.limits().input_tokens, 20u);
    EXPECT_EQ(contract.limits().output_bytes, 64u);
    EXPECT_EQ(contract.limits().deadline_ms, 1000u);
    EXPECT_EQ(contract.confidence().abstain_below, 0.5);
    EXPECT_EQ(contract.json(), good());
}

TEST(Contract, accepts_limits_that_windows_and_labels_just_meet) {
    for (const auto &[limit, value] : {std::pair{"/limits/input_tokens", 25},
                                       {"/limits/output_bytes", 16},
                                       {"/limits/input_bytes", 2},
                                       {"/limits/input_bytes", 16 << 20}}) {
        EXPECT_TRUE(Contract::parse(with(limit, value), "/contract")) << limit << value;
    }
}

TEST(Contract, sizes_the_context_by_the_window_or_by_the_tokens_and_two_special_ones) {
    EXPECT_EQ(parsed(good()).context_tokens(), 12u);
    EXPECT_EQ(parsed(with("/prepare", json::Array{})).context_tokens(), 22u);
}

TEST(Contract, has_a_core_digest_of_what_decides_an_answer) {
    const Value document = good();
    json::Object core;
    for (const char *name : {"prompt", "input", "output", "prepare", "task", "labels"}) {
        core.append(name, *document.object()->find(name));
    }
    EXPECT_EQ(parsed(document).core_digest(), sha256(json::canonical(core)));
}

struct CoreChange {
    const char *change;
    const char *to;
    bool changes_core;
};

constexpr CoreChange core_changes[] = {
    {"/labels", R"(["spam", "ham"])", true},
    {"/input/properties/body/maxLength", "9", true},
    {"/output/properties/label/enum", R"(["spam", "ham"])", true},
    {"/prepare/1/tokens", "19", true},
    {"/prompt/0/literal", R"("Re: ")", true},
    {"/domain/supported", R"("letters")", false},
    {"/limits/input_bytes", "61", false},
    {"/limits/input_tokens", "21", false},
    {"/limits/output_bytes", "65", false},
    {"/limits/deadline_ms", "999", false},
    {"/confidence/abstain_below", "0.9", false},
};

TEST(Contract, changes_its_core_digest_for_what_decides_an_answer_and_nothing_else) {
    const Digest digest = parsed(good()).core_digest();
    for (const CoreChange &row : core_changes) {
        const Contract changed = parsed(with(row.change, json_of(row.to)));
        EXPECT_EQ(changed.core_digest() != digest, row.changes_core) << row.change;
    }
}

TEST(Contract, has_the_same_core_digest_however_its_members_are_ordered) {
    const Value sorted = json_of(json::canonical(good()));
    EXPECT_EQ(parsed(sorted).core_digest(), parsed(good()).core_digest());
}

struct InputRefusal {
    std::string text;
    Code code;
    const char *subject;
};

TEST(Contract, checks_an_input_for_size_then_syntax_then_schema) {
    const Contract contract = parsed(good());
    EXPECT_TRUE(contract.accept_input(R"( {"body": "b", "subject": "s"} )"));
    const InputRefusal rows[] = {
        {std::string(61, '{'), SKL_E_INPUT_TOO_LARGE, ""},
        {std::string(60, '{'), SKL_E_INPUT_SYNTAX, ""},
        {"", SKL_E_INPUT_SYNTAX, ""},
        {R"({"body": "b",})", SKL_E_INPUT_SYNTAX, ""},
        {R"({"body": "b", "body": "c"})", SKL_E_INPUT_SYNTAX, ""},
        {"{\"body\": \"\xff\"}", SKL_E_INPUT_SYNTAX, ""},
        {R"({"body": "\ud800"})", SKL_E_INPUT_SYNTAX, ""},
        {"null", SKL_E_INPUT_SCHEMA, ""},
        {R"({"subject": "s"})", SKL_E_INPUT_SCHEMA, ""},
        {R"({"body": 1})", SKL_E_INPUT_SCHEMA, "/body"},
        {R"({"body": "b", "subject": null})", SKL_E_INPUT_SCHEMA, "/subject"},
        {R"({"body": "b", "more": 1})", SKL_E_INPUT_SCHEMA, "/more"},
    };
    for (const InputRefusal &row : rows) {
        const auto input = contract.accept_input(row.text);
        ASSERT_FALSE(input) << row.text;
        EXPECT_EQ(input.error().code, row.code) << row.text << ": " << input.error().message;
        EXPECT_EQ(input.error().subject, row.subject) << row.text;
    }
}

TEST(Contract, says_both_sizes_of_an_input_that_is_too_large) {
    const auto input = parsed(good()).accept_input(std::string(61, ' '));
    ASSERT_FALSE(input);
    EXPECT_EQ(input.error().required_bytes, 61u);
    EXPECT_EQ(input.error().available_bytes, 60u);
    EXPECT_FALSE(input.error().hint.empty());
}

TEST(Contract, admits_the_outputs_of_its_labels_and_no_others) {
    Value document = with("/limits/output_bytes", 20);
    const Contract contract = parsed(document);
    EXPECT_EQ(json::compact(contract.output_for(0, {1, 0})), R"({"label":"ham"})");
    EXPECT_TRUE(contract.check_output(contract.output_for(1, {0, 1})));

    const auto other = contract.check_output(json_of(R"({"label": "eggs"})"));
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().code, SKL_E_OUTPUT_SCHEMA);
    EXPECT_EQ(other.error().subject, "/label");

    const auto large = contract.check_output(json_of(R"({"label": "123456789"})"));
    ASSERT_FALSE(large);
    EXPECT_EQ(large.error().code, SKL_E_OUTPUT_TOO_LARGE);
    EXPECT_EQ(large.error().required_bytes, 21u);
    EXPECT_EQ(large.error().available_bytes, 20u);
}

std::string rendered(const Contract &contract, std::string_view input) {
    const auto text = contract.render(json_of(input));
    return text ? *text : text.error().message;
}

TEST(Contract, renders_literals_and_slots_in_order) {
    EXPECT_EQ(rendered(parsed(good()), R"({"body": "b", "subject": "s"})"), "re: s\nb");
}

TEST(Contract, renders_an_optional_member_that_was_not_sent_as_nothing) {
    EXPECT_EQ(rendered(parsed(good()), R"({"body": "b"})"), "re: \nb");
}

TEST(Contract, strips_markup_only_from_the_members_that_declare_it) {
    const Contract contract = parsed(good());
    const std::string text = rendered(contract, R"({"subject": "<i>s</i>", "body": "<i>b</i>"})");
    EXPECT_TRUE(text.starts_with("re: <i>s</i>\n")) << text;
    EXPECT_EQ(text.find("<i>b"), std::string::npos) << text;
    EXPECT_NE(text.find('b'), std::string::npos) << text;

    const Contract plain = parsed(with("/prepare", json::Array{}));
    EXPECT_EQ(rendered(plain, R"({"body": "<i>b</i>"})"), "re: \n<i>b</i>");
}

TEST(Contract, does_not_read_a_slot_inside_the_text_of_a_slot) {
    const Contract contract = parsed(good());
    EXPECT_EQ(rendered(contract, R"({"subject": "{\"slot\": \"/body\"}", "body": "b"})"),
              "re: {\"slot\": \"/body\"}\nb");
}

TEST(Contract, renders_members_deep_inside_the_input) {
    Value document =
        with("/input",
             json_of(R"({"properties": {"mails": {"items": {"properties": {"a/b": true}}}}})"));
    set_member(document, "/prepare", json::Array{});
    set_member(document, "/prompt", json_of(R"([{"slot": "/mails/1/a~1b"}])"));
    EXPECT_EQ(rendered(parsed(document), R"({"mails": [0, {"a/b": "deep"}]})"), "deep");
}

// As of a decoder.
Value continuing() {
    Value document = good();
    set_member(document, "/prepare", json::Array{});
    set_member(document, "/prompt",
               json_of(R"([{"control": "<s>"}, {"slot": "/body"}, {"literal": "?"}])"));
    set_member(document, "/limits/context_tokens", 100);
    document.object()->append("continuation", json_of(R"({"before": " ", "end": "</s>"})"));
    return document;
}
Value continuing_with(std::string_view pointer, std::string_view value) {
    Value document = continuing();
    set_member(document, pointer, json_of(value));
    return document;
}

TEST(Contract, of_a_decoder_names_control_tokens_and_its_context) {
    const Contract contract = parsed(continuing());
    ASSERT_TRUE(contract.continuation());
    EXPECT_EQ(contract.continuation()->before, " ");
    EXPECT_EQ(contract.continuation()->end, "</s>");
    EXPECT_EQ(contract.context_tokens(), 100u);
    EXPECT_EQ(contract.prompt()[0].kind, PromptSegment::control);
    EXPECT_EQ(contract.prompt()[0].text, "<s>");
    EXPECT_FALSE(parsed(good()).continuation());
}

TEST(Contract, of_a_decoder_is_refused_where_it_makes_no_sense) {
    const std::string long_name(257, 'a');
    expect_refused(continuing_with("/continuation", "{}"), "/continuation/before");
    expect_refused(continuing_with("/continuation/end", R"("")"), "/continuation/end");
    expect_refused(continuing_with("/continuation/end", '"' + long_name + '"'),
                   "/continuation/end");
    expect_refused(continuing_with("/continuation/before", '"' + long_name + '"'),
                   "/continuation/before");
    expect_refused(continuing_with("/continuation/more", "1"), "/continuation/more");
    expect_refused(continuing_with("/prompt/0/control", R"("")"), "/prompt/0/control");
    expect_refused(continuing_with("/prompt/0/literal", R"("a")"), "/prompt/0/literal");
    expect_refused(continuing_with("/limits/context_tokens", "0"), "/limits/context_tokens");
    expect_refused(continuing_with("/limits/context_tokens", "16385"), "/limits/context_tokens");
    expect_refused(with("/limits/context_tokens", 100), "/limits/context_tokens");
    Value document = continuing();
    erase_member(document, "/limits/context_tokens");
    expect_refused(document, "/limits/context_tokens");
    expect_refused(
        continuing_with("/prepare", R"([{"step": "window@1", "size": 30, "stride": 5, "max": 4,
                                         "combine": "mean-logits"}])"),
        "/prepare");
}

TEST(Contract, of_a_decoder_has_its_continuation_in_the_core) {
    EXPECT_NE(parsed(continuing()).core_digest(),
              parsed(continuing_with("/continuation/before", R"("")")).core_digest());
    EXPECT_EQ(parsed(continuing()).core_digest(),
              parsed(continuing_with("/limits/context_tokens", "99")).core_digest());
}

TEST(Contract, scores_the_first_of_two_labels) {
    Value document = continuing_with("/task", R"("score")");
    expect_refused(document, "/output");
    set_member(document, "/output",
               json_of(R"({"properties": {"score": {"type": "number", "maximum": 1}}})"));
    const Contract contract = parsed(document);
    EXPECT_EQ(json::compact(contract.output_for(1, {0.25, 0.75})), R"({"score":0.25})");
    EXPECT_TRUE(contract.check_output(contract.output_for(1, {0.25, 0.75})));
    set_member(document, "/output/properties/score/maximum", 0.9);
    expect_refused(document, "/output");
    set_member(document, "/output", true);
    set_member(document, "/labels", json_of(R"(["a", "b", "c"])"));
    expect_refused(document, "/task");
}

TEST(Contract, refuses_to_render_what_is_no_string) {
    const Contract contract =
        parsed(with("/input", json_of(R"({"properties": {"subject": true, "body": true}})")));
    const auto text = contract.render(json_of(R"({"subject": "s", "body": ["b"]})"));
    ASSERT_FALSE(text);
    EXPECT_EQ(text.error().code, SKL_E_INPUT_SCHEMA);
    EXPECT_EQ(text.error().subject, "/body");
}

}  // namespace
}  // namespace skillet
