// SPDX-License-Identifier: Apache-2.0
// The two ways this module says no, so that every message reads alike.
#pragma once

#include <string>
#include <utility>

#include "base/error.h"

namespace skillet::gguf {

// The bytes contradict themselves. `subject` is the key or tensor.
[[nodiscard]] inline Error malformed(
    std::string message, std::string subject,
    std::string hint =
        "the file is damaged or was written by a faulty tool: fetch it again, or "
        "convert the model anew") {
    return make_error(SKL_E_MALFORMED_ARTIFACT, std::move(message), std::move(subject),
                      std::move(hint));
}

// The bytes may well be right, but this build does not take them.
[[nodiscard]] inline Error unsupported(std::string message, std::string subject, std::string hint) {
    return make_error(SKL_E_FORMAT_UNSUPPORTED, std::move(message), std::move(subject),
                      std::move(hint));
}

}  // namespace skillet::gguf
