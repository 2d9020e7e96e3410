// SPDX-License-Identifier: Apache-2.0
// Implementation: what the model lacks to be run is said first, since a sound model of another kind
// is what people come with; then everything that is vetted.
#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "gguf/architecture.h"
#include "gguf/facts.h"
#include "gguf/refusal.h"
#include "gguf/rules.h"
#include "gguf/text.h"
#include "gguf/tokenizer.h"
#include "gguf/vetted.h"

namespace skillet::gguf {
namespace {

constexpr size_t labels_min = 2;
constexpr size_t label_bytes_max = 256;
constexpr const char *head_hint =
    "export a sequence classifier with its head, its labels and pooling type 4 (RANK)";

Result<void> check_head(const File &file, const Facts &facts, const RunRules &rules) {
    for (const KeyRule &rule : rules.head_keys) {
        const std::string key = full_key(rule, facts.architecture);
        if (file.find(key) == nullptr)
            return unsupported("the model has no classification head", key, head_hint);
    }
    return check_keys(file, facts, rules.head_keys);
}

Result<void> check_labels(const Facts &facts) {
    const std::string key = facts.architecture + ".classifier.output_labels";
    if (facts.labels.size() < labels_min) {
        return unsupported(
            fmt::format("{} labels where at least {} are run", facts.labels.size(), labels_min),
            key, head_hint);
    }
    for (const std::string &label : facts.labels) {
        if (label.empty() || label.size() > label_bytes_max) {
            return malformed(fmt::format("a label of {} bytes where 1 to {} are possible",
                                         label.size(), label_bytes_max),
                             key);
        }
    }
    if (const auto twice = duplicate({facts.labels.begin(), facts.labels.end()}))
        return malformed(fmt::format("the label \"{}\" occurs twice", *twice), key);
    return {};
}

// Any text may come to be tokenised, of any length that a contract admits.
Result<void> check_words(const Facts &facts) {
    const size_t slash = facts.tokenizer_id.find('/');
    const TokenizerKind *kind = find_tokenizer(facts.tokenizer_id.substr(0, slash));
    if (kind == nullptr || kind->pre_tokenizers.empty()) return {};
    const std::string name = facts.tokenizer_id.substr(slash + 1);
    const PreTokenizer *words = find_pre_tokenizer(*kind, name);
    if (words != nullptr && words->bounded) return {};
    return unsupported(
        fmt::format("the pre-tokenizer \"{}\" does not survive every long text", name),
        "tokenizer.ggml.pre", "use a model with another one, such as gpt-2 or llama-bpe");
}

Result<void> check_types(const File &file) {
    for (const Tensor &tensor : file.tensors) {
        const std::string_view type = tensor_type(tensor.type)->name;
        if (type == "F32" || type == "F16" || type == "Q8_0" || type == "Q4_0") continue;
        return unsupported(
            fmt::format("the tensor is {} where F32, F16, Q8_0 or Q4_0 is run", type), tensor.name,
            "convert the model to Q8_0");
    }
    return {};
}

}  // namespace

Result<void> check_runnable(const ByteSource &source, const File &file, const Facts &facts) {
    const Architecture *architecture = find_architecture(facts.architecture);
    if (architecture == nullptr || architecture->run == nullptr) {
        return unsupported(fmt::format("models of architecture {} are not run", facts.architecture),
                           "general.architecture",
                           fmt::format("use a model of architecture {}", architecture_names(true)));
    }
    const RunRules &rules = *architecture->run;
    if (!rules.head_keys.empty()) {
        SKL_TRY(check_head(file, facts, rules));
        SKL_TRY(check_labels(facts));
    }
    SKL_TRY_ASSIGN(vocabulary, vet(source, file, facts));
    SKL_TRY(check_keys(file, facts, rules.keys));
    SKL_TRY(check_words(facts));
    if (vocabulary.longest_token_bytes > rules.token_bytes_max) {
        return unsupported(fmt::format("a token of {} bytes where at most {} are run",
                                       vocabulary.longest_token_bytes, rules.token_bytes_max),
                           "tokenizer.ggml.tokens", "remove the token from the vocabulary");
    }
    if (file.tensors.empty()) {
        return unsupported("a vocabulary without weights", source.name(),
                           "name the file that has the weights");
    }
    return check_types(file);
}

}  // namespace skillet::gguf
