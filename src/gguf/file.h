// SPDX-License-Identifier: Apache-2.0
// A bounded reader for GGUF files that nobody vouches for. It shares no code with the engine.
//
// Every count is bounded by the bytes that remain before anything is allocated, every sum and
// product is checked, and every tensor lies inside the file without overlapping another. Arrays and
// long texts stay in the file: what is kept says where they are (stored.h reads them), so that a
// file at every limit takes a fraction of its size in memory.
// Format: docs/formats/gguf.md (little-endian GGUF v2 and v3).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/byte_source.h"
#include "base/result.h"

namespace skillet::gguf {

// Beyond these a file is refused (SKL_E_FORMAT_UNSUPPORTED), whatever it holds.
struct Limits {
    uint32_t keys_max = 65'536;
    uint32_t tensors_max = 65'536;
    uint32_t tokens_max = 1'048'576;  // elements of any array
    // One string inside an array. A merge is two tokens and a space, so tokenizer.ggml.merges
    // admits strings of twice this and one more.
    uint32_t token_bytes_max = 1'024;
    uint32_t text_bytes_max = 4u << 20;  // a string that is no array element
    uint32_t text_bytes_kept = 1'024;    // a longer one stays in the file
    uint64_t metadata_bytes_max = 256u << 20;
    uint32_t alignment_max = 4'096;
};

// As in the file.
enum class ValueType : uint32_t {
    u8 = 0,
    i8 = 1,
    u16 = 2,
    i16 = 3,
    u32 = 4,
    i32 = 5,
    f32 = 6,
    boolean = 7,
    string = 8,
    array = 9,
    u64 = 10,
    i64 = 11,
    f64 = 12
};
[[nodiscard]] const char *name_of(ValueType type);

// Bytes that stay in the file.
struct Place {
    uint64_t offset = 0;
    uint64_t bytes = 0;
};

// Its elements as they stand in the file: strings with their lengths, or little-endian numbers.
struct ArrayValue {
    ValueType element = ValueType::u8;
    uint64_t count = 0;
    Place place;
};

struct LongText {
    Place place;
};

struct Entry {
    std::string key;
    ValueType type = ValueType::u8;
    // Unsigned integers and booleans, signed integers, floats, strings, arrays.
    std::variant<uint64_t, int64_t, double, std::string, LongText, ArrayValue> value;
};

struct Tensor {
    std::string name;
    uint32_t type = 0;            // ggml's number; see tensor_type()
    std::vector<uint64_t> shape;  // 1..4 dimensions, each >= 1, fastest first
    uint64_t offset = 0;          // from data_offset
    uint64_t bytes = 0;
    [[nodiscard]] uint64_t elements() const;
};

// What the reader knows about a tensor type: how many values a block holds, and its bytes.
struct TensorType {
    uint32_t number;
    const char *name;  // "F32", "Q8_0" …
    uint32_t block_values;
    uint32_t block_bytes;
};
// Null for a number this build does not know.
[[nodiscard]] const TensorType *tensor_type(uint32_t number);

struct File {
    uint32_t version = 0;
    uint64_t alignment = 32;
    uint64_t data_offset = 0;  // where the first tensor may start
    uint64_t file_bytes = 0;
    std::vector<Entry> entries;   // in file order; keys are unique
    std::vector<Tensor> tensors;  // in file order; names are unique
    // Indices in the order of keys and of names.
    std::vector<uint32_t> entries_by_key;
    std::vector<uint32_t> tensors_by_name;

    // By binary search; null if absent.
    [[nodiscard]] const Entry *find(std::string_view key) const;
    [[nodiscard]] const Tensor *find_tensor(std::string_view name) const;
};

// Whether the bytes begin as those of a GGUF file do.
[[nodiscard]] bool has_magic(const ByteSource &source);

// Reads and checks the whole structure, but no tensor data. What is returned needs the source for
// whatever stays in the file. Errors carry the key or tensor as
// subject: SKL_E_FORMAT_UNSUPPORTED (not GGUF, version, shard, unknown tensor type, cap),
// SKL_E_MALFORMED_ARTIFACT (everything else), or what the source reports.
[[nodiscard]] Result<File> read(const ByteSource &source, const Limits &limits = {});

}  // namespace skillet::gguf
