// SPDX-License-Identifier: Apache-2.0
// Where calls leave for the engine: what it throws becomes an error, what it makes has an owner.
#pragma once

#include <llama.h>

#include <exception>
#include <memory>
#include <new>

#include <fmt/format.h>

#include "base/result.h"
#include "engine_llama/engine_log.h"

namespace skillet {

struct FreeContext {
    void operator()(llama_context *context) const { llama_free(context); }
};
using ContextPointer = std::unique_ptr<llama_context, FreeContext>;

// Runs `body`; an exception that leaves the engine becomes an error with `code`.
template <typename Body>
auto at_the_border(Code code, const char *what, Body body) -> decltype(body()) {
    try {
        return body();
    } catch (const std::bad_alloc &) {
        return make_error(SKL_E_OUT_OF_MEMORY, fmt::format("{}: not enough memory", what));
    } catch (const std::exception &exception) {
        return make_error(code, fmt::format("{}: {}", what, exception.what()));
    }
}

inline Result<ContextPointer> make_context(llama_model &model, const llama_context_params &params) {
    const EngineLog log;
    ContextPointer context(llama_init_from_model(&model, params));
    if (context) return context;
    return make_error(SKL_E_LOAD_FAILED,
                      "cannot create a context: " + log.last_line("no reason given"));
}

}  // namespace skillet
