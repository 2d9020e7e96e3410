// SPDX-License-Identifier: Apache-2.0
// What Skillet needs from an inference engine: "skillet.engine/1".
//
// Requests hold values, not the engine's pointers, so that an engine in another process stays
// possible. The real one is engine_llama; tests use testing/scripted_engine.h.
#pragma once

#include <cstdint>
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
};

// A loaded model. Immutable: everything but destruction may be called from several threads at once.
class EngineModel {
public:
    virtual ~EngineModel() = default;

    // The text's tokens, without special tokens; nothing in the text can name one.
    [[nodiscard]] virtual Result<std::vector<TokenId>> tokenize(std::string_view text) const = 0;

    // A context for windows of up to `tokens_max` tokens, special tokens included. It must not
    // outlive the model. SKL_E_OUT_OF_MEMORY or SKL_E_LOAD_FAILED if it cannot be had.
    [[nodiscard]] virtual Result<std::unique_ptr<EngineContext>> create_context(
        uint32_t tokens_max) const = 0;

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
