// SPDX-License-Identifier: Apache-2.0
#include "comparison/compatibility.h"

#include <algorithm>

#include <fmt/format.h>

#include "json/write.h"

namespace skillet {
namespace {

// A member of a key as people read it: texts without their quotes.
std::string shown(const json::Value *member) {
    if (member == nullptr) return "–";
    const std::string *text = member->string();
    return text != nullptr ? *text : json::compact(*member);
}

struct KeyMember {
    const char *name;
    const char *pointer;
    bool decides;
};

constexpr KeyMember independent_members[] = {{"format", "/format", true},
                                             {"format version", "/format_version", true},
                                             {"architecture", "/architecture", true},
                                             {"tokenizer", "/tokenizer", true},
                                             {"engine", "/engine", true}};

// Two adapters of one base may differ in all that each of them does to it.
constexpr KeyMember adapter_members[] = {{"base", "/base", true},
                                         {"tokenizer", "/tokenizer", true},
                                         {"architecture", "/architecture", true},
                                         {"adapter abi", "/abi", true},
                                         {"merge", "/merge", true},
                                         {"targets", "/target_modules", false},
                                         {"tensors", "/tensors", false},
                                         {"rank", "/rank", false},
                                         {"alpha", "/alpha", false},
                                         {"scaling", "/scaling", false},
                                         {"precision", "/precision", false}};

template <size_t count>
std::vector<ComparedComponent> compare_keys(const Side &a, const Side &b,
                                            const KeyMember (&members)[count]) {
    const auto key_a = a.key();
    const auto key_b = b.key();
    std::vector<ComparedComponent> components;
    for (const KeyMember &row : members) {
        const json::Value *in_a = key_a ? json::resolve(key_a->document, row.pointer) : nullptr;
        const json::Value *in_b = key_b ? json::resolve(key_b->document, row.pointer) : nullptr;
        const bool known = in_a != nullptr && in_b != nullptr;
        const bool matches = known && json::canonical(*in_a) == json::canonical(*in_b);
        components.push_back({row.name, shown(in_a), shown(in_b), matches, row.decides,
                              known ? "" : "only a package says it, not the file alone"});
    }
    return components;
}

std::vector<ComparedComponent> compare_attachment(const Side &adapter, const Side &base,
                                                  bool adapter_is_a) {
    std::vector<ComparedComponent> components;
    for (Component &one : compare_adapter(*adapter.adapter(), adapter.claim(), *base.model())) {
        const bool holds = one.holds();
        std::string reason = holds ? std::string() : one.error->message;
        std::string &a = adapter_is_a ? one.adapter : one.base;
        std::string &b = adapter_is_a ? one.base : one.adapter;
        components.push_back(
            {std::move(one.name), std::move(a), std::move(b), holds, true, std::move(reason)});
    }
    return components;
}

std::string verdict_on(const Compatibility &found) {
    const ComparedComponent *mismatch = found.first_mismatch();
    const std::string at = mismatch != nullptr ? mismatch->name : std::string();
    if (found.relation == "attachment") {
        return mismatch == nullptr ? "the adapter attaches to this base"
                                   : fmt::format("the adapter does not attach: {} differs", at);
    }
    if (found.relation == "adapters") {
        return mismatch == nullptr
                   ? "two adapters of one base: each has a context of its own, they are never "
                     "combined"
                   : fmt::format("two adapters that share no base: {} differs", at);
    }
    return mismatch == nullptr
               ? "independent models with equal keys: an engine treats both alike"
               : fmt::format(
                     "independent models: they may serve side by side, but one cannot "
                     "stand in for the other: {} differs",
                     at);
}

json::Value describe(const Side &side) {
    const auto key = side.key();
    json::Object document{{"reference", side.reference},
                          {"kind", side.adapter() != nullptr ? "adapter" : "model"},
                          {"artifact", side.digest().to_string()},
                          {"id", nullptr},
                          {"version", nullptr},
                          {"package", nullptr},
                          {"key", nullptr}};
    if (side.package) {
        document.set("id", side.package->skill.id);
        document.set("version", side.package->skill.version.text());
        document.set("package", side.package->descriptor.digest.to_string());
    }
    if (key) document.set("key", key->digest.to_string());
    return document;
}

}  // namespace

const ComparedComponent *Compatibility::first_mismatch() const {
    const auto found = std::find_if(
        components.begin(), components.end(),
        [](const ComparedComponent &component) { return component.decides && !component.matches; });
    return found != components.end() ? &*found : nullptr;
}

Compatibility compare_compatibility(const Side &a, const Side &b) {
    Compatibility found;
    const bool a_adapts = a.adapter() != nullptr;
    const bool b_adapts = b.adapter() != nullptr;
    if (a_adapts != b_adapts) {
        found.relation = "attachment";
        found.components = compare_attachment(a_adapts ? a : b, a_adapts ? b : a, a_adapts);
    } else if (a_adapts) {
        found.relation = "adapters";
        found.components = compare_keys(a, b, adapter_members);
    } else {
        found.relation = "independent";
        found.components = compare_keys(a, b, independent_members);
    }
    found.compatible = found.first_mismatch() == nullptr;
    found.verdict = verdict_on(found);
    return found;
}

json::Value compatibility_document(const Side &a, const Side &b) {
    const Compatibility found = compare_compatibility(a, b);
    json::Array components;
    for (const ComparedComponent &one : found.components) {
        components.push_back(json::Object{{"name", one.name},
                                          {"a", one.a},
                                          {"b", one.b},
                                          {"matches", one.matches},
                                          {"decides", one.decides},
                                          {"reason", one.reason}});
    }
    const ComparedComponent *mismatch = found.first_mismatch();
    return json::Object{
        {"schema", "skillet.compat/1"},
        {"relation", found.relation},
        {"compatible", found.compatible},
        {"verdict", found.verdict},
        {"first_mismatch", mismatch != nullptr ? json::Value(mismatch->name) : json::Value()},
        {"a", describe(a)},
        {"b", describe(b)},
        {"components", std::move(components)}};
}

}  // namespace skillet
