// SPDX-License-Identifier: Apache-2.0
// Implementation: every piece is hashed as GGUF itself writes it, so that each has its length or
// type in front and no two lists of pieces give the same bytes. What stays in the file is therefore
// hashed as it stands there.
#include "gguf/canonical.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <span>
#include <string_view>

#include "gguf/stored.h"
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

Result<void> add_stored(Sha256 &hash, const ByteSource &source, const Place &place) {
    return read_in_pieces(source, place, [&](std::span<const std::byte> bytes) -> Result<void> {
        hash.update(bytes);
        return {};
    });
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

Result<void> add_entry(Sha256 &hash, const ByteSource &source, const Entry &entry) {
    add_string(hash, entry.key);
    add_number(hash, static_cast<uint32_t>(entry.type), 4);
    if (const auto *array = std::get_if<ArrayValue>(&entry.value)) {
        add_number(hash, static_cast<uint32_t>(array->element), 4);
        add_number(hash, array->count, 8);
        return add_stored(hash, source, array->place);
    }
    if (const auto *text = std::get_if<LongText>(&entry.value)) {
        add_number(hash, text->place.bytes, 8);
        return add_stored(hash, source, text->place);
    }
    if (const auto *text = std::get_if<std::string>(&entry.value))
        add_string(hash, *text);
    else
        add_number(hash, bits(entry), bytes_of(entry.type));
    return {};
}

}  // namespace

Result<Digest> digest_of(const ByteSource &source, std::vector<const Entry *> entries) {
    std::sort(entries.begin(), entries.end(),
              [](const Entry *a, const Entry *b) { return a->key < b->key; });
    Sha256 hash;
    add_number(hash, entries.size(), 8);
    for (const Entry *entry : entries) SKL_TRY(add_entry(hash, source, *entry));
    return hash.finish();
}

Digest digest_of_types(const File &file) {
    Sha256 hash;
    add_number(hash, file.tensors.size(), 8);
    for (const uint32_t index : file.tensors_by_name) {
        const Tensor &tensor = file.tensors[index];
        add_string(hash, tensor.name);
        add_string(hash, tensor_type(tensor.type)->name);
    }
    return hash.finish();
}

Digest digest_of_shapes(const File &file) {
    Sha256 hash;
    add_number(hash, file.tensors.size(), 8);
    for (const uint32_t index : file.tensors_by_name) {
        const Tensor &tensor = file.tensors[index];
        add_string(hash, tensor.name);
        add_string(hash, tensor_type(tensor.type)->name);
        add_number(hash, tensor.shape.size(), 4);
        for (const uint64_t extent : tensor.shape) add_number(hash, extent, 8);
    }
    return hash.finish();
}

}  // namespace skillet::gguf
