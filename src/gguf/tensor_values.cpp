// SPDX-License-Identifier: Apache-2.0
// Implementation: pieces of whole blocks that fit into the second-level cache. Almost every number
// is finite, so each group is first asked, without a branch, whether it holds one that is not.
#include "gguf/tensor_values.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>
#include <span>

namespace skillet::gguf {
namespace {

constexpr uint64_t piece_bytes = 256 * 1024;

// How a floating-point number is stored.
enum class Encoding { none, f64, f32, f16, bf16, e8m0, split_f16 };

// Where a block of a type has its numbers: `count` of them, side by side.
struct Numbers {
    const char *type;
    Encoding encoding;
    uint32_t offset = 0;
    uint32_t count = 1;
};

// From the block structures of ggml. NVFP4 has scales of eight bits of which none means NaN, and
// the I types are integers.
constexpr auto numbers_by_type = std::to_array<Numbers>({
    {"F32", Encoding::f32},
    {"F16", Encoding::f16},
    {"BF16", Encoding::bf16},
    {"F64", Encoding::f64},
    {"Q1_0", Encoding::f16},
    {"Q2_0", Encoding::f16},
    {"Q4_0", Encoding::f16},
    {"Q4_1", Encoding::f16, 0, 2},
    {"Q5_0", Encoding::f16},
    {"Q5_1", Encoding::f16, 0, 2},
    {"Q8_0", Encoding::f16},
    {"Q8_1", Encoding::f16, 0, 2},
    {"Q2_K", Encoding::f16, 80, 2},
    {"Q3_K", Encoding::f16, 108},
    {"Q4_K", Encoding::f16, 0, 2},
    {"Q5_K", Encoding::f16, 0, 2},
    {"Q6_K", Encoding::f16, 208},
    {"Q8_K", Encoding::f32},
    {"IQ2_XXS", Encoding::f16},
    {"IQ2_XS", Encoding::f16},
    {"IQ2_S", Encoding::f16},
    {"IQ3_XXS", Encoding::f16},
    {"IQ3_S", Encoding::f16},
    {"IQ1_S", Encoding::f16},
    {"IQ1_M", Encoding::split_f16, 48},
    {"IQ4_NL", Encoding::f16},
    {"IQ4_XS", Encoding::f16},
    {"TQ1_0", Encoding::f16, 52},
    {"TQ2_0", Encoding::f16, 64},
    {"MXFP4", Encoding::e8m0},
});

Numbers numbers_of(const TensorType &type) {
    const auto found =
        std::find_if(numbers_by_type.begin(), numbers_by_type.end(),
                     [&](const Numbers &row) { return std::string_view(row.type) == type.name; });
    return found != numbers_by_type.end() ? *found : Numbers{type.name, Encoding::none, 0, 0};
}

// The exponent of a number that is not finite has all bits set; a fraction of zero then means
// infinity, any other NaN. So do these with the bits of each encoding.
template <typename Word, Word exponent_bits, Word fraction_bits>
struct Ieee {
    using Bits = Word;
    static bool is_finite(Word word) { return (word & exponent_bits) != exponent_bits; }
    static bool is_nan(Word word) { return !is_finite(word) && (word & fraction_bits) != 0; }
};
using F64 = Ieee<uint64_t, 0x7ff0'0000'0000'0000, 0x000f'ffff'ffff'ffff>;
using F32 = Ieee<uint32_t, 0x7f80'0000, 0x007f'ffff>;
using F16 = Ieee<uint16_t, 0x7c00, 0x03ff>;
using Bf16 = Ieee<uint16_t, 0x7f80, 0x007f>;

// A power of two, or NaN.
struct E8m0 {
    using Bits = uint8_t;
    static bool is_finite(uint8_t byte) { return byte != 0xff; }
    static bool is_nan(uint8_t byte) { return !is_finite(byte); }
};

template <typename Bits>
Bits load(const std::byte *at) {
    Bits bits;
    std::memcpy(&bits, at, sizeof bits);
    return bits;
}

// The piece of a tensor that is at hand, and what has been counted in the tensor so far.
struct Piece {
    std::span<const std::byte> bytes;
    uint32_t block_bytes;
    Numbers numbers;
    TensorFault &fault;
};

template <typename Number>
void count(typename Number::Bits bits, TensorFault &fault) {
    if (Number::is_finite(bits)) return;
    ++(Number::is_nan(bits) ? fault.nan : fault.infinite);
}

// Nothing but numbers, one after another.
template <typename Number>
void count_all(const Piece &piece) {
    using Bits = typename Number::Bits;
    constexpr size_t group = 64;
    const std::byte *at = piece.bytes.data();
    size_t left = piece.bytes.size() / sizeof(Bits);
    for (; left >= group; left -= group, at += group * sizeof(Bits)) {
        Bits suspects = 0;
        for (size_t i = 0; i < group; ++i) {
            const Bits bits = load<Bits>(at + i * sizeof(Bits));
            suspects = static_cast<Bits>(suspects | (Number::is_finite(bits) ? 0 : 1));
        }
        if (suspects == 0) continue;
        for (size_t i = 0; i < group; ++i)
            count<Number>(load<Bits>(at + i * sizeof(Bits)), piece.fault);
    }
    for (; left > 0; --left, at += sizeof(Bits)) count<Number>(load<Bits>(at), piece.fault);
}

template <typename Number>
void count_scales(const Piece &piece) {
    using Bits = typename Number::Bits;
    const std::byte *end = piece.bytes.data() + piece.bytes.size();
    for (const std::byte *block = piece.bytes.data(); block != end; block += piece.block_bytes) {
        for (uint32_t i = 0; i < piece.numbers.count; ++i) {
            const std::byte *at = block + piece.numbers.offset + i * sizeof(Bits);
            count<Number>(load<Bits>(at), piece.fault);
        }
    }
}

template <typename Number>
void count_numbers(const Piece &piece) {
    if (piece.block_bytes == sizeof(typename Number::Bits)) return count_all<Number>(piece);
    count_scales<Number>(piece);
}

// The scale of an IQ1_M block lies in the upper four bits of four words.
void count_split_scales(const Piece &piece) {
    const std::byte *end = piece.bytes.data() + piece.bytes.size();
    for (const std::byte *block = piece.bytes.data(); block != end; block += piece.block_bytes) {
        uint32_t bits = 0;
        for (uint32_t i = 0; i < 4; ++i) {
            const auto high = std::to_integer<uint32_t>(block[piece.numbers.offset + 2 * i + 1]);
            bits |= (high >> 4) << (4 * i);
        }
        count<F16>(static_cast<uint16_t>(bits), piece.fault);
    }
}

void count_piece(const Piece &piece) {
    switch (piece.numbers.encoding) {
        case Encoding::none: return;
        case Encoding::f64: return count_numbers<F64>(piece);
        case Encoding::f32: return count_numbers<F32>(piece);
        case Encoding::f16: return count_numbers<F16>(piece);
        case Encoding::bf16: return count_numbers<Bf16>(piece);
        case Encoding::e8m0: return count_numbers<E8m0>(piece);
        case Encoding::split_f16: return count_split_scales(piece);
    }
}

class Scan {
public:
    Scan(const ByteSource &source, const File &file, Phase &phase)
        : source_(source), file_(file), phase_(phase), buffer_(piece_bytes) {}

    Result<ValueScan> run() {
        for (const Tensor &tensor : file_.tensors) SKL_TRY(scan(tensor));
        return std::move(scan_);
    }

private:
    Result<void> scan(const Tensor &tensor);

    const ByteSource &source_;
    const File &file_;
    Phase &phase_;
    std::vector<std::byte> buffer_;
    ValueScan scan_;
};

Result<void> Scan::scan(const Tensor &tensor) {
    const TensorType &type = *tensor_type(tensor.type);
    const Numbers numbers = numbers_of(type);
    TensorFault fault;
    const uint64_t whole = piece_bytes / type.block_bytes * type.block_bytes;
    for (uint64_t done = 0; done < tensor.bytes;) {
        const uint64_t part = std::min(whole, tensor.bytes - done);
        if (numbers.encoding != Encoding::none) {
            const auto bytes = std::span(buffer_).first(static_cast<size_t>(part));
            SKL_TRY(source_.read_at(file_.data_offset + tensor.offset + done, bytes));
            count_piece({bytes, type.block_bytes, numbers, fault});
        }
        SKL_TRY(phase_.advance(part));
        done += part;
    }
    ++scan_.tensors;
    scan_.values += tensor.bytes / type.block_bytes * numbers.count;
    if (fault.nan == 0 && fault.infinite == 0) return {};
    scan_.nan += fault.nan;
    scan_.infinite += fault.infinite;
    ++scan_.faulty_tensors;
    if (scan_.faults.size() < ValueScan::faults_max) {
        fault.tensor = tensor.name;
        scan_.faults.push_back(std::move(fault));
    }
    return {};
}

}  // namespace

uint64_t bytes_to_scan(const File &file) {
    uint64_t bytes = 0;
    for (const Tensor &tensor : file.tensors) bytes += tensor.bytes;
    return bytes;
}

Result<ValueScan> scan_values(const ByteSource &source, const File &file, Phase &phase) {
    return Scan(source, file, phase).run();
}

}  // namespace skillet::gguf
