// SPDX-License-Identifier: Apache-2.0
// How probable some continuations of a prompt are, by a decoder: one read of the prompt, then one
// read of each tree.
#pragma once

#include <cstdint>
#include <memory>

#include "engine/engine.h"

struct llama_model;

namespace skillet {

[[nodiscard]] Result<std::unique_ptr<EngineContext>> create_scoring_context(llama_model &model,
                                                                            uint32_t tokens_max);

}  // namespace skillet
