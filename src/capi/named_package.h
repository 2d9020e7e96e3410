// SPDX-License-Identifier: Apache-2.0
// What functions of the authoring headers take by name: a reference to an installed package, or the
// path of a .skill or .gguf file.
#pragma once

#include <string>

#include "assembly/runtime.h"
#include "author/artifact.h"
#include "comparison/side.h"

namespace skillet {

[[nodiscard]] Result<Side> open_side(Runtime &runtime, const std::string &name, const Work &work);

// `runtime` may be null if the name is a path.
[[nodiscard]] Result<NamedBase> open_base(Runtime *runtime, const std::string &name);

}  // namespace skillet
