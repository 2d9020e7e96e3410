// SPDX-License-Identifier: Apache-2.0
// The engine reports why it failed only in its log. While an EngineLog lives, the warnings and
// errors that its thread causes are kept; everything else is dropped, and nothing is ever printed.
#pragma once

#include <string>

namespace skillet {

class EngineLog {
public:
    EngineLog();
    ~EngineLog();
    EngineLog(const EngineLog &) = delete;
    EngineLog &operator=(const EngineLog &) = delete;

    // The last line, or `otherwise` if the engine said nothing.
    [[nodiscard]] std::string last_line(const char *otherwise) const;

    // Routes the engine's log here. Call before any other engine function.
    static void install();

private:
    std::string text_;
};

}  // namespace skillet
