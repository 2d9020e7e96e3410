// SPDX-License-Identifier: Apache-2.0
// Implementation: one pass over the metadata through a Cursor, then the tensor layout is computed
// from shapes and types alone and must equal what the file says. The rules stand one by one in
// docs/formats/gguf.md.
#include "gguf/file.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "gguf/cursor.h"
#include "gguf/refusal.h"
#include "gguf/text.h"
#include "gguf/value_type.h"

namespace skillet::gguf {
namespace {

constexpr std::string_view magic = "GGUF";
constexpr uint32_t dimensions_max = 4;
constexpr uint64_t key_bytes_max = 256;
constexpr uint64_t tensor_name_bytes_max = 63;  // what the engine has room for

// The smallest an entry can be: key length, one byte of key, type, one byte of value.
constexpr uint64_t entry_bytes_min = 8 + 1 + 4 + 1;
// Name length, one byte of name, n_dims, one dimension, type, offset.
constexpr uint64_t tensor_bytes_min = 8 + 1 + 4 + 8 + 4 + 8;

// Null if the product does not fit.
std::optional<uint64_t> multiply(uint64_t a, uint64_t b) {
    uint64_t product = 0;
    if (__builtin_mul_overflow(a, b, &product)) return std::nullopt;
    return product;
}

// How many bytes are missing to the next multiple. A difference cannot wrap, as a padded size can.
// REQUIRES: alignment is a power of two.
uint64_t padding(uint64_t size, uint64_t alignment) { return (0 - size) & (alignment - 1); }

// What a cursor says names no key; the caller knows it.
Error about(Error error, const std::string &subject) {
    if (error.subject.empty()) error.subject = subject;
    return error;
}

// The indices of `items` in the order of their names. Sorted, not hashed: an attacker who knows the
// hash function would make a hash set quadratic.
template <typename Item>
std::vector<uint32_t> order_of(const std::vector<Item> &items, std::string Item::*name) {
    std::vector<uint32_t> order(items.size());
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(),
              [&](uint32_t a, uint32_t b) { return items[a].*name < items[b].*name; });
    return order;
}

// Some name that occurs twice, or null.
template <typename Item>
const std::string *first_twice(const std::vector<Item> &items, const std::vector<uint32_t> &order,
                               std::string Item::*name) {
    const auto twice = std::adjacent_find(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
        return items[a].*name == items[b].*name;
    });
    return twice == order.end() ? nullptr : &(items[*twice].*name);
}

// Null if no item has that name.
template <typename Item>
const Item *find_named(const std::vector<Item> &items, const std::vector<uint32_t> &order,
                       std::string Item::*name, std::string_view wanted) {
    const auto found = std::lower_bound(
        order.begin(), order.end(), wanted,
        [&](uint32_t index, std::string_view text) { return items[index].*name < text; });
    if (found == order.end() || items[*found].*name != wanted) return nullptr;
    return &items[*found];
}

class Reader {
public:
    Reader(const ByteSource &source, const Limits &limits)
        : limits_(limits), cursor_(source, limits.metadata_bytes_max), source_(source) {
        file_.file_bytes = source.size();
    }

    Result<File> run() {
        SKL_TRY(read_magic());
        SKL_TRY(read_version());
        SKL_TRY_ASSIGN(tensor_count, read_count("tensors", tensor_bytes_min, limits_.tensors_max));
        SKL_TRY_ASSIGN(key_count, read_count("keys", entry_bytes_min, limits_.keys_max));
        SKL_TRY(read_entries(key_count));
        SKL_TRY(check_shard());
        SKL_TRY(take_alignment());
        SKL_TRY(read_tensors(tensor_count));
        SKL_TRY(check_layout());
        return std::move(file_);
    }

private:
    Result<void> read_magic();
    Result<void> read_version();
    Result<uint64_t> read_count(const char *what, uint64_t bytes_min, uint64_t count_max);

    Result<void> read_entries(uint64_t count);
    Result<std::string> read_key(uint64_t index);
    Result<void> read_value(Entry &entry);
    Result<void> read_number(Entry &entry);
    Result<void> read_array(Entry &entry);
    Result<void> skip_strings(const std::string &key, uint64_t count);
    Result<void> skip_booleans(const std::string &key, uint64_t count);
    Result<ValueType> read_type(const std::string &key);

    Result<void> check_shard() const;
    Result<void> take_alignment();

    Result<void> read_tensors(uint64_t count);
    Result<std::string> read_tensor_name(uint64_t index);
    Result<void> read_tensor(Tensor &tensor);
    Result<void> check_layout();

    const Limits limits_;
    Cursor cursor_;
    const ByteSource &source_;
    File file_;
};

Result<void> Reader::read_magic() {
    auto found = cursor_.bytes(std::min<uint64_t>(magic.size(), cursor_.remaining()));
    if (!found) return about(std::move(found).error(), source_.name());
    if (*found != magic)
        return unsupported("not a GGUF file", source_.name(), "name a model file in GGUF format");
    return {};
}

Result<void> Reader::read_version() {
    auto version = cursor_.number32();
    if (!version) return about(std::move(version).error(), "version");
    file_.version = *version;
    if (file_.version == 2 || file_.version == 3) return {};
    if (file_.version == 2u << 24 || file_.version == 3u << 24) {
        return unsupported("a big-endian GGUF file", "version",
                           "convert the model for little-endian machines");
    }
    return unsupported(
        fmt::format("GGUF version {} where versions 2 and 3 are read", file_.version), "version",
        "convert the model to GGUF version 3");
}

Result<uint64_t> Reader::read_count(const char *what, uint64_t bytes_min, uint64_t count_max) {
    auto count = cursor_.number(8);
    if (!count) return about(std::move(count).error(), what);
    if (*count > cursor_.remaining() / bytes_min) {
        return malformed(fmt::format("{} {} cannot fit in the {} bytes that are left", *count, what,
                                     cursor_.remaining()),
                         what);
    }
    if (*count > count_max) {
        return unsupported(fmt::format("{} {} where at most {} are read", *count, what, count_max),
                           what, "this build is for small models");
    }
    return count;
}

Result<void> Reader::read_entries(uint64_t count) {
    file_.entries.reserve(static_cast<size_t>(count));
    for (uint64_t i = 0; i < count; ++i) {
        SKL_TRY_ASSIGN(key, read_key(i));
        Entry &entry = file_.entries.emplace_back();
        entry.key = std::move(key);
        auto read = read_value(entry);
        if (!read) return about(std::move(read).error(), entry.key);
    }
    file_.entries_by_key = order_of(file_.entries, &Entry::key);
    if (const auto *twice = first_twice(file_.entries, file_.entries_by_key, &Entry::key))
        return malformed("the key occurs twice", *twice);
    return {};
}

Result<std::string> Reader::read_key(uint64_t index) {
    const std::string where = fmt::format("key {}", index);
    auto key = cursor_.string(key_bytes_max);
    if (!key) return about(std::move(key).error(), where);
    if (key->empty() || !is_printable_ascii(*key))
        return malformed("a key must be printable ASCII and not empty", where);
    return key;
}

Result<ValueType> Reader::read_type(const std::string &key) {
    SKL_TRY_ASSIGN(number, cursor_.number32());
    const auto type = value_type(number);
    if (!type) return malformed(fmt::format("{} is the number of no value type", number), key);
    return *type;
}

Result<void> Reader::read_value(Entry &entry) {
    SKL_TRY_ASSIGN(type, read_type(entry.key));
    entry.type = type;
    if (type == ValueType::array) return read_array(entry);
    if (type != ValueType::string) return read_number(entry);
    SKL_TRY_ASSIGN(bytes, cursor_.string_length(limits_.text_bytes_max));
    if (bytes > limits_.text_bytes_kept) {
        entry.value = LongText{{cursor_.position(), bytes}};
        return cursor_.skip(bytes);
    }
    SKL_TRY_ASSIGN(text, cursor_.bytes(bytes));
    entry.value = std::move(text);
    return {};
}

Result<void> Reader::read_number(Entry &entry) {
    const uint32_t bytes = bytes_of(entry.type);
    SKL_TRY_ASSIGN(raw, cursor_.number(bytes));
    switch (entry.type) {
        case ValueType::i8:
        case ValueType::i16:
        case ValueType::i32:
        case ValueType::i64: {
            // Shifting up and back down copies the sign bit.
            const uint32_t unused = 64 - 8 * bytes;
            entry.value = static_cast<int64_t>(raw << unused) >> unused;
            return {};
        }
        case ValueType::f32:
            entry.value = static_cast<double>(std::bit_cast<float>(static_cast<uint32_t>(raw)));
            break;
        case ValueType::f64: entry.value = std::bit_cast<double>(raw); break;
        case ValueType::boolean:
            if (raw > 1) return malformed(fmt::format("{} is no truth value", raw), entry.key);
            [[fallthrough]];
        default: entry.value = raw; return {};
    }
    if (std::isnan(std::get<double>(entry.value)))
        return malformed("the value is not a number", entry.key);
    return {};
}

Result<void> Reader::read_array(Entry &entry) {
    ArrayValue &array = entry.value.emplace<ArrayValue>();
    SKL_TRY_ASSIGN(element, read_type(entry.key));
    array.element = element;
    if (element == ValueType::array) return malformed("an array of arrays", entry.key);
    SKL_TRY_ASSIGN(count, cursor_.number(8));
    array.count = count;
    // A string has at least its length.
    const uint64_t bytes_each = element == ValueType::string ? 8 : bytes_of(element);
    if (count > cursor_.remaining() / bytes_each) {
        return malformed(fmt::format("{} elements cannot fit in the {} bytes that are left", count,
                                     cursor_.remaining()),
                         entry.key);
    }
    if (count > limits_.tokens_max) {
        return unsupported(fmt::format("an array of {} elements where at most {} are read", count,
                                       limits_.tokens_max),
                           entry.key, "this build is for small models");
    }
    array.place.offset = cursor_.position();
    auto skipped = element == ValueType::string    ? skip_strings(entry.key, count)
                   : element == ValueType::boolean ? skip_booleans(entry.key, count)
                                                   : cursor_.skip(count * bytes_each);
    array.place.bytes = cursor_.position() - array.place.offset;
    return skipped;
}

Result<void> Reader::skip_strings(const std::string &key, uint64_t count) {
    const bool pairs = key == "tokenizer.ggml.merges";
    const uint64_t bytes_max = limits_.token_bytes_max * (pairs ? 2ull : 1ull) + (pairs ? 1 : 0);
    return cursor_.skip_strings(count, bytes_max);
}

Result<void> Reader::skip_booleans(const std::string &key, uint64_t count) {
    for (uint64_t i = 0; i < count; ++i) {
        SKL_TRY_ASSIGN(raw, cursor_.number(1));
        if (raw > 1) return malformed(fmt::format("element {} is no truth value", i), key);
    }
    return {};
}

Result<void> Reader::check_shard() const {
    const Entry *entry = file_.find("split.count");
    if (entry == nullptr) return {};
    if (entry->type != ValueType::u16)
        return malformed(fmt::format("{} where u16 is due", name_of(entry->type)), entry->key);
    const uint64_t count = std::get<uint64_t>(entry->value);
    if (count <= 1) return {};
    return unsupported(fmt::format("the file is one of {} shards of a model", count), entry->key,
                       "merge the shards into one file first");
}

Result<void> Reader::take_alignment() {
    const Entry *entry = file_.find("general.alignment");
    if (entry == nullptr) return {};
    if (entry->type != ValueType::u32)
        return malformed(fmt::format("{} where u32 is due", name_of(entry->type)), entry->key);
    file_.alignment = std::get<uint64_t>(entry->value);
    if (!std::has_single_bit(file_.alignment)) {
        return malformed(fmt::format("an alignment of {} is no power of two", file_.alignment),
                         entry->key);
    }
    if (file_.alignment > limits_.alignment_max) {
        return unsupported(fmt::format("an alignment of {} where at most {} is read",
                                       file_.alignment, limits_.alignment_max),
                           entry->key, "write the file with an alignment of 32");
    }
    return {};
}

Result<void> Reader::read_tensors(uint64_t count) {
    file_.tensors.reserve(static_cast<size_t>(count));
    for (uint64_t i = 0; i < count; ++i) {
        SKL_TRY_ASSIGN(name, read_tensor_name(i));
        Tensor &tensor = file_.tensors.emplace_back();
        tensor.name = std::move(name);
        auto read = read_tensor(tensor);
        if (!read) return about(std::move(read).error(), tensor.name);
    }
    file_.tensors_by_name = order_of(file_.tensors, &Tensor::name);
    if (const auto *twice = first_twice(file_.tensors, file_.tensors_by_name, &Tensor::name))
        return malformed("the tensor occurs twice", *twice);
    return {};
}

Result<std::string> Reader::read_tensor_name(uint64_t index) {
    const std::string where = fmt::format("tensor {}", index);
    auto name = cursor_.string(tensor_name_bytes_max);
    if (!name) return about(std::move(name).error(), where);
    if (name->empty() || !is_printable_ascii(*name))
        return malformed("the name of a tensor must be printable ASCII and not empty", where);
    return name;
}

// The size in bytes of a tensor of this shape and type; sets nothing.
Result<uint64_t> size_of(const Tensor &tensor, const TensorType &type) {
    uint64_t elements = 1;
    for (const uint64_t extent : tensor.shape) {
        if (extent == 0) return malformed("a dimension is zero", tensor.name);
        const auto product = multiply(elements, extent);
        // The engine counts in signed 64-bit integers.
        if (!product || *product > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()))
            return malformed("the shape has more elements than can be counted", tensor.name);
        elements = *product;
    }
    if (tensor.shape[0] % type.block_values != 0) {
        return malformed(fmt::format("rows of {} values do not divide into {} blocks of {}",
                                     tensor.shape[0], type.name, type.block_values),
                         tensor.name);
    }
    const auto bytes = multiply(elements / type.block_values, type.block_bytes);
    if (!bytes) return malformed("the tensor has more bytes than can be counted", tensor.name);
    return *bytes;
}

Result<void> Reader::read_tensor(Tensor &tensor) {
    SKL_TRY_ASSIGN(dimensions, cursor_.number32());
    if (dimensions == 0 || dimensions > dimensions_max) {
        return malformed(
            fmt::format("{} dimensions where 1 to {} are possible", dimensions, dimensions_max),
            tensor.name);
    }
    for (uint32_t i = 0; i < dimensions; ++i) {
        SKL_TRY_ASSIGN(extent, cursor_.number(8));
        tensor.shape.push_back(extent);
    }
    SKL_TRY_ASSIGN(number, cursor_.number32());
    tensor.type = number;
    SKL_TRY_ASSIGN(offset, cursor_.number(8));
    tensor.offset = offset;
    const TensorType *type = tensor_type(number);
    if (type == nullptr) {
        return unsupported(fmt::format("{} is the number of no known tensor type", number),
                           tensor.name, "convert the model to F32, F16 or Q8_0");
    }
    SKL_TRY_ASSIGN(bytes, size_of(tensor, *type));
    tensor.bytes = bytes;
    return {};
}

// Tensors lie one after another, each padded to the alignment, in the order of their names in the
// file. So equal offsets also mean that none overlaps another. The last one may lack its padding.
Result<void> Reader::check_layout() {
    file_.data_offset = cursor_.position();
    if (file_.tensors.empty()) return {};
    const uint64_t gap = padding(file_.data_offset, file_.alignment);
    if (gap > cursor_.remaining())
        return malformed("the file ends before its tensor data", file_.tensors.front().name);
    file_.data_offset += gap;
    const uint64_t available = file_.file_bytes - file_.data_offset;
    uint64_t due = 0;
    for (const Tensor &tensor : file_.tensors) {
        if (tensor.bytes > available - due) {
            return malformed(fmt::format("the tensor has {} bytes from {}, past the {} in the file",
                                         tensor.bytes, due, available),
                             tensor.name);
        }
        if (tensor.offset != due) {
            return malformed(fmt::format("the tensor is said to start at {} where {} is due",
                                         tensor.offset, due),
                             tensor.name);
        }
        due += tensor.bytes;
        due += std::min(padding(due, file_.alignment), available - due);
    }
    return {};
}

}  // namespace

uint64_t Tensor::elements() const {
    uint64_t product = 1;
    for (const uint64_t extent : shape) product *= extent;
    return product;
}

const Entry *File::find(std::string_view key) const {
    return find_named(entries, entries_by_key, &Entry::key, key);
}

const Tensor *File::find_tensor(std::string_view name) const {
    return find_named(tensors, tensors_by_name, &Tensor::name, name);
}

bool has_magic(const ByteSource &source) {
    std::string found(magic.size(), '\0');
    return source.size() >= found.size() &&
           source.read_at(0, std::as_writable_bytes(std::span(found))) && found == magic;
}

Result<File> read(const ByteSource &source, const Limits &limits) {
    return Reader(source, limits).run();
}

}  // namespace skillet::gguf
