// SPDX-License-Identifier: Apache-2.0
// Breaks GGUF files in the ways that matter: keys, values, elements of arrays, tensors and their
// data rather than bits. For the fuzzers, and for tests with a fixed seed.
#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "testing/gguf_writer.h"

namespace skillet::testing {

class GgufMutation {
public:
    explicit GgufMutation(uint32_t seed) : random_(seed) {}

    // Breaks one thing, or changes it for something as good.
    void apply(GgufWriter &writer) {
        if (!writer.tensors.empty() && chance(3)) return change_tensors(writer);
        if (writer.keys.empty() || chance(12)) return change_header(writer);
        change_keys(writer);
    }

    // Bytes at random places, as a fault of a disk or a line would leave them.
    void damage(std::string &bytes) {
        if (bytes.empty()) return;
        switch (below(4)) {
            case 0: bytes.resize(below(bytes.size())); break;
            case 1:
                bytes.insert(below(bytes.size()), std::string(1 + below(64), any_byte()));
                break;
            case 2: bytes.erase(below(bytes.size()), 1 + below(64)); break;
            default:
                for (uint64_t i = 0; i <= below(8); ++i) bytes[below(bytes.size())] = any_byte();
        }
    }

private:
    using ValueType = gguf::ValueType;

    static constexpr std::array<std::string_view, 22> names = {"general.architecture",
                                                               "general.type",
                                                               "general.alignment",
                                                               "general.name",
                                                               "split.count",
                                                               "bert.pooling_type",
                                                               "bert.expert_count",
                                                               "bert.rope.scaling.type",
                                                               "llama.rope.scaling.type",
                                                               "llama.attention.head_count_kv",
                                                               "llama.attention.key_length",
                                                               "llama.expert_count",
                                                               "llama.vocab_size",
                                                               "tokenizer.ggml.model",
                                                               "tokenizer.ggml.pre",
                                                               "tokenizer.ggml.tokens",
                                                               "tokenizer.ggml.scores",
                                                               "tokenizer.ggml.token_type",
                                                               "tokenizer.ggml.merges",
                                                               "tokenizer.ggml.add_bos_token",
                                                               "tokenizer.ggml.add_eos_token",
                                                               "tokenizer.ggml.suppress_tokens"};
    static constexpr std::array<std::string_view, 18> texts = {
        "bert",    "llama",     "qwen2",  "gpt2",      "mpt",      "phi3",
        "default", "llama-bpe", "linear", "yarn",      "longrope", "model",
        "adapter", "[CLS]",     "<0x0A>", "[EMPTY_5]", "##a",      "\u2581a"};
    static constexpr std::array<uint64_t, 14> numbers = {
        0, 1, 2, 3, 31, 32, 127, 512, 513, 4096, 65'536, UINT32_MAX, 1ull << 63, UINT64_MAX};
    static constexpr std::array<uint32_t, 6> words = {0x7f80'0000, 0xff80'0000, 0x7fc0'0000,
                                                      0x7c00'7c00, 0x7e00'7e00, 0xffff'ffff};

    uint64_t below(uint64_t limit) {
        return limit == 0 ? 0 : std::uniform_int_distribution<uint64_t>(0, limit - 1)(random_);
    }
    bool chance(uint64_t one_in) { return below(one_in) == 0; }
    char any_byte() { return static_cast<char>(below(256)); }
    template <typename Values>
    auto any_of(const Values &values) {
        return values[below(values.size())];
    }
    uint64_t any_number() { return chance(3) ? below(1000) : any_of(numbers); }
    std::string any_text() {
        return chance(4) ? std::string(below(40), any_byte()) : std::string(any_of(texts));
    }

    void change_header(GgufWriter &writer) {
        switch (below(4)) {
            case 0: writer.version = static_cast<uint32_t>(any_number()); break;
            case 1: writer.key_count = any_number(); break;
            case 2: writer.tensor_count = any_number(); break;
            default: writer.u32("general.alignment", static_cast<uint32_t>(any_number()));
        }
    }

    void change_keys(GgufWriter &writer) {
        GgufWriter::Key &key = writer.keys[below(writer.keys.size())];
        switch (below(8)) {
            case 0: writer.remove_key(std::string(key.name)); break;
            case 1: key.name = any_of(names); break;
            case 2: writer.raw_key(std::string(any_of(names)), 8, gguf_string(any_text())); break;
            case 3:
                writer.raw_key(std::string(any_of(names)), 4,
                               gguf_bytes(static_cast<uint32_t>(any_number())));
                break;
            case 4: key.encoded.replace(0, 4, gguf_bytes(static_cast<uint32_t>(below(14)))); break;
            default: change_value(key.encoded);
        }
    }

    void change_value(std::string &encoded) {
        const auto type = static_cast<ValueType>(static_cast<uint8_t>(encoded[0]));
        if (type == ValueType::string) {
            encoded = encoded.substr(0, 4) + gguf_string(any_text());
        } else if (type == ValueType::array && encoded.size() >= 16) {
            change_array(encoded);
        } else {
            const std::string number = gguf_bytes(chance(3) ? any_of(words) : any_number());
            for (size_t i = 4; i < encoded.size(); ++i) encoded[i] = number[(i - 4) % 8];
        }
    }

    // After type and element type, a count of eight bytes and the elements.
    void change_array(std::string &encoded) {
        if (chance(6)) {
            encoded.replace(8, 8, gguf_bytes(any_number()));
            return;
        }
        if (static_cast<ValueType>(static_cast<uint8_t>(encoded[4])) != ValueType::string) {
            if (encoded.size() > 20) {
                encoded.replace(16 + below(encoded.size() - 20), 4, gguf_bytes(any_of(words)));
            }
            return;
        }
        std::vector<std::string> list = strings_of(encoded);
        if (list.empty()) return;
        std::string &element = list[below(list.size())];
        switch (below(5)) {
            case 0: element = any_text(); break;
            case 1: element = list[below(list.size())]; break;
            case 2: list.push_back(any_text()); break;
            case 3: list.pop_back(); break;
            default: damage(element);
        }
        std::string joined;
        for (const std::string &text : list) joined += gguf_string(text);
        encoded = encoded.substr(0, 8) + gguf_bytes<uint64_t>(list.size()) + joined;
    }

    static std::vector<std::string> strings_of(std::string_view encoded) {
        std::vector<std::string> list;
        for (size_t at = 16; at + 8 <= encoded.size();) {
            uint64_t length = 0;
            for (size_t i = 8; i-- > 0;)
                length = length << 8 | static_cast<uint8_t>(encoded[at + i]);
            at += 8;
            if (length > encoded.size() - at) break;
            list.emplace_back(encoded.substr(at, length));
            at += length;
        }
        return list;
    }

    void change_tensors(GgufWriter &writer) {
        GgufWriter::Tensor &tensor = writer.tensors[below(writer.tensors.size())];
        switch (below(8)) {
            case 0: writer.remove_tensor(std::string(tensor.name)); break;
            case 1: tensor.name = writer.tensors[below(writer.tensors.size())].name; break;
            case 2: retype(tensor, static_cast<uint32_t>(below(43))); break;
            case 3:
                if (!tensor.shape.empty()) tensor.shape[below(tensor.shape.size())] = any_number();
                break;
            case 4: tensor.shape.push_back(1 + below(2)); break;
            case 5: tensor.offset = any_number(); break;
            default:
                if (tensor.data.size() >= 4) {
                    tensor.data.replace(below(tensor.data.size() - 3), 4,
                                        gguf_bytes(any_of(words)));
                }
        }
    }

    // With as many bytes as the type needs, where it fits the shape.
    static void retype(GgufWriter::Tensor &tensor, uint32_t number) {
        const gguf::TensorType *type = gguf::tensor_type(number);
        tensor.type = number;
        if (type == nullptr) return;
        uint64_t elements = 1;
        for (const uint64_t extent : tensor.shape) elements *= extent;
        const uint64_t bytes = elements / type->block_values * type->block_bytes;
        if (bytes < 1u << 20) tensor.data.resize(bytes);
    }

    std::mt19937 random_;
};

}  // namespace skillet::testing
