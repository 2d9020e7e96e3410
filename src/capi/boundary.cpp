// SPDX-License-Identifier: Apache-2.0
#include "capi/boundary.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <cstring>

#include <fmt/format.h>

#include "base/utf8.h"
#include "json/error_json.h"
#include "json/write.h"

namespace skillet {
namespace {

// Set in the child of a fork(), once there are handles.
std::atomic<bool> in_forked_child{false};

constexpr size_t argument_bytes_max = 4096;
constexpr size_t options_bytes_max = 4096;

json::Value error_document(const Error &error) {
    return json::Object{{"schema", "skillet.error/1"}, {"error", json::error_members(error)}};
}

Error stale(const char *kind) {
    return make_error(SKL_E_STALE, fmt::format("the {} handle was closed, or never opened", kind),
                      kind);
}

}  // namespace

Handles &handles() {
    alignas(Handles) static std::byte storage[sizeof(Handles)];  // no allocation that could fail
    static Handles *const tables = [] {
        ::pthread_atfork(nullptr, nullptr, [] { in_forked_child = true; });
        return new (storage) Handles;
    }();
    return *tables;
}

skl_status dead_handle() noexcept { return forked() ? SKL_E_FORKED : SKL_E_STALE; }

bool forked() noexcept { return in_forked_child.load(std::memory_order_relaxed); }

skl_status report_forked(skl_error *out) noexcept {
    if (out != nullptr) out->id = 0;  // an error object would need a lock
    return SKL_E_FORKED;
}

skl_status report(Error error, skl_error *out) noexcept {
    const Code code = error.code;
    if (out == nullptr) return code;
    try {
        std::string json = json::compact(error_document(error));
        out->id = handles().errors.add(
            std::make_shared<const ErrorObject>(ErrorObject{std::move(error), std::move(json)}));
    } catch (...) {
        out->id = 0;  // no memory for the explanation: the status still tells the code
    }
    return code;
}

skl_status report(Code code, const char *message, skl_error *out) noexcept {
    try {
        return report(make_error(code, message), out);
    } catch (...) {
        if (out != nullptr) out->id = 0;
        return code;
    }
}

Result<std::shared_ptr<Runtime>> find(skl_runtime handle) {
    auto object = handles().runtimes.find(handle.id);
    if (!object) return stale("runtime");
    return object;
}

Result<std::shared_ptr<SkillHandle>> find(skl_module handle) {
    auto object = handles().modules.find(handle.id);
    if (!object) return stale("module");
    return object;
}

Result<std::shared_ptr<const ResultObject>> find(skl_result handle) {
    auto object = handles().results.find(handle.id);
    if (!object) return stale("result");
    return object;
}

Result<std::shared_ptr<Request>> find(skl_request handle) {
    auto object = handles().requests.find(handle.id);
    if (!object) return stale("request");
    return object;
}

Result<std::shared_ptr<const Schema>> find(skl_schema handle) {
    auto object = handles().schemas.find(handle.id);
    if (!object) return stale("schema");
    return object;
}

Result<StopSignal> stop_signal(skl_cancel cancel, uint32_t deadline_ms) {
    StopSignal stop;
    if (cancel.id != 0) {
        stop.flag = handles().cancels.find(cancel.id);
        if (!stop.flag) return stale("cancel");
    }
    if (deadline_ms != 0) {
        stop.deadline = SteadyClock::now() + std::chrono::milliseconds(deadline_ms);
    }
    return stop;
}

Result<Work> work_of(const skl_work_options *options) {
    SKL_TRY_ASSIGN(known, read_options(options));
    SKL_TRY(require_zero(known.reserved, "reserved"));
    SKL_TRY_ASSIGN(stop, stop_signal(known.cancel, known.deadline_ms));
    Work work{std::move(stop), {}};
    if (known.progress != nullptr) {
        work.progress = [call = known.progress, user = known.user](const char *phase, uint64_t done,
                                                                   uint64_t total) {
            call(user, phase, done, total);
        };
    }
    return work;
}

Result<void> require_zero(uint64_t value, const char *name) {
    if (value == 0) return {};
    return make_error(SKL_E_INVALID_ARGUMENT, fmt::format("{} is not 0", name), name);
}

Result<void> require(const void *pointer, const char *name) {
    if (pointer != nullptr) return {};
    return make_error(SKL_E_INVALID_ARGUMENT, fmt::format("{} is NULL", name), name);
}

Result<std::string> text_argument(const char *text, const char *name) {
    SKL_TRY(require(text, name));
    const size_t size = ::strnlen(text, argument_bytes_max + 1);
    if (size == 0 || size > argument_bytes_max) {
        return make_error(SKL_E_INVALID_ARGUMENT,
                          fmt::format("{} must have 1 to {} bytes", name, argument_bytes_max),
                          name);
    }
    std::string copy(text, size);
    if (!is_utf8(copy)) {
        return make_error(SKL_E_INVALID_ARGUMENT, fmt::format("{} is not UTF-8", name), name);
    }
    return copy;
}

Result<std::string> optional_text(const char *text, const char *name) {
    if (text == nullptr) return std::string();
    return text_argument(text, name);
}

Result<void> read_options(const void *options, const OptionRules &rules, void *copy) {
    uint32_t size = 0;
    std::memcpy(&size, options, sizeof size);
    if (size < rules.first_size || size > options_bytes_max) {
        return make_error(SKL_E_ABI_MISMATCH,
                          fmt::format("struct_size is {}; {} to {} are possible", size,
                                      rules.first_size, options_bytes_max),
                          "struct_size", "set it to sizeof the struct");
    }
    const auto *bytes = static_cast<const unsigned char *>(options);
    const size_t shared = std::min<size_t>(size, rules.size);
    if (std::any_of(bytes + shared, bytes + size, [](unsigned char byte) { return byte != 0; })) {
        return make_error(SKL_E_ABI_MISMATCH, "the struct has members this library does not know",
                          "struct_size", "use a library as new as the header");
    }
    std::memcpy(copy, options, shared);
    uint32_t flags = 0;
    std::memcpy(&flags, bytes + sizeof size, sizeof flags);
    if (const uint32_t unknown = flags & ~rules.flags; unknown != 0) {
        return make_error(SKL_E_INVALID_ARGUMENT, fmt::format("unknown flags {:#x}", unknown),
                          "flags");
    }
    return {};
}

skl_document make_document(const json::Value &value) {
    return {handles().documents.add(std::make_shared<const std::string>(json::compact(value)))};
}

}  // namespace skillet
