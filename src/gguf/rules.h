// SPDX-License-Identifier: Apache-2.0
// Applies rules about keys to a file, and reads what they have checked.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "gguf/architecture.h"
#include "gguf/facts.h"
#include "gguf/file.h"

namespace skillet::gguf {

// The key of a rule in a file of that architecture.
[[nodiscard]] std::string full_key(const KeyRule &rule, std::string_view architecture);

// Whether each key that is there is of its type and within its bounds, and whether all that are
// required are there.
[[nodiscard]] Result<void> check_keys(const File &file, const Facts &facts,
                                      std::span<const KeyRule> rules);

// REQUIRES for both: the key is absent, or a rule has found it to hold such a value.
[[nodiscard]] uint64_t unsigned_value(const File &file, std::string_view key, uint64_t otherwise);
// Null if absent.
[[nodiscard]] const ArrayValue *array_value(const File &file, std::string_view key);

}  // namespace skillet::gguf
