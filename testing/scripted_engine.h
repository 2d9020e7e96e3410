// SPDX-License-Identifier: Apache-2.0
// An engine whose answers a test decides. It reads no model: tokens are bytes, and logits come from
// a function of them. It counts what was asked, and can hold a computation until the test lets it
// go.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>

#include "engine/engine.h"

namespace skillet::testing {

// What the test decides. Shared by everything the engine makes; set it up before use.
struct Script {
    std::function<Result<std::vector<float>>(std::span<const TokenId>)> classify =
        [](std::span<const TokenId>) -> Result<std::vector<float>> {
        return std::vector<float>{0.0f, 1.0f};
    };
    // Gives the logarithm of the probability of one edge; the prompt is all that was read for it.
    std::function<double(std::span<const TokenId> prompt, const TokenTree &tree, size_t edge)>
        score = [](std::span<const TokenId>, const TokenTree &, size_t) { return -1.0; };
    std::function<Result<std::vector<TokenId>>(std::string_view)> tokenize =
        [](std::string_view text) -> Result<std::vector<TokenId>> {
        return std::vector<TokenId>(text.begin(), text.end());
    };
    std::map<std::string, TokenId, std::less<>> control_tokens = {{"<s>", 256}, {"</s>", 257}};
    std::function<Result<void>()> on_load = [] { return Result<void>(); };
    std::function<Result<void>()> on_create_context = [] { return Result<void>(); };

    std::atomic<bool> parks{false};  // whether models can be parked

    std::atomic<int> loads{0};
    std::atomic<int> loads_that_checked_values{0};
    std::atomic<int> parkings{0};
    std::atomic<int> models_alive{0};
    std::atomic<int> contexts_alive{0};
    std::atomic<int> classifications{0};
};

// A gate that computations wait at until it is opened; they leave early if they are stopped.
class Gate {
public:
    void open() {
        const std::lock_guard lock(mutex_);
        is_open_ = true;
        changed_.notify_all();
    }
    // Waits until `count` computations stand at the gate.
    void await_arrivals(int count) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return arrivals_ >= count; });
    }
    void pass(const StopSignal &stop) {
        std::unique_lock lock(mutex_);
        ++arrivals_;
        changed_.notify_all();
        while (!is_open_ && !stop.stopped()) {
            changed_.wait_for(lock, std::chrono::milliseconds(1));
        }
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool is_open_ = false;
    int arrivals_ = 0;
};

class ScriptedContext final : public EngineContext {
public:
    ScriptedContext(std::shared_ptr<Script> script, std::shared_ptr<Gate> gate, uint32_t tokens_max)
        : script_(std::move(script)), gate_(std::move(gate)), tokens_max_(tokens_max) {
        ++script_->contexts_alive;
    }
    ~ScriptedContext() override { --script_->contexts_alive; }

    Result<std::vector<float>> classify(std::span<const TokenId> tokens,
                                        const StopSignal &stop) override {
        ++script_->classifications;
        if (tokens.size() + 2 > tokens_max_) {
            return make_error(SKL_E_CONTEXT_EXCEEDED, "the window does not fit");
        }
        if (gate_) gate_->pass(stop);
        SKL_TRY(stop.check());
        return script_->classify(tokens);
    }

    Result<std::vector<double>> score(const PromptTokens &prompt, std::span<const TokenTree> trees,
                                      const StopSignal &stop) override {
        if (gate_) gate_->pass(stop);
        SKL_TRY(stop.check());
        std::vector<TokenId> all(prompt.fixed.begin(), prompt.fixed.end());
        all.insert(all.end(), prompt.rest.begin(), prompt.rest.end());
        std::vector<double> scores;
        for (const TokenTree &tree : trees) {
            for (size_t i = 0; i < tree.edges.size(); ++i)
                scores.push_back(script_->score(all, tree, i));
        }
        return scores;
    }

private:
    std::shared_ptr<Script> script_;
    std::shared_ptr<Gate> gate_;
    uint32_t tokens_max_;
};

class ScriptedModel final : public EngineModel {
public:
    ScriptedModel(std::shared_ptr<Script> script, std::shared_ptr<Gate> gate)
        : script_(std::move(script)), gate_(std::move(gate)) {
        ++script_->models_alive;
    }
    ~ScriptedModel() override { --script_->models_alive; }

    Result<std::vector<TokenId>> tokenize(std::string_view text) const override {
        return script_->tokenize(text);
    }
    Result<TokenId> control_token(std::string_view text) const override {
        const auto found = script_->control_tokens.find(text);
        if (found != script_->control_tokens.end()) return found->second;
        return make_error(SKL_E_NOT_FOUND, "no such control token");
    }
    Result<std::unique_ptr<EngineContext>> create_context(
        const ContextShape &shape) const override {
        SKL_TRY(script_->on_create_context());
        return std::unique_ptr<EngineContext>(
            std::make_unique<ScriptedContext>(script_, gate_, shape.tokens_max));
    }
    bool park() override {
        ++script_->parkings;
        return script_->parks;
    }
    [[nodiscard]] bool can_park() const override { return script_->parks; }

private:
    std::shared_ptr<Script> script_;
    std::shared_ptr<Gate> gate_;
};

class ScriptedEngine final : public Engine {
public:
    explicit ScriptedEngine(std::shared_ptr<Script> script, std::shared_ptr<Gate> gate = nullptr)
        : script_(std::move(script)), gate_(std::move(gate)) {}

    Result<std::unique_ptr<EngineModel>> load(const FileSlice & /*model*/,
                                              const LoadOptions &options) override {
        ++script_->loads;
        if (options.check_values) ++script_->loads_that_checked_values;
        SKL_TRY(script_->on_load());
        return std::unique_ptr<EngineModel>(std::make_unique<ScriptedModel>(script_, gate_));
    }
    const std::string &build() const override { return build_; }

private:
    std::shared_ptr<Script> script_;
    std::shared_ptr<Gate> gate_;
    std::string build_ = "scripted";
};

}  // namespace skillet::testing
