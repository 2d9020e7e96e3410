// SPDX-License-Identifier: Apache-2.0
// Structured log records. The library prints nothing: a record goes to the sink that the host gave.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <skillet/log.h>

namespace skillet {

struct LogField {
    const char *name;
    std::variant<std::string, uint64_t, double> value;
};

struct LogRecord {
    skl_log_level level;
    const char *event;    // stable, dotted: "module.loaded"
    std::string message;  // one sentence
    std::vector<LogField> fields;
};

// Where records go, and how many of them. Cheap to copy; thread-safe if the sink is.
class Log {
public:
    using Sink = std::function<void(const LogRecord &)>;

    Log() = default;  // tells nobody
    Log(skl_log_level level, Sink sink)
        : level_(sink ? level : SKL_LOG_OFF),
          sink_(std::make_shared<const Sink>(std::move(sink))) {}

    // Ask before gathering what is costly.
    [[nodiscard]] bool tells(skl_log_level level) const { return level <= level_; }

    void write(skl_log_level level, const char *event, std::string message,
               std::vector<LogField> fields = {}) const {
        if (tells(level)) (*sink_)({level, event, std::move(message), std::move(fields)});
    }

private:
    skl_log_level level_ = SKL_LOG_OFF;
    std::shared_ptr<const Sink> sink_;
};

}  // namespace skillet
