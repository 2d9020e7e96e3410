// SPDX-License-Identifier: Apache-2.0
// The C++ wrapper's ground: owners of handles, and a call's value or error. Included by
// skillet.hpp.
#ifndef SKILLET_OUTCOME_HPP
#define SKILLET_OUTCOME_HPP

#include <cassert>
#include <string>
#include <utility>
#include <variant>

#include <skillet/error.h>

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

}  // namespace skl

#endif
