// SPDX-License-Identifier: Apache-2.0
// Implementation: every member of skill.json is either compared by a rule of its own or, where none
// knows it, falls under "other", so that nothing can change unnoticed.
#include "comparison/diff.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include <fmt/format.h>

#include "comparison/tensor_diff.h"
#include "json/write.h"
#include "schema/schema.h"
#include "schema/text.h"

namespace skillet {
namespace {

using json::Value;

std::string shown(const Value *value) {
    if (value == nullptr) return {};
    const std::string *text = value->string();
    return schema::shown(text != nullptr ? *text : json::compact(*value));
}

bool equal(const Value *a, const Value *b) {
    if (a == nullptr || b == nullptr) return a == b;
    return json::canonical(*a) == json::canonical(*b);
}

// A member whose every change falls under one rule.
struct PlainMember {
    const char *pointer;
    Rule rule;
};

constexpr auto plain_members = std::to_array<PlainMember>({
    {"/schema", Rule::other},
    {"/id", Rule::id},
    {"/title", Rule::words},
    {"/description", Rule::words},
    {"/authors", Rule::words},
    {"/owner", Rule::words},
    {"/license", Rule::license},
    {"/source", Rule::words},
    {"/replaces", Rule::replaces},
    {"/artifact/role", Rule::role},
    {"/artifact/format", Rule::engine},
    {"/artifact/format_version", Rule::engine},
    {"/artifact/family", Rule::engine},
    {"/artifact/digest", Rule::model},
    {"/artifact/bytes", Rule::model},
    {"/artifact/quantization", Rule::model},
    {"/artifact/parameters", Rule::model},
    {"/tokenizer/id", Rule::tokenizer},
    {"/tokenizer/digest", Rule::tokenizer},
    {"/tokenizer/chat_template_digest", Rule::chat_template},
    {"/engine/abi", Rule::engine},
    {"/engine/architecture", Rule::engine},
    {"/engine/features", Rule::engine},
    {"/adapter/base/id", Rule::adapter_base_name},
    {"/adapter/base/version", Rule::adapter_base_name},
    {"/adapter/base/digest", Rule::adapter_base},
    {"/adapter/target_modules", Rule::adapter},
    {"/adapter/tensors_digest", Rule::adapter},
    {"/adapter/rank", Rule::adapter},
    {"/adapter/alpha", Rule::adapter},
    {"/adapter/scaling", Rule::adapter},
    {"/adapter/precision", Rule::adapter},
    {"/adapter/merge", Rule::engine},
    {"/adapter/abi", Rule::engine},
    {"/contract/task", Rule::task},
    {"/contract/domain", Rule::words},
    {"/contract/prepare", Rule::prepare},
    {"/contract/prompt", Rule::prompt},
    {"/contract/continuation", Rule::prompt},
    {"/contract/limits/context_tokens", Rule::memory},
    {"/contract/confidence/meaning", Rule::confidence_meaning},
    {"/contract/determinism", Rule::determinism},
});

// A number of which more, or less, is what callers may rely on.
struct NumberMember {
    const char *pointer;
    Rule lower;
    Rule higher;
};

constexpr auto number_members = std::to_array<NumberMember>({
    {"/contract/limits/input_bytes", Rule::limit_admits_less, Rule::limit_admits_more},
    {"/contract/limits/input_tokens", Rule::limit_admits_less, Rule::limit_admits_more},
    {"/contract/limits/output_bytes", Rule::output_limit_lower, Rule::output_limit_higher},
    {"/contract/limits/deadline_ms", Rule::limit_admits_less, Rule::limit_admits_more},
});

// Members that have a function of their own.
constexpr auto other_members = std::to_array<const char *>(
    {"/version", "/contract/labels", "/contract/input", "/contract/output",
     "/contract/confidence/abstain_below", "/authority/reads", "/authority/emits",
     "/authority/requests", "/resources/estimate", "/depends", "/conflicts", "/extensions"});

class Comparison {
public:
    Comparison(const Side &from, const Side &to) : from_(from), to_(to) {}

    Result<Diff> run(const Work &work) {
        for (const PlainMember &member : plain_members) {
            if (differs(member.pointer)) add(member.rule, member.pointer);
        }
        compare_labels();
        SKL_TRY(compare_schema("/contract/input", {Rule::input_wider, Rule::input_unproven,
                                                   Rule::input_unproven, Rule::input_words}));
        SKL_TRY(compare_schema("/contract/output", {Rule::output_unproven, Rule::output_narrower,
                                                    Rule::output_unproven, Rule::output_words}));
        compare_numbers();
        compare_calibration();
        for (const char *member : {"/authority/reads", "/authority/emits", "/authority/requests"}) {
            compare_list(member, Rule::authority_wider, Rule::authority_narrower);
        }
        compare_memory();
        compare_list("/depends", Rule::depends_stricter, Rule::depends_looser);
        compare_list("/conflicts", Rule::conflicts_more, Rule::conflicts_fewer);
        compare_extensions();
        compare_unknown(skill(from_), skill(to_), "");
        compare_layers(media::doc, Rule::documents);
        compare_evidence();
        if (from_.digest() != to_.digest()) {
            SKL_TRY(compare_tensors(from_, to_, work, diff_));
        }
        return judged();
    }

private:
    static const Value &skill(const Side &side) { return side.package->skill.json; }
    [[nodiscard]] const Value *before(std::string_view pointer) const {
        return json::resolve(skill(from_), pointer);
    }
    [[nodiscard]] const Value *after(std::string_view pointer) const {
        return json::resolve(skill(to_), pointer);
    }
    [[nodiscard]] bool differs(std::string_view pointer) const {
        return !equal(before(pointer), after(pointer));
    }

    void add(Rule rule, std::string subject, std::string from, std::string to) {
        diff_.changes.push_back({rule, std::move(subject), std::move(from), std::move(to)});
    }
    void add(Rule rule, const std::string &pointer) {
        add(rule, pointer, shown(before(pointer)), shown(after(pointer)));
    }

    void compare_labels() {
        const auto &old_labels = from_.package->skill.contract.labels();
        const auto &new_labels = to_.package->skill.contract.labels();
        const auto has = [](const std::vector<std::string> &labels, const std::string &label) {
            return std::find(labels.begin(), labels.end(), label) != labels.end();
        };
        constexpr const char *pointer = "/contract/labels";
        std::vector<std::string> kept_old;
        std::vector<std::string> kept_new;
        for (const std::string &label : old_labels) {
            if (has(new_labels, label)) {
                kept_old.push_back(label);
            } else {
                add(Rule::label_removed, pointer, schema::shown(label), "");
            }
        }
        for (const std::string &label : new_labels) {
            if (has(old_labels, label)) {
                kept_new.push_back(label);
            } else {
                add(Rule::label_added, pointer, "", schema::shown(label));
            }
        }
        if (kept_old != kept_new) add(Rule::label_order, pointer);
    }

    // What a change of a schema means depends on whether callers send or receive.
    struct SchemaRules {
        Rule grew;
        Rule shrank;
        Rule unproven;
        Rule same;
    };

    Result<void> compare_schema(const std::string &pointer, const SchemaRules &rules) {
        if (!differs(pointer)) return {};
        SKL_TRY_ASSIGN(old_schema, Schema::compile(*before(pointer), pointer));
        SKL_TRY_ASSIGN(new_schema, Schema::compile(*after(pointer), pointer));
        const bool grew = new_schema.provably_includes(old_schema);
        const bool shrank = old_schema.provably_includes(new_schema);
        add(grew && shrank ? rules.same
            : grew         ? rules.grew
            : shrank       ? rules.shrank
                           : rules.unproven,
            pointer);
        return {};
    }

    static double number_at(const Value *value) {
        return value != nullptr && value->is_number() ? value->number() : 0;
    }

    void compare_numbers() {
        for (const NumberMember &member : number_members) {
            const double old_number = number_at(before(member.pointer));
            const double new_number = number_at(after(member.pointer));
            if (new_number < old_number) add(member.lower, member.pointer);
            if (new_number > old_number) add(member.higher, member.pointer);
        }
        constexpr const char *threshold = "/contract/confidence/abstain_below";
        if (!differs(threshold)) return;
        add(number_at(before(threshold)) == 0 ? Rule::abstains_first : Rule::abstains, threshold);
    }

    // Only what is bound to these very artifacts and contracts counts.
    void compare_calibration() {
        const auto &old_one = from_.package->calibration;
        const auto &new_one = to_.package->calibration;
        if (!old_one && !new_one) return;
        const auto text = [](const std::optional<Calibration> &calibration) {
            return calibration ? calibration->digest.to_string() : std::string();
        };
        if (text(old_one) == text(new_one)) return;
        const Rule rule = !old_one   ? Rule::calibration_added
                          : !new_one ? Rule::calibration_removed
                                     : Rule::calibration;
        add(rule, "calibration", text(old_one), text(new_one));
    }

    // A list whose order means nothing: each element that came or went is a change.
    void compare_list(const std::string &pointer, Rule added, Rule removed) {
        const auto elements = [](const Value *list) {
            std::set<std::string> texts;
            if (list == nullptr || list->array() == nullptr) return texts;
            for (const Value &element : *list->array()) texts.insert(json::canonical(element));
            return texts;
        };
        const std::set<std::string> old_ones = elements(before(pointer));
        const std::set<std::string> new_ones = elements(after(pointer));
        for (const std::string &one : new_ones) {
            if (!old_ones.contains(one)) add(added, pointer, "", schema::shown(one));
        }
        for (const std::string &one : old_ones) {
            if (!new_ones.contains(one)) add(removed, pointer, schema::shown(one), "");
        }
    }

    void compare_memory() {
        constexpr const char *pointer = "/resources/estimate";
        if (!differs(pointer)) return;
        const auto total = [](const Value *estimate) {
            double bytes = 0;
            for (const char *part : {"/weights_bytes", "/vocabulary_bytes", "/context_bytes"}) {
                if (estimate != nullptr) bytes += number_at(json::resolve(*estimate, part));
            }
            return bytes;
        };
        const double old_bytes = total(before(pointer));
        const double new_bytes = total(after(pointer));
        add(new_bytes > old_bytes ? Rule::memory_more : Rule::memory, pointer,
            fmt::format("{:.0f} bytes", old_bytes), fmt::format("{:.0f} bytes", new_bytes));
    }

    void compare_extensions() {
        std::set<std::string> names;
        for (const Value *extensions : {before("/extensions"), after("/extensions")}) {
            if (extensions == nullptr || extensions->object() == nullptr) continue;
            for (const auto &[name, value] : *extensions->object()) names.insert(name);
        }
        for (const std::string &name : names) {
            const std::string pointer = json::pointer_join("/extensions", name);
            if (!differs(pointer)) continue;
            const auto is_critical = [](const Value *extension) {
                const Value *flag =
                    extension != nullptr ? json::resolve(*extension, "/critical") : nullptr;
                return flag != nullptr && flag->boolean() != nullptr && *flag->boolean();
            };
            const bool critical = is_critical(before(pointer)) || is_critical(after(pointer));
            add(critical ? Rule::extension_critical : Rule::extension, pointer);
        }
    }

    static bool is_known(const std::string &pointer) {
        const auto same = [&](const auto &member) { return member.pointer == pointer; };
        return std::any_of(plain_members.begin(), plain_members.end(), same) ||
               std::any_of(number_members.begin(), number_members.end(), same) ||
               std::any_of(other_members.begin(), other_members.end(),
                           [&](const char *known) { return known == pointer; });
    }

    // Descends where some rule is about a part of the member.
    static bool has_known_parts(const std::string &pointer) {
        const std::string inside = pointer + "/";
        const auto within = [&](const char *known) {
            return std::string_view(known).starts_with(inside);
        };
        return std::any_of(plain_members.begin(), plain_members.end(),
                           [&](const PlainMember &member) { return within(member.pointer); }) ||
               std::any_of(number_members.begin(), number_members.end(),
                           [&](const NumberMember &member) { return within(member.pointer); }) ||
               std::any_of(other_members.begin(), other_members.end(), within);
    }

    void compare_unknown(const Value &a, const Value &b, const std::string &pointer) {
        std::set<std::string> names;
        for (const Value *value : {&a, &b}) {
            if (value->object() == nullptr) continue;
            for (const auto &[name, member] : *value->object()) names.insert(name);
        }
        static const Value absent = json::Object{};
        for (const std::string &name : names) {
            const std::string member = json::pointer_join(pointer, name);
            if (is_known(member) || !differs(member)) continue;
            if (!has_known_parts(member)) {
                add(Rule::other, member);
                continue;
            }
            const Value *old_part = before(member);
            const Value *new_part = after(member);
            compare_unknown(old_part != nullptr ? *old_part : absent,
                            new_part != nullptr ? *new_part : absent, member);
        }
    }

    // Files by name.
    void compare_layers(std::string_view media_type, Rule rule) {
        const auto files = [&](const Side &side) {
            std::map<std::string, std::string> digests;
            for (const Descriptor &layer : side.package->manifest.layers) {
                if (layer.media_type != media_type) continue;
                digests.emplace(layer.annotation(annotation_filepath), layer.digest.to_string());
            }
            return digests;
        };
        compare_digests(files(from_), files(to_), rule);
    }

    void compare_evidence() {
        const auto documents = [](const Side &side) {
            std::map<std::string, std::string> digests;
            for (const AttachedDocument &document : side.package->documents) {
                if (document.content.media_type != media::evidence) continue;
                const std::string digest = document.content.digest.to_string();
                digests.emplace("evidence " + digest, digest);
            }
            return digests;
        };
        compare_digests(documents(from_), documents(to_), Rule::evidence);
    }

    void compare_digests(const std::map<std::string, std::string> &old_ones,
                         const std::map<std::string, std::string> &new_ones, Rule rule) {
        std::set<std::string> names;
        for (const auto &[name, digest] : old_ones) names.insert(name);
        for (const auto &[name, digest] : new_ones) names.insert(name);
        for (const std::string &name : names) {
            const auto text = [&](const std::map<std::string, std::string> &digests) {
                const auto found = digests.find(name);
                return found != digests.end() ? found->second : std::string();
            };
            if (text(old_ones) != text(new_ones)) {
                add(rule, schema::shown(name), text(old_ones), text(new_ones));
            }
        }
    }

    Diff judged() {
        for (const Change &change : diff_.changes) {
            diff_.deserved = std::max(diff_.deserved, row_of(change.rule).step);
        }
        const Skill &old_skill = from_.package->skill;
        const Skill &new_skill = to_.package->skill;
        diff_.taken = old_skill.id == new_skill.id
                          ? step_between(old_skill.version, new_skill.version)
                          : TakenStep::unrelated;
        diff_.enough = is_enough(diff_.taken, diff_.deserved);
        return std::move(diff_);
    }

    const Side &from_;
    const Side &to_;
    Diff diff_;
};

json::Value describe(const Side &side) {
    return json::Object{{"reference", side.reference},
                        {"id", side.package->skill.id},
                        {"version", side.package->skill.version.text()},
                        {"digest", side.package->descriptor.digest.to_string()}};
}

std::string verdict_on(const Diff &diff) {
    if (diff.changes.empty()) return "nothing that a caller could notice has changed";
    if (diff.taken == TakenStep::unrelated) {
        return "two skills: neither is a version of the other";
    }
    if (diff.taken == TakenStep::backwards) return "the second version is older than the first";
    if (diff.enough) {
        return fmt::format("deserves a {} step, and that or more was taken",
                           name_of(diff.deserved));
    }
    return fmt::format("deserves a {} step, but the step taken is {}", name_of(diff.deserved),
                       name_of(diff.taken));
}

}  // namespace

Result<Diff> compare_packages(const Side &from, const Side &to, const Work &work) {
    for (const Side *side : {&from, &to}) {
        if (side->package) continue;
        return make_error(SKL_E_INVALID_ARGUMENT,
                          "a model file promises nothing and has no version to compare",
                          side->reference, "compare packages; `skillet compat` takes model files");
    }
    return Comparison(from, to).run(work);
}

Result<json::Value> diff_document(const Side &from, const Side &to, const Work &work) {
    SKL_TRY_ASSIGN(diff, compare_packages(from, to, work));
    json::Array changes;
    for (const Change &change : diff.changes) {
        const RuleRow &rule = row_of(change.rule);
        changes.push_back(json::Object{{"rule", rule.name},
                                       {"subject", change.subject},
                                       {"from", change.from},
                                       {"to", change.to},
                                       {"step", name_of(rule.step)},
                                       {"reason", rule.reason}});
    }
    return json::Value(json::Object{{"schema", "skillet.diff/1"},
                                    {"a", describe(from)},
                                    {"b", describe(to)},
                                    {"changes", std::move(changes)},
                                    {"tensors_left_out", diff.tensors_left_out},
                                    {"deserves", name_of(diff.deserved)},
                                    {"taken", name_of(diff.taken)},
                                    {"enough", diff.enough},
                                    {"verdict", verdict_on(diff)}});
}

}  // namespace skillet
