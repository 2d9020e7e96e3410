// SPDX-License-Identifier: Apache-2.0
// The shipped skill against its own training code: for 200 mails, the recipe wrote the token ids
// and the F32 logits that it computed without the engine. The engine must give the same.
#include <cmath>
#include <fstream>

#include <gtest/gtest.h>

#include "engine_llama/engine_llama.h"
#include "json/parse.h"
#include "package/package.h"
#include "schema/schema.h"
#include "store/archive.h"

namespace skillet {
namespace {

const std::string folder = SKILLET_SOURCE_DIR "/skills/spam-filter/";

json::Value parse(const std::string &text) {
    auto value = json::parse(text, SKL_E_INPUT_SYNTAX, "test");
    EXPECT_TRUE(value) << value.error().message;
    return *std::move(value);
}

const json::Value &member(const json::Value &object, const char *name) {
    return *object.object()->find(name);
}

struct Mail {
    std::string id;
    std::string text;
    std::vector<TokenId> tokens;
    std::vector<double> logits;
};

class Reference : public ::testing::Test {
protected:
    void SetUp() override {
        auto file = FileSlice::open(SKILLET_SHIPPED_PACKAGE);
        ASSERT_TRUE(file) << file.error().message;
        auto archive = Archive::open(*file);
        ASSERT_TRUE(archive) << archive.error().message;
        archive_.emplace(*std::move(archive));
        auto package = read_package(*archive_, *only_package(*archive_));
        ASSERT_TRUE(package) << package.error().message << package.error().subject;
        package_.emplace(*std::move(package));
        engine_ = *create_llama_engine();
        read_mails();
    }

    void read_mails() {
        std::ifstream stream(folder + "reference/mails.jsonl");
        size_t number = 0;
        for (std::string line; std::getline(stream, line);) {
            if (number++ % SKILLET_MAIL_STEP != 0) continue;
            const json::Value row = parse(line);
            Mail mail;
            mail.id = *member(row, "id").string();
            mail.text = *package_->skill.contract.render(member(row, "input"));
            for (const json::Value &id : *member(row, "token_ids").array()) {
                mail.tokens.push_back(static_cast<TokenId>(*id.integer()));
            }
            for (const json::Value &logit : *member(row, "logits").array()) {
                mail.logits.push_back(logit.number());
            }
            mails_.push_back(std::move(mail));
        }
    }

    std::vector<TokenId> admitted(const EngineModel &model, const Mail &mail) const {
        std::vector<TokenId> tokens = *model.tokenize(mail.text);
        const auto keep = package_->skill.contract.prepare().truncate_tokens;
        if (keep && tokens.size() > *keep) tokens.resize(*keep);
        return tokens;
    }

    // The mean over the windows, in double.
    std::vector<double> logits(EngineContext &context, const std::vector<TokenId> &tokens) const {
        std::vector<double> sum(2, 0.0);
        const auto parts = windows(tokens, *package_->skill.contract.prepare().window);
        for (const auto part : *parts) {
            const auto one = context.classify(part, {});
            for (size_t i = 0; i < sum.size(); ++i) {
                sum[i] += double{(*one)[i]} / static_cast<double>(parts->size());
            }
        }
        return sum;
    }

    std::optional<Archive> archive_;
    std::optional<Package> package_;
    std::unique_ptr<Engine> engine_;
    std::vector<Mail> mails_;
};

TEST_F(Reference, the_engine_gives_the_recipes_token_ids_and_f32_logits) {
    const auto model = *engine_->load(*FileSlice::open(folder + "reference/model-f32.gguf"));
    const auto context = *model->create_context(package_->skill.contract.context_tokens());
    ASSERT_EQ(mails_.size(), 200u / SKILLET_MAIL_STEP);
    double largest = 0;
    for (const Mail &mail : mails_) {
        const std::vector<TokenId> tokens = admitted(*model, mail);
        ASSERT_EQ(tokens, mail.tokens) << mail.id;
        const std::vector<double> ours = logits(*context, tokens);
        for (size_t i = 0; i < ours.size(); ++i) {
            largest = std::max(largest, std::abs(ours[i] - mail.logits[i]));
            EXPECT_NEAR(ours[i], mail.logits[i], 1e-3) << mail.id;
        }
    }
    RecordProperty("largest_difference", std::to_string(largest));
}

TEST_F(Reference, quantisation_moves_logits_little_and_flips_only_undecided_mails) {
    const auto model = *engine_->load(*archive_->open(package_->artifact.digest));
    const auto context = *model->create_context(package_->skill.contract.context_tokens());
    for (const Mail &mail : mails_) {
        const std::vector<double> ours = logits(*context, admitted(*model, mail));
        const double margin = mail.logits[1] - mail.logits[0];
        const double shipped = ours[1] - ours[0];
        EXPECT_NEAR(shipped, margin, 0.3) << mail.id;
        if (std::abs(margin) > 0.3) {
            EXPECT_EQ(shipped > 0, margin > 0) << mail.id;
        }
    }
}

TEST_F(Reference, the_published_schema_admits_the_shipped_skill_json) {
    auto file = FileSlice::open(SKILLET_SOURCE_DIR "/docs/formats/skill.schema.json");
    const json::Value document = parse(*read_all(*file, document_bytes_max));
    const auto schema = Schema::compile(document, "");
    ASSERT_TRUE(schema) << schema.error().message << schema.error().subject;
    const auto valid = schema->validate(package_->skill.json, SKL_E_MANIFEST_INVALID);
    EXPECT_TRUE(valid) << valid.error().message << valid.error().subject;
    json::Value surprising = package_->skill.json;
    surprising.object()->set("surprise", 1);
    EXPECT_FALSE(schema->validate(surprising, SKL_E_MANIFEST_INVALID));
}

TEST_F(Reference, the_shipped_package_is_calibrated_and_evaluated) {
    EXPECT_TRUE(package_->calibration);
    EXPECT_STREQ(package_->evidence_status(), "evaluated");
}

}  // namespace
}  // namespace skillet
