// SPDX-License-Identifier: Apache-2.0
#include "compat/attachment.h"

#include <algorithm>
#include <array>
#include <map>
#include <span>

#include <fmt/format.h>

namespace skillet {
namespace {

// The modules whose matrices the engine multiplies with an adapter. Pairs for any other tensor are
// read, and then ignored.
struct Adaptable {
    std::string_view architecture;
    std::span<const std::string_view> modules;
};

constexpr auto bert_modules = std::to_array<std::string_view>(
    {"attn_k", "attn_output", "attn_q", "attn_v", "ffn_down", "ffn_up", "token_embd"});

constexpr auto adaptable = std::to_array<Adaptable>({{"bert", bert_modules}});

// Unknown architectures are not run, and so not judged.
bool is_ignored(std::string_view architecture, std::string_view module) {
    const auto row = std::find_if(adaptable.begin(), adaptable.end(), [&](const Adaptable &known) {
        return known.architecture == architecture;
    });
    return row != adaptable.end() &&
           std::find(row->modules.begin(), row->modules.end(), module) == row->modules.end();
}

Error incompatible(std::string message, std::string subject, std::string hint) {
    return make_error(SKL_E_INCOMPATIBLE, std::move(message), std::move(subject), std::move(hint));
}

Component equal_texts(std::string name, std::string adapter, std::string base, const char *subject,
                      const char *hint) {
    Component component{std::move(name), std::move(adapter), std::move(base), {}};
    if (component.adapter != component.base) {
        component.error =
            incompatible(fmt::format("the adapter is for {} {}, this is {}", component.name,
                                     component.adapter, component.base),
                         subject, hint);
    }
    return component;
}

Component base_component(const std::optional<AdapterClaim> &claim, const BaseModel &base) {
    if (claim) {
        return equal_texts("base", claim->base.to_string(), base.digest.to_string(),
                           "/adapter/base/digest",
                           "give it the base that it was trained for; another one of the same "
                           "shape computes nonsense");
    }
    return {"base", "not stated", base.digest.to_string(),
            incompatible("nothing says which base the adapter was trained for", "base",
                         "`skillet init ADAPTER --base BASE` writes it down, for who knows it")};
}

// An adapter's file has no tokenizer as a rule. If it has one, it must be the base's too.
Component tokenizer_component(const AdapterFile &adapter, const std::optional<AdapterClaim> &claim,
                              const BaseModel &base) {
    constexpr const char *hint = "the tokens of one are not the tokens of the other";
    const std::string theirs = base.facts.tokenizer_digest.to_string();
    const bool has_own = std::any_of(
        adapter.file.entries.begin(), adapter.file.entries.end(),
        [](const gguf::Entry &entry) { return entry.key.starts_with("tokenizer.ggml."); });
    if (has_own && adapter.facts.tokenizer_digest != base.facts.tokenizer_digest) {
        return equal_texts("tokenizer", adapter.facts.tokenizer_digest.to_string(), theirs,
                           "tokenizer.ggml", hint);
    }
    if (!claim) return {"tokenizer", "the base's", theirs, {}};
    return equal_texts("tokenizer", claim->tokenizer, theirs, "/tokenizer/digest", hint);
}

Component convention_component(const char *name, const std::string &claimed,
                               std::string_view offered, const char *pointer, const char *hint) {
    Component component{name, claimed, std::string(offered), {}};
    if (claimed != offered) {
        component.error = incompatible(
            fmt::format("the package needs {}, this build offers {}", claimed, offered), pointer,
            hint);
    }
    return component;
}

// A map: whoever chooses the names could make a hash table quadratic.
using TensorsByName = std::map<std::string_view, const gguf::Tensor *>;

Component targets_component(const AdapterFile &adapter, const TensorsByName &tensors) {
    Component component{
        "targets", fmt::format("{}", fmt::join(adapter.adapter.target_modules, ", ")), "", {}};
    size_t found = 0;
    for (const gguf::AdapterPair &pair : adapter.adapter.pairs) {
        const bool present = tensors.find(pair.target) != tensors.end();
        found += present ? 1 : 0;
        if (component.error) continue;
        if (!present) {
            component.error = incompatible("the adapter changes a tensor that the base lacks",
                                           pair.target, "give it the base it was trained for");
        } else if (is_ignored(adapter.adapter.architecture, pair.module)) {
            component.error =
                incompatible("the engine would ignore a change of this tensor", pair.target,
                             "train the attention and feed-forward matrices only");
        }
    }
    component.base = fmt::format("{} of {} tensors", found, adapter.adapter.pairs.size());
    return component;
}

std::string shown(const std::vector<uint64_t> &shape) {
    return fmt::format("{}", fmt::join(shape, " x "));
}

Component shapes_component(const AdapterFile &adapter, const TensorsByName &tensors) {
    Component component{"shapes",
                        fmt::format("{} pairs", adapter.adapter.pairs.size()),
                        "each as the tensor it changes",
                        {}};
    for (const gguf::AdapterPair &pair : adapter.adapter.pairs) {
        const auto target = tensors.find(pair.target);
        if (target == tensors.end()) continue;  // named by "targets"
        const std::vector<uint64_t> due = {pair.inputs, pair.outputs};
        if (target->second->shape == due) continue;
        component.adapter = fmt::format("{}: {}", pair.target, shown(due));
        component.base = shown(target->second->shape);
        component.error = incompatible(fmt::format("the adapter changes a matrix of {}, the base's "
                                                   "is {}",
                                                   shown(due), component.base),
                                       pair.target, "give it the base it was trained for");
        break;
    }
    return component;
}

Component values_component(const AdapterFile &adapter) {
    const gguf::ValueScan &scan = adapter.values;
    Component component{
        "values", fmt::format("{} values, all finite", scan.values), std::string(no_say), {}};
    if (scan.finite()) return component;
    component.adapter = fmt::format("{} NaN, {} infinite", scan.nan, scan.infinite);
    component.error =
        make_error(SKL_E_MALFORMED_ARTIFACT,
                   fmt::format("{} of {} values are NaN and {} infinite: so would be every answer",
                               scan.nan, scan.values, scan.infinite),
                   scan.faults.front().tensor, "train or convert the adapter anew");
    return component;
}

}  // namespace

Result<BaseModel> BaseModel::read(const ByteSource &bytes, const Digest &digest) {
    SKL_TRY_ASSIGN(file, gguf::read(bytes));
    if (gguf::is_adapter(file)) {
        return incompatible("an adapter cannot be the base of another", bytes.name(),
                            "give it the model that the adapter was trained for");
    }
    SKL_TRY_ASSIGN(facts, gguf::derive_facts(bytes, file));
    Result<void> runnable = gguf::check_runnable(bytes, file, facts);
    return BaseModel{std::move(file), std::move(facts), digest, std::move(runnable)};
}

Result<AdapterFile> AdapterFile::read(const ByteSource &bytes, gguf::File file,
                                      const Digest &digest, Phase &phase) {
    SKL_TRY_ASSIGN(facts, gguf::derive_facts(bytes, file));
    SKL_TRY_ASSIGN(adapter, gguf::derive_adapter_facts(file));
    SKL_TRY_ASSIGN(values, gguf::scan_values(bytes, file, phase));
    return AdapterFile{std::move(file), std::move(facts), std::move(adapter), std::move(values),
                       digest};
}

AdapterClaim claim_of(const Skill &skill) {
    const json::Value *tokenizer = json::resolve(skill.json, "/tokenizer/digest");
    const std::string *text = tokenizer != nullptr ? tokenizer->string() : nullptr;
    return {skill.adapter->base_digest, text != nullptr ? *text : std::string(), skill.adapter->abi,
            skill.adapter->scaling};
}

std::vector<Component> compare_adapter(const AdapterFile &adapter,
                                       const std::optional<AdapterClaim> &claim,
                                       const BaseModel &base) {
    TensorsByName tensors;
    for (const gguf::Tensor &tensor : base.file.tensors) tensors.emplace(tensor.name, &tensor);
    std::vector<Component> components;
    components.push_back(convention_component(
        "adapter abi", claim ? claim->abi : std::string(adapter_abi), adapter_abi, "/adapter/abi",
        "pack it for this version, or use a version that offers it"));
    components.push_back(equal_texts("architecture", adapter.adapter.architecture,
                                     base.facts.architecture, "general.architecture",
                                     "give it the base it was trained for"));
    components.push_back(base_component(claim, base));
    components.push_back(tokenizer_component(adapter, claim, base));
    components.push_back(targets_component(adapter, tensors));
    components.push_back(shapes_component(adapter, tensors));
    components.push_back(convention_component(
        "scaling", claim ? claim->scaling : std::string(gguf::lora_scaling), gguf::lora_scaling,
        "/adapter/scaling",
        "convert the adapter with the alpha that gives this product; the engine knows no other "
        "convention"));
    components.push_back({"rank and alpha",
                          fmt::format("{} and {}", adapter.adapter.rank, adapter.adapter.alpha),
                          std::string(no_say),
                          {}});
    components.push_back({"precision", adapter.adapter.precision, std::string(no_say), {}});
    components.push_back(values_component(adapter));
    return components;
}

Result<void> first_mismatch(std::vector<Component> components) {
    for (Component &component : components) {
        if (component.error) return *std::move(component.error);
    }
    return {};
}

}  // namespace skillet
