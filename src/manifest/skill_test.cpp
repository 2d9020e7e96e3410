// SPDX-License-Identifier: Apache-2.0
// What skill.json may say, and that it cannot say anything about a model which its bytes do not.
#include "manifest/skill.h"

#include <map>

#include <gtest/gtest.h>

#include "testing/gguf_decoder.h"
#include "testing/skill_builder.h"
#include "testing/temp_dir.h"

namespace skillet {
namespace {

using json::Value;
using testing::erase_member;
using testing::json_of;
using testing::made;
using testing::member_at;
using testing::set_member;

constexpr const char *derived_members[] = {"/artifact", "/tokenizer", "/engine", "/resources"};

class SkillTest : public ::testing::Test {
protected:
    SkillTest() {
        // With every derived member there is, also the optional ones.
        auto writer = testing::tiny_classifier();
        writer.string("tokenizer.chat_template", "never rendered");
        const std::string path = testing::write_file(folder_ / "model.gguf", writer.bytes());
        document_ = testing::skill_document(path);
        const Artifact artifact = made(inspect_artifact(made(FileSlice::open(path)), nullptr));
        facts_ = artifact.facts;
        digest_ = artifact.digest;
        bytes_ = artifact.bytes;
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

    // Derived members as the model has them, if one call may carry so many tokens.
    void derive_again(Value &document, uint32_t context_tokens) const {
        for (const char *member : derived_members) erase_member(document, member);
        add_derived_members(document, {facts_, digest_, bytes_, {}}, context_tokens);
    }

    // Reads the document and compares it with the model.
    [[nodiscard]] Result<void> check(const Value &document) const {
        SKL_TRY_ASSIGN(skill, Skill::from_json(document));
        return skill.check_against(facts_, digest_, bytes_);
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
    gguf::Facts facts_;
    Digest digest_;
    uint64_t bytes_ = 0;
};

TEST_F(SkillTest, gives_what_the_document_says) {
    const Skill skill = made(Skill::from_json(document_));
    EXPECT_EQ(skill.id, "org.example.test");
    EXPECT_EQ(skill.version.text(), "1.0.0");
    EXPECT_EQ(skill.title, "test classifier");
    EXPECT_EQ(skill.license, "Apache-2.0");
    EXPECT_EQ(skill.artifact_digest, digest_);
    EXPECT_EQ(skill.artifact_bytes, bytes_);
    EXPECT_EQ(skill.contract.labels(), facts_.labels);
    EXPECT_EQ(skill.json, document_);
    EXPECT_TRUE(check(document_));
}

// The packed form.

TEST_F(SkillTest, reads_a_packed_document_in_canonical_form_only) {
    EXPECT_TRUE(Skill::parse(json::canonical(document_)));
    for (const std::string &text :
         {json::pretty(document_), json::compact(document_), json::canonical(document_) + "\n"}) {
        const auto skill = Skill::parse(text);
        ASSERT_FALSE(skill) << text;
        EXPECT_EQ(skill.error().code, SKL_E_MANIFEST_INVALID);
        EXPECT_EQ(skill.error().subject, "skill.json");
    }
}

TEST_F(SkillTest, refuses_a_packed_document_that_is_no_strict_json) {
    const std::string text = json::canonical(document_);
    for (const std::string &broken :
         {std::string(), text.substr(0, text.size() - 1),
          R"({"id":"org.example.other",)" + text.substr(1), "\xEF\xBB\xBF" + text}) {
        const auto skill = Skill::parse(broken);
        ASSERT_FALSE(skill) << broken;
        EXPECT_EQ(skill.error().code, SKL_E_MANIFEST_INVALID);
        EXPECT_EQ(skill.error().subject, "skill.json");
    }
}

// The members an author writes.

TEST_F(SkillTest, refuses_each_missing_member_by_its_pointer) {
    for (const auto &[name, value] : *document_.object()) {
        expect_refused(without("/" + name), "/" + name);
    }
    for (const char *member : {"/source/url", "/source/revision", "/authority/reads",
                               "/authority/emits", "/authority/requests"}) {
        expect_refused(without(member), member);
    }
}

TEST_F(SkillTest, refuses_each_member_of_another_type_by_its_pointer) {
    for (const auto &[name, value] : *document_.object()) {
        expect_refused(with("/" + name, nullptr), "/" + name);
    }
    expect_refused(json::Array{}, "");
}

TEST_F(SkillTest, refuses_unknown_members_wherever_they_are) {
    for (const std::string object :
         {"", "/source", "/authority", "/artifact", "/artifact/quantization", "/contract"}) {
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
    {"/schema", "2", "/schema", SKL_E_FORMAT_UNSUPPORTED},
    {"/schema", "0", "/schema", SKL_E_FORMAT_UNSUPPORTED},
    {"/schema", R"("1")", "/schema"},
    {"/id", R"("spam-filter")", "/id"},
    {"/version", R"("1.0")", "/version"},
    {"/version", R"("01.0.0")", "/version"},
    {"/title", R"("")", "/title"},
    {"/description", R"("")", "/description"},
    {"/license", R"("")", "/license"},
    {"/license", R"("free for all")", "/license"},
    {"/license", R"("MIT OR")", "/license"},
    {"/authors", R"(["a", 1])", "/authors/1"},
    {"/source/url", R"("")", "/source/url"},
    {"/source/digest", R"("")", "/source/digest"},
    {"/source/digest", R"("sha256:00")", "/source/digest"},
    {"/source/digest", "null", "/source/digest"},
    {"/owner", R"("")", "/owner"},
    {"/owner", "null", "/owner"},
    {"/extensions", "[]", "/extensions"},
    {"/extensions", R"({"mine": {"critical": false}})", "/extensions/mine"},
    {"/extensions", R"({"a/b.c": {"critical": false}})", "/extensions/a~1b.c"},
    {"/extensions", R"({"org.a.b": true})", "/extensions/org.a.b"},
    {"/extensions", R"({"org.a.b": {"more": 1}})", "/extensions/org.a.b/critical"},
    {"/extensions", R"({"org.a.b": {"critical": "no"}})", "/extensions/org.a.b/critical"},
    {"/extensions", R"({"org.a.b": {"critical": true}})", "/extensions/org.a.b",
     SKL_E_FORMAT_UNSUPPORTED},
    {"/authority/reads", "[]", "/authority/reads"},
    {"/authority/reads", R"(["text", "mail.body"])", "/authority/reads"},
    {"/authority/reads", R"(["text", "text"])", "/authority/reads"},
    {"/authority/emits", R"(["text"])", "/authority/emits"},
    {"/authority/requests", R"(["effect.mail.send"])", "/authority/requests",
     SKL_E_FORMAT_UNSUPPORTED},
    {"/contract/input/properties/text/x-skillet-class", R"("mail.body")", "/authority/reads"},
    {"/contract/limits/deadline_ms", "0", "/contract/limits/deadline_ms"},
    {"/contract/input/properties/text/format", R"("iri")", "/contract/input/properties/text/format",
     SKL_E_SCHEMA_REFUSED},
};

TEST_F(SkillTest, refuses_each_wrong_value_by_its_pointer) {
    for (const Refusal &row : refusals) {
        SCOPED_TRACE(std::string(row.change) + " = " + row.to);
        expect_refused(with(row.change, json_of(row.to)), row.subject, row.code);
    }
    expect_refused(with("/title", std::string(4097, 'a')), "/title");
    EXPECT_TRUE(check(with("/title", std::string(4096, 'a'))));
    EXPECT_TRUE(check(with("/source/digest", digest_.to_string())));
}

TEST_F(SkillTest, reads_who_owns_it_and_where_it_comes_from) {
    EXPECT_EQ(made(Skill::from_json(document_)).owner, "");
    Value document = with("/owner", "the mail team");
    set_member(document, "/authors", json::Array{"a", "b"});
    set_member(document, "/source", json_of(R"({"url": "https://a.example", "revision": "7"})"));
    set_member(document, "/source/digest", digest_.to_string());
    const Skill skill = made(Skill::from_json(document));
    EXPECT_EQ(skill.owner, "the mail team");
    EXPECT_EQ(skill.authors, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(skill.source.url, "https://a.example");
    EXPECT_EQ(skill.source.revision, "7");
    EXPECT_EQ(skill.source.digest, digest_);
    EXPECT_EQ(skill.license_expression.text(), "Apache-2.0");
}

TEST_F(SkillTest, keeps_extensions_it_does_not_know_unless_they_are_critical) {
    const Value document = with("/extensions", json_of(R"({
        "org.a.theme": {"critical": false, "colour": {"deep": [1, null]}},
        "org.b.c": {"critical": false}})"));
    EXPECT_EQ(made(Skill::parse(json::canonical(document))).json,
              json_of(json::canonical(document)));

    const Value critical = with("/extensions", json_of(R"({"org.a.b": {"critical": true}})"));
    const auto refused = check(critical);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("org.a.b"), std::string::npos);

    json::Object many;
    for (int i = 0; i < 65; ++i) {
        many.append("org.e" + std::to_string(i), json::Object{{"critical", false}});
    }
    expect_refused(with("/extensions", std::move(many)), "/extensions");
}

TEST_F(SkillTest, finds_the_classes_of_a_schema_at_any_depth) {
    Value document = with("/contract/input/properties/more", json_of(R"({"type": "array", "items":
                                      {"anyOf": [{"x-skillet-class": "mail.header"}]}})"));
    expect_refused(document, "/authority/reads");
    set_member(document, "/authority/reads", json::Array{"mail.header", "text"});
    EXPECT_TRUE(check(document));
}

TEST(SkillId, is_a_reverse_dns_name) {
    for (const std::string &id :
         {std::string("a.b"), std::string("org.skillet.spam-filter"), std::string("9.a-1"),
          std::string("a.b.c.d.e.f.g.h"), std::string(126, 'a') + ".b"}) {
        EXPECT_TRUE(is_skill_id(id)) << id;
    }
    for (const std::string &id :
         {std::string(), std::string("a"), std::string("."), std::string("a."), std::string(".a"),
          std::string("a..b"), std::string("A.b"), std::string("a_b.c"), std::string("-a.b"),
          std::string("a-.b"), std::string("a.b-"), std::string("a/b.c"), std::string("a.b\0", 4),
          std::string("a.\xc3\xa4"), std::string("a.b.c.d.e.f.g.h.i"),
          std::string(127, 'a') + ".b"}) {
        EXPECT_FALSE(is_skill_id(id)) << id;
    }
}

// The members derived from the model. Each has one case: a document that is well-formed, and wrong
// about that one fact.

struct Drift {
    const char *claim;  // as JSON
    Code code = SKL_E_MANIFEST_INVALID;
};

const std::string other_digest = '"' + sha256("other").to_string() + '"';

const std::map<std::string, Drift> drifts = {
    {"/artifact/role", {R"("tool")", SKL_E_FORMAT_UNSUPPORTED}},
    {"/artifact/digest", {other_digest.c_str()}},
    {"/artifact/bytes", {"1"}},
    {"/artifact/format", {R"("safetensors")"}},
    {"/artifact/format_version", {"2"}},
    {"/artifact/family", {R"("llama")"}},
    {"/artifact/quantization/label", {R"("Q8_0")"}},
    {"/artifact/quantization/tensor_types_digest", {other_digest.c_str()}},
    {"/artifact/parameters", {"10625"}},
    {"/tokenizer/id", {R"("bert/other")"}},
    {"/tokenizer/digest", {other_digest.c_str()}},
    {"/tokenizer/chat_template_digest", {other_digest.c_str()}},
    {"/engine/abi", {R"("skillet.engine/2")"}},
    {"/engine/architecture", {R"("llama")"}},
    {"/engine/features", {R"(["classify-head", "generate"])"}},
    {"/resources/estimate/formula", {R"("encoder/2")"}},
    {"/resources/estimate/weights_bytes", {"1"}},
    {"/resources/estimate/vocabulary_bytes", {"1"}},
    {"/resources/estimate/context_bytes", {"1"}},
};

// Pointers of everything below `pointer` that is no object; and of the objects, if asked for.
void collect(const Value &document, const std::string &pointer, bool objects,
             std::vector<std::string> &pointers) {
    const json::Object *object = json::resolve(document, pointer)->object();
    if ((object != nullptr) == objects) pointers.push_back(pointer);
    if (object == nullptr) return;
    for (const auto &[name, value] : *object) {
        collect(document, json::pointer_join(pointer, name), objects, pointers);
    }
}

std::vector<std::string> derived_pointers(const Value &document, bool objects) {
    std::vector<std::string> pointers;
    for (const char *member : derived_members) collect(document, member, objects, pointers);
    return pointers;
}

TEST_F(SkillTest, refuses_each_derived_member_that_drifts_from_the_bytes) {
    for (const std::string &pointer : derived_pointers(document_, false)) {
        const auto drift = drifts.find(pointer);
        ASSERT_NE(drift, drifts.end()) << pointer << " is derived: add a case for it";
        const Value claimed = json_of(drift->second.claim);
        expect_refused(with(pointer, claimed), pointer, drift->second.code);
    }
}

TEST_F(SkillTest, says_what_a_member_claims_and_what_the_bytes_say) {
    for (const auto &[pointer, drift] : drifts) {
        if (drift.code != SKL_E_MANIFEST_INVALID) continue;
        const auto checked = check(with(pointer, json_of(drift.claim)));
        ASSERT_FALSE(checked) << pointer;
        for (const Value &value : {json_of(drift.claim), *json::resolve(document_, pointer)}) {
            EXPECT_NE(checked.error().message.find(json::compact(value)), std::string::npos)
                << pointer << ": " << checked.error().message;
        }
        EXPECT_FALSE(checked.error().hint.empty());
    }
}

TEST_F(SkillTest, refuses_each_derived_member_that_is_missing) {
    for (const std::string &pointer : derived_pointers(document_, false)) {
        expect_refused(without(pointer), pointer);
    }
}

TEST_F(SkillTest, refuses_a_derived_member_that_the_model_does_not_have) {
    for (const std::string &object : derived_pointers(document_, true)) {
        expect_refused(with(object + "/surprise", "claimed"), object + "/surprise");
    }
    facts_.chat_template_digest.reset();
    expect_refused(document_, "/tokenizer/chat_template_digest");
}

TEST_F(SkillTest, refuses_labels_that_are_not_the_heads_in_its_order) {
    for (const char *labels :
         {R"(["spam", "ham"])", R"(["ham", "eggs"])", R"(["ham", "spam", "eggs"])"}) {
        Value document = with("/contract/labels", json_of(labels));
        set_member(document, "/contract/output/properties/label/enum",
                   json_of(R"(["ham", "spam", "eggs"])"));
        expect_refused(document, "/contract/labels");
    }
}

TEST_F(SkillTest, refuses_a_contract_that_needs_more_context_than_the_model_has) {
    Value document = with("/contract/limits/input_tokens", 15);
    derive_again(document, 17);
    expect_refused(document, "/contract/prepare");
}

TEST_F(SkillTest, estimates_more_memory_for_more_tokens) {
    Value document = with("/contract/prepare/0/tokens", 6);
    set_member(document, "/contract/limits/input_tokens", 6);
    expect_refused(document, "/resources/estimate/context_bytes");
    derive_again(document, 8);
    EXPECT_TRUE(check(document));

    const MemoryEstimate small = estimate_memory(facts_, bytes_, 8);
    const MemoryEstimate large = estimate_memory(facts_, bytes_, 16);
    EXPECT_EQ(small.weights_bytes, bytes_);
    EXPECT_LT(small.context_bytes, large.context_bytes);
    EXPECT_EQ(large.total(), large.weights_bytes + large.vocabulary_bytes + large.context_bytes);
}

// The members of a decoder.

class DecoderSkillTest : public ::testing::Test {
protected:
    DecoderSkillTest() {
        testing::DecoderShape shape;
        shape.context = 128;
        const MemorySource source(testing::tiny_decoder(shape).bytes(), "memory");
        const auto file = gguf::read(source);
        facts_ = *gguf::derive_facts(source, *file);
        testing::TempDir folder;
        const std::string path = testing::write_file(folder / "model.gguf", source_text(shape));
        document_ = testing::skill_document(path);
        digest_ = sha256(source_text(shape));
        bytes_ = source_text(shape).size();
    }
    static std::string source_text(const testing::DecoderShape &shape) {
        return testing::tiny_decoder(shape).bytes();
    }
    Result<void> check(const Value &document) const {
        SKL_TRY_ASSIGN(skill, Skill::from_json(document));
        return skill.check_against(facts_, digest_, bytes_);
    }
    std::string refusal(std::string_view pointer, std::string_view value) const {
        Value document = document_;
        set_member(document, pointer, json_of(value));
        const auto checked = check(document);
        return checked ? "accepted" : checked.error().subject;
    }

    gguf::Facts facts_;
    Value document_;
    Digest digest_;
    uint64_t bytes_ = 0;
};

TEST_F(DecoderSkillTest, is_what_init_writes) {
    EXPECT_TRUE(check(document_));
    EXPECT_EQ(facts_.begin_token, "<s>");
    EXPECT_EQ(facts_.end_token, "</s>");
    EXPECT_EQ(facts_.key_value_length, 16u);
    EXPECT_EQ(facts_.control_tokens.size(), 2u);
}

TEST_F(DecoderSkillTest, names_only_control_tokens_that_the_model_has) {
    EXPECT_EQ(refusal("/contract/continuation/end", R"("ab")"), "/contract/continuation/end");
    EXPECT_EQ(refusal("/contract/continuation/end", R"("<s>")"), "accepted");
    EXPECT_EQ(refusal("/contract/prompt", R"([{"control": "</S>"}, {"slot": "/text"}])"),
              "/contract/prompt/0/control");
}

TEST_F(DecoderSkillTest, says_its_formula_and_estimates_its_state) {
    EXPECT_EQ(refusal("/resources/estimate/formula", R"("encoder/1")"),
              "/resources/estimate/formula");
    EXPECT_EQ(refusal("/engine/features", R"(["classify-head"])"), "/engine/features");
    const uint64_t at_128 = estimate_memory(facts_, bytes_, 128).context_bytes;
    EXPECT_EQ(estimate_memory(facts_, bytes_, 255).context_bytes, at_128);
    EXPECT_GT(estimate_memory(facts_, bytes_, 256).context_bytes, at_128);
}

TEST_F(DecoderSkillTest, answers_by_continuation_and_a_head_does_not) {
    gguf::Facts with_head = facts_;
    with_head.labels = {"yes", "no"};
    const Skill skill = *Skill::from_json(document_);
    const auto claims = skill.compare_with(with_head, digest_, bytes_);
    const auto wrong = std::find_if(claims.begin(), claims.end(), [](const DerivedClaim &claim) {
        return claim.pointer == "/contract/continuation";
    });
    ASSERT_NE(wrong, claims.end());
    EXPECT_TRUE(wrong->error);
}

}  // namespace
}  // namespace skillet
