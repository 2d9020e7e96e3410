// SPDX-License-Identifier: Apache-2.0
#include "schema/evaluation.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "json/number.h"
#include "json/write.h"
#include "schema/equality.h"
#include "schema/instance.h"
#include "schema/text.h"

namespace skillet::schema {
namespace {

using json::Value;

// Of a search for a pattern, so many make a step. Where RE2 cannot remember enough, each of them
// takes about 25 ns.
constexpr uint64_t operations_per_step = 16;
// Parts marked or unmarked at once.
constexpr uint64_t parts_per_step = 64;

class Evaluation {
public:
    explicit Evaluation(const Nodes &nodes, uint64_t steps = steps_max)
        : nodes_(nodes), steps_left_(steps) {}

    std::optional<Violation> run(const Value &instance) {
        const bool accepted = accepts(0, instance, Place{});
        if (limit_) return Violation{"", *limit_};
        return accepted ? std::nullopt : std::move(violation_);
    }

    std::optional<bool> run(NodeIndex index, const Value &instance, uint64_t &steps_left) {
        const bool accepted = would_accept(index, instance, Place{});
        steps_left = steps_left_;
        return limit_ ? std::nullopt : std::optional(accepted);
    }

private:
    // Marks in `seen`, if somebody wants to know, which parts of the value were looked at; only
    // what is marked by an accepting node counts.
    bool accepts(NodeIndex index, const Value &value, const Place &place,
                 Evaluated *seen = nullptr) {
        if (!spend(1)) return false;
        if (depth_ == depth_max) return stop("subschemas are applied inside each other", depth_max);
        ++depth_;
        const Node &node = nodes_[index];
        const bool accepted = node.unevaluated_items || node.unevaluated_properties
                                  ? accepts_whole(node, value, place, seen)
                                  : accepts_node(node, value, place, seen);
        --depth_;
        return accepted;
    }

    bool accepts_node(const Node &node, const Value &value, const Place &place, Evaluated *seen) {
        return accepts_value(node, value, place) && accepts_content(node, value, place, seen) &&
               accepts_in_place(node, value, place, seen);
    }

    // A node with a word for the parts that nobody looked at.
    bool accepts_whole(const Node &node, const Value &value, const Place &place, Evaluated *seen) {
        Evaluated own(part_count(value));
        if (!spend(1 + own.size() / parts_per_step)) return false;
        if (!accepts_node(node, value, place, &own)) return false;
        if (const json::Array *array = value.array(); array != nullptr && node.unevaluated_items) {
            for (size_t i = 0; i < array->size(); ++i) {
                if (own.has(i)) continue;
                if (!accepts(*node.unevaluated_items, (*array)[i], element(place, i))) return false;
                own.add(i);
            }
        }
        if (const json::Object *object = value.object();
            object != nullptr && node.unevaluated_properties) {
            size_t part = 0;
            for (const auto &[name, member] : *object) {
                const size_t i = part++;
                if (own.has(i)) continue;
                const Place at{&place, name};
                if (!accepts_additional(*node.unevaluated_properties, member, at)) return false;
                own.add(i);
            }
        }
        if (seen != nullptr) seen->add(own);
        return true;
    }

    // Whether the node accepts the value, without reporting why not.
    bool would_accept(NodeIndex index, const Value &value, const Place &place) {
        ++silenced_;
        const bool accepted = accepts(index, value, place);
        --silenced_;
        return accepted;
    }

    // The same, marking what it looked at if it accepts.
    bool would_accept(NodeIndex index, const Value &value, const Place &place, Evaluated *seen) {
        if (seen == nullptr) return would_accept(index, value, place);
        Evaluated own(seen->size());
        if (!spend(1 + own.size() / parts_per_step)) return false;
        ++silenced_;
        const bool accepted = accepts(index, value, place, &own);
        --silenced_;
        if (accepted) seen->add(own);
        return accepted;
    }

    // `message` is a function, so that alternatives that fail cost no text.
    template <typename Message>
    bool fail(const Place &place, const Message &message) {
        if (silenced_ == 0 && !violation_)
            violation_ = Violation{shown(pointer_to(place)), message()};
        return false;
    }

    bool spend(uint64_t steps) {
        if (limit_) return false;
        if (steps > steps_left_) return stop("steps are needed to check the value", steps_max);
        steps_left_ -= steps;
        return true;
    }

    // After this, every accepts() is false at once.
    bool stop(std::string_view what, uint64_t limit) {
        limit_ = fmt::format("more than {} {}", limit, what);
        return false;
    }

    bool accepts_value(const Node &node, const Value &value, const Place &place) {
        if (node.refuses_all) return fail(place, [] { return "no value is allowed here"; });
        if ((node.types & type_bits(value)) == 0) {
            return fail(place, [&] {
                return fmt::format("expected {}, found {}", type_names(node.types),
                                   value.type_name());
            });
        }
        if (node.choices.empty()) return true;
        const std::string key = equality_key(value);
        if (!spend(key.size() / bytes_per_step)) return false;
        for (const Choices &choices : node.choices) {
            if (choices.keys.contains(key)) continue;
            return fail(place, [&] { return "must be " + choices.shown; });
        }
        return true;
    }

    bool accepts_content(const Node &node, const Value &value, const Place &place,
                         Evaluated *seen) {
        if (value.is_number()) return accepts_number(node, value, place);
        if (const std::string *string = value.string()) return accepts_string(node, *string, place);
        if (const json::Array *array = value.array())
            return accepts_array(node, *array, place, seen);
        if (const json::Object *object = value.object()) {
            return accepts_object(node, value, *object, place, seen);
        }
        return true;
    }

    bool accepts_number(const Node &node, const Value &value, const Place &place) {
        const auto refuse = [&](const char *relation, const Value &bound) {
            return fail(place, [&] {
                return fmt::format("{} {} {}", json::compact(value), relation,
                                   json::compact(bound));
            });
        };
        if (node.minimum && json::compare_numbers(value, *node.minimum) < 0) {
            return refuse("is less than the minimum of", *node.minimum);
        }
        if (node.maximum && json::compare_numbers(value, *node.maximum) > 0) {
            return refuse("is more than the maximum of", *node.maximum);
        }
        if (node.exclusive_minimum && json::compare_numbers(value, *node.exclusive_minimum) <= 0) {
            return refuse("is not more than", *node.exclusive_minimum);
        }
        if (node.exclusive_maximum && json::compare_numbers(value, *node.exclusive_maximum) >= 0) {
            return refuse("is not less than", *node.exclusive_maximum);
        }
        if (node.multiple_of && !json::is_multiple(value, *node.multiple_of)) {
            return refuse("is not a multiple of", *node.multiple_of);
        }
        return true;
    }

    bool accepts_string(const Node &node, std::string_view text, const Place &place) {
        if (node.min_length || node.max_length) {
            if (!spend(text.size() / bytes_per_step)) return false;
            if (!accepts_count(character_count(text), "character", node.min_length, node.max_length,
                               place)) {
                return false;
            }
        }
        if (node.pattern && !finds(*node.pattern, text)) {
            return fail(place, [&] {
                return fmt::format("does not match the pattern {}",
                                   json::compact(shown(node.pattern->text())));
            });
        }
        if (node.format == nullptr || !spend(text.size() / bytes_per_step)) return !limit_;
        if (node.format->admits(text)) return true;
        return fail(place,
                    [&] { return fmt::format("is not of the format \"{}\"", node.format->name); });
    }

    bool finds(const pattern::Pattern &pattern, std::string_view text) {
        const uint64_t operations = pattern.operations_per_byte() * (text.size() + 1);
        return spend(1 + operations / operations_per_step) && pattern.found_in(text);
    }

    bool accepts_count(uint64_t count, const char *noun, const std::optional<uint64_t> &min,
                       const std::optional<uint64_t> &max, const Place &place) {
        if (min && count < *min) {
            return fail(place, [&] {
                return fmt::format("{}, fewer than the minimum of {}", counted(count, noun), *min);
            });
        }
        if (max && count > *max) {
            return fail(place, [&] {
                return fmt::format("{}, more than the maximum of {}", counted(count, noun), *max);
            });
        }
        return true;
    }

    bool accepts_array(const Node &node, const json::Array &array, const Place &place,
                       Evaluated *seen) {
        return accepts_count(array.size(), "element", node.min_items, node.max_items, place) &&
               accepts_elements(node, array, place, seen) &&
               accepts_contained(node, array, place, seen) &&
               (!node.unique_items || accepts_unique(array, place));
    }

    bool accepts_elements(const Node &node, const json::Array &array, const Place &place,
                          Evaluated *seen) {
        const size_t prefix = node.prefix_items.size();
        for (size_t i = 0; i < array.size(); ++i) {
            if (i >= prefix && !node.items) break;
            const NodeIndex index = i < prefix ? node.prefix_items[i] : *node.items;
            if (!accepts(index, array[i], element(place, i))) return false;
            if (seen != nullptr) seen->add(i);
        }
        return true;
    }

    bool accepts_contained(const Node &node, const json::Array &array, const Place &place,
                           Evaluated *seen) {
        if (!node.contains) return true;
        uint64_t matches = 0;
        for (size_t i = 0; i < array.size() && !limit_; ++i) {
            if (!would_accept(*node.contains, array[i], element(place, i))) continue;
            ++matches;
            if (seen != nullptr) seen->add(i);
        }
        const auto min = node.min_contains ? node.min_contains : std::optional<uint64_t>(1);
        return accepts_count(matches, "matching element", min, node.max_contains, place);
    }

    bool accepts_unique(const json::Array &array, const Place &place) {
        std::vector<std::pair<std::string, size_t>> keys;
        keys.reserve(array.size());
        for (const Value &value : array) {
            keys.emplace_back(equality_key(value), keys.size());
            if (!spend(1 + keys.back().first.size() / bytes_per_step)) return false;
        }
        std::sort(keys.begin(), keys.end());
        const auto twice = std::adjacent_find(
            keys.begin(), keys.end(),
            [](const auto &left, const auto &right) { return left.first == right.first; });
        if (twice == keys.end()) return true;
        return fail(place, [&] {
            return fmt::format("elements {} and {} are equal", twice->second, (twice + 1)->second);
        });
    }

    bool accepts_object(const Node &node, const Value &value, const json::Object &object,
                        const Place &place, Evaluated *seen) {
        return accepts_count(object.size(), "member", node.min_properties, node.max_properties,
                             place) &&
               accepts_required(node, object, place) &&
               accepts_members(node, object, place, seen) &&
               accepts_dependent(node, value, object, place, seen);
    }

    bool accepts_dependent(const Node &node, const Value &value, const json::Object &object,
                           const Place &place, Evaluated *seen) {
        if (node.dependent_schemas.empty()) return true;
        if (!spend(names_weight(object))) return false;
        const Names names(object);
        for (const auto &[name, index] : node.dependent_schemas) {
            if (names.has(name) && !accepts(index, value, place, seen)) return false;
        }
        return true;
    }

    bool accepts_required(const Node &node, const json::Object &object, const Place &place) {
        if (node.required.empty() && node.dependent_required.empty()) return true;
        if (!spend(names_weight(object))) return false;
        const Names names(object);
        for (const std::string &name : node.required) {
            if (names.has(name)) continue;
            return fail(place, [&] { return fmt::format("missing member \"{}\"", shown(name)); });
        }
        for (const auto &[trigger, required] : node.dependent_required) {
            if (!names.has(trigger)) continue;
            for (const std::string &name : required) {
                if (names.has(name)) continue;
                return fail(place, [&, &cause = trigger] {
                    return fmt::format("missing member \"{}\", required by \"{}\"", shown(name),
                                       shown(cause));
                });
            }
        }
        return true;
    }

    bool accepts_members(const Node &node, const json::Object &object, const Place &place,
                         Evaluated *seen) {
        if (node.properties.empty() && node.pattern_properties.empty() &&
            !node.additional_properties && !node.property_names) {
            return true;
        }
        size_t part = 0;
        for (const auto &[name, value] : object) {
            if (!spend(1 + name.size() / bytes_per_step)) return false;
            const Place member{&place, name};
            bool looked_at = false;
            if (!accepts_name(node, name, member) ||
                !accepts_member(node, name, value, member, looked_at)) {
                return false;
            }
            if (looked_at && seen != nullptr) seen->add(part);
            ++part;
        }
        return true;
    }

    bool accepts_member(const Node &node, const std::string &name, const Value &value,
                        const Place &member, bool &looked_at) {
        const auto property = node.properties.find(name);
        if (property != node.properties.end()) {
            if (!accepts(property->second, value, member)) return false;
            looked_at = true;
        }
        for (const PatternMembers &row : node.pattern_properties) {
            if (!finds(*row.names, name)) continue;
            if (!accepts(row.schema, value, member)) return false;
            looked_at = true;
        }
        if (looked_at || !node.additional_properties) return !limit_;
        looked_at = true;
        return accepts_additional(*node.additional_properties, value, member);
    }

    bool accepts_name(const Node &node, const std::string &name, const Place &member) {
        if (!node.property_names) return true;
        if (would_accept(*node.property_names, Value(name), member)) return true;
        return fail(member,
                    [&] { return fmt::format("the name \"{}\" is not allowed", shown(name)); });
    }

    bool accepts_additional(NodeIndex index, const Value &value, const Place &member) {
        if (!nodes_[index].refuses_all) return accepts(index, value, member);
        return fail(member,
                    [&] { return fmt::format("unknown member \"{}\"", shown(member.name)); });
    }

    bool accepts_in_place(const Node &node, const Value &value, const Place &place,
                          Evaluated *seen) {
        if (node.reference && !accepts(*node.reference, value, place, seen)) return false;
        for (const NodeIndex index : node.all_of) {
            if (!accepts(index, value, place, seen)) return false;
        }
        return accepts_any_of(node, value, place, seen) &&
               accepts_one_of(node, value, place, seen) && accepts_negated(node, value, place) &&
               accepts_condition(node, value, place, seen);
    }

    // Once one accepts, the others only matter to those who want to know what they look at.
    bool accepts_any_of(const Node &node, const Value &value, const Place &place, Evaluated *seen) {
        if (node.any_of.empty()) return true;
        bool accepted = false;
        for (const NodeIndex index : node.any_of) {
            if (would_accept(index, value, place, seen)) accepted = true;
            if (accepted && seen == nullptr) return true;
        }
        return accepted || fail_alternatives(node.any_of.size(), place);
    }

    bool accepts_one_of(const Node &node, const Value &value, const Place &place, Evaluated *seen) {
        if (node.one_of.empty()) return true;
        std::optional<size_t> first;
        for (size_t i = 0; i < node.one_of.size(); ++i) {
            if (!would_accept(node.one_of[i], value, place, seen)) continue;
            if (first) {
                return fail(place, [&] {
                    return fmt::format("matches alternatives {} and {}, must match exactly one",
                                       *first, i);
                });
            }
            first = i;
        }
        return first || fail_alternatives(node.one_of.size(), place);
    }

    bool fail_alternatives(size_t count, const Place &place) {
        return fail(place, [&] {
            return fmt::format("matches none of the schema's {}", counted(count, "alternative"));
        });
    }

    bool accepts_negated(const Node &node, const Value &value, const Place &place) {
        if (!node.negated || !would_accept(*node.negated, value, place)) return true;
        return fail(place, [] { return "matches a schema that it must not match"; });
    }

    bool accepts_condition(const Node &node, const Value &value, const Place &place,
                           Evaluated *seen) {
        if (!node.condition) return true;
        const bool holds = would_accept(*node.condition, value, place, seen);
        const auto &branch = holds ? node.consequence : node.alternative;
        return !branch || accepts(*branch, value, place, seen);
    }

    static Place element(const Place &array, size_t index) { return {&array, {}, index, true}; }

    const Nodes &nodes_;
    std::optional<Violation> violation_;
    std::optional<std::string> limit_;  // set once a limit was reached
    uint64_t steps_left_;
    size_t depth_ = 0;
    size_t silenced_ = 0;
};

}  // namespace

std::optional<Violation> evaluate(const Nodes &nodes, const json::Value &instance) {
    return Evaluation(nodes).run(instance);
}

std::optional<bool> accepts(const Nodes &nodes, NodeIndex index, const Value &instance,
                            uint64_t &steps_left) {
    return Evaluation(nodes, steps_left).run(index, instance, steps_left);
}

}  // namespace skillet::schema
