// SPDX-License-Identifier: Apache-2.0
#include "session.h"

#include <cstdio>

#include <fmt/format.h>

#include "interrupt.h"
#include "log_lines.h"
#include "style.h"

namespace cli {
const char *retry_name(skl_retry retry) {
    switch (retry) {
        case SKL_RETRY_LATER: return "later";
        case SKL_RETRY_AFTER_CHANGE: return "after_change";
        default: return "never";
    }
}

std::string one_line(const Json &document) {
    return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

skl::Runtime &Session::runtime() {
    if (!runtime_) {
        skl::RuntimeOptions wanted;
        wanted.root = options.root;
        wanted.budget_bytes = options.budget_bytes;
        wanted.config = options.config;
        wanted.log = print_record;
        wanted.log_user = &log_format_;
        wanted.log_level = level_of(options.log);
        if (!options.log_format.empty()) log_format_ = options.log_format;
        runtime_ = value_of(skl::Runtime::open(wanted));
        if (options.log_format.empty()) log_format_ = log_format_setting();
    }
    return *runtime_;
}

std::string Session::log_format_setting() {
    const Json document = document_of(skl_runtime_settings, runtime_->get());
    for (const Json &row : document["settings"]) {
        if (row["name"] == "log_format") return row["value"].get<std::string>();
    }
    return "text";
}

skl_cancel Session::cancel() {
    if (!cancel_) {
        cancel_ = value_of(skl::Cancel::create());
        set_interrupt_target(cancel_->get());
    }
    return cancel_->get();
}

skl::Module Session::open_module(const std::string &reference) {
    ProgressBar bar;
    return value_of(runtime().open_module(reference, work(bar)));
}

skl::Work Session::work(ProgressBar &bar) { return {cancel(), 0, ProgressBar::hear, &bar}; }

Failure Session::failure_of(const skl::Error &error) {
    return {error.code(), error.message(), error.subject(), error.hint(), error.json()};
}

bool Session::print_json(const Json &document) const {
    if (!options.json) return false;
    fmt::print("{}\n", one_line(document));
    return true;
}

Json error_document(const Failure &failure) {
    if (!failure.json.empty()) return Session::parse(failure.json);
    return {{"schema", "skillet.error/1"},
            {"error",
             {{"code", skl_status_name(failure.code)},
              {"number", failure.code},
              {"message", failure.message},
              {"subject", failure.subject},
              {"hint", failure.hint},
              {"retry", retry_name(skl_status_retry(failure.code))}}}};
}

Failure output_failure() {
    return {SKL_E_IO, "cannot write the output", "stdout", "free some space", {}};
}

int report(const Failure &failure, bool as_json) {
    const char *name = skl_status_name(failure.code);
    if (as_json) {
        fmt::print(stderr, "{}\n", one_line(error_document(failure)));
    } else {
        const Style style(stderr);
        fmt::print(stderr, "{}skillet: {}:{} {}\n", style.bad(), name, style.plain(),
                   printable(failure.message));
        if (!failure.subject.empty()) {
            fmt::print(stderr, "  about: {}\n", printable(failure.subject));
        }
        if (!failure.hint.empty()) fmt::print(stderr, "  try:   {}\n", printable(failure.hint));
    }
    return skl_status_exit_code(failure.code);
}

}  // namespace cli
