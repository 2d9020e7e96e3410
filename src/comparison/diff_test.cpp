// SPDX-License-Identifier: Apache-2.0
// Each kind of change is found and gets the step it deserves; nothing changes unnoticed.
#include "comparison/diff.h"

#include <functional>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "testing/describe.h"
#include "testing/skill_builder.h"
#include "testing/temp_dir.h"

namespace skillet {
namespace {

using json::Value;
using testing::json_of;
using testing::made;
using testing::set_member;

class DiffTest : public ::testing::Test {
protected:
    DiffTest()
        : model_(testing::write_classifier_model(folder_ / "model.gguf")),
          document_(testing::skill_document(model_)),
          package_(open(testing::pack_skill(folder_.path(), model_, document_))) {}

    static Side open(const std::string &path) { return made(Side::open(path, {})); }

    // The package with another skill.json, whether or not its model fits.
    [[nodiscard]] Side with(const std::function<void(Value &)> &change) const {
        Value document = document_;
        change(document);
        Side side = package_;
        side.package->skill = made(Skill::from_json(document));
        return side;
    }
    [[nodiscard]] Side with(const char *pointer, const char *value) const {
        return with([&](Value &document) { set_member(document, pointer, json_of(value)); });
    }
    [[nodiscard]] static std::set<std::string> rules(const Side &from, const Side &to) {
        std::set<std::string> names;
        for (const Change &change : made(compare_packages(from, to, {})).changes) {
            names.insert(row_of(change.rule).name);
        }
        return names;
    }
    [[nodiscard]] std::set<std::string> rules(const Side &to) const { return rules(package_, to); }

    testing::TempDir folder_;
    std::string model_;
    Value document_;
    Side package_;
};

using Names = std::set<std::string>;

TEST_F(DiffTest, a_package_does_not_differ_from_itself) {
    const Diff diff = made(compare_packages(package_, package_, {}));
    EXPECT_TRUE(diff.changes.empty());
    EXPECT_EQ(diff.deserved, Step::none);
    EXPECT_TRUE(diff.enough);
}

struct MemberChange {
    const char *pointer;
    const char *value;
    const char *rule;
    const char *back;  // the rule of the opposite change
};

const std::string other_digest = '"' + sha256("other").to_string() + '"';

const MemberChange member_changes[] = {
    {"/id", R"("org.example.other")", "id", "id"},
    {"/title", R"("another")", "words", "words"},
    {"/description", R"("another")", "words", "words"},
    {"/authors", R"(["a"])", "words", "words"},
    {"/owner", R"("somebody")", "words", "words"},
    {"/license", R"("MIT")", "license", "license"},
    {"/source/url", R"("https://example.org")", "words", "words"},
    {"/artifact/format_version", "2", "engine", "engine"},
    {"/artifact/family", R"("llama")", "engine", "engine"},
    {"/artifact/quantization/label", R"("Q8_0")", "model", "model"},
    {"/artifact/parameters", "1", "model", "model"},
    {"/artifact/bytes", "1", "model", "model"},
    {"/tokenizer/id", R"("bert/other")", "tokenizer", "tokenizer"},
    {"/tokenizer/digest", other_digest.c_str(), "tokenizer", "tokenizer"},
    {"/tokenizer/chat_template_digest", other_digest.c_str(), "chat-template", "chat-template"},
    {"/engine/features", R"(["classify-head", "more"])", "engine", "engine"},
    {"/engine/abi", R"("skillet.engine/2")", "engine", "engine"},
    {"/contract/domain/supported", R"("letters")", "words", "words"},
    {"/contract/prepare", "[]", "prepare", "prepare"},
    {"/contract/prompt", R"([{"literal": "a: "}, {"slot": "/text"}])", "prompt", "prompt"},
    {"/contract/limits/input_bytes", "100", "limit-admits-less", "limit-admits-more"},
    {"/contract/limits/deadline_ms", "100", "limit-admits-less", "limit-admits-more"},
    {"/contract/limits/output_bytes", "100", "output-limit-lower", "output-limit-higher"},
    {"/contract/confidence/abstain_below", "0.5", "abstains-first", "abstains"},
    {"/contract/input/properties/text/maxLength", "100", "input-unproven", "input-wider"},
    {"/contract/input/properties/text/title", R"("the text")", "input-words", "input-words"},
    {"/contract/output/properties/label/enum", R"(["ham", "spam", "eggs"])", "output-unproven",
     "output-narrower"},
    {"/contract/output/title", R"("the answer")", "output-words", "output-words"},
    {"/resources/estimate/context_bytes", "99999999", "memory-more", "memory"},
    {"/depends", R"([{"id": "org.example.other", "range": "^1"}])", "depends-stricter",
     "depends-looser"},
    {"/conflicts", R"([{"id": "org.example.other", "range": "^1"}])", "conflicts-more",
     "conflicts-fewer"},
    {"/replaces", R"({"id": "org.example.other", "range": "^1"})", "replaces", "replaces"},
    {"/extensions", R"({"org.example.more": {"critical": false}})", "extension", "extension"},
};

TEST_F(DiffTest, each_change_of_a_member_falls_under_its_rule_in_both_directions) {
    for (const MemberChange &row : member_changes) {
        const Side other = with(row.pointer, row.value);
        EXPECT_EQ(rules(package_, other), Names{row.rule}) << row.pointer;
        EXPECT_EQ(rules(other, package_), Names{row.back}) << row.pointer;
    }
}

TEST_F(DiffTest, labels_that_come_go_or_move_are_told_apart) {
    const auto labels = [&](const char *text) {
        return with([&](Value &document) {
            set_member(document, "/contract/output/properties/label/enum",
                       json_of(R"(["ham", "spam", "eggs"])"));
            set_member(document, "/contract/labels", json_of(text));
        });
    };
    const Side before = labels(R"(["ham", "spam"])");
    EXPECT_EQ(rules(before, labels(R"(["ham", "spam", "eggs"])")), Names{"label-added"});
    EXPECT_EQ(rules(labels(R"(["ham", "spam", "eggs"])"), before), Names{"label-removed"});
    EXPECT_EQ(rules(before, labels(R"(["spam", "ham"])")), Names{"label-order"});
    EXPECT_EQ(rules(before, labels(R"(["ham", "eggs"])")), (Names{"label-added", "label-removed"}));
}

TEST_F(DiffTest, authority_that_grows_is_major_and_that_shrinks_is_not) {
    const Side other = with([](Value &document) {
        set_member(document, "/contract/input/properties/more",
                   json_of(R"({"x-skillet-class": "mail.body"})"));
        set_member(document, "/authority/reads", json_of(R"(["text", "mail.body"])"));
    });
    EXPECT_EQ(rules(package_, other), (Names{"authority-wider", "input-wider"}));
    EXPECT_EQ(rules(other, package_), (Names{"authority-narrower", "input-unproven"}));
    EXPECT_EQ(made(compare_packages(package_, other, {})).deserved, Step::major);
}

TEST_F(DiffTest, a_member_that_no_rule_knows_counts_as_harmful) {
    const auto unknown = [&](const char *object, const char *name) {
        Side side = package_;
        const_cast<json::Object *>(json::resolve(side.package->skill.json, object)->object())
            ->set(name, "new");
        return side;
    };
    EXPECT_EQ(rules(unknown("", "surprise")), Names{"other"});
    EXPECT_EQ(rules(unknown("/contract", "surprise")), Names{"other"});
    EXPECT_EQ(rules(unknown("/contract/limits", "surprise")), Names{"other"});
    EXPECT_EQ(rules(unknown("/tokenizer", "surprise")), Names{"other"});
    EXPECT_EQ(rules(unknown("/engine", "surprise")), Names{"other"});
}

TEST_F(DiffTest, every_member_of_a_document_is_known) {
    // Whatever leaf is replaced, some rule sees it, and it is not the last resort.
    const std::function<void(const Value &, const std::string &)> visit =
        [&](const Value &value, const std::string &pointer) {
            const json::Object *object = value.object();
            const bool is_schema = pointer == "/contract/input" || pointer == "/contract/output";
            if (object != nullptr && !object->empty() && !is_schema) {
                for (const auto &[name, member] : *object) visit(member, pointer + "/" + name);
                return;
            }
            if (pointer == "/version" || pointer == "/contract/labels" || is_schema) return;
            Side side = package_;
            Value changed = value.integer() != nullptr ? Value(*value.integer() + 1)
                            : value.array() != nullptr ? Value(json::Array{"surprise"})
                                                       : Value("surprise");
            *const_cast<Value *>(json::resolve(side.package->skill.json, pointer)) = changed;
            const Names found = rules(side);
            EXPECT_FALSE(found.empty()) << pointer << " may change unnoticed";
            EXPECT_EQ(found.contains("other"), pointer == "/schema") << pointer;
        };
    visit(document_, "");
}

TEST_F(DiffTest, a_critical_extension_is_major) {
    Side side = package_;
    const_cast<json::Object *>(side.package->skill.json.object())
        ->set("extensions", json_of(R"({"org.example.more": {"critical": true}})"));
    EXPECT_EQ(rules(side), Names{"extension-critical"});
}

TEST_F(DiffTest, an_adapters_own_members_have_rules) {
    const NamedBase base = testing::named_base(model_);
    const std::string adapter = testing::write_adapter(folder_ / "adapter.gguf");
    const Value document = testing::adapter_document(adapter, base);
    const Side before = open(testing::pack_skill(folder_.path(), adapter, document, {}, &base));
    const auto changed = [&](const char *pointer, const char *value) {
        Value other = document;
        set_member(other, pointer, json_of(value));
        Side side = before;
        side.package->skill = made(Skill::from_json(other));
        return rules(before, side);
    };
    EXPECT_EQ(changed("/adapter/base/id", R"("org.example.other")"), Names{"adapter-base-name"});
    EXPECT_EQ(changed("/adapter/base/version", R"("2.0.0")"), Names{"adapter-base-name"});
    EXPECT_EQ(changed("/adapter/base/digest", other_digest.c_str()), Names{"adapter-base"});
    EXPECT_EQ(changed("/adapter/rank", "8"), Names{"adapter"});
    EXPECT_EQ(changed("/adapter/alpha", "1"), Names{"adapter"});
    EXPECT_EQ(changed("/adapter/abi", R"("skillet.adapter/2")"), Names{"engine"});
    EXPECT_TRUE(rules(package_, before).contains("role"));
}

TEST_F(DiffTest, tensors_are_compared_by_name_type_shape_and_bytes) {
    testing::GgufWriter writer = testing::tiny_classifier();
    writer.tensor_at("cls.bias").data[5] ^= 1;
    writer.tensor("cls.output.weight", {32, 2}, 1);
    writer.tensor("cls.output.bias", {3});
    writer.remove_tensor("token_types.weight");
    writer.tensor("new.weight", {32});
    Side other = open(testing::write_file(folder_ / "other.gguf", writer.bytes()));
    other.package = package_.package;
    const Diff diff = made(compare_packages(package_, other, {}));
    std::map<std::string, std::string> found;
    for (const Change &change : diff.changes) found[change.subject] = row_of(change.rule).name;
    EXPECT_EQ(found, (std::map<std::string, std::string>{{"cls.bias", "tensor-values"},
                                                         {"cls.output.weight", "tensor-type"},
                                                         {"cls.output.bias", "tensor-shape"},
                                                         {"token_types.weight", "tensor-removed"},
                                                         {"new.weight", "tensor-added"}}));
    EXPECT_EQ(diff.deserved, Step::minor);
}

TEST_F(DiffTest, lists_so_many_tensors_and_counts_the_others) {
    testing::GgufWriter writer = testing::tiny_classifier();
    for (int i = 0; i < 300; ++i) writer.tensor("t" + std::to_string(i), {1});
    Side other = open(testing::write_file(folder_ / "other.gguf", writer.bytes()));
    other.package = package_.package;
    const Diff diff = made(compare_packages(package_, other, {}));
    EXPECT_EQ(diff.changes.size(), tensors_listed_max);
    EXPECT_EQ(diff.tensors_left_out, 300 - tensors_listed_max);
}

TEST_F(DiffTest, calibration_that_comes_goes_or_changes) {
    const auto calibrated = [&](double temperature) {
        return open(testing::pack_skill(folder_.path(), model_, document_,
                                        {testing::calibration_document(document_, temperature)}));
    };
    const Side one = calibrated(1.5);
    const Side other = calibrated(2.5);
    EXPECT_EQ(rules(package_, one), Names{"calibration-added"});
    EXPECT_EQ(rules(one, package_), Names{"calibration-removed"});
    EXPECT_EQ(rules(one, other), Names{"calibration"});
}

TEST_F(DiffTest, evidence_and_files_for_people_deserve_a_patch) {
    const Side evaluated = open(testing::pack_skill(folder_.path(), model_, document_,
                                                    {testing::evidence_document(document_)}));
    EXPECT_EQ(rules(package_, evaluated), Names{"evidence"});
    EXPECT_EQ(made(compare_packages(package_, evaluated, {})).deserved, Step::patch);

    Side documented = package_;
    Descriptor readme = testing::describe("words");
    readme.annotations.emplace(annotation_filepath, "README.md");
    documented.package->manifest.layers.push_back(readme);
    EXPECT_EQ(rules(documented), Names{"documents"});
}

TEST_F(DiffTest, says_whether_the_step_that_was_taken_is_enough) {
    const auto judged = [&](const char *version, const char *pointer, const char *value) {
        const Side other = with([&](Value &document) {
            set_member(document, "/version", version);
            set_member(document, pointer, json_of(value));
        });
        return made(compare_packages(package_, other, {}));
    };
    EXPECT_TRUE(judged("1.0.1", "/title", R"("x")").enough);
    EXPECT_FALSE(judged("1.0.1", "/contract/prompt", R"([{"literal": "x"}])").enough);
    EXPECT_TRUE(judged("1.1.0", "/contract/prompt", R"([{"literal": "x"}])").enough);
    EXPECT_FALSE(judged("1.1.0", "/contract/limits/input_bytes", "9").enough);
    EXPECT_TRUE(judged("2.0.0", "/contract/limits/input_bytes", "9").enough);
    EXPECT_FALSE(judged("1.0.0", "/title", R"("x")").enough);
    const Diff older = judged("0.9.0", "/title", R"("x")");
    EXPECT_EQ(older.taken, TakenStep::backwards);
    EXPECT_FALSE(older.enough);
}

TEST_F(DiffTest, a_model_file_has_no_version_to_compare) {
    const auto diff = compare_packages(package_, open(model_), {});
    ASSERT_FALSE(diff);
    EXPECT_EQ(diff.error().code, SKL_E_INVALID_ARGUMENT);
    EXPECT_EQ(diff.error().subject, model_);
}

}  // namespace
}  // namespace skillet
