// SPDX-License-Identifier: Apache-2.0
#include "gguf/value_type.h"

#include <array>
#include <cassert>

namespace skillet::gguf {
namespace {

struct Row {
    const char *name;
    uint32_t bytes;
};

// By number.
constexpr std::array<Row, 13> rows = {{{"u8", 1},
                                       {"i8", 1},
                                       {"u16", 2},
                                       {"i16", 2},
                                       {"u32", 4},
                                       {"i32", 4},
                                       {"f32", 4},
                                       {"bool", 1},
                                       {"string", 0},
                                       {"array", 0},
                                       {"u64", 8},
                                       {"i64", 8},
                                       {"f64", 8}}};

const Row &row(ValueType type) {
    const auto number = static_cast<uint32_t>(type);
    assert(number < rows.size());
    return rows[number];
}

}  // namespace

std::optional<ValueType> value_type(uint32_t number) {
    if (number >= rows.size()) return std::nullopt;
    return static_cast<ValueType>(number);
}

const char *name_of(ValueType type) { return row(type).name; }

uint32_t bytes_of(ValueType type) { return row(type).bytes; }

}  // namespace skillet::gguf
