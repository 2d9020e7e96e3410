// SPDX-License-Identifier: Apache-2.0
// C++17 wrapper over the C ABI: header-only, move-only owners, no exceptions of its own.
//
//     auto runtime = skl::Runtime::open();
//     auto module = runtime.value().open_module("org.skillet.spam-filter");
//     auto reply = module.value().invoke(R"({"subject": "…", "body": "…"})");
//     if (!reply) std::cerr << reply.error().message() << '\n';
#ifndef SKILLET_SKILLET_HPP
#define SKILLET_SKILLET_HPP

#include <cassert>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <skillet/skillet.h>

namespace skl {

// Owns a handle; `Free` is the C function that closes it.
template <typename Handle, void (*Free)(Handle)>
class Owned {
public:
    Owned() = default;
    explicit Owned(Handle handle) : handle_(handle) {}
    Owned(Owned &&other) noexcept : handle_(std::exchange(other.handle_, Handle{})) {}
    Owned &operator=(Owned &&other) noexcept {
        if (this != &other) {
            Free(handle_);
            handle_ = std::exchange(other.handle_, Handle{});
        }
        return *this;
    }
    ~Owned() { Free(handle_); }

    [[nodiscard]] Handle get() const { return handle_; }

private:
    Handle handle_{};
};

// A failed call: its code is there even if there was no memory for the explanation.
class Error {
public:
    Error(skl_status code, skl_error handle) : code_(code), handle_(handle) {}

    [[nodiscard]] skl_status code() const { return code_; }
    [[nodiscard]] std::string message() const { return skl_error_message(handle_.get()); }
    [[nodiscard]] std::string subject() const { return skl_error_subject(handle_.get()); }
    [[nodiscard]] std::string hint() const { return skl_error_hint(handle_.get()); }
    [[nodiscard]] std::string json() const { return skl_error_json(handle_.get()); }

private:
    skl_status code_;
    Owned<skl_error, skl_error_free> handle_;
};

// A value or an Error, with the names of std::expected.
template <typename T>
class [[nodiscard]] Result {
public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    [[nodiscard]] bool has_value() const { return state_.index() == 0; }
    explicit operator bool() const { return has_value(); }
    T &value() { return assert(has_value()), *std::get_if<0>(&state_); }
    T &operator*() { return value(); }
    T *operator->() { return &value(); }
    Error &error() { return assert(!has_value()), *std::get_if<1>(&state_); }

private:
    std::variant<T, Error> state_;
};

struct Done {};  // the value of a call that gives nothing

// Calls `function(args..., &out, &error)` and wraps what it gives into a T.
template <typename T, typename Handle, typename Function, typename... Args>
Result<T> call(Function function, Args... args) {
    Handle out{};
    skl_error error{};
    const skl_status status = function(args..., &out, &error);
    if (status != SKL_OK) return Error(status, error);
    return T(out);
}

class Document {
public:
    explicit Document(skl_document handle) : handle_(handle) {}
    // Valid as long as the document.
    [[nodiscard]] std::string_view text() const {
        return {skl_document_text(handle_.get()), skl_document_size(handle_.get())};
    }

private:
    Owned<skl_document, skl_document_free> handle_;
};

class Cancel {
public:
    static Result<Cancel> create() { return call<Cancel, skl_cancel>(skl_cancel_create); }
    explicit Cancel(skl_cancel handle) : handle_(handle) {}
    void trigger() const { skl_cancel_trigger(handle_.get()); }
    [[nodiscard]] skl_cancel get() const { return handle_.get(); }

private:
    Owned<skl_cancel, skl_cancel_free> handle_;
};

class Reply {
public:
    explicit Reply(skl_result handle) : handle_(handle) {}
    // Empty if the skill abstained.
    [[nodiscard]] std::optional<std::string> label() const {
        const char *text = skl_result_label(handle_.get());
        return text != nullptr ? std::optional<std::string>(text) : std::nullopt;
    }
    [[nodiscard]] bool abstained() const { return skl_result_abstained(handle_.get()) != 0; }
    // Empty if nothing is known about how often such answers are right.
    [[nodiscard]] std::optional<double> confidence() const {
        double value = 0;
        if (skl_result_confidence(handle_.get(), &value) != SKL_OK) return std::nullopt;
        return value;
    }
    Result<Document> document(bool with_stats = false) const {
        return call<Document, skl_document>(skl_result_document, handle_.get(), with_stats ? 1 : 0);
    }

private:
    Owned<skl_result, skl_result_free> handle_;
};

class Module {
public:
    explicit Module(skl_module handle) : handle_(handle) {}
    Result<Done> load(skl_cancel cancel = {}) const {
        skl_error error{};
        const skl_status status = skl_module_load(handle_.get(), cancel, &error);
        if (status != SKL_OK) return Error(status, error);
        return Done{};
    }
    Result<Reply> invoke(std::string_view input, uint32_t deadline_ms = 0,
                         skl_cancel cancel = {}) const {
        skl_request_options options{sizeof options, 0, deadline_ms, 0, cancel};
        return call<Reply, skl_result>(skl_module_invoke, handle_.get(), input.data(), input.size(),
                                       &options);
    }
    Result<Document> show() const {
        return call<Document, skl_document>(skl_module_show, handle_.get());
    }

private:
    Owned<skl_module, skl_module_close> handle_;
};

class Runtime {
public:
    // An empty root or a zero budget means the default.
    static Result<Runtime> open(const std::string &root = {}, uint64_t budget_bytes = 0) {
        skl_runtime_options options{sizeof options, 0, root.empty() ? nullptr : root.c_str(),
                                    nullptr, budget_bytes};
        return call<Runtime, skl_runtime>(skl_runtime_open, &options);
    }
    explicit Runtime(skl_runtime handle) : handle_(handle) {}
    Result<Module> open_module(const std::string &reference, skl_cancel cancel = {}) const {
        return call<Module, skl_module>(skl_module_open, handle_.get(), reference.c_str(), cancel);
    }
    [[nodiscard]] skl_runtime get() const { return handle_.get(); }

private:
    Owned<skl_runtime, skl_runtime_close> handle_;
};

}  // namespace skl

#endif
