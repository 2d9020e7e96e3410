// SPDX-License-Identifier: Apache-2.0
// The border between C callers and the library: handle tables, the exception barrier, and the
// conversions that every function of the ABI needs.
#pragma once

#include <new>
#include <string>
#include <string_view>

#include <skillet/skillet.h>

#include "assembly/runtime.h"
#include "capi/handle_table.h"

namespace skillet {

struct ErrorObject {
    Error error;
    std::string json;
};

struct ResultObject {
    std::shared_ptr<SkillHandle> module;
    Answer answer;
};

// The tables of this process. Constructed on first use, never destroyed: a handle may be used by
// other threads while the process exits.
struct Handles {
    HandleTable<Runtime, HandleKind::runtime> runtimes;
    HandleTable<SkillHandle, HandleKind::module> modules;
    HandleTable<const ResultObject, HandleKind::result> results;
    HandleTable<const std::string, HandleKind::document> documents;
    HandleTable<CancelFlag, HandleKind::cancel> cancels;
    HandleTable<const ErrorObject, HandleKind::error> errors;
};
Handles &handles();

// Fills `out`, if it is wanted, and gives the error's code back.
skl_status report(Error error, skl_error *out) noexcept;
// The same, where there may be no memory for the message.
skl_status report(Code code, const char *message, skl_error *out) noexcept;

// The one exception barrier: runs `body`, which gives a Result<void>, and turns failures into a
// status. Outputs are written by the last step of `body`, so a failure leaves them untouched.
template <typename Body>
skl_status guard(skl_error *error, Body body) noexcept {
    try {
        Result<void> outcome = body();
        if (!outcome) return report(std::move(outcome).error(), error);
        if (error != nullptr) error->id = 0;
        return SKL_OK;
    } catch (const std::bad_alloc &) {
        return report(SKL_E_OUT_OF_MEMORY, "not enough memory", error);
    } catch (const std::exception &exception) {
        return report(SKL_E_INTERNAL, exception.what(), error);
    } catch (...) {
        return report(SKL_E_INTERNAL, "unknown exception", error);
    }
}

// The object behind a handle, or SKL_E_STALE naming the kind.
Result<std::shared_ptr<Runtime>> find(skl_runtime handle);
Result<std::shared_ptr<SkillHandle>> find(skl_module handle);
Result<std::shared_ptr<const ResultObject>> find(skl_result handle);

// {0} means: cannot be cancelled.
Result<StopSignal> stop_signal(skl_cancel cancel, uint32_t deadline_ms = 0);

// SKL_E_INVALID_ARGUMENT if a required pointer is null.
Result<void> require(const void *pointer, const char *name);
// A required text: not null, not empty, at most 4096 bytes, valid UTF-8.
Result<std::string> text_argument(const char *text, const char *name);
// The same, but null gives an empty string.
Result<std::string> optional_text(const char *text, const char *name);

// Checks struct_size, that the tail we do not know is zero and that no flag is set, and copies what
// we know. `known_size` is also the least: no option struct has grown yet.
Result<void> read_options(const void *options, size_t known_size, void *copy);

// Makes a document handle of the value's text.
skl_document make_document(const json::Value &value);

}  // namespace skillet
