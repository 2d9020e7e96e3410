// SPDX-License-Identifier: Apache-2.0
// Which tensors of two files differ, by name, type, shape and bytes.
#pragma once

#include "base/result.h"
#include "base/work.h"
#include "comparison/diff.h"
#include "comparison/side.h"

namespace skillet {

// Adds the changes to `diff`, at most tensors_listed_max of them.
[[nodiscard]] Result<void> compare_tensors(const Side &from, const Side &to, const Work &work,
                                           Diff &diff);

}  // namespace skillet
