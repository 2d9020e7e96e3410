// SPDX-License-Identifier: Apache-2.0
// The inference engine: llama.cpp on the CPU. The only module that sees its headers.
#pragma once

#include <memory>

#include "engine/engine.h"

namespace skillet {

// Is told why the engine is about to abort the process, on the thread that does.
using AbortHook = void (*)(const char *message) noexcept;

// One per process is enough; the first one's hook counts. SKL_E_CPU_UNSUPPORTED if the processor
// lacks the baseline the engine was built for (x86-64-v3 on x86-64).
[[nodiscard]] Result<std::unique_ptr<Engine>> create_llama_engine(AbortHook on_abort = nullptr);

}  // namespace skillet
