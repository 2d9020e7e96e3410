// SPDX-License-Identifier: Apache-2.0
// Takes a GGUF file apart, so that a test can change a part of it and write it again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "gguf/value_type.h"
#include "testing/gguf_writer.h"

namespace skillet::testing {

// A value as a file has it, after its type.
inline std::string encoded_value(const gguf::Entry &entry, const std::string &bytes) {
    if (const auto *number = std::get_if<uint64_t>(&entry.value))
        return gguf_bytes(*number).substr(0, gguf::bytes_of(entry.type));
    if (const auto *integer = std::get_if<int64_t>(&entry.value))
        return gguf_bytes(*integer).substr(0, gguf::bytes_of(entry.type));
    if (const auto *real = std::get_if<double>(&entry.value)) {
        return entry.type == gguf::ValueType::f32 ? gguf_bytes(static_cast<float>(*real))
                                                  : gguf_bytes(*real);
    }
    if (const auto *text = std::get_if<std::string>(&entry.value)) return gguf_string(*text);
    if (const auto *text = std::get_if<gguf::LongText>(&entry.value))
        return gguf_bytes(text->place.bytes) + bytes.substr(text->place.offset, text->place.bytes);
    const auto &array = std::get<gguf::ArrayValue>(entry.value);
    return gguf_bytes(static_cast<uint32_t>(array.element)) + gguf_bytes(array.count) +
           bytes.substr(array.place.offset, array.place.bytes);
}

// None if the file is not sound.
inline std::optional<GgufWriter> take_apart(const std::string &bytes) {
    const MemorySource source(bytes, "parts");
    const auto file = gguf::read(source);
    if (!file) return std::nullopt;
    GgufWriter writer;
    writer.version = file->version;
    writer.alignment = file->alignment;
    for (const gguf::Entry &entry : file->entries)
        writer.raw_key(entry.key, static_cast<uint32_t>(entry.type), encoded_value(entry, bytes));
    for (const gguf::Tensor &tensor : file->tensors) {
        writer.tensors.push_back({tensor.name, tensor.shape, tensor.type,
                                  bytes.substr(file->data_offset + tensor.offset, tensor.bytes)});
    }
    return writer;
}

}  // namespace skillet::testing
