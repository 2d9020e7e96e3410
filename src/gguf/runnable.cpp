// SPDX-License-Identifier: Apache-2.0
// Implementation: the tables in architecture.cpp are applied to the file. Keys and tensors that no
// table names are refused, because the engine might compute something else on account of them.
#include <algorithm>
#include <cassert>
#include <cctype>
#include <map>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/utf8.h"
#include "gguf/architecture.h"
#include "gguf/facts.h"
#include "gguf/refusal.h"
#include "gguf/text.h"

namespace skillet::gguf {
namespace {

constexpr size_t labels_min = 2;
constexpr size_t labels_max = 1'024;
constexpr size_t label_bytes_max = 256;
constexpr size_t tokens_min = 3;
constexpr uint64_t alignment_min = 32;  // what the engine needs to map weights

constexpr const char *head_hint =
    "export a sequence classifier with its head, its labels and pooling type 4 (RANK)";
constexpr const char *convert_hint = "convert the model anew with this value";

class Check {
public:
    Check(const File &file, const Facts &facts, const Architecture &architecture)
        : file_(file), facts_(facts), architecture_(architecture) {}

    [[nodiscard]] Result<void> keys() const;
    [[nodiscard]] Result<void> head() const;
    [[nodiscard]] Result<void> vocabulary() const;
    [[nodiscard]] Result<void> special_tokens() const;
    [[nodiscard]] Result<void> token_types() const;
    [[nodiscard]] Result<void> tensors() const;

private:
    [[nodiscard]] const KeyRule *rule(std::string_view key) const;
    [[nodiscard]] Result<void> unknown_keys() const;
    [[nodiscard]] Result<void> key(const KeyRule &rule) const;
    [[nodiscard]] Result<void> bound(const KeyRule &rule, const Entry &entry) const;
    [[nodiscard]] Result<void> token(std::string_view text, size_t id) const;
    [[nodiscard]] uint64_t extent(Extent extent) const;
    [[nodiscard]] Result<void> tensor(const TensorRule &rule, const Tensor &tensor) const;

    const File &file_;
    const Facts &facts_;
    const Architecture &architecture_;
};

// REQUIRES: the key holds an unsigned integer; keys() has checked that.
uint64_t unsigned_value(const File &file, std::string_view key) {
    const Entry *entry = file.find(key);
    assert(entry != nullptr);
    return std::get<uint64_t>(entry->value);
}

// REQUIRES: the key holds an array; keys() has checked that.
const ArrayValue &array_value(const File &file, std::string_view key) {
    const Entry *entry = file.find(key);
    assert(entry != nullptr);
    return std::get<ArrayValue>(entry->value);
}

const KeyRule *Check::rule(std::string_view key) const {
    const auto found = std::find_if(architecture_.keys.begin(), architecture_.keys.end(),
                                    [&](const KeyRule &known) { return known.key == key; });
    return found == architecture_.keys.end() ? nullptr : &*found;
}

Result<void> Check::keys() const {
    for (const KeyRule &rule : architecture_.keys) SKL_TRY(key(rule));
    SKL_TRY(unknown_keys());
    const uint64_t heads = facts_.head_count;
    if (facts_.embedding_length % heads != 0) {
        return malformed(fmt::format("{} heads do not divide an embedding of {}", heads,
                                     facts_.embedding_length),
                         facts_.architecture + ".attention.head_count");
    }
    return {};
}

Result<void> Check::unknown_keys() const {
    const std::string own = facts_.architecture + ".";
    for (const Entry &entry : file_.entries) {
        const bool matters = entry.key.starts_with(own) || entry.key.starts_with("tokenizer.");
        if (matters && rule(entry.key) == nullptr) {
            return unsupported("a setting this build does not know", entry.key,
                               "convert the model without this setting");
        }
    }
    return {};
}

Result<void> Check::key(const KeyRule &rule) const {
    const Entry *entry = file_.find(rule.key);
    if (entry == nullptr) {
        if (rule.presence == Presence::optional) return {};
        if (rule.presence == Presence::required_for_head)
            return unsupported("the model has no classification head", rule.key, head_hint);
        return malformed("the key is missing", rule.key, "convert the model anew with this key");
    }
    const auto *array = std::get_if<ArrayValue>(&entry->value);
    if (entry->type != rule.type || (array != nullptr && array->element != rule.element)) {
        const char *due = name_of(rule.type == ValueType::array ? rule.element : rule.type);
        return malformed(fmt::format("another type than {}{}",
                                     rule.type == ValueType::array ? "array of " : "", due),
                         rule.key);
    }
    return bound(rule, *entry);
}

Result<void> Check::bound(const KeyRule &rule, const Entry &entry) const {
    switch (rule.bound) {
        case Bound::none: return {};
        case Bound::range: {
            const auto value = std::get<uint64_t>(entry.value);
            if (value >= rule.min && value <= rule.max) return {};
            return unsupported(
                rule.min == rule.max
                    ? fmt::format("{} where only {} is run", value, rule.min)
                    : fmt::format("{} where {} to {} are run", value, rule.min, rule.max),
                rule.key, rule.presence == Presence::required_for_head ? head_hint : convert_hint);
        }
        case Bound::fraction: {
            const auto value = std::get<double>(entry.value);
            if (value > 0 && value < 1) return {};
            return malformed(fmt::format("{} is not between 0 and 1", value), rule.key);
        }
        case Bound::token: {
            const auto value = std::get<uint64_t>(entry.value);
            if (value < facts_.vocabulary_size) return {};
            return malformed(
                fmt::format("token {} of a vocabulary of {}", value, facts_.vocabulary_size),
                rule.key);
        }
        case Bound::per_token: {
            const auto count = std::get<ArrayValue>(entry.value).count;
            if (count == facts_.vocabulary_size) return {};
            return malformed(
                fmt::format("{} elements for {} tokens", count, facts_.vocabulary_size), rule.key);
        }
    }
    return {};
}

Result<void> Check::head() const {
    const std::string key = facts_.architecture + ".classifier.output_labels";
    if (facts_.labels.size() < labels_min || facts_.labels.size() > labels_max) {
        return unsupported(fmt::format("{} labels where {} to {} are run", facts_.labels.size(),
                                       labels_min, labels_max),
                           key, head_hint);
    }
    for (const std::string &label : facts_.labels) {
        if (label.empty() || label.size() > label_bytes_max) {
            return malformed(fmt::format("a label of {} bytes where 1 to {} are possible",
                                         label.size(), label_bytes_max),
                             key);
        }
    }
    if (const auto twice = duplicate({facts_.labels.begin(), facts_.labels.end()}))
        return malformed(fmt::format("the label \"{}\" occurs twice", *twice), key);
    return {};
}

Result<void> Check::token(std::string_view text, size_t id) const {
    constexpr const char *key = "tokenizer.ggml.tokens";
    if (text.empty()) return malformed(fmt::format("token {} is empty", id), key);
    if (text.size() > architecture_.runnable_token_bytes_max) {
        return unsupported(fmt::format("token {} has {} bytes where at most {} are run", id,
                                       text.size(), architecture_.runnable_token_bytes_max),
                           key, "remove the token from the vocabulary");
    }
    if (!is_utf8(text)) return malformed(fmt::format("token {} is not UTF-8", id), key);
    if (text.size() > 2 && text.starts_with("##")) {
        return malformed(fmt::format("token {} is a raw WordPiece continuation", id), key,
                         "write \"##x\" as \"x\", and a token that starts a word with U+2581");
    }
    return {};
}

Result<void> Check::vocabulary() const {
    constexpr const char *key = "tokenizer.ggml.tokens";
    const auto &tokens = array_value(file_, key).strings;
    if (tokens.size() < tokens_min) {
        return malformed(
            fmt::format("{} tokens where at least {} are needed", tokens.size(), tokens_min), key);
    }
    for (size_t id = 0; id < tokens.size(); ++id) SKL_TRY(token(tokens[id], id));
    // The engine stops the whole process on these.
    if (const auto twice = duplicate({tokens.begin(), tokens.end()}))
        return malformed(fmt::format("the token \"{}\" occurs twice", *twice), key);
    return {};
}

Result<void> Check::special_tokens() const {
    const auto &tokens = array_value(file_, "tokenizer.ggml.tokens").strings;
    for (const SpecialToken &special : architecture_.special_tokens) {
        if (file_.find(special.key) == nullptr) continue;
        const uint64_t id = unsigned_value(file_, special.key);
        if (tokens[id] != special.text) {
            return malformed(
                fmt::format("token {} is \"{}\" where {} is due", id, tokens[id], special.text),
                special.key);
        }
    }
    return {};
}

// Kinds are 1 normal, 2 unknown, 3 control, 4 user defined, 5 unused and 6 byte. A WordPiece
// vocabulary has no byte tokens, and the engine stops the whole process on one.
Result<void> Check::token_types() const {
    const Entry *entry = file_.find("tokenizer.ggml.token_type");
    if (entry == nullptr) return {};
    const auto &kinds = std::get<ArrayValue>(entry->value);
    for (size_t id = 0; id < kinds.count; ++id) {
        const std::string_view kind = std::string_view(kinds.bytes).substr(id * 4, 4);
        if (kind[0] < 1 || kind[0] > 5 || kind.substr(1) != std::string_view("\0\0\0", 3)) {
            return malformed(fmt::format("token {} is of a kind that has no meaning here", id),
                             entry->key);
        }
    }
    return {};
}

uint64_t Check::extent(Extent extent) const {
    switch (extent) {
        case Extent::one: return 1;
        case Extent::embedding: return facts_.embedding_length;
        case Extent::feed_forward: return facts_.feed_forward_length;
        case Extent::context: return facts_.context_length;
        case Extent::vocabulary: return facts_.vocabulary_size;
        case Extent::token_types: return unsigned_value(file_, architecture_.token_types_key);
        case Extent::labels: return facts_.labels.size();
    }
    return 1;
}

Result<void> Check::tensor(const TensorRule &rule, const Tensor &tensor) const {
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
    const bool fits =
        type == "F32" || (rule.use == Use::matrix && (type == "F16" || type == "Q8_0"));
    if (fits) return {};
    return unsupported(fmt::format("the tensor is {} where {} is run", type,
                                   rule.use == Use::matrix ? "F32, F16 or Q8_0" : "only F32"),
                       tensor.name,
                       "convert the model to Q8_0, with F32 for biases, norms and token types");
}

Result<void> Check::tensors() const {
    std::map<std::string_view, const Tensor *> left;
    for (const Tensor &tensor : file_.tensors) left.emplace(tensor.name, &tensor);
    for (const TensorRule &rule : architecture_.tensors) {
        const uint32_t blocks = rule.per_block ? facts_.block_count : 1;
        for (uint32_t block = 0; block < blocks; ++block) {
            const std::string name =
                rule.per_block ? fmt::format("blk.{}.{}", block, rule.name) : rule.name;
            const auto found = left.find(name);
            if (found == left.end()) {
                if (rule.optional) continue;
                return malformed("the tensor is missing", name,
                                 "convert the model anew with all its weights and biases");
            }
            SKL_TRY(tensor(rule, *found->second));
            left.erase(found);
        }
    }
    if (left.empty()) return {};
    return unsupported("a tensor this build does not know", std::string(left.begin()->first),
                       "convert the model as a plain sequence classifier");
}

// The engine chooses token attributes by the title of a model, and fails to load one that is named
// after phi-3 but lacks its tokens.
Result<void> check_title(const Facts &facts) {
    std::string title = facts.name;
    std::transform(title.begin(), title.end(), title.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (title.find("phi-3") == std::string::npos && title.find("phi3") == std::string::npos)
        return {};
    return unsupported("the engine takes the title for that of another model", "general.name",
                       "give the model a title without \"phi3\" and \"phi-3\"");
}

}  // namespace

Result<void> check_runnable(const File &file, const Facts &facts) {
    const Architecture *architecture = find_architecture(facts.architecture);
    if (architecture == nullptr) {
        return unsupported(
            fmt::format("models of architecture {} are not run", facts.architecture),
            "general.architecture",
            fmt::format("use a classifier of architecture {}", architecture_names()));
    }
    if (file.alignment < alignment_min) {
        return unsupported(fmt::format("an alignment of {} where at least {} is run",
                                       file.alignment, alignment_min),
                           "general.alignment", "write the file with an alignment of 32");
    }
    const Entry *tokenizer = file.find("tokenizer.ggml.model");
    const auto *model =
        tokenizer == nullptr ? nullptr : std::get_if<std::string>(&tokenizer->value);
    if (model != nullptr && *model != architecture->tokenizer_model) {
        return unsupported(fmt::format("a tokenizer of kind {} where {} is run", facts.tokenizer_id,
                                       architecture->tokenizer_model),
                           "tokenizer.ggml.model", "use a model with a WordPiece vocabulary");
    }
    SKL_TRY(check_title(facts));
    const Check check(file, facts, *architecture);
    SKL_TRY(check.keys());
    SKL_TRY(check.head());
    SKL_TRY(check.vocabulary());
    SKL_TRY(check.special_tokens());
    SKL_TRY(check.token_types());
    return check.tensors();
}

}  // namespace skillet::gguf
