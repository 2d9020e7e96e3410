// SPDX-License-Identifier: Apache-2.0
// An error as JSON: the member `error` of "skillet.error/1", wherever one is reported.
#pragma once

#include "base/error.h"
#include "json/value.h"

namespace skillet::json {

[[nodiscard]] Value error_members(const Error &error);

}  // namespace skillet::json
