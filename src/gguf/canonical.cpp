// SPDX-License-Identifier: Apache-2.0
// Implementation: every piece is hashed as GGUF itself would write it, so that each has its length
// or type in front and no two lists of pieces give the same bytes.
#include "gguf/canonical.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <span>
#include <string_view>

#include "gguf/value_type.h"

namespace skillet::gguf {
namespace {

void add_number(Sha256 &hash, uint64_t value, size_t bytes) {
    std::array<std::byte, 8> raw{};
    for (size_t i = 0; i < bytes; ++i) raw[i] = static_cast<std::byte>(value >> (8 * i));
    hash.update(std::span<const std::byte>(raw).first(bytes));
}

void add_string(Sha256 &hash, std::string_view text) {
    add_number(hash, text.size(), 8);
    hash.update(text);
}

void add_array(Sha256 &hash, const ArrayValue &array) {
    add_number(hash, static_cast<uint32_t>(array.element), 4);
    add_number(hash, array.count, 8);
    for (const std::string &text : array.strings) add_string(hash, text);
    hash.update(array.bytes);
}

// The bits that a number had in the file.
uint64_t bits(const Entry &entry) {
    if (const auto *value = std::get_if<uint64_t>(&entry.value)) return *value;
    if (const auto *value = std::get_if<int64_t>(&entry.value))
        return static_cast<uint64_t>(*value);
    const double value = std::get<double>(entry.value);
    if (entry.type == ValueType::f64) return std::bit_cast<uint64_t>(value);
    return std::bit_cast<uint32_t>(static_cast<float>(value));
}

void add_entry(Sha256 &hash, const Entry &entry) {
    add_string(hash, entry.key);
    add_number(hash, static_cast<uint32_t>(entry.type), 4);
    if (const auto *text = std::get_if<std::string>(&entry.value)) return add_string(hash, *text);
    if (const auto *array = std::get_if<ArrayValue>(&entry.value)) return add_array(hash, *array);
    add_number(hash, bits(entry), bytes_of(entry.type));
}

std::vector<const Tensor *> by_name(const File &file) {
    std::vector<const Tensor *> tensors;
    for (const Tensor &tensor : file.tensors) tensors.push_back(&tensor);
    std::sort(tensors.begin(), tensors.end(),
              [](const Tensor *a, const Tensor *b) { return a->name < b->name; });
    return tensors;
}

}  // namespace

Digest digest_of(std::vector<const Entry *> entries) {
    std::sort(entries.begin(), entries.end(),
              [](const Entry *a, const Entry *b) { return a->key < b->key; });
    Sha256 hash;
    add_number(hash, entries.size(), 8);
    for (const Entry *entry : entries) add_entry(hash, *entry);
    return hash.finish();
}

Digest digest_of_types(const File &file) {
    Sha256 hash;
    add_number(hash, file.tensors.size(), 8);
    for (const Tensor *tensor : by_name(file)) {
        add_string(hash, tensor->name);
        add_string(hash, tensor_type(tensor->type)->name);
    }
    return hash.finish();
}

Digest digest_of_shapes(const File &file) {
    Sha256 hash;
    add_number(hash, file.tensors.size(), 8);
    for (const Tensor *tensor : by_name(file)) {
        add_string(hash, tensor->name);
        add_string(hash, tensor_type(tensor->type)->name);
        add_number(hash, tensor->shape.size(), 4);
        for (const uint64_t extent : tensor->shape) add_number(hash, extent, 8);
    }
    return hash.finish();
}

}  // namespace skillet::gguf
