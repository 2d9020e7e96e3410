// SPDX-License-Identifier: Apache-2.0
// Result<T>: a value or an Error. Method names are those of std::expected (C++23),
// so that it can become an alias of it one day.
#pragma once

#include <cassert>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/error.h"

namespace skillet {

template <typename T>
class [[nodiscard]] Result {
public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    [[nodiscard]] bool has_value() const { return state_.index() == 0; }
    explicit operator bool() const { return has_value(); }

    // REQUIRES: has_value().
    T &value() & { return assert(has_value()), *std::get_if<0>(&state_); }
    const T &value() const & { return assert(has_value()), *std::get_if<0>(&state_); }
    T &&value() && { return assert(has_value()), std::move(*std::get_if<0>(&state_)); }
    T &operator*() & { return value(); }
    const T &operator*() const & { return value(); }
    // By value: a range-for over `*f()` must not dangle.
    T operator*() && { return std::move(*this).value(); }
    T *operator->() { return &value(); }
    const T *operator->() const { return &value(); }

    // REQUIRES: !has_value().
    Error &error() & { return assert(!has_value()), *std::get_if<1>(&state_); }
    const Error &error() const & { return assert(!has_value()), *std::get_if<1>(&state_); }
    Error &&error() && { return assert(!has_value()), std::move(*std::get_if<1>(&state_)); }

private:
    std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
public:
    Result() = default;
    Result(Error error) : error_(std::move(error)) {}

    [[nodiscard]] bool has_value() const { return !error_.has_value(); }
    explicit operator bool() const { return has_value(); }

    // REQUIRES: !has_value().
    Error &error() & { return assert(!has_value()), *error_; }
    const Error &error() const & { return assert(!has_value()), *error_; }
    Error &&error() && { return assert(!has_value()), std::move(*error_); }

private:
    std::optional<Error> error_;
};

}  // namespace skillet

// Returns the error of `expression` from the enclosing function, if it has one.
#define SKL_TRY(expression)                                        \
    do {                                                           \
        if (auto skl_try_result = (expression); !skl_try_result) { \
            return std::move(skl_try_result).error();              \
        }                                                          \
    } while (false)

// Declares `name` as the value of `expression`, or returns its error from the enclosing function.
#define SKL_TRY_ASSIGN(name, expression)         \
    auto name##_result = (expression);           \
    if (!name##_result) {                        \
        return std::move(name##_result).error(); \
    }                                            \
    auto &name = *name##_result
