// SPDX-License-Identifier: Apache-2.0
// One request: what the contract admits, what the engine's numbers become, and how it ends early.
#include "runner/runner.h"

#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "testing/scripted_engine.h"
#include "testing/scripted_package.h"

namespace skillet {
namespace {

using testing::Gate;
using testing::Script;
using testing::ScriptedSkill;

using Logits = std::vector<float>;

class RunnerTest : public ::testing::Test {
protected:
    // Plays the skill from now on.
    void play(const ScriptedSkill &skill, std::shared_ptr<Gate> gate = nullptr) {
        package_ = testing::scripted_package(skill);
        module_ = std::make_unique<Module>(
            package_, std::make_unique<testing::ScriptedModel>(script_, std::move(gate)),
            contexts_max_);
    }
    void answer_with(Logits logits) {
        script_->classify = [logits](std::span<const TokenId>) -> Result<Logits> { return logits; };
    }
    Result<Answer> run_json(std::string_view input, StopSignal stop = {}) {
        if (!module_) play({});
        return run_request(*module_, *package_, input, std::move(stop));
    }
    Result<Answer> run(const std::string &text, StopSignal stop = {}) {
        return run_json(R"({"text":")" + text + R"("})", std::move(stop));
    }
    // The answer of a request that must succeed.
    Answer answer(const std::string &text) {
        auto outcome = run(text);
        if (!outcome) throw std::runtime_error(outcome.error().message);
        return *std::move(outcome);
    }
    Code refusal(const std::string &text, StopSignal stop = {}) {
        const auto outcome = run(text, std::move(stop));
        return outcome ? SKL_OK : outcome.error().code;
    }

    uint32_t contexts_max_ = 2;
    std::shared_ptr<Script> script_ = std::make_shared<Script>();
    std::shared_ptr<const Package> package_;
    std::unique_ptr<Module> module_;
};

StopSignal within(std::chrono::milliseconds time) { return {nullptr, SteadyClock::now() + time}; }
StopSignal cancelled_by(const std::shared_ptr<CancelFlag> &flag) { return {flag, {}}; }

TEST(Softmax, gives_the_shares_of_the_exponentials) {
    const auto even = softmax({3.0f, 3.0f}, 1);
    EXPECT_DOUBLE_EQ(even[0], 0.5);
    EXPECT_DOUBLE_EQ(even[1], 0.5);
    const auto uneven = softmax({0.0f, 1.0f}, 1);
    EXPECT_DOUBLE_EQ(uneven[1], 1 / (1 + std::exp(-1.0)));
}

TEST(Softmax, survives_extreme_logits) {
    constexpr float most = std::numeric_limits<float>::max();
    for (const float size : {1e3f, 1e10f, most}) {
        const auto shares = softmax({-size, size}, 1e-3);
        EXPECT_EQ(shares[0], 0.0);
        EXPECT_EQ(shares[1], 1.0);
    }
    EXPECT_EQ(softmax({most, most}, 1e-3), (std::vector<double>{0.5, 0.5}));
    EXPECT_EQ(softmax({-most}, 1e3), std::vector<double>{1.0});
}

TEST(Softmax, divides_by_the_temperature_first) {
    EXPECT_EQ(softmax({2.0f, 0.0f, -4.0f}, 2), softmax({1.0f, 0.0f, -2.0f}, 1));
}

TEST(Softmax, sums_to_one) {
    std::mt19937 random(7);
    std::uniform_real_distribution<float> logit(-50, 50);
    for (int i = 0; i < 1000; ++i) {
        Logits logits(1 + random() % 20);
        for (float &value : logits) value = logit(random);
        const auto shares = softmax(logits, 0.1 + random() % 30);
        EXPECT_NEAR(std::accumulate(shares.begin(), shares.end(), 0.0), 1.0, 1e-12);
    }
}

TEST_F(RunnerTest, says_why_there_is_no_confidence) {
    const auto reason_of = [](const Package &package) {
        Answer answer;
        answer.logits = {0, 1};
        answer.probabilities = {0.25, 0.75};
        answer.best = 1;
        const json::Value document = result_document(answer, package, "scripted", false);
        const json::Value *reason = json::resolve(document, "/confidence_absent/reason");
        return reason != nullptr ? *reason->string() : std::string();
    };
    Package package = *testing::scripted_package({});
    EXPECT_EQ(reason_of(package), "uncalibrated");
    const Digest artifact = package.skill.artifact_digest;
    const Digest contract = package.skill.contract.core_digest();
    const Digest foreign = sha256("something else");
    package.foreign_calibration = Calibration{foreign, contract, 1, 1, {}, {}};
    EXPECT_EQ(reason_of(package), "other_artifact");
    package.foreign_calibration = Calibration{artifact, foreign, 1, 1, {}, {}};
    EXPECT_EQ(reason_of(package), "other_contract");
    package.calibration = Calibration{artifact, contract, 1, 1, {}, {}};
    EXPECT_EQ(reason_of(package), "");
}

TEST_F(RunnerTest, answers_with_the_most_probable_label) {
    answer_with({2.0f, 5.0f});
    const Answer reply = answer("hello");
    EXPECT_EQ(reply.best, 1u);
    EXPECT_EQ(*label_of(reply, *package_), "spam");
    EXPECT_EQ(reply.logits, (Logits{2.0f, 5.0f}));
    EXPECT_EQ(reply.probabilities, softmax({2.0f, 5.0f}, 1));
    EXPECT_EQ(reply.stats.tokens, 5u);
    EXPECT_EQ(reply.stats.windows, 1u);
    EXPECT_EQ(reply.stats.tokens_dropped, 0u);
}

TEST_F(RunnerTest, takes_the_first_of_equals) {
    answer_with({1.5f, 1.5f});
    EXPECT_EQ(answer("x").best, 0u);
}

TEST_F(RunnerTest, has_no_confidence_without_a_calibration_and_never_abstains) {
    ScriptedSkill skill;
    skill.abstain_below = 1;
    play(skill);
    answer_with({0.0f, 0.1f});
    const Answer reply = answer("x");
    EXPECT_EQ(reply.confidence, std::nullopt);
    EXPECT_FALSE(reply.abstained);
}

TEST_F(RunnerTest, is_as_confident_as_its_calibrated_probability) {
    ScriptedSkill skill;
    skill.temperature = 2;
    play(skill);
    answer_with({0.0f, 4.0f});
    const Answer reply = answer("x");
    EXPECT_EQ(reply.probabilities, softmax({0.0f, 4.0f}, 2));
    EXPECT_EQ(reply.confidence, reply.probabilities[1]);
    EXPECT_FALSE(reply.abstained);
}

TEST_F(RunnerTest, abstains_below_the_threshold_only) {
    ScriptedSkill skill;
    skill.temperature = 1;
    skill.abstain_below = 0.5;
    play(skill);
    answer_with({0.0f, 0.0f});
    EXPECT_FALSE(answer("x").abstained) << "at the threshold";
    skill.abstain_below = 0.51;
    play(skill);
    const Answer reply = answer("x");
    EXPECT_TRUE(reply.abstained);
    EXPECT_EQ(label_of(reply, *package_), nullptr);
    EXPECT_EQ(reply.confidence, 0.5) << "what it is not sure of is still said";
}

TEST_F(RunnerTest, uses_the_calibration_of_the_package_it_is_given) {
    play({});  // loaded by somebody whose package has no calibration
    ScriptedSkill calibrated;
    calibrated.temperature = 3;
    package_ = testing::scripted_package(calibrated);
    answer_with({0.0f, 3.0f});
    EXPECT_EQ(answer("x").confidence, softmax({0.0f, 3.0f}, 3)[1]);
}

// A decoder that says "ham" with a probability of 0.3, "spam" with one of 0.1, and something else
// otherwise: the first letter tells.
class DecoderRunnerTest : public RunnerTest {
protected:
    void play_decoder(ScriptedSkill skill = {}) {
        skill.continues = true;
        script_->score = [](std::span<const TokenId>, const TokenTree &tree, size_t edge) {
            const TokenTree::Node &asked = tree.edges[edge];
            if (asked.after != TokenTree::prompt) return 0.0;
            return std::log(asked.token == 'h' ? 0.3 : 0.1);
        };
        play(skill);
        HeapMeter meter;
        ASSERT_TRUE(module_->make_ready(meter, {}));
    }
};

TEST_F(DecoderRunnerTest, answers_with_the_label_that_is_most_probable_as_a_whole) {
    play_decoder();
    const Answer reply = answer("hello");
    EXPECT_EQ(*label_of(reply, *package_), "ham");
    EXPECT_NEAR(reply.probabilities[0], 0.75, 1e-7);
    EXPECT_NEAR(reply.option_mass, 0.4, 1e-12);
    EXPECT_NEAR(entropy_of(reply), -0.75 * std::log(0.75) - 0.25 * std::log(0.25), 1e-6);
    EXPECT_EQ(reply.stats.tokens, 5u);
    EXPECT_EQ(reply.confidence, std::nullopt);
    EXPECT_EQ(script_->classifications, 0);
}

TEST_F(DecoderRunnerTest, reads_the_prompt_of_its_contract) {
    play_decoder();
    std::vector<TokenId> seen;
    script_->score = [&](std::span<const TokenId> prompt, const TokenTree &, size_t) {
        seen.assign(prompt.begin(), prompt.end());
        return -1.0;
    };
    answer("ab");
    EXPECT_EQ(seen, (std::vector<TokenId>{256, 'a', 'b'}));
}

TEST_F(DecoderRunnerTest, is_calibrated_and_abstains_as_a_head_does) {
    ScriptedSkill skill;
    skill.temperature = 2;
    skill.abstain_below = 0.7;
    play_decoder(skill);
    const Answer reply = answer("x");
    const double due = std::sqrt(3.0) / (std::sqrt(3.0) + 1);
    EXPECT_NEAR(*reply.confidence, due, 1e-7);
    EXPECT_TRUE(reply.abstained);
    EXPECT_NEAR(reply.option_mass, 0.4, 1e-12) << "the temperature is about the labels alone";
}

TEST_F(DecoderRunnerTest, never_claims_more_mass_than_there_is) {
    play_decoder();
    script_->score = [](std::span<const TokenId>, const TokenTree &tree, size_t edge) {
        return tree.edges[edge].after == TokenTree::prompt ? std::log(0.5) + 1e-16 : 1e-16;
    };
    EXPECT_LE(answer("x").option_mass, 1.0);
}

TEST_F(DecoderRunnerTest, refuses_more_tokens_than_the_contract_admits) {
    ScriptedSkill skill;
    skill.input_tokens = 4;
    play_decoder(skill);
    EXPECT_EQ(refusal("abcd"), SKL_OK);
    EXPECT_EQ(refusal("abcde"), SKL_E_CONTEXT_EXCEEDED);
}

TEST_F(RunnerTest, refuses_input_that_the_contract_does_not_admit) {
    const auto code_of = [this](std::string_view input) {
        const auto outcome = run_json(input);
        return outcome ? SKL_OK : outcome.error().code;
    };
    EXPECT_EQ(code_of("{"), SKL_E_INPUT_SYNTAX);
    EXPECT_EQ(code_of(R"({"text":7})"), SKL_E_INPUT_SCHEMA);
    EXPECT_EQ(code_of(R"({"text":"a","more":1})"), SKL_E_INPUT_SCHEMA);
    EXPECT_EQ(code_of(std::string(1025, ' ')), SKL_E_INPUT_TOO_LARGE);
    EXPECT_EQ(script_->classifications, 0);
}

TEST_F(RunnerTest, counts_the_tokens_that_truncate_drops) {
    ScriptedSkill skill;
    skill.prepare = {json::Object{{"step", "truncate@1"}, {"tokens", 4}}};
    play(skill);
    std::string seen;
    script_->classify = [&seen](std::span<const TokenId> tokens) -> Result<Logits> {
        seen.assign(tokens.begin(), tokens.end());
        return Logits{0.0f, 1.0f};
    };
    const Answer reply = answer("abcdefg");
    EXPECT_EQ(seen, "abcd");
    EXPECT_EQ(reply.stats.tokens, 4u);
    EXPECT_EQ(reply.stats.tokens_dropped, 3u);
    EXPECT_EQ(answer("abcd").stats.tokens_dropped, 0u);
}

TEST_F(RunnerTest, refuses_more_tokens_than_the_contract_admits) {
    ScriptedSkill skill;
    skill.input_tokens = 4;
    play(skill);
    EXPECT_EQ(refusal("abcd"), SKL_OK);
    const auto refused = run("abcde");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, SKL_E_CONTEXT_EXCEEDED);
    EXPECT_NE(refused.error().message.find("5 tokens; at most 4"), std::string::npos);
    EXPECT_EQ(script_->classifications, 1);
}

TEST_F(RunnerTest, averages_the_logits_of_its_windows) {
    ScriptedSkill skill;
    skill.input_tokens = 8;
    skill.prepare = {json::Object{
        {"step", "window@1"}, {"size", 6}, {"stride", 2}, {"max", 3}, {"combine", "mean-logits"}}};
    play(skill);
    std::vector<std::string> windows;
    script_->classify = [&windows](std::span<const TokenId> tokens) -> Result<Logits> {
        windows.emplace_back(tokens.begin(), tokens.end());
        return Logits{static_cast<float>(windows.size()), -6.0f};
    };
    const Answer reply = answer("abcdefgh");
    EXPECT_EQ(windows, (std::vector<std::string>{"abcd", "cdef", "efgh"}));
    EXPECT_EQ(reply.logits, (Logits{2.0f, -6.0f}));
    EXPECT_EQ(reply.stats.windows, 3u);
    EXPECT_EQ(reply.stats.tokens, 8u);
}

TEST_F(RunnerTest, reads_an_empty_text_as_one_empty_window) {
    const Answer reply = answer("");
    EXPECT_EQ(reply.stats.tokens, 0u);
    EXPECT_EQ(reply.stats.windows, 1u);
    EXPECT_EQ(script_->classifications, 1);
}

TEST_F(RunnerTest, blames_the_engine_for_numbers_that_are_none) {
    constexpr float infinity = std::numeric_limits<float>::infinity();
    constexpr float nan = std::numeric_limits<float>::quiet_NaN();
    for (const Logits &logits : std::vector<Logits>{
             {nan, 0.0f}, {0.0f, infinity}, {-infinity, 0.0f}, {}, {1.0f}, {1.0f, 2.0f, 3.0f}}) {
        answer_with(logits);
        EXPECT_EQ(refusal("x"), SKL_E_ENGINE_FAULT);
    }
    answer_with({0.0f, 1.0f});
    EXPECT_EQ(refusal("x"), SKL_OK) << "the module did not survive";
}

TEST_F(RunnerTest, gives_on_what_the_engine_says) {
    script_->classify = [](std::span<const TokenId>) -> Result<Logits> {
        return make_error(SKL_E_ENGINE_FAULT, "as the script says");
    };
    const auto failed = run("x");
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().message, "as the script says");
}

TEST_F(RunnerTest, gives_on_that_there_is_no_context) {
    script_->on_create_context = []() -> Result<void> {
        return make_error(SKL_E_OUT_OF_MEMORY, "as the script says");
    };
    EXPECT_EQ(refusal("x"), SKL_E_OUT_OF_MEMORY);
}

TEST_F(RunnerTest, stops_at_the_deadline_of_the_contract) {
    ScriptedSkill skill;
    skill.deadline_ms = 10;
    play(skill, std::make_shared<Gate>());  // never opened
    EXPECT_EQ(refusal("x"), SKL_E_DEADLINE_EXCEEDED);
    EXPECT_EQ(refusal("x", within(std::chrono::hours(1))), SKL_E_DEADLINE_EXCEEDED)
        << "a caller cannot extend it";
}

TEST_F(RunnerTest, stops_at_the_deadline_of_the_caller) {
    play({}, std::make_shared<Gate>());  // never opened; the contract allows an hour
    EXPECT_EQ(refusal("x", within(std::chrono::milliseconds(10))), SKL_E_DEADLINE_EXCEEDED);
    const int computed = script_->classifications;
    EXPECT_EQ(refusal("x", within(std::chrono::milliseconds(0))), SKL_E_DEADLINE_EXCEEDED);
    EXPECT_EQ(script_->classifications, computed) << "computed after the deadline";
}

TEST_F(RunnerTest, computes_nothing_for_a_cancelled_caller) {
    const auto flag = std::make_shared<CancelFlag>();
    flag->cancel();
    EXPECT_EQ(refusal("x", cancelled_by(flag)), SKL_E_CANCELLED);
    EXPECT_EQ(script_->classifications, 0);
}

TEST_F(RunnerTest, stops_computing_when_the_caller_cancels_and_answers_the_next_one) {
    const auto gate = std::make_shared<Gate>();
    contexts_max_ = 1;
    play({}, gate);
    answer_with({3.0f, 1.0f});
    const auto flag = std::make_shared<CancelFlag>();
    Code code = SKL_OK;
    std::thread caller([&] { code = refusal("x", cancelled_by(flag)); });
    gate->await_arrivals(1);
    flag->cancel();
    caller.join();
    EXPECT_EQ(code, SKL_E_CANCELLED);

    gate->open();
    const Answer reply = answer("y");
    EXPECT_EQ(reply.logits, (Logits{3.0f, 1.0f}));
    EXPECT_EQ(script_->contexts_alive, 1);
}

TEST_F(RunnerTest, stops_waiting_for_a_context_when_the_caller_cancels) {
    const auto gate = std::make_shared<Gate>();
    contexts_max_ = 1;
    play({}, gate);
    std::thread first([&] { EXPECT_EQ(refusal("x"), SKL_OK); });
    gate->await_arrivals(1);
    const auto flag = std::make_shared<CancelFlag>();
    Code code = SKL_OK;
    std::thread second([&] { code = refusal("y", cancelled_by(flag)); });
    flag->cancel();
    second.join();
    EXPECT_EQ(code, SKL_E_CANCELLED);
    EXPECT_EQ(script_->classifications, 1) << "computed in somebody else's context";
    gate->open();
    first.join();
}

std::vector<std::string> names_in(const json::Value &document) {
    std::vector<std::string> names;
    for (const auto &[name, value] : *document.object()) names.push_back(name);
    return names;
}

TEST_F(RunnerTest, writes_every_member_of_the_result_document) {
    ScriptedSkill skill;
    skill.temperature = 1;
    play(skill);
    const Answer reply = answer("hello");
    const json::Value document = result_document(reply, *package_, "scripted", true);
    EXPECT_EQ(names_in(document),
              (std::vector<std::string>{"schema", "skill", "output", "abstained", "confidence",
                                        "confidence_absent", "probabilities", "option_mass",
                                        "entropy", "logits", "digests", "engine", "stats"}));
    EXPECT_EQ(*json::resolve(document, "/schema"), "skillet.result/1");
    EXPECT_EQ(*json::resolve(document, "/skill/id"), "org.example.scripted");
    EXPECT_EQ(*json::resolve(document, "/skill/version"), "1.2.3");
    EXPECT_EQ(*json::resolve(document, "/output/label"), "spam");
    EXPECT_EQ(json::resolve(document, "/confidence")->number(), reply.probabilities[1]);
    EXPECT_EQ(json::resolve(document, "/probabilities/ham")->number(), reply.probabilities[0]);
    EXPECT_EQ(json::resolve(document, "/logits/1")->number(), 1.0);
    EXPECT_EQ(*json::resolve(document, "/digests/package"),
              package_->descriptor.digest.to_string());
    EXPECT_EQ(*json::resolve(document, "/digests/calibration"),
              package_->calibration->digest.to_string());
    EXPECT_EQ(*json::resolve(document, "/engine"), "scripted");
    EXPECT_EQ(*json::resolve(document, "/stats/tokens"), 5);
}

TEST_F(RunnerTest, writes_null_for_what_it_does_not_know) {
    ScriptedSkill skill;
    skill.temperature = 1;
    skill.abstain_below = 0.99;
    play(skill);
    const json::Value abstained = result_document(answer("x"), *package_, "scripted", false);
    EXPECT_TRUE(json::resolve(abstained, "/output")->is_null());
    EXPECT_EQ(*json::resolve(abstained, "/abstained"), true);
    EXPECT_EQ(json::resolve(abstained, "/stats"), nullptr);

    play({});
    const json::Value uncalibrated = result_document(answer("x"), *package_, "scripted", false);
    EXPECT_TRUE(json::resolve(uncalibrated, "/confidence")->is_null());
    EXPECT_TRUE(json::resolve(uncalibrated, "/digests/calibration")->is_null());
}

}  // namespace
}  // namespace skillet
