// SPDX-License-Identifier: Apache-2.0
// Implementation: the tables in architecture.cpp and tokenizer.cpp are applied to the file. Keys
// and tensors that no table names are refused, because the engine might compute something else on
// account of them.
#include "gguf/vetted.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include <fmt/format.h>

#include "gguf/architecture.h"
#include "gguf/refusal.h"
#include "gguf/rules.h"

namespace skillet::gguf {
namespace {

constexpr uint64_t alignment_min = 32;  // what the engine needs to map weights
// Templates are kept under names of their own, and never rendered.
constexpr std::string_view template_prefix = "tokenizer.chat_template.";

// What a matrix may be stored as: what the engine looks rows up in and multiplies by.
constexpr auto matrix_types = std::to_array<std::string_view>(
    {"F32",   "F16",   "BF16",   "Q4_0",   "Q4_1",    "Q5_0",   "Q5_1",  "Q8_0",    "Q2_K",
     "Q3_K",  "Q4_K",  "Q5_K",   "Q6_K",   "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ3_XXS", "IQ3_S",
     "IQ1_S", "IQ1_M", "IQ4_NL", "IQ4_XS", "TQ1_0",   "TQ2_0",  "MXFP4"});

class Vetting {
public:
    Vetting(const File &file, const Facts &facts, const Architecture &architecture,
            const TokenizerKind &tokenizer)
        : file_(file), facts_(facts), architecture_(architecture), tokenizer_(tokenizer) {}

    [[nodiscard]] Result<void> keys();
    [[nodiscard]] Result<void> tensors() const;

private:
    [[nodiscard]] bool is_known(const Entry &entry) const;
    [[nodiscard]] Result<void> unknown_keys() const;
    [[nodiscard]] uint64_t number(std::string_view name, uint64_t otherwise) const;
    [[nodiscard]] Result<void> heads();
    [[nodiscard]] bool has_head() const;
    [[nodiscard]] uint64_t extent(Extent extent) const;
    [[nodiscard]] Result<void> tensor(const TensorRule &rule, const Tensor &tensor) const;
    [[nodiscard]] Result<void> tensors_of(const TensorRule &rule) const;
    [[nodiscard]] std::string_view name_in_block(std::string_view name) const;
    [[nodiscard]] bool is_known(const Tensor &tensor) const;
    [[nodiscard]] Result<void> unknown_tensors() const;

    const File &file_;
    const Facts &facts_;
    const Architecture &architecture_;
    const TokenizerKind &tokenizer_;
    uint64_t heads_ = 1;
    uint64_t key_value_heads_ = 1;
    uint64_t head_length_ = 1;
};

uint64_t Vetting::number(std::string_view name, uint64_t otherwise) const {
    return unsigned_value(file_, facts_.architecture + std::string(name), otherwise);
}

Result<void> Vetting::keys() {
    SKL_TRY(check_keys(file_, facts_, general_keys()));
    SKL_TRY(check_keys(file_, facts_, architecture_.shared_keys));
    SKL_TRY(check_keys(file_, facts_, architecture_.keys));
    SKL_TRY(check_keys(file_, facts_, tokenizer_keys()));
    SKL_TRY(check_keys(file_, facts_, tokenizer_.keys));
    SKL_TRY(unknown_keys());
    return heads();
}

bool Vetting::is_known(const Entry &entry) const {
    const std::array tables = {architecture_.shared_keys, architecture_.keys, tokenizer_keys(),
                               tokenizer_.keys};
    return std::any_of(tables.begin(), tables.end(), [&](std::span<const KeyRule> rules) {
        return std::any_of(rules.begin(), rules.end(), [&](const KeyRule &rule) {
            return full_key(rule, facts_.architecture) == entry.key;
        });
    });
}

Result<void> Vetting::unknown_keys() const {
    const std::string own = facts_.architecture + ".";
    for (const Entry &entry : file_.entries) {
        const bool matters = entry.key.starts_with(own) || entry.key.starts_with("tokenizer.");
        if (!matters) continue;
        if (entry.key.starts_with(template_prefix) && entry.type == ValueType::string) continue;
        if (is_known(entry)) continue;
        return unsupported("a setting this build does not know", entry.key,
                           "convert the model without this setting");
    }
    return {};
}

// The engine divides by the number of heads, and stops the whole process where the lengths of
// queries, keys, values and rotations differ.
Result<void> Vetting::heads() {
    const std::string prefix = facts_.architecture + ".";
    heads_ = facts_.head_count;
    key_value_heads_ = number(".attention.head_count_kv", heads_);
    const uint64_t embedding = facts_.embedding_length;
    if (heads_ % key_value_heads_ != 0) {
        return malformed(fmt::format("{} heads do not divide into {} of keys and values", heads_,
                                     key_value_heads_),
                         prefix + "attention.head_count_kv");
    }
    head_length_ = number(".attention.key_length", embedding / heads_);
    if (file_.find(prefix + "attention.key_length") == nullptr && embedding % heads_ != 0) {
        return malformed(
            fmt::format("{} heads do not divide an embedding of {}", heads_, embedding),
            prefix + "attention.head_count");
    }
    if (const auto values = number(".attention.value_length", head_length_);
        values != head_length_) {
        return malformed(
            fmt::format("values of length {} where keys have {}", values, head_length_),
            prefix + "attention.value_length");
    }
    if (!architecture_.rotates_heads) return {};
    if (const auto rotated = number(".rope.dimension_count", head_length_);
        rotated != head_length_ || rotated % 2 != 0) {
        return malformed(fmt::format("{} of {} numbers in a head are rotated, where all are, in "
                                     "pairs",
                                     rotated, head_length_),
                         prefix + "rope.dimension_count");
    }
    return {};
}

bool Vetting::has_head() const { return number(".pooling_type", 0) == 4; }

uint64_t Vetting::extent(Extent extent) const {
    switch (extent) {
        case Extent::one: return 1;
        case Extent::embedding: return facts_.embedding_length;
        case Extent::feed_forward: return facts_.feed_forward_length;
        case Extent::context: return facts_.context_length;
        case Extent::vocabulary: return facts_.vocabulary_size;
        case Extent::token_types:
            return unsigned_value(file_, "tokenizer.ggml.token_type_count", 1);
        case Extent::labels: return std::max<uint64_t>(facts_.labels.size(), 1);
        case Extent::queries: return heads_ * head_length_;
        case Extent::keys_values: return key_value_heads_ * head_length_;
        case Extent::queries_and_both: return (heads_ + 2 * key_value_heads_) * head_length_;
        case Extent::rotations: return head_length_ / 2;
    }
    return 1;
}

Result<void> Vetting::tensor(const TensorRule &rule, const Tensor &tensor) const {
    const auto dimension = [&](size_t i) { return i < tensor.shape.size() ? tensor.shape[i] : 1; };
    const uint64_t columns = extent(rule.columns);
    const uint64_t rows = extent(rule.rows);
    if (dimension(0) != columns || dimension(1) != rows || dimension(2) != 1 || dimension(3) != 1) {
        return malformed(
            fmt::format(
                "the shape is {} where {} is due", fmt::join(tensor.shape, " x "),
                rows == 1 ? fmt::format("{}", columns) : fmt::format("{} x {}", columns, rows)),
            tensor.name);
    }
    const std::string_view type = tensor_type(tensor.type)->name;
    const bool fits = rule.use == Use::vector ? type == "F32"
                                              : std::find(matrix_types.begin(), matrix_types.end(),
                                                          type) != matrix_types.end();
    if (fits) return {};
    return unsupported(
        fmt::format("the tensor is {}{}", type,
                    rule.use == Use::matrix ? ", which matrices cannot be" : " where F32 is due"),
        tensor.name, "convert the model to Q8_0, with F32 for biases, norms and token types");
}

Result<void> Vetting::tensors_of(const TensorRule &rule) const {
    const uint32_t blocks = rule.per_block ? facts_.block_count : 1;
    if (rule.need == Need::head && !has_head()) return {};
    uint32_t found = 0;
    for (uint32_t block = 0; block < blocks; ++block) {
        const std::string name =
            rule.per_block ? fmt::format("blk.{}.{}", block, rule.name) : rule.name;
        const Tensor *present = file_.find_tensor(name);
        if (present == nullptr && (rule.need != Need::optional || found > 0)) {
            return malformed("the tensor is missing", name,
                             "convert the model anew with all its weights and biases");
        }
        if (present == nullptr) continue;
        // In this block, but not in those before it.
        if (found < block) {
            return malformed("the tensor is missing", fmt::format("blk.0.{}", rule.name),
                             "convert the model anew with all its weights and biases");
        }
        SKL_TRY(tensor(rule, *present));
        ++found;
    }
    return {};
}

Result<void> Vetting::tensors() const {
    if (file_.tensors.empty()) return {};
    if (architecture_.tensors.empty()) {
        return unsupported(
            fmt::format("of architecture {} only vocabularies are vetted", architecture_.name),
            "general.architecture", "use a model of " + architecture_names(true));
    }
    if (file_.alignment < alignment_min) {
        return unsupported(fmt::format("an alignment of {} where at least {} is needed",
                                       file_.alignment, alignment_min),
                           "general.alignment", "write the file with an alignment of 32");
    }
    for (const TensorRule &rule : architecture_.tensors) SKL_TRY(tensors_of(rule));
    return unknown_tensors();
}

// After "blk.N." of a block that there is; otherwise the whole name.
std::string_view Vetting::name_in_block(std::string_view name) const {
    if (!name.starts_with("blk.")) return name;
    const size_t dot = name.find('.', 4);
    if (dot == std::string_view::npos) return name;
    uint32_t block = 0;
    const auto parsed = std::from_chars(name.data() + 4, name.data() + dot, block);
    const bool exists = parsed.ptr == name.data() + dot && block < facts_.block_count &&
                        name.substr(4, dot - 4) == fmt::format("{}", block);
    return exists ? name.substr(dot + 1) : name;
}

bool Vetting::is_known(const Tensor &tensor) const {
    const std::string_view name = name_in_block(tensor.name);
    const bool in_block = name.size() != tensor.name.size();
    return std::any_of(architecture_.tensors.begin(), architecture_.tensors.end(),
                       [&](const TensorRule &rule) {
                           return rule.name == name && rule.per_block == in_block &&
                                  (rule.need != Need::head || has_head());
                       });
}

Result<void> Vetting::unknown_tensors() const {
    for (const Tensor &tensor : file_.tensors) {
        if (is_known(tensor)) continue;
        return unsupported("a tensor this build does not know", tensor.name,
                           "convert the model with the tensors of its architecture only");
    }
    return {};
}

// Some files use the names of an architecture for what goes with a model of it.
Result<void> check_type(const File &file) {
    const Entry *entry = file.find("general.type");
    if (entry == nullptr) return {};
    const auto *type = std::get_if<std::string>(&entry->value);
    if (type != nullptr && *type == "model") return {};
    return unsupported("a file that is not a model, by its own type", entry->key,
                       "name the file of the model");
}

}  // namespace

Result<VocabularyFacts> vet(const ByteSource &source, const File &file, const Facts &facts) {
    const Architecture *architecture = find_architecture(facts.architecture);
    if (architecture == nullptr) {
        return unsupported(
            fmt::format("models of architecture {} are not vetted", facts.architecture),
            "general.architecture", "use one of " + architecture_names(false));
    }
    SKL_TRY(check_type(file));
    const std::string model = facts.tokenizer_id.substr(0, facts.tokenizer_id.find('/'));
    if (model.empty()) {
        return malformed("the key is missing", "tokenizer.ggml.model",
                         "convert the model anew with its vocabulary");
    }
    const TokenizerKind *tokenizer = find_tokenizer(model);
    if (tokenizer == nullptr) {
        return unsupported(fmt::format("a tokenizer of kind {}, which is not vetted", model),
                           "tokenizer.ggml.model",
                           "use a model with a vocabulary of kind " + tokenizer_names());
    }
    if (std::string_view(architecture->tokenizers).find(model + " ") == std::string_view::npos) {
        return unsupported(
            fmt::format("a tokenizer of kind {} with architecture {}", model, architecture->name),
            "tokenizer.ggml.model",
            fmt::format("use a model with a vocabulary of kind {}", architecture->tokenizers));
    }
    Vetting vetting(file, facts, *architecture, *tokenizer);
    SKL_TRY(vetting.keys());
    SKL_TRY_ASSIGN(vocabulary, check_vocabulary(source, file, facts, *tokenizer));
    SKL_TRY(vetting.tensors());
    return vocabulary;
}

Result<void> check_vetted(const ByteSource &source, const File &file, const Facts &facts) {
    SKL_TRY(vet(source, file, facts));
    return {};
}

}  // namespace skillet::gguf
