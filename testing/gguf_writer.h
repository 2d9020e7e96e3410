// SPDX-License-Identifier: Apache-2.0
// Writes GGUF bytes for tests: right ones by default, and wrong ones wherever a test asks for it.
//
// It shares no code with the reader but the numbers of types, so that a mistake in one shows up in
// the other.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "gguf/file.h"

namespace skillet::testing {

// Little-endian bytes of a number.
template <typename T>
std::string gguf_bytes(T value) {
    static_assert(std::is_arithmetic_v<T>);
    std::string bytes(sizeof value, '\0');
    std::memcpy(bytes.data(), &value, sizeof value);
    if constexpr (std::endian::native == std::endian::big) std::reverse(bytes.begin(), bytes.end());
    return bytes;
}

inline std::string gguf_string(std::string_view text) {
    return gguf_bytes<uint64_t>(text.size()) + std::string(text);
}

class GgufWriter {
public:
    using ValueType = gguf::ValueType;

    struct Key {
        std::string name;
        std::string encoded;  // type and value
    };
    struct Tensor {
        std::string name;
        std::vector<uint64_t> shape;
        uint32_t type = 0;
        std::string data;
        std::optional<uint64_t> offset = {};  // none: where the tensor really is
    };

    // What the header says. Set a count to lie about it.
    std::string magic = "GGUF";
    uint32_t version = 3;
    std::optional<uint64_t> tensor_count = {};
    std::optional<uint64_t> key_count = {};
    // How tensors are padded; no key is written on account of it.
    uint64_t alignment = 32;
    std::vector<Key> keys;
    std::vector<Tensor> tensors;

    // A key with its encoded value. Replaces a key of that name; raw_key() adds a second one.
    GgufWriter &key(const std::string &name, ValueType type, const std::string &value) {
        remove_key(name);
        return raw_key(name, static_cast<uint32_t>(type), value);
    }
    GgufWriter &raw_key(const std::string &name, uint32_t type, const std::string &value) {
        keys.push_back({name, gguf_bytes(type) + value});
        return *this;
    }
    GgufWriter &u16(const std::string &name, uint16_t value) {
        return key(name, ValueType::u16, gguf_bytes(value));
    }
    GgufWriter &u32(const std::string &name, uint32_t value) {
        return key(name, ValueType::u32, gguf_bytes(value));
    }
    GgufWriter &f32(const std::string &name, float value) {
        return key(name, ValueType::f32, gguf_bytes(value));
    }
    GgufWriter &boolean(const std::string &name, bool value) {
        return key(name, ValueType::boolean, gguf_bytes<uint8_t>(value ? 1 : 0));
    }
    GgufWriter &string(const std::string &name, std::string_view value) {
        return key(name, ValueType::string, gguf_string(value));
    }
    GgufWriter &strings(const std::string &name, const std::vector<std::string> &values) {
        std::string bytes;
        for (const std::string &value : values) bytes += gguf_string(value);
        return array(name, ValueType::string, values.size(), bytes);
    }
    GgufWriter &i32s(const std::string &name, const std::vector<int32_t> &values) {
        std::string bytes;
        for (const int32_t value : values) bytes += gguf_bytes(value);
        return array(name, ValueType::i32, values.size(), bytes);
    }
    // `count` need not be true.
    GgufWriter &array(const std::string &name, ValueType element, uint64_t count,
                      const std::string &bytes) {
        return key(name, ValueType::array,
                   gguf_bytes(static_cast<uint32_t>(element)) + gguf_bytes(count) + bytes);
    }
    GgufWriter &remove_key(const std::string &name) {
        std::erase_if(keys, [&](const Key &key) { return key.name == name; });
        return *this;
    }

    // Replaces a tensor of that name in place.
    GgufWriter &tensor(Tensor tensor) {
        for (Tensor &known : tensors) {
            if (known.name != tensor.name) continue;
            known = std::move(tensor);
            return *this;
        }
        tensors.push_back(std::move(tensor));
        return *this;
    }
    // Filled with zeros.
    GgufWriter &tensor(const std::string &name, std::vector<uint64_t> shape, uint32_t type = 0) {
        const gguf::TensorType &row = *gguf::tensor_type(type);
        uint64_t elements = 1;
        for (const uint64_t extent : shape) elements *= extent;
        std::string data(elements / row.block_values * row.block_bytes, '\0');
        return tensor({name, std::move(shape), type, std::move(data)});
    }
    // REQUIRES: there is one.
    Tensor &tensor_at(std::string_view name) {
        return *std::find_if(tensors.begin(), tensors.end(),
                             [&](const Tensor &known) { return known.name == name; });
    }
    GgufWriter &remove_tensor(std::string_view name) {
        std::erase_if(tensors, [&](const Tensor &known) { return known.name == name; });
        return *this;
    }

    // Everything up to the padding before the tensor data.
    [[nodiscard]] std::string metadata() const {
        std::string out = magic + gguf_bytes(version) +
                          gguf_bytes<uint64_t>(tensor_count.value_or(tensors.size())) +
                          gguf_bytes<uint64_t>(key_count.value_or(keys.size()));
        for (const Key &key : keys) out += gguf_string(key.name) + key.encoded;
        uint64_t offset = 0;
        for (const Tensor &tensor : tensors) {
            out +=
                gguf_string(tensor.name) + gguf_bytes(static_cast<uint32_t>(tensor.shape.size()));
            for (const uint64_t extent : tensor.shape) out += gguf_bytes(extent);
            out += gguf_bytes(tensor.type) + gguf_bytes(tensor.offset.value_or(offset));
            offset += padded(tensor.data.size());
        }
        return out;
    }
    [[nodiscard]] std::string bytes() const {
        std::string out = metadata();
        if (tensors.empty()) return out;
        out.resize(padded(out.size()));
        for (const Tensor &tensor : tensors) {
            out += tensor.data;
            out.resize(padded(out.size()));
        }
        return out;
    }

private:
    [[nodiscard]] size_t padded(size_t size) const {
        return (size + alignment - 1) / alignment * alignment;
    }
};

}  // namespace skillet::testing
