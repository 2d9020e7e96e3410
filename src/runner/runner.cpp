// SPDX-License-Identifier: Apache-2.0
#include "runner/runner.h"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

namespace skillet {
namespace {

// Milliseconds between calls of lap().
class StopWatch {
public:
    double lap() {
        const auto now = SteadyClock::now();
        const std::chrono::duration<double, std::milli> took = now - last_;
        last_ = now;
        return took.count();
    }
    [[nodiscard]] double total() const {
        return std::chrono::duration<double, std::milli>(SteadyClock::now() - begin_).count();
    }

private:
    SteadyClock::time_point begin_ = SteadyClock::now();
    SteadyClock::time_point last_ = begin_;
};

// The text tokens the contract admits, shortened where it says so.
Result<std::vector<TokenId>> admitted_tokens(const Module &module, const std::string &text,
                                             RequestStats &stats) {
    const Contract &contract = module.package().skill.contract;
    SKL_TRY_ASSIGN(tokens, module.model().tokenize(text));
    if (const auto &keep = contract.prepare().truncate_tokens; keep && tokens.size() > *keep) {
        stats.tokens_dropped = tokens.size() - *keep;
        tokens.resize(*keep);
    }
    if (tokens.size() > contract.limits().input_tokens) {
        return make_error(SKL_E_CONTEXT_EXCEEDED,
                          fmt::format("the input has {} tokens; at most {} are admitted",
                                      tokens.size(), contract.limits().input_tokens),
                          "", "send a shorter text");
    }
    stats.tokens = tokens.size();
    return std::move(tokens);
}

// One window for the whole text if the contract names none.
Result<std::vector<std::span<const TokenId>>> split(const std::vector<TokenId> &tokens,
                                                    const PrepareSpec &prepare) {
    if (prepare.window) return windows(tokens, *prepare.window);
    return std::vector<std::span<const TokenId>>{std::span(tokens)};
}

// "mean-logits": the mean over the windows, summed in double so that order does not matter much.
Result<std::vector<float>> mean_logits(EngineContext &context, size_t labels,
                                       const std::vector<std::span<const TokenId>> &parts,
                                       const StopSignal &stop) {
    std::vector<double> sum(labels, 0.0);
    for (const auto part : parts) {
        SKL_TRY_ASSIGN(logits, context.classify(part, stop));
        const bool finite = std::all_of(logits.begin(), logits.end(),
                                        [](float logit) { return std::isfinite(logit); });
        if (logits.size() != labels || !finite) {
            return make_error(SKL_E_ENGINE_FAULT,
                              fmt::format("the model gave {} logits for {} labels, or one that is "
                                          "not finite",
                                          logits.size(), labels));
        }
        for (size_t i = 0; i < labels; ++i) sum[i] += double{logits[i]};
    }
    std::vector<float> mean(labels);
    for (size_t i = 0; i < labels; ++i) {
        mean[i] = static_cast<float>(sum[i] / static_cast<double>(parts.size()));
    }
    return mean;
}

// What an encoder's head makes of the input.
Result<void> ask_head(Module &module, const json::Value &input, const StopSignal &stop,
                      StopWatch &watch, Answer &answer) {
    const Contract &contract = module.package().skill.contract;
    SKL_TRY_ASSIGN(text, contract.render(input));
    answer.stats.input_ms = watch.lap();
    SKL_TRY_ASSIGN(tokens, admitted_tokens(module, text, answer.stats));
    SKL_TRY_ASSIGN(parts, split(tokens, contract.prepare()));
    answer.stats.windows = parts.size();
    answer.stats.tokenize_ms = watch.lap();
    SKL_TRY_ASSIGN(context, module.borrow_context(stop));
    answer.stats.wait_ms = watch.lap();
    SKL_TRY_ASSIGN(logits, mean_logits(*context, contract.labels().size(), parts, stop));
    answer.logits = std::move(logits);
    return {};
}

// How a decoder would go on after the input.
Result<void> ask_decoder(Module &module, const json::Value &input, const StopSignal &stop,
                         StopWatch &watch, Answer &answer) {
    const PromptPlan &plan = *module.plan();
    answer.stats.input_ms = watch.lap();
    SKL_TRY_ASSIGN(reading, plan.read(module.package().skill.contract, module.model(), input));
    answer.stats.tokens = reading.text_tokens;
    answer.stats.tokens_dropped = reading.tokens_dropped;
    answer.stats.windows = 1;
    answer.stats.tokenize_ms = watch.lap();
    SKL_TRY_ASSIGN(context, module.borrow_context(stop));
    answer.stats.wait_ms = watch.lap();
    SKL_TRY_ASSIGN(edges,
                   (*context).score({plan.fixed(), reading.rest}, plan.labels().trees(), stop));
    double mass = 0;
    for (const double score : plan.labels().label_scores(edges)) {
        mass += std::exp(score);
        answer.logits.push_back(static_cast<float>(score));
    }
    answer.option_mass = std::min(mass, 1.0);  // a sum of roundings may lie above
    return {};
}

void interpret(Answer &answer, const Package &package) {
    const double temperature = package.calibration ? package.calibration->temperature : 1.0;
    answer.probabilities = softmax(answer.logits, temperature);
    const auto best = std::max_element(answer.probabilities.begin(), answer.probabilities.end());
    answer.best = static_cast<size_t>(best - answer.probabilities.begin());
    if (!package.calibration) return;  // without one there is no confidence, and no abstaining
    answer.confidence = *best;
    answer.abstained = *best < package.skill.contract.confidence().abstain_below;
}

}  // namespace

StopSignal with_deadline_of(const Contract &contract, StopSignal stop) {
    const auto own = SteadyClock::now() + std::chrono::milliseconds(contract.limits().deadline_ms);
    stop.deadline = stop.deadline ? std::min(*stop.deadline, own) : own;
    return stop;
}

std::vector<double> softmax(const std::vector<float> &logits, double temperature) {
    const double top = *std::max_element(logits.begin(), logits.end());
    std::vector<double> weights;
    double sum = 0;
    for (const float logit : logits) {
        weights.push_back(std::exp((double{logit} - top) / temperature));
        sum += weights.back();
    }
    for (double &weight : weights) weight /= sum;
    return weights;
}

Result<Answer> run_request(Module &module, const Package &package, std::string_view input,
                           StopSignal stop) {
    assert(package.descriptor.digest == module.package().descriptor.digest);
    const Contract &contract = package.skill.contract;
    stop = with_deadline_of(contract, std::move(stop));
    SKL_TRY(stop.check());

    Answer answer;
    StopWatch watch;
    SKL_TRY_ASSIGN(value, contract.accept_input(input));
    const auto ask = contract.continuation() ? ask_decoder : ask_head;
    SKL_TRY(ask(module, value, stop, watch, answer));
    answer.stats.compute_ms = watch.lap();

    interpret(answer, package);
    SKL_TRY(contract.check_output(contract.output_for(answer.best, answer.probabilities)));
    answer.stats.total_ms = watch.total();
    return answer;
}

}  // namespace skillet
