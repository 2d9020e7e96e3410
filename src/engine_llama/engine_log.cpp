// SPDX-License-Identifier: Apache-2.0
#include "engine_llama/engine_log.h"

#include <llama.h>

namespace skillet {
namespace {

constexpr size_t log_bytes_max = 16 * 1024;

thread_local std::string *sink = nullptr;

void receive(ggml_log_level level, const char *text, void * /*user_data*/) {
    if (sink == nullptr || text == nullptr || sink->size() > log_bytes_max) return;
    if (level >= GGML_LOG_LEVEL_WARN) *sink += text;
}

}  // namespace

EngineLog::EngineLog() { sink = &text_; }

EngineLog::~EngineLog() { sink = nullptr; }

std::string EngineLog::last_line(const char *otherwise) const {
    const size_t end = text_.find_last_not_of("\n ");
    if (end == std::string::npos) return otherwise;
    const size_t newline = text_.rfind('\n', end);
    const size_t begin = newline == std::string::npos ? 0 : newline + 1;
    return text_.substr(begin, end + 1 - begin);
}

void EngineLog::install() { llama_log_set(receive, nullptr); }

}  // namespace skillet
