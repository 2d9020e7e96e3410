// SPDX-License-Identifier: Apache-2.0
#include "gguf/adapter.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <set>

#include <fmt/format.h>

#include "gguf/canonical.h"
#include "gguf/refusal.h"
#include "gguf/text.h"

namespace skillet::gguf {
namespace {

constexpr std::string_view alpha_key = "adapter.lora.alpha";
constexpr std::string_view weight_suffix = ".weight";
constexpr std::string_view a_suffix = ".lora_a";
constexpr std::string_view b_suffix = ".lora_b";

// Every key that says something about the adapter; the texts are for people.
constexpr std::array<std::string_view, 4> known_keys = {
    "adapter.type", alpha_key, "adapter.lora.task_name", "adapter.lora.prompt_prefix"};

// What the converters of the engine write, and the engine multiplies by.
constexpr std::array<std::string_view, 4> matrix_types = {"BF16", "F16", "F32", "Q8_0"};

// Empty if the key is absent or no string.
std::string_view text(const File &file, std::string_view key) {
    const Entry *entry = file.find(key);
    const auto *value = entry != nullptr ? std::get_if<std::string>(&entry->value) : nullptr;
    return value != nullptr ? std::string_view(*value) : std::string_view();
}

Result<void> check_keys(const File &file) {
    const std::string_view type = text(file, "adapter.type");
    if (type != "lora") {
        return unsupported(type.empty() ? "does not say what kind of adapter it is"
                                        : fmt::format("an adapter of the kind \"{}\"", type),
                           "adapter.type", "this build takes adapters of the kind \"lora\"");
    }
    for (const Entry &entry : file.entries) {
        if (!entry.key.starts_with("adapter.")) continue;
        if (entry.key.starts_with("adapter.alora.")) {
            return unsupported("an activated LoRA, which starts in the middle of a prompt",
                               entry.key, "train a LoRA that applies to every token");
        }
        if (std::find(known_keys.begin(), known_keys.end(), entry.key) == known_keys.end()) {
            return unsupported("a key that might change what the adapter does", entry.key,
                               "convert the adapter anew, without it");
        }
    }
    return {};
}

Result<double> read_alpha(const File &file) {
    const Entry *entry = file.find(alpha_key);
    if (entry == nullptr) {
        return malformed("the key is missing, and the engine would scale by 1 instead",
                         std::string(alpha_key),
                         "convert the adapter anew, with the alpha it was trained with");
    }
    if (entry->type != ValueType::f32) {
        return malformed(fmt::format("{} where f32 is due", name_of(entry->type)), entry->key);
    }
    const double alpha = std::get<double>(entry->value);
    if (!std::isfinite(alpha) || alpha <= 0) {
        return malformed(fmt::format("{} is no scale; it must be greater than 0", alpha),
                         entry->key);
    }
    return alpha;
}

Result<std::string> read_architecture(const File &file) {
    const std::string_view name = text(file, "general.architecture");
    if (!is_identifier(name)) return malformed("names no architecture", "general.architecture");
    return std::string(name);
}

// "blk.0.attn_q.weight" -> "attn_q"; empty if the name is that of no matrix.
std::string_view module_of(std::string_view target) {
    if (!target.ends_with(weight_suffix)) return {};
    target.remove_suffix(weight_suffix.size());
    if (!target.starts_with("blk.")) return target;
    const std::string_view rest = target.substr(4);
    uint32_t block = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), block);
    const auto digits = static_cast<size_t>(end - rest.data());
    if (error != std::errc() || digits == rest.size() || rest[digits] != '.') return {};
    return rest.substr(digits + 1);
}

struct Halves {
    const Tensor *a = nullptr;
    const Tensor *b = nullptr;
};

// By target.
Result<std::map<std::string, Halves>> pair_up(const File &file) {
    std::map<std::string, Halves> pairs;
    for (const Tensor &tensor : file.tensors) {
        const std::string_view name = tensor.name;
        const bool is_a = name.ends_with(a_suffix);
        if (!is_a && !name.ends_with(b_suffix)) {
            return unsupported("neither a .lora_a nor a .lora_b: the engine would leave it out",
                               tensor.name, "train matrices only, and convert the adapter anew");
        }
        const std::string_view target = name.substr(0, name.size() - a_suffix.size());
        if (module_of(target).empty() || target.find(".lora_") != std::string_view::npos) {
            return unsupported("changes no matrix of a model: the engine would leave it out",
                               tensor.name, "train matrices only, and convert the adapter anew");
        }
        Halves &halves = pairs[std::string(target)];
        (is_a ? halves.a : halves.b) = &tensor;
    }
    if (pairs.empty()) {
        return malformed("the adapter has no tensors", "adapter.type",
                         "give it the file with its weights");
    }
    for (const auto &[target, halves] : pairs) {
        if (halves.a != nullptr && halves.b != nullptr) continue;
        const bool has_a = halves.a != nullptr;
        return malformed(fmt::format("there is a {}, but no {}", has_a ? ".lora_a" : ".lora_b",
                                     has_a ? ".lora_b" : ".lora_a"),
                         target);
    }
    return pairs;
}

Result<void> check_matrix(const Tensor &tensor) {
    const std::string_view type = tensor_type(tensor.type)->name;
    if (std::find(matrix_types.begin(), matrix_types.end(), type) == matrix_types.end()) {
        return unsupported(fmt::format("is stored as {}", type), tensor.name,
                           "store it as F32, F16, BF16 or Q8_0");
    }
    for (size_t i = 2; i < tensor.shape.size(); ++i) {
        if (tensor.shape[i] == 1) continue;
        return unsupported("has more than two dimensions: a LoRA of experts", tensor.name,
                           "this build takes one matrix per tensor");
    }
    const uint64_t longest = *std::max_element(tensor.shape.begin(), tensor.shape.end());
    if (longest > INT32_MAX) {
        return malformed(fmt::format("has an extent of {}", longest), tensor.name);
    }
    return {};
}

// A writer may leave out trailing extents of 1.
uint64_t extent(const Tensor &tensor, size_t dimension) {
    return dimension < tensor.shape.size() ? tensor.shape[dimension] : 1;
}

struct ShapedPair {
    AdapterPair pair;
    uint64_t rank = 0;
};

Result<ShapedPair> shape_of(const std::string &target, const Halves &halves) {
    SKL_TRY(check_matrix(*halves.a));
    SKL_TRY(check_matrix(*halves.b));
    // Where rows are looked up instead of multiplied, A is stored the other way round.
    const bool looked_up = target.ends_with("token_embd.weight");
    const uint64_t rank_a = extent(*halves.a, looked_up ? 0 : 1);
    const uint64_t rank_b = extent(*halves.b, 0);
    if (rank_a != rank_b) {
        return malformed(fmt::format(".lora_a has rank {}, .lora_b has rank {}", rank_a, rank_b),
                         target);
    }
    const uint64_t a = extent(*halves.a, looked_up ? 1 : 0);
    const uint64_t b = extent(*halves.b, 1);
    return ShapedPair{
        {target, std::string(module_of(target)), looked_up ? b : a, looked_up ? a : b}, rank_b};
}

std::string precision_of(const File &file) {
    std::set<std::string_view> types;
    for (const Tensor &tensor : file.tensors) types.insert(tensor_type(tensor.type)->name);
    return fmt::format("{}", fmt::join(types, "+"));
}

}  // namespace

bool is_adapter(const File &file) { return text(file, "general.type") == "adapter"; }

Result<AdapterFacts> derive_adapter_facts(const File &file) {
    AdapterFacts facts;
    SKL_TRY_ASSIGN(architecture, read_architecture(file));
    facts.architecture = std::move(architecture);
    SKL_TRY(check_keys(file));
    SKL_TRY_ASSIGN(alpha, read_alpha(file));
    facts.alpha = alpha;
    SKL_TRY_ASSIGN(pairs, pair_up(file));
    std::set<std::string> modules;
    uint64_t rank = 0;
    for (const auto &[target, halves] : pairs) {
        SKL_TRY_ASSIGN(shaped, shape_of(target, halves));
        if (rank == 0) rank = shaped.rank;
        if (shaped.rank != rank) {
            return unsupported(fmt::format("has rank {}, and {} has rank {}", shaped.rank,
                                           facts.pairs.front().target, rank),
                               target, "train all matrices with one rank");
        }
        modules.insert(shaped.pair.module);
        facts.pairs.push_back(std::move(shaped.pair));
    }
    facts.rank = static_cast<uint32_t>(rank);
    facts.target_modules.assign(modules.begin(), modules.end());
    facts.tensors_digest = digest_of_shapes(file);
    facts.precision = precision_of(file);
    return facts;
}

}  // namespace skillet::gguf
