// SPDX-License-Identifier: Apache-2.0
// What an evaluation wants to know of the value it looks at: where it stands, its type, its names,
// and which of its parts some keyword has looked at.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"

namespace skillet::schema {

// Bytes of text that count as one step where work grows with the length of text.
inline constexpr uint64_t bytes_per_step = 16;

// Where a value stands, as a list from the inside out: a pointer is only written for a violation.
struct Place {
    const Place *parent = nullptr;
    std::string_view name = {};  // in an object
    size_t index = 0;            // in an array
    bool in_array = false;
};

[[nodiscard]] std::string pointer_to(const Place &place);

[[nodiscard]] uint8_t type_bits(const json::Value &value);
// "null or number".
[[nodiscard]] std::string type_names(uint8_t bits);

// The names of an object, sorted so that many look-ups stay cheap.
class Names {
public:
    explicit Names(const json::Object &object);
    [[nodiscard]] bool has(std::string_view name) const;

private:
    std::vector<std::string_view> names_;
};

// A measure of the time that sorting an object's names takes.
[[nodiscard]] uint64_t names_weight(const json::Object &object);

// The parts of one array or object that some keyword has looked at and not refused.
class Evaluated {
public:
    explicit Evaluated(size_t parts) : seen_(parts) {}

    [[nodiscard]] size_t size() const { return seen_.size(); }
    [[nodiscard]] bool has(size_t part) const { return seen_[part]; }
    void add(size_t part) { seen_[part] = true; }
    // REQUIRES: of the same value.
    void add(const Evaluated &others);

private:
    std::vector<bool> seen_;
};

// Elements or members.
[[nodiscard]] size_t part_count(const json::Value &value);

}  // namespace skillet::schema
