// SPDX-License-Identifier: Apache-2.0
// Writes the first seeds of the GGUF fuzzers: sound files of every kind that is vetted, and one
// file per published way to break a reader. The same bytes each time.
//
//   gguf_seeds DIRECTORY
#include <filesystem>
#include <fstream>
#include <iostream>

#include "testing/gguf_adapter.h"
#include "testing/gguf_classifier.h"
#include "testing/gguf_decoder.h"
#include "testing/gguf_writer.h"

namespace {

using skillet::gguf::ValueType;
using namespace skillet::testing;

constexpr uint64_t huge = UINT64_MAX;

std::filesystem::path directory;

void write(const std::string &name, const GgufWriter &writer) {
    std::ofstream(directory / name, std::ios::binary) << writer.bytes();
}

GgufWriter small_classifier() {
    ClassifierShape shape;
    shape.embedding = 4;
    shape.feed_forward = 4;
    shape.context = 8;
    return tiny_classifier(shape);
}

GgufWriter small_decoder(const std::string &architecture, bool sentence_piece = false) {
    DecoderShape shape;
    shape.architecture = architecture;
    shape.embedding = 4;
    shape.feed_forward = 4;
    shape.context = 8;
    return tiny_decoder(shape, sentence_piece);
}

GgufWriter without_tensors(GgufWriter writer) {
    writer.tensors.clear();
    return writer;
}

void write_sound() {
    write("classifier", small_classifier());
    GgufWriter encoder = small_classifier();
    encoder.remove_key("bert.classifier.output_labels").u32("bert.pooling_type", 1);
    for (const char *tensor : {"cls.weight", "cls.bias", "cls.output.weight", "cls.output.bias"})
        encoder.remove_tensor(tensor);
    write("encoder", encoder);
    for (const char *architecture : {"llama", "qwen2", "gpt2"})
        write(architecture, small_decoder(architecture));
    write("llama-spm", small_decoder("llama", true));
    write("vocabulary-wpm", without_tensors(small_classifier()));
    write("vocabulary-bpe", without_tensors(small_decoder("llama")));
    write("vocabulary-spm", without_tensors(small_decoder("llama", true)));
    GgufWriter half = tiny_decoder();
    half.tensor("token_embd.weight", {32, 130}, 8).tensor("blk.0.attn_q.weight", {32, 32}, 2);
    write("quantised", half);
}

// In the order of docs/formats/gguf.md and of src/gguf/hostile_file_test.cpp.
void write_structural_attacks() {
    GgufWriter counts = small_classifier();
    counts.key_count = huge / 64 + 1;
    write("key-count-wraps", counts);
    counts.key_count.reset();
    counts.tensor_count = huge / 368 + 1;
    write("tensor-count-wraps", counts);
    const uint64_t half = uint64_t{1} << 32;
    write("shape-wraps", GgufWriter().tensor({"t", {half, half}, 0, ""}));
    write("bytes-wrap", GgufWriter().tensor({"t", {uint64_t{1} << 62}, 28, ""}));
    write("padding-wraps", GgufWriter().tensor({"t", {huge / 2}, 1, ""}));
    write("zero-dimension", GgufWriter().tensor({"t", {32, 0}, 0, ""}));
    write("text-length-wraps", GgufWriter().key("k", ValueType::string, gguf_bytes(huge) + "text"));
    write("array-wraps", GgufWriter().array("k", ValueType::string, huge / 8 + 1, "12345678"));
    write("nested-array", GgufWriter().array("k", ValueType::array, 1,
                                             gguf_bytes<uint32_t>(9) + gguf_bytes<uint64_t>(1)));
    write("alignment-unbounded", GgufWriter().u32("general.alignment", 1u << 31));
    write("alignment-odd", GgufWriter().u32("general.alignment", 33));
    GgufWriter overlap;
    overlap.tensor("a", {16}).tensor("b", {16}).tensor_at("b").offset = 32;
    write("overlap", overlap);
    GgufWriter gap;
    gap.tensor("a", {8}).tensor("b", {8}).tensor_at("b").offset = 64;
    write("gap", gap);
    write("past-the-end", GgufWriter().tensor({"t", {1 << 20}, 0, std::string(32, '\0')}));
    GgufWriter twice = small_classifier();
    twice.raw_key("bert.block_count", 4, gguf_bytes<uint32_t>(2));
    write("key-twice", twice);
    write("token-too-long",
          small_classifier().strings("tokenizer.ggml.tokens", {std::string(1025, 'x')}));
    write("shard", small_classifier().u16("split.count", 2));
    GgufWriter version = small_classifier();
    version.version = 1;
    write("version-1", version);
    version.version = 3u << 24;
    write("big-endian", version);
}

// What the engine takes silently, or stops the process on.
void write_semantic_attacks() {
    write("scores-of-bytes", small_classifier().array("tokenizer.ggml.scores", ValueType::i8, 11,
                                                      std::string(11, '\0')));
    write("context-0", small_classifier().u32("bert.context_length", 0));
    write("blocks-513", small_classifier().u32("bert.block_count", 513));
    write("heads-0", small_decoder("llama").u32("llama.attention.head_count", 0));
    write("kv-heads-0", small_decoder("llama").u32("llama.attention.head_count_kv", 0));
    write("rope-scaling", small_decoder("llama").string("llama.rope.scaling.type", "x"));
    write("rope-odd", small_decoder("llama").u32("llama.rope.dimension_count", 3));
    write("experts", small_decoder("llama").u32("llama.expert_count", 2000));
    write("bos-out-of-range", small_classifier().u32("tokenizer.ggml.bos_token_id", 99));
    write("suppressed", small_classifier().i32s("tokenizer.ggml.suppress_tokens", {-1}));
    write("plamo2", small_classifier().string("tokenizer.ggml.model", "plamo2"));
    ClassifierShape shape;
    shape.embedding = 4;
    shape.words = {"a", "a"};
    write("tokens-twice", tiny_classifier(shape));
    shape.words = {"", "[EMPTY_5]"};
    write("empty-token", tiny_classifier(shape));
    GgufWriter bytes = small_decoder("llama", true);
    bytes.strings("tokenizer.ggml.tokens", {"<unk>", "<s>", "</s>"});
    write("no-byte-tokens", bytes);
    GgufWriter bias = small_classifier();
    write("no-bias", bias.remove_tensor("blk.0.attn_q.bias"));
    write("no-head", small_classifier().remove_tensor("cls.output.weight"));
    write("norm-f16", small_classifier().tensor("token_embd_norm.weight", {4}, 1));
    GgufWriter nan = small_classifier();
    nan.tensor_at("cls.bias").data.replace(0, 4, gguf_bytes<uint32_t>(0x7fc0'0000));
    write("nan", nan);
    write("phi3", small_classifier().string("general.name", "phi-3"));
}

void write_adapters() {
    write("adapter", tiny_adapter());
    AdapterShape loud;
    loud.alpha = 0;
    write("adapter-without-alpha", tiny_adapter(loud));
    write("half-a-pair", tiny_adapter().remove_tensor("blk.0.attn_q.weight.lora_b"));
}

}  // namespace

int main(int argc, char **argv) {
    if (argc != 2) {
        std::cerr << "usage: gguf_seeds DIRECTORY\n";
        return 2;
    }
    directory = argv[1];
    std::filesystem::create_directories(directory);
    write_sound();
    write_structural_attacks();
    write_semantic_attacks();
    write_adapters();
    return 0;
}
