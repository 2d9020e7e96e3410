// SPDX-License-Identifier: Apache-2.0
// An engine's model, each call of which is noted in a crash marker.
#pragma once

#include <memory>

#include "engine/engine.h"
#include "marker/crash_marker.h"

namespace skillet {

// As engine.load(). `marker` must outlive the model.
[[nodiscard]] Result<std::unique_ptr<EngineModel>> load_marked(Engine &engine,
                                                               const FileSlice &model,
                                                               const LoadOptions &options,
                                                               CrashMarker &marker,
                                                               const Digest &package);

}  // namespace skillet
