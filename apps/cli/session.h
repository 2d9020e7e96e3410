// SPDX-License-Identifier: Apache-2.0
// What every command needs: the global options, the runtime (opened when first needed), printing,
// and how a failure becomes a message and an exit code. One per process, used from the main thread.
#pragma once

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>
#include <skillet/skillet.hpp>

#include "progress.h"

namespace cli {

using Json = nlohmann::ordered_json;

// Ends a command: main() prints it and exits with the code's exit status.
struct Failure {
    skl_status code;
    std::string message;
    std::string subject;
    std::string hint;
    std::string json;  // the library's error document; empty for failures of the CLI itself
};

struct GlobalOptions {
    std::string root;
    uint64_t budget_bytes = 0;
    std::string config;
    std::string log;         // a level; empty: environment, file or default
    std::string log_format;  // "text" or "json"; empty likewise
    bool json = false;
};

class Session {
public:
    GlobalOptions options;
    bool errors_as_json = false;  // of a command that programs ask, also without --json
    int exit_status = 0;  // of a command that printed what it should and yet found a problem

    // The runtime; throws Failure if it cannot be opened.
    skl::Runtime &runtime();
    // Triggered by Ctrl-C.
    [[nodiscard]] skl_cancel cancel();
    // The skill that a reference names; a .skill file is verified, which may take a while.
    skl::Module open_module(const std::string &reference);
    // For a long call: stopped by Ctrl-C, shown by `bar`.
    [[nodiscard]] skl::Work work(ProgressBar &bar);

    // The value, or throws Failure.
    template <typename T>
    T value_of(skl::Result<T> result) {
        if (!result) throw failure_of(result.error());
        return std::move(result.value());
    }
    // The document of a C call without a wrapper: document_of(skl_package_list, runtime).
    template <typename Function, typename... Args>
    Json document_of(Function function, Args... args) {
        skl_document out{};
        skl_error error{};
        const skl_status status = function(args..., &out, &error);
        if (status != SKL_OK) throw failure_of(skl::Error(status, error));
        return parse(skl::Document(out).text());
    }
    // The same for a long call, whose last argument is how to stop and watch it.
    template <typename Function, typename... Args>
    Json work_document(Function function, Args... args) {
        ProgressBar bar;
        const skl_work_options how = work(bar).options();
        return document_of(function, args..., &how);
    }
    static Json parse(std::string_view text) { return Json::parse(text); }
    static Failure failure_of(const skl::Error &error);

    [[nodiscard]] bool json_errors() const { return options.json || errors_as_json; }
    // Prints the document if --json was given, and says whether it was.
    bool print_json(const Json &document) const;

private:
    std::string log_format_setting();

    std::string log_format_ = "text";  // in force; outlives the runtime, which logs by it
    std::optional<skl::Runtime> runtime_;
    std::optional<skl::Cancel> cancel_;
};

// "never", "after_change" or "later", as error documents say it.
const char *retry_name(skl_retry retry);

// The document as one line. What is no UTF-8 (a path may be anything) becomes U+FFFD.
std::string one_line(const Json &document);

// The failure as "skillet.error/1": the library's own document, or one of the same shape.
Json error_document(const Failure &failure);

// stdout did not take all that was printed.
Failure output_failure();

// Prints the failure to stderr, for people or as JSON, and gives the exit status.
int report(const Failure &failure, bool as_json);

}  // namespace cli
