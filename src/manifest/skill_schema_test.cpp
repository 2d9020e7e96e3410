// SPDX-License-Identifier: Apache-2.0
// The published schema and the parser agree: what the schema refuses, the parser refuses. (The
// parser refuses more: a schema cannot compare a claim with the model's bytes.)
#include <gtest/gtest.h>

#include "schema/schema.h"
#include "testing/skill_builder.h"
#include "testing/temp_dir.h"

namespace skillet {
namespace {

using json::Value;
using testing::json_of;
using testing::made;

std::string read_text(const std::string &path) {
    return made(read_all(made(FileSlice::open(SKILLET_SOURCE_DIR + path)), 1u << 20));
}

class SkillSchemaTest : public ::testing::Test {
protected:
    SkillSchemaTest() {
        auto writer = testing::tiny_classifier();
        writer.string("tokenizer.chat_template", "never rendered");
        const std::string path = testing::write_file(folder_ / "model.gguf", writer.bytes());
        plain_ = testing::skill_document(path);
        const FileSlice model = made(FileSlice::open(path));
        facts_ = made(inspect_model(model));
        digest_ = made(sha256(model));
        bytes_ = model.size();
        full_ = with_every_member(plain_);
    }

    // Every member there is, in each of its forms.
    [[nodiscard]] Value with_every_member(Value document) const {
        const std::string pin = '"' + digest_.to_string() + '"';
        const auto set = [&](const char *pointer, const std::string &text) {
            testing::set_member(document, pointer, json_of(text));
        };
        set("/authors", R"(["a", "b"])");
        set("/owner", R"("the team")");
        set("/license", R"json("MIT OR (Apache-2.0 AND LicenseRef-mine)")json");
        set("/source/digest", pin);
        set("/depends", R"([{"id": "org.a.b", "range": "^1"},
                            {"id": "org.a.c", "range": "*", "digest": )" +
                            pin + "}]");
        set("/conflicts", R"([{"id": "org.a.d", "range": "<2"}])");
        set("/replaces", R"({"id": "org.a.e", "range": "1.0.0", "digest": )" + pin + "}");
        set("/extensions", R"({"org.a.b": {"critical": false, "more": [1]}})");
        set("/contract/prompt", R"([{"literal": "a "}, {"slot": "/text"}])");
        set("/contract/prepare", R"([{"step": "strip-html@1", "members": ["/text"]},
                                     {"step": "truncate@1", "tokens": 14},
                                     {"step": "window@1", "size": 10, "stride": 4, "max": 4,
                                      "combine": "mean-logits"}])");
        for (const char *member : {"artifact", "tokenizer", "engine", "resources"}) {
            document.object()->erase(member);
        }
        add_derived_members(document, facts_, digest_, bytes_, 10);
        return document;
    }

    [[nodiscard]] bool schema_admits(const Value &document) const {
        return schema_.validate(document, SKL_E_MANIFEST_INVALID).has_value();
    }
    // Reads the document and compares it with the model.
    [[nodiscard]] Result<void> parse(const Value &document) const {
        SKL_TRY_ASSIGN(skill, Skill::from_json(document));
        return skill.check_against(facts_, digest_, bytes_);
    }

    // Refused by neither, by the parser alone, by both; never by the schema alone.
    void compare(const Value &document, const std::string &change) {
        const bool admitted = schema_admits(document);
        const auto parsed = parse(document);
        EXPECT_FALSE(!admitted && parsed) << "only the schema refuses " << change;
        refused_by_schema_ += !admitted;
        refused_by_parser_ += !parsed;
    }

    const Schema schema_ =
        made(Schema::compile(json_of(read_text("/docs/formats/skill.schema.json")), ""));
    testing::TempDir folder_;
    gguf::Facts facts_;
    Digest digest_;
    uint64_t bytes_ = 0;
    Value plain_;
    Value full_;
    int refused_by_schema_ = 0;
    int refused_by_parser_ = 0;
};

// Pointers of all values below, the document itself left out.
void collect(const Value &value, const std::string &pointer, std::vector<std::string> &pointers) {
    if (!pointer.empty()) pointers.push_back(pointer);
    if (const json::Object *object = value.object()) {
        for (const auto &[name, member] : *object) {
            collect(member, json::pointer_join(pointer, name), pointers);
        }
    } else if (const json::Array *array = value.array()) {
        for (size_t i = 0; i < array->size(); ++i) {
            collect((*array)[i], pointer + "/" + std::to_string(i), pointers);
        }
    }
}

std::vector<Value> other_values() {
    std::vector<Value> values;
    for (const char *text : {"null",
                             "true",
                             "false",
                             "-1",
                             "0",
                             "1",
                             "2",
                             "0.5",
                             "1e300",
                             "9007199254740993",
                             R"("")",
                             R"("a")",
                             R"("/")",
                             R"("org.a.b")",
                             R"("1.0.0")",
                             "[]",
                             "[1]",
                             R"(["a"])",
                             R"(["a", "a"])",
                             R"([{"a": 1}])",
                             "{}",
                             R"({"a": 1})",
                             R"({"critical": true})"}) {
        values.push_back(json_of(text));
    }
    values.emplace_back(std::string(5000, 'a'));
    values.emplace_back(json::Array(2000, Value("a")));
    values.emplace_back(sha256("other").to_string());
    return values;
}

TEST_F(SkillSchemaTest, admits_what_the_parser_admits) {
    for (const Value *document : {&plain_, &full_}) {
        const auto parsed = parse(*document);
        EXPECT_TRUE(parsed) << parsed.error().subject << ": " << parsed.error().message;
        const auto valid = schema_.validate(*document, SKL_E_MANIFEST_INVALID);
        EXPECT_TRUE(valid) << valid.error().subject << ": " << valid.error().message;
    }
}

TEST_F(SkillSchemaTest, refuses_nothing_that_the_parser_admits) {
    const std::vector<Value> values = other_values();
    for (const Value *original : {&plain_, &full_}) {
        std::vector<std::string> pointers;
        collect(*original, "", pointers);
        for (const std::string &pointer : pointers) {
            for (const Value &value : values) {
                Value document = *original;
                testing::member_at(document, pointer) = value;
                compare(document, pointer + " = " + json::compact(value).substr(0, 60));
            }
            Value more = *original;
            if (json::Object *object = testing::member_at(more, pointer).object()) {
                object->set("surprise", 1);
                compare(more, pointer + " with a surprise");
            }
            Value less = *original;
            const size_t slash = pointer.rfind('/');
            json::Object *holder = testing::member_at(less, pointer.substr(0, slash)).object();
            if (holder == nullptr) continue;
            holder->erase(pointer.substr(slash + 1));
            compare(less, "no " + pointer);
        }
    }
    EXPECT_GT(refused_by_schema_, 3000) << "the schema hardly says anything";
    EXPECT_GT(refused_by_parser_, refused_by_schema_);
}

}  // namespace
}  // namespace skillet
