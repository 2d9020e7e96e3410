// SPDX-License-Identifier: Apache-2.0
// A text read from left to right, by formats that the RFCs define in ASCII.
#pragma once

#include <string_view>

namespace skillet::schema {

[[nodiscard]] constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
[[nodiscard]] constexpr bool is_alpha(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
[[nodiscard]] constexpr bool is_alphanumeric(char c) { return is_alpha(c) || is_digit(c); }
[[nodiscard]] constexpr bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

class Scan {
public:
    explicit Scan(std::string_view text) : rest_(text) {}

    [[nodiscard]] bool done() const { return rest_.empty(); }
    [[nodiscard]] std::string_view rest() const { return rest_; }
    // NUL at the end.
    [[nodiscard]] char next() const { return rest_.empty() ? '\0' : rest_[0]; }

    bool take(std::string_view wanted) {
        if (!rest_.starts_with(wanted)) return false;
        rest_.remove_prefix(wanted.size());
        return true;
    }
    // How many characters of the kind were taken, `most` at most.
    size_t take_while(bool (*is_kind)(char), size_t most = std::string_view::npos) {
        size_t count = 0;
        while (count < most && count < rest_.size() && is_kind(rest_[count])) ++count;
        rest_.remove_prefix(count);
        return count;
    }
    // Exactly so many digits, as a number; -1 if they are not there. REQUIRES: at most 9.
    int take_number(size_t digits) {
        const std::string_view text = rest_;
        if (take_while(is_digit, digits) != digits) return -1;
        int number = 0;
        for (size_t i = 0; i < digits; ++i) number = number * 10 + (text[i] - '0');
        return number;
    }

private:
    std::string_view rest_;
};

}  // namespace skillet::schema
