// SPDX-License-Identifier: Apache-2.0
// The skills that ship against their own training code: for some hundred texts, each recipe wrote
// the token ids and the F32 logits that it computed without the engine. The engine must give the
// same.
#include <algorithm>
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

// A skill, and how far its logits may be from the recipe's.
struct Shipped {
    const char *name;
    const char *package;
    const char *texts;
    size_t count;
    double f32_tolerance;
    double quantised_tolerance;

    [[nodiscard]] std::string path(const std::string &file) const {
        return std::string(SKILLET_SOURCE_DIR "/skills/") + name + "/" + file;
    }
};

constexpr Shipped shipped[] = {
    {"spam-filter", "org.skillet.spam-filter-1.0.0.skill", "mails.jsonl", 200, 1e-3, 0.15},
    {"language-id", "org.skillet.language-id-1.0.0.skill", "texts.jsonl", 303, 3e-3, 0.15}};

json::Value parse(const std::string &text) {
    auto value = json::parse(text, SKL_E_INPUT_SYNTAX, "test");
    EXPECT_TRUE(value) << value.error().message;
    return *std::move(value);
}

const json::Value &member(const json::Value &object, const char *name) {
    return *object.object()->find(name);
}

struct Text {
    std::string id;
    std::string text;
    std::vector<TokenId> tokens;
    std::vector<double> logits;
};

size_t best(const std::vector<double> &logits) {
    return static_cast<size_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

// How far the best is ahead of the second best.
double margin(std::vector<double> logits) {
    std::partial_sort(logits.begin(), logits.begin() + 2, logits.end(), std::greater<>());
    return logits[0] - logits[1];
}

class Reference : public ::testing::TestWithParam<Shipped> {
protected:
    void SetUp() override {
        auto file = FileSlice::open(GetParam().path(GetParam().package));
        ASSERT_TRUE(file) << file.error().message;
        auto archive = Archive::open(*file);
        ASSERT_TRUE(archive) << archive.error().message;
        archive_.emplace(*std::move(archive));
        auto package = read_package(*archive_, *only_package(*archive_));
        ASSERT_TRUE(package) << package.error().message << package.error().subject;
        package_.emplace(*std::move(package));
        engine_ = *create_llama_engine();
        read_texts();
    }

    void read_texts() {
        std::ifstream stream(GetParam().path(std::string("reference/") + GetParam().texts));
        size_t number = 0;
        for (std::string line; std::getline(stream, line);) {
            if (number++ % SKILLET_TEXT_STEP != 0) continue;
            const json::Value row = parse(line);
            Text text;
            text.id = *member(row, "id").string();
            text.text = *package_->skill.contract.render(member(row, "input"));
            for (const json::Value &id : *member(row, "token_ids").array()) {
                text.tokens.push_back(static_cast<TokenId>(*id.integer()));
            }
            for (const json::Value &logit : *member(row, "logits").array()) {
                text.logits.push_back(logit.number());
            }
            texts_.push_back(std::move(text));
        }
    }

    std::vector<TokenId> admitted(const EngineModel &model, const Text &text) const {
        std::vector<TokenId> tokens = *model.tokenize(text.text);
        const auto keep = package_->skill.contract.prepare().truncate_tokens;
        if (keep && tokens.size() > *keep) tokens.resize(*keep);
        return tokens;
    }

    // The mean over the windows, in double.
    std::vector<double> logits(EngineContext &context, const std::vector<TokenId> &tokens) const {
        const Contract &contract = package_->skill.contract;
        std::vector<double> sum(contract.labels().size(), 0.0);
        std::vector<std::span<const TokenId>> parts{tokens};
        if (contract.prepare().window) parts = *windows(tokens, *contract.prepare().window);
        for (const auto part : parts) {
            const auto one = context.classify(part, {});
            for (size_t i = 0; i < sum.size(); ++i) {
                sum[i] += double{(*one)[i]} / static_cast<double>(parts.size());
            }
        }
        return sum;
    }

    std::optional<Archive> archive_;
    std::optional<Package> package_;
    std::unique_ptr<Engine> engine_;
    std::vector<Text> texts_;
};

TEST_P(Reference, the_engine_gives_the_recipes_token_ids_and_f32_logits) {
    const auto model =
        *engine_->load(*FileSlice::open(GetParam().path("reference/model-f32.gguf")), {});
    const auto context = *model->create_context({package_->skill.contract.context_tokens()});
    ASSERT_EQ(texts_.size(), (GetParam().count + SKILLET_TEXT_STEP - 1) / SKILLET_TEXT_STEP);
    double largest = 0;
    for (const Text &text : texts_) {
        const std::vector<TokenId> tokens = admitted(*model, text);
        ASSERT_EQ(tokens, text.tokens) << text.id;
        const std::vector<double> ours = logits(*context, tokens);
        for (size_t i = 0; i < ours.size(); ++i) {
            largest = std::max(largest, std::abs(ours[i] - text.logits[i]));
            EXPECT_NEAR(ours[i], text.logits[i], GetParam().f32_tolerance) << text.id;
        }
    }
    RecordProperty("largest_difference", std::to_string(largest));
}

TEST_P(Reference, quantisation_moves_logits_little_and_flips_only_undecided_texts) {
    const auto model = *engine_->load(*archive_->open(package_->artifact.digest), {});
    const auto context = *model->create_context({package_->skill.contract.context_tokens()});
    for (const Text &text : texts_) {
        const std::vector<double> ours = logits(*context, admitted(*model, text));
        for (size_t i = 0; i < ours.size(); ++i) {
            EXPECT_NEAR(ours[i], text.logits[i], GetParam().quantised_tolerance) << text.id;
        }
        if (margin(text.logits) > 2 * GetParam().quantised_tolerance) {
            EXPECT_EQ(best(ours), best(text.logits)) << text.id;
        }
    }
}

TEST_P(Reference, the_published_schema_admits_the_shipped_skill_json) {
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

TEST_P(Reference, the_shipped_package_is_calibrated_and_evaluated) {
    EXPECT_TRUE(package_->calibration);
    EXPECT_EQ(package_->evidence_status(), EvidenceStatus::evaluated);
}

INSTANTIATE_TEST_SUITE_P(Skills, Reference, ::testing::ValuesIn(shipped), [](const auto &skill) {
    std::string name = skill.param.name;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
});

}  // namespace
}  // namespace skillet
