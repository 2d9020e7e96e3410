// SPDX-License-Identifier: Apache-2.0
#include "gguf/rules.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "gguf/refusal.h"

namespace skillet::gguf {
namespace {

constexpr const char *convert_hint = "convert the model anew with this value";

class Rule {
public:
    Rule(const File &file, const Facts &facts, const KeyRule &rule)
        : file_(file), facts_(facts), rule_(rule), key_(full_key(rule, facts.architecture)) {}

    [[nodiscard]] Result<void> check() const;

private:
    [[nodiscard]] Result<void> bound(const Entry &entry) const;
    [[nodiscard]] Result<void> range(uint64_t value) const;
    [[nodiscard]] Result<void> real(double value) const;
    [[nodiscard]] Result<void> per_token(uint64_t count) const;
    [[nodiscard]] Result<void> rope_scaling(const Entry &entry) const;

    const File &file_;
    const Facts &facts_;
    const KeyRule &rule_;
    const std::string key_;
};

Result<void> Rule::check() const {
    const Entry *entry = file_.find(key_);
    if (entry == nullptr) {
        if (rule_.presence == Presence::optional) return {};
        return malformed("the key is missing", key_, "convert the model anew with this key");
    }
    const auto *array = std::get_if<ArrayValue>(&entry->value);
    if (entry->type != rule_.type || (array != nullptr && array->element != rule_.element)) {
        const bool is_array = rule_.type == ValueType::array;
        return malformed(fmt::format("another type than {}{}", is_array ? "array of " : "",
                                     name_of(is_array ? rule_.element : rule_.type)),
                         key_);
    }
    return bound(*entry);
}

Result<void> Rule::bound(const Entry &entry) const {
    switch (rule_.bound) {
        case Bound::none: return {};
        case Bound::range: return range(std::get<uint64_t>(entry.value));
        case Bound::fraction:
        case Bound::positive: return real(std::get<double>(entry.value));
        case Bound::token: {
            const auto value = std::get<uint64_t>(entry.value);
            if (value < facts_.vocabulary_size) return {};
            return malformed(
                fmt::format("token {} of a vocabulary of {}", value, facts_.vocabulary_size), key_);
        }
        case Bound::tokens: {
            const auto value = std::get<uint64_t>(entry.value);
            if (value == facts_.vocabulary_size) return {};
            return malformed(fmt::format("a vocabulary of {} where {} tokens are listed", value,
                                         facts_.vocabulary_size),
                             key_);
        }
        case Bound::per_token: return per_token(std::get<ArrayValue>(entry.value).count);
        case Bound::rope_scaling: return rope_scaling(entry);
    }
    return {};
}

Result<void> Rule::range(uint64_t value) const {
    if (value >= rule_.min && value <= rule_.max) return {};
    return unsupported(
        rule_.min == rule_.max
            ? fmt::format("{} where only {} is taken", value, rule_.min)
            : fmt::format("{} where {} to {} are taken", value, rule_.min, rule_.max),
        key_, convert_hint);
}

Result<void> Rule::real(double value) const {
    const bool fraction = rule_.bound == Bound::fraction;
    if (value > 0 && std::isfinite(value) && (!fraction || value < 1)) return {};
    return malformed(
        fmt::format("{} is not {}", value, fraction ? "between 0 and 1" : "a positive number"),
        key_);
}

Result<void> Rule::per_token(uint64_t count) const {
    if (count == facts_.vocabulary_size) return {};
    return malformed(fmt::format("{} elements for {} tokens", count, facts_.vocabulary_size), key_);
}

Result<void> Rule::rope_scaling(const Entry &entry) const {
    const auto *value = std::get_if<std::string>(&entry.value);
    constexpr std::array<std::string_view, 3> known = {"none", "linear", "yarn"};
    if (value != nullptr && std::find(known.begin(), known.end(), *value) != known.end()) return {};
    return unsupported("a scaling of positions that is none of none, linear and yarn", key_,
                       convert_hint);
}

}  // namespace

std::string full_key(const KeyRule &rule, std::string_view architecture) {
    const std::string_view key = rule.key;
    return key.starts_with('.') ? std::string(architecture) + std::string(key) : std::string(key);
}

Result<void> check_keys(const File &file, const Facts &facts, std::span<const KeyRule> rules) {
    for (const KeyRule &rule : rules) SKL_TRY(Rule(file, facts, rule).check());
    return {};
}

uint64_t unsigned_value(const File &file, std::string_view key, uint64_t otherwise) {
    const Entry *entry = file.find(key);
    return entry == nullptr ? otherwise : std::get<uint64_t>(entry->value);
}

const ArrayValue *array_value(const File &file, std::string_view key) {
    const Entry *entry = file.find(key);
    return entry == nullptr ? nullptr : &std::get<ArrayValue>(entry->value);
}

}  // namespace skillet::gguf
