// SPDX-License-Identifier: Apache-2.0
#include "remote/challenge.h"

#include <algorithm>

namespace skillet {
namespace {

bool is_token_byte(char c) {
    constexpr std::string_view separators = "()<>@,;:\\\"/[]?={} \t";
    return c > ' ' && c < 127 && separators.find(c) == std::string_view::npos;
}

std::string lower(std::string_view text) {
    std::string copy(text);
    std::transform(copy.begin(), copy.end(), copy.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return copy;
}

// Reads the header's parts from front to back.
class Reader {
public:
    explicit Reader(std::string_view text) : text_(text) {}

    [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
    void skip(std::string_view bytes) {
        at_ = std::min(text_.find_first_not_of(bytes, at_), text_.size());
    }
    bool take(char c) {
        if (at_end() || text_[at_] != c) return false;
        ++at_;
        return true;
    }
    std::string token() {
        const size_t begin = at_;
        while (!at_end() && is_token_byte(text_[at_])) ++at_;
        return std::string(text_.substr(begin, at_ - begin));
    }
    // Behind the opening quote; nothing if it is never closed.
    std::optional<std::string> quoted() {
        std::string value;
        while (!at_end()) {
            const char c = text_[at_++];
            if (c == '"') return value;
            if (c == '\\' && at_end()) break;
            value += c == '\\' ? text_[at_++] : c;
        }
        return std::nullopt;
    }
    // NAME=VALUE; goes back and gives nothing where the next word is a scheme.
    std::optional<std::pair<std::string, std::string>> parameter() {
        const size_t begin = at_;
        std::string name = lower(token());
        skip(" \t");
        if (name.empty() || !take('=')) {
            at_ = begin;
            return std::nullopt;
        }
        skip(" \t");
        const auto value = take('"') ? quoted() : std::optional(token());
        if (!value) {
            at_ = text_.size();
            return std::nullopt;
        }
        return std::pair(std::move(name), *value);
    }

private:
    std::string_view text_;
    size_t at_ = 0;
};

}  // namespace

std::string_view Challenge::parameter(std::string_view name) const {
    const auto found = parameters.find(name);
    return found != parameters.end() ? std::string_view(found->second) : std::string_view();
}

std::optional<Challenge> Challenge::parse(std::string_view header) {
    Reader reader(header);
    for (;;) {
        reader.skip(" \t,");
        const std::string scheme = lower(reader.token());
        if (scheme.empty()) return std::nullopt;
        Challenge challenge;
        challenge.bearer = scheme == "bearer";
        for (;;) {
            reader.skip(" \t,");
            auto parameter = reader.parameter();
            if (!parameter) break;
            challenge.parameters.insert(*std::move(parameter));
        }
        if (challenge.bearer || scheme == "basic") return challenge;
    }
}

}  // namespace skillet
