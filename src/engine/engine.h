// SPDX-License-Identifier: Apache-2.0
// What Skillet needs from an inference engine: "skillet.engine/1".
//
// Requests hold values, not the engine's pointers, so that an engine in another process stays
// possible. The real one is engine_llama; tests use testing/scripted_engine.h.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_source.h"
#include "base/cancel.h"
#include "base/result.h"
#include "prepare/prepare.h"

namespace skillet {

// What may follow a prompt. Each node is a token that is read after the one at `after`, which comes
// before it in the list, or right after the prompt; each edge asks for the probability of one more
// token behind a node.
struct TokenTree {
    static constexpr uint32_t prompt = std::numeric_limits<uint32_t>::max();
    // What one call of the engine reads, and so what a tree may have: nodes, and ends of branches.
    static constexpr size_t nodes_max = 32;
    static constexpr size_t branches_max = 15;

    struct Node {
        TokenId token;
        uint32_t after;  // index of a node, or `prompt`
    };
    std::vector<Node> nodes;
    std::vector<Node> edges;
};

// Tokens to continue. The first part is the same in each call, so that a context may keep what it
// made of it.
struct PromptTokens {
    std::span<const TokenId> fixed;
    std::span<const TokenId> rest;
};

// What a context is for.
struct ContextShape {
    uint32_t tokens_max = 0;  // of one call, with special tokens and the nodes of a tree
    bool continues = false;   // score(), by a decoder; otherwise classify(), by a model with a head
};

// Working memory for one computation at a time. Use from one thread at a time.
class EngineContext {
public:
    virtual ~EngineContext() = default;

    // Reads one window of text tokens, adding the model's special tokens, and gives the raw logits
    // of its classification head, one per label. Leaves the context as before the call, also on
    // failure. SKL_E_CONTEXT_EXCEEDED if the window does not fit; SKL_E_CANCELLED or
    // SKL_E_DEADLINE_EXCEEDED soon after `stop` says so.
    [[nodiscard]] virtual Result<std::vector<float>> classify(std::span<const TokenId> tokens,
                                                              const StopSignal &stop) = 0;

    // Reads the prompt and each of the trees behind it, and gives the logarithm of the probability
    // of each edge, in the order of trees and edges. The same bits for the same call, whatever the
    // context computed before. Errors as for classify(); after one, nothing of a prompt is kept.
    [[nodiscard]] virtual Result<std::vector<double>> score(const PromptTokens &prompt,
                                                            std::span<const TokenTree> trees,
                                                            const StopSignal &stop) = 0;
};

// A loaded model. Immutable: everything but destruction may be called from several threads at once.
class EngineModel {
public:
    virtual ~EngineModel() = default;

    // The text's tokens. None of them is a token that stands for something else than text:
    // SKL_E_INPUT_SCHEMA if the text would be read as one.
    [[nodiscard]] virtual Result<std::vector<TokenId>> tokenize(std::string_view text) const = 0;

    // The token with this text that stands for something else. SKL_E_NOT_FOUND if there is none.
    [[nodiscard]] virtual Result<TokenId> control_token(std::string_view text) const = 0;

    // A context of that shape. It must not outlive the model. SKL_E_OUT_OF_MEMORY or
    // SKL_E_LOAD_FAILED if it cannot be had.
    [[nodiscard]] virtual Result<std::unique_ptr<EngineContext>> create_context(
        const ContextShape &shape) const = 0;

    // Gives the pages of mapped weights back to the system; they are read from the file again when
    // they are next needed, with the same bits. False if that cannot be done; nothing has changed
    // then. REQUIRES: no context is left, and no call is in progress.
    virtual bool park() { return false; }
    // Whether it is worth trying.
    [[nodiscard]] virtual bool can_park() const { return false; }
};

struct LoadOptions {
    // Whether to look at every weight and refuse what is not a number. Costs as much as the rest of
    // a small model's load; false if this was done before, of the same bytes.
    bool check_values = true;
    // Whether to look for control tokens that the file calls plain text, by their usual names. A
    // third of a load; whoever reads text between control tokens needs it. The ids of tokens are
    // the same either way.
    bool find_control_tokens = false;
};

class Engine {
public:
    virtual ~Engine() = default;

    // Loads the model from exactly these bytes: the caller has verified this descriptor.
    // REQUIRES: the slice passed gguf::check_runnable; the engine aborts the process on some
    // others.
    [[nodiscard]] virtual Result<std::unique_ptr<EngineModel>> load(const FileSlice &model,
                                                                    const LoadOptions &options) = 0;

    // Name and build, which every result names: "llama.cpp-0.5.0+de3ff81".
    [[nodiscard]] virtual const std::string &build() const = 0;
};

}  // namespace skillet
