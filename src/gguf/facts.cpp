// SPDX-License-Identifier: Apache-2.0
// Implementation: every key is read with the one type it may have. Text that reaches skill.json
// must be UTF-8 without control characters here, so that nothing later has to wonder.
#include "gguf/facts.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/utf8.h"
#include "gguf/canonical.h"
#include "gguf/refusal.h"
#include "gguf/stored.h"
#include "gguf/text.h"

namespace skillet::gguf {
namespace {

constexpr std::string_view tokenizer_prefix = "tokenizer.";
constexpr uint64_t labels_max = 1'024;
constexpr size_t control_bytes_max = 256;
constexpr size_t control_tokens_max = 16'384;
// Kinds of tokens, as in the file.
constexpr char control_kind = 3;
constexpr char user_defined_kind = 4;
constexpr std::string_view template_prefix = "tokenizer.chat_template";

Error wrong_type(const Entry &entry, std::string_view due) {
    return malformed(fmt::format("{} where {} is due", name_of(entry.type), due), entry.key);
}

// Empty if the key is absent.
Result<std::string> text(const File &file, std::string_view key) {
    const Entry *entry = file.find(key);
    if (entry == nullptr) return std::string();
    if (entry->type != ValueType::string) return wrong_type(*entry, "string");
    const auto *value = std::get_if<std::string>(&entry->value);
    if (value == nullptr) {
        return unsupported(
            fmt::format("a text of {} bytes where at most {} are read",
                        std::get<LongText>(entry->value).place.bytes, Limits{}.text_bytes_kept),
            entry->key, "shorten the text");
    }
    if (!is_utf8(*value) || !is_one_line(*value))
        return malformed("the text is not one line of UTF-8", entry->key);
    return *value;
}

// Empty if the key is absent.
Result<std::string> identifier(const File &file, std::string_view key) {
    SKL_TRY_ASSIGN(value, text(file, key));
    if (!value.empty() && !is_identifier(value)) {
        return malformed("a name may have 1 to 64 letters, digits, dots, underscores and hyphens",
                         std::string(key));
    }
    return std::move(value);
}

// 0 if the key is absent.
Result<uint32_t> number(const File &file, std::string_view key) {
    const Entry *entry = file.find(key);
    if (entry == nullptr) return 0u;
    if (entry->type != ValueType::u32) return wrong_type(*entry, "u32");
    return static_cast<uint32_t>(std::get<uint64_t>(entry->value));
}

// Also 0 if the key holds one number per layer, which some architectures do.
Result<uint32_t> number_of_all_layers(const File &file, std::string_view key) {
    const Entry *entry = file.find(key);
    if (entry != nullptr && entry->type == ValueType::array) return 0u;
    return number(file, key);
}

// Null if the key is absent.
Result<const ArrayValue *> array(const File &file, std::string_view key, ValueType element) {
    const Entry *entry = file.find(key);
    if (entry == nullptr) return nullptr;
    const auto *value = std::get_if<ArrayValue>(&entry->value);
    if (value == nullptr || value->element != element)
        return wrong_type(*entry, fmt::format("array of {}", name_of(element)));
    return value;
}

// What stands at a token's id in another array, if that array is there.
Result<void> check_per_token(const File &file, std::string_view key, ValueType element,
                             uint64_t tokens) {
    SKL_TRY_ASSIGN(values, array(file, key, element));
    if (values == nullptr || values->count == tokens) return {};
    return malformed(fmt::format("{} elements for {} tokens", values->count, tokens),
                     std::string(key));
}

Result<void> derive_tokenizer(const ByteSource &source, const File &file, Facts &facts) {
    SKL_TRY_ASSIGN(model, identifier(file, "tokenizer.ggml.model"));
    SKL_TRY_ASSIGN(pre, identifier(file, "tokenizer.ggml.pre"));
    if (!model.empty())
        facts.tokenizer_id = fmt::format("{}/{}", model, pre.empty() ? "default" : pre);
    SKL_TRY_ASSIGN(tokens, array(file, "tokenizer.ggml.tokens", ValueType::string));
    const uint64_t count = tokens == nullptr ? 0 : tokens->count;
    facts.vocabulary_size = static_cast<uint32_t>(count);
    SKL_TRY(check_per_token(file, "tokenizer.ggml.scores", ValueType::f32, count));
    SKL_TRY(check_per_token(file, "tokenizer.ggml.token_type", ValueType::i32, count));
    SKL_TRY(array(file, "tokenizer.ggml.merges", ValueType::string));

    std::vector<const Entry *> tokenizer;
    std::vector<const Entry *> templates;
    for (const Entry &entry : file.entries) {
        if (entry.key.starts_with(template_prefix))
            templates.push_back(&entry);
        else if (entry.key.starts_with(tokenizer_prefix))
            tokenizer.push_back(&entry);
    }
    SKL_TRY_ASSIGN(digest, digest_of(source, std::move(tokenizer)));
    facts.tokenizer_digest = digest;
    if (templates.empty()) return {};
    SKL_TRY_ASSIGN(template_digest, digest_of(source, std::move(templates)));
    facts.chat_template_digest = template_digest;
    return {};
}

Result<void> derive_numbers(const File &file, Facts &facts) {
    const auto key = [&](std::string_view name) {
        return facts.architecture + "." + std::string(name);
    };
    SKL_TRY_ASSIGN(context, number(file, key("context_length")));
    SKL_TRY_ASSIGN(embedding, number(file, key("embedding_length")));
    SKL_TRY_ASSIGN(blocks, number(file, key("block_count")));
    SKL_TRY_ASSIGN(feed_forward, number_of_all_layers(file, key("feed_forward_length")));
    SKL_TRY_ASSIGN(heads, number_of_all_layers(file, key("attention.head_count")));
    facts.context_length = context;
    facts.embedding_length = embedding;
    facts.block_count = blocks;
    facts.feed_forward_length = feed_forward;
    facts.head_count = heads;
    return {};
}

Result<void> derive_labels(const ByteSource &source, const File &file, Facts &facts) {
    const std::string key = facts.architecture + ".classifier.output_labels";
    SKL_TRY_ASSIGN(labels, array(file, key, ValueType::string));
    if (labels == nullptr) return {};
    if (labels->count > labels_max) {
        return unsupported(
            fmt::format("{} labels where at most {} are read", labels->count, labels_max), key,
            "train a classifier with fewer labels");
    }
    StringReader reader(source, *labels);
    for (uint64_t i = 0; i < labels->count; ++i) {
        SKL_TRY_ASSIGN(label, reader.next());
        if (!is_utf8(label) || !is_one_line(label))
            return malformed("a label is not one line of UTF-8", key);
        facts.labels.emplace_back(label);
    }
    return {};
}

// Tokens that stand for something else than text. Those with names too long to be written into a
// prompt, or that are no text in a line, are left out.
Result<void> derive_control_tokens(const ByteSource &source, const File &file, Facts &facts) {
    SKL_TRY_ASSIGN(tokens, array(file, "tokenizer.ggml.tokens", ValueType::string));
    SKL_TRY_ASSIGN(kinds, array(file, "tokenizer.ggml.token_type", ValueType::i32));
    if (tokens == nullptr || kinds == nullptr) return {};
    SKL_TRY_ASSIGN(kind_bytes, read_stored(source, kinds->place, kinds->count * 4));
    StringReader reader(source, *tokens);
    for (uint64_t id = 0; id < tokens->count; ++id) {
        SKL_TRY_ASSIGN(text, reader.next());
        const auto at = static_cast<size_t>(id) * 4;
        const bool is_small = kind_bytes.compare(at + 1, 3, "\0\0\0", 3) == 0;
        const char kind = kind_bytes[at];
        if (!is_small || (kind != control_kind && kind != user_defined_kind)) continue;
        if (text.empty() || text.size() > control_bytes_max || !is_utf8(text) || !is_one_line(text))
            continue;
        if (facts.control_tokens.size() == control_tokens_max) break;
        facts.control_tokens.push_back({id, std::string(text)});
    }
    const auto name = [&](std::string_view key) -> Result<std::string> {
        SKL_TRY_ASSIGN(id, number(file, key));
        if (file.find(key) == nullptr) return std::string();
        for (const ControlToken &token : facts.control_tokens)
            if (token.id == id) return token.text;
        return std::string();
    };
    SKL_TRY_ASSIGN(begin, name("tokenizer.ggml.bos_token_id"));
    SKL_TRY_ASSIGN(end, name("tokenizer.ggml.eos_token_id"));
    facts.begin_token = std::move(begin);
    facts.end_token = std::move(end);
    return {};
}

Result<void> derive_decoder(const ByteSource &source, const File &file, Facts &facts) {
    if (!facts.labels.empty() || facts.head_count == 0) return {};
    const std::string prefix = facts.architecture + ".attention.";
    SKL_TRY_ASSIGN(heads, number_of_all_layers(file, prefix + "head_count_kv"));
    SKL_TRY_ASSIGN(length, number_of_all_layers(file, prefix + "key_length"));
    const uint64_t all = uint64_t{heads == 0 ? facts.head_count : heads} *
                         (length == 0 ? facts.embedding_length / facts.head_count : length);
    facts.key_value_length = static_cast<uint32_t>(std::min<uint64_t>(all, UINT32_MAX));
    return derive_control_tokens(source, file, facts);
}

Result<void> count_parameters(const File &file, Facts &facts) {
    for (const Tensor &tensor : file.tensors) {
        if (__builtin_add_overflow(facts.parameters, tensor.elements(), &facts.parameters))
            return malformed("the model has more elements than can be counted", tensor.name);
    }
    return {};
}

// By LLAMA_FTYPE number; null where a number was never given or its format has been removed.
constexpr std::array<const char *, 42> quantization_labels = {
    "F32",   "F16",     "Q4_0",      "Q4_1",   nullptr,  nullptr,   nullptr,  "Q8_0",   "Q5_0",
    "Q5_1",  "Q2_K",    "Q3_K_S",    "Q3_K_M", "Q3_K_L", "Q4_K_S",  "Q4_K_M", "Q5_K_S", "Q5_K_M",
    "Q6_K",  "IQ2_XXS", "IQ2_XS",    "Q2_K_S", "IQ3_XS", "IQ3_XXS", "IQ1_S",  "IQ4_NL", "IQ3_S",
    "IQ3_M", "IQ2_S",   "IQ2_M",     "IQ4_XS", "IQ1_M",  "BF16",    nullptr,  nullptr,  nullptr,
    "TQ1_0", "TQ2_0",   "MXFP4_MOE", "NVFP4",  "Q1_0",   "Q2_0"};

Result<std::string> quantization_label(const File &file) {
    constexpr std::string_view key = "general.file_type";
    SKL_TRY_ASSIGN(type, number(file, key));
    if (file.find(key) == nullptr || type >= quantization_labels.size() ||
        quantization_labels[type] == nullptr)
        return std::string("unknown");
    return std::string(quantization_labels[type]);
}

Result<void> derive_general(const File &file, Facts &facts) {
    SKL_TRY_ASSIGN(architecture, identifier(file, "general.architecture"));
    if (architecture.empty()) return malformed("the key is missing", "general.architecture");
    SKL_TRY_ASSIGN(name, text(file, "general.name"));
    SKL_TRY_ASSIGN(license, text(file, "general.license"));
    SKL_TRY_ASSIGN(label, quantization_label(file));
    facts.architecture = std::move(architecture);
    facts.name = std::move(name);
    facts.license = std::move(license);
    facts.quantization_label = std::move(label);
    return {};
}

}  // namespace

Result<Facts> derive_facts(const ByteSource &source, const File &file) {
    Facts facts;
    facts.format_version = file.version;
    SKL_TRY(derive_general(file, facts));
    facts.tensor_types_digest = digest_of_types(file);
    SKL_TRY(count_parameters(file, facts));
    SKL_TRY(derive_tokenizer(source, file, facts));
    SKL_TRY(derive_numbers(file, facts));
    SKL_TRY(derive_labels(source, file, facts));
    SKL_TRY(derive_decoder(source, file, facts));
    return facts;
}

}  // namespace skillet::gguf
