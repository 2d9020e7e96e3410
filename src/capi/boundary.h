// SPDX-License-Identifier: Apache-2.0
// The border between C callers and the library: handle tables, the exception barrier, and the
// conversions that every function of the ABI needs.
#pragma once

#include <new>
#include <string>
#include <string_view>

#include <skillet/authoring/contract.h>
#include <skillet/skillet.h>

#include "assembly/request.h"
#include "assembly/runtime.h"
#include "capi/handle_table.h"
#include "schema/schema.h"

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
    HandleTable<Request, HandleKind::request> requests;
    HandleTable<const Schema, HandleKind::schema> schemas;
};
Handles &handles();

// Whether this process was forked from one that had made handles. Its locks may be held by threads
// that are not in it, so nothing of the library may be touched: every call gives SKL_E_FORKED, and
// what gives no status does nothing.
[[nodiscard]] bool forked() noexcept;

// What a call says of a handle that quiet_find() does not find.
[[nodiscard]] skl_status dead_handle() noexcept;

// Looks up or closes a handle for a function that has no error object: null if it is stale.
template <typename Table>
[[nodiscard]] auto quiet_find(Table Handles::*table, uint64_t handle)
    -> decltype((handles().*table).find(handle)) {
    if (forked()) return nullptr;
    return (handles().*table).find(handle);
}
template <typename Table>
void close(Table Handles::*table, uint64_t handle) {
    if (!forked()) (handles().*table).remove(handle);
}

// Fills `out`, if it is wanted, and gives the error's code back.
skl_status report(Error error, skl_error *out) noexcept;
// The same, where there may be no memory for the message.
skl_status report(Code code, const char *message, skl_error *out) noexcept;

skl_status report_forked(skl_error *out) noexcept;

// The one exception barrier: runs `body`, which gives a Result<void>, and turns failures into a
// status. Outputs are written by the last step of `body`, so a failure leaves them untouched.
template <typename Body>
skl_status guard(skl_error *error, Body body) noexcept {
    if (forked()) return report_forked(error);
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
Result<std::shared_ptr<Request>> find(skl_request handle);
Result<std::shared_ptr<const Schema>> find(skl_schema handle);

// {0} means: cannot be cancelled.
Result<StopSignal> stop_signal(skl_cancel cancel, uint32_t deadline_ms = 0);

// What the caller asks of a long call; NULL asks for nothing.
Result<Work> work_of(const skl_work_options *options);

// SKL_E_INVALID_ARGUMENT if a required pointer is null.
Result<void> require(const void *pointer, const char *name);
// SKL_E_INVALID_ARGUMENT if a member that must be 0 is not.
Result<void> require_zero(uint64_t value, const char *name);
// A required text: not null, not empty, at most 4096 bytes, valid UTF-8.
Result<std::string> text_argument(const char *text, const char *name);
// The same, but null gives an empty string.
Result<std::string> optional_text(const char *text, const char *name);

// The size of an option struct in the first version of the ABI that had it. A program compiled with
// that header is served for ever: what it does not know of is zero, which means the default.
template <typename Options>
inline constexpr size_t first_size = sizeof(Options);
template <>
inline constexpr size_t first_size<skl_report_options> = 16;  // up to `work`

// The flags that an option struct may have.
template <typename Options>
inline constexpr uint32_t known_flags = 0;
template <>
inline constexpr uint32_t known_flags<skl_report_options> = SKL_REPORT_DEEP;
template <>
inline constexpr uint32_t known_flags<skl_collect_options> =
    SKL_COLLECT_DRY_RUN | SKL_COLLECT_GRACE | SKL_COLLECT_RETIRED;
template <>
inline constexpr uint32_t known_flags<skl_check_options> = SKL_CHECK_REPAIR;
template <>
inline constexpr uint32_t known_flags<skl_keep_options> = SKL_KEEP_PINNED;
template <>
inline constexpr uint32_t known_flags<skl_transition_options> =
    SKL_TRANSITION_NO_VERIFY | SKL_TRANSITION_DRAIN;
template <>
inline constexpr uint32_t known_flags<skl_remote_options> = SKL_REMOTE_PLAIN_HTTP;

struct OptionRules {
    size_t first_size;
    size_t size;  // today
    uint32_t flags;
};

// Checks struct_size, that the tail we do not know is zero and that no flag is set which we do not
// know, and copies what we know over a zeroed struct.
Result<void> read_options(const void *options, const OptionRules &rules, void *copy);

// The caller's options as today's struct; all zero for NULL.
template <typename Options>
Result<Options> read_options(const Options *options) {
    Options known{};
    if (options != nullptr) {
        const OptionRules rules{first_size<Options>, sizeof known, known_flags<Options>};
        SKL_TRY(read_options(options, rules, &known));
    }
    return known;
}

// Makes a document handle of the value's text.
skl_document make_document(const json::Value &value);

}  // namespace skillet
