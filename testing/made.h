// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <utility>

#include "base/result.h"

namespace skillet::testing {

// The value of a result that a test takes for granted.
template <typename T>
T made(Result<T> result) {
    if (result) return *std::move(result);
    throw std::runtime_error(result.error().subject + ": " + result.error().message);
}

}  // namespace skillet::testing
