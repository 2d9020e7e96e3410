// SPDX-License-Identifier: Apache-2.0
// Whole packages in which every hash is right and one fact about the model is wrong. Each derived
// member has its case, and so has each way to be wrong about an optional one.
#include <map>

#include <gtest/gtest.h>

#include "package/verification.h"
#include "store/archive.h"
#include "testing/repack.h"
#include "testing/temp_dir.h"

namespace skillet {
namespace {

using testing::made;

struct Drift {
    const char *name;
    const char *member;
    const char *claim;                    // as JSON; null: the member is left out
    const char *claimed_text = nullptr;   // in the message; null: the claim
    const char *observed_text = nullptr;  // null: what the packed document says
    bool has_template = true;             // the model has a chat template
    Code code = SKL_E_MANIFEST_INVALID;
};

constexpr const char *other =
    R"("sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff")";

constexpr Drift drifts[] = {
    {"artifact_role", "/artifact/role", R"("weights")", "weights", "", true,
     SKL_E_FORMAT_UNSUPPORTED},
    {"artifact_digest", "/artifact/digest", other, "sha256:00112233"},
    {"artifact_bytes", "/artifact/bytes", "12345"},
    {"artifact_format", "/artifact/format", R"("safetensors")"},
    {"artifact_format_version", "/artifact/format_version", "2"},
    {"artifact_family", "/artifact/family", R"("llama")"},
    {"quantization_label", "/artifact/quantization/label", R"("Q4_K_M")"},
    {"quantization_tensor_types_digest", "/artifact/quantization/tensor_types_digest", other},
    {"parameters", "/artifact/parameters", "7000000000"},
    {"tokenizer_id", "/tokenizer/id", R"("bpe/llama-bpe")"},
    {"tokenizer_digest", "/tokenizer/digest", other},
    {"chat_template_digest_that_is_wrong", "/tokenizer/chat_template_digest", other},
    {"chat_template_digest_that_is_left_out", "/tokenizer/chat_template_digest", nullptr, "null"},
    {"chat_template_digest_without_a_template", "/tokenizer/chat_template_digest", other, nullptr,
     "which the model does not have", false},
    {"engine_abi", "/engine/abi", R"("skillet.engine/2")"},
    {"engine_architecture", "/engine/architecture", R"("llama")"},
    {"engine_features", "/engine/features", R"(["classify-head","generate"])"},
    {"resources_formula", "/resources/estimate/formula", R"("decoder/1")"},
    {"resources_weights_bytes", "/resources/estimate/weights_bytes", "1"},
    {"resources_vocabulary_bytes", "/resources/estimate/vocabulary_bytes", "1"},
    {"resources_context_bytes", "/resources/estimate/context_bytes", "1"},
    {"contract_labels", "/contract/labels", R"(["spam","ham"])", "spam, ham", "ham, spam"},
    {"authority_reads", "/authority/reads", R"(["mail.body"])", "mail.body", "text"},
    {"authority_reads_too_little", "/authority/reads", "[]", "[]", "[text]"},
    {"authority_emits", "/authority/emits", R"(["label","effect.mail.send"])",
     "label, effect.mail.send", "[label]"},
};

class DriftTest : public ::testing::TestWithParam<Drift> {
protected:
    DriftTest() {
        auto writer = testing::tiny_classifier();
        if (GetParam().has_template) writer.string("tokenizer.chat_template", "never rendered");
        const std::string model = testing::write_file(folder_ / "model.gguf", writer.bytes());
        document_ = testing::skill_document(model);
        packed_ = testing::pack_skill(folder_.path(), model, document_);
    }

    [[nodiscard]] std::string drifted() const {
        return testing::repack_skill(packed_, folder_ / "drifted.skill", [](json::Value &document) {
            const Drift &drift = GetParam();
            if (drift.claim == nullptr) return testing::erase_member(document, drift.member);
            testing::set_member(document, drift.member, testing::json_of(drift.claim));
        });
    }

    static Report examine(const std::string &path) {
        const Archive archive = made(Archive::open(made(FileSlice::open(path))));
        return made(examine_package(archive, made(only_package(archive))));
    }

    testing::TempDir folder_;
    json::Value document_;
    std::string packed_;
};

TEST_P(DriftTest, is_refused_by_member_claim_and_observation) {
    const Drift &drift = GetParam();
    const Report sound = examine(packed_);
    ASSERT_TRUE(sound.holds()) << sound.first_failure()->message;

    const Report report = examine(drifted());
    for (const Check &check : report.checks) {
        EXPECT_NE(check.group == CheckGroup::integrity && check.result == CheckResult::fail, true)
            << "every hash is right: " << check.finding;
    }
    const Error *error = report.first_failure();
    ASSERT_NE(error, nullptr) << "accepted";
    EXPECT_EQ(error->code, drift.code) << error->message;
    EXPECT_EQ(error->subject, drift.member) << error->message;

    std::string observed = drift.observed_text != nullptr ? drift.observed_text : "";
    if (drift.observed_text == nullptr) {
        const json::Value &value = testing::member_at(document_, drift.member);
        observed = value.string() != nullptr ? *value.string() : json::canonical(value);
    }
    for (const std::string &text :
         {std::string(drift.claimed_text != nullptr ? drift.claimed_text : drift.claim),
          observed}) {
        EXPECT_NE(error->message.find(text), std::string::npos) << text << " in " << error->message;
    }
}

INSTANTIATE_TEST_SUITE_P(Members, DriftTest, ::testing::ValuesIn(drifts),
                         [](const auto &drift) { return std::string(drift.param.name); });

// Every derived member of a document has a case above.
TEST(Drift, has_a_case_for_each_derived_member) {
    const testing::TempDir folder;
    auto writer = testing::tiny_classifier();
    writer.string("tokenizer.chat_template", "never rendered");
    const std::string model = testing::write_file(folder / "model.gguf", writer.bytes());
    const json::Value document = testing::skill_document(model);

    std::map<std::string, int> cases;
    for (const Drift &drift : drifts) ++cases[drift.member];
    const auto visit = [&](const auto &self, const std::string &pointer) -> void {
        const json::Object *object = json::resolve(document, pointer)->object();
        if (object == nullptr) {
            EXPECT_GT(cases[pointer], 0) << pointer;
            return;
        }
        for (const auto &[name, value] : *object) self(self, pointer + "/" + name);
    };
    for (const char *member : {"/artifact", "/tokenizer", "/engine", "/resources"}) {
        visit(visit, member);
    }
}

}  // namespace
}  // namespace skillet
