// SPDX-License-Identifier: Apache-2.0
#include "schema/evaluation.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "json/number.h"
#include "json/write.h"
#include "schema/equality.h"
#include "schema/text.h"

namespace skillet::schema {
namespace {

using json::Value;

// Bytes of text that count as one step where work grows with the length of text.
constexpr uint64_t bytes_per_step = 16;

// Where a value stands, as a list from the inside out: a pointer is only written for a violation.
struct Place {
    const Place *parent = nullptr;
    std::string_view name = {};  // in an object
    size_t index = 0;            // in an array
    bool in_array = false;
};

std::string pointer_to(const Place &place) {
    if (place.parent == nullptr) return "";
    const std::string token = place.in_array ? std::to_string(place.index) : shown(place.name);
    return json::pointer_join(pointer_to(*place.parent), token);
}

uint8_t type_bits(const Value &value) {
    if (value.is_null()) return null_bit;
    if (value.boolean()) return boolean_bit;
    if (value.is_number()) return json::is_integral(value) ? integer_bit : number_bit;
    if (value.string()) return string_bit;
    return value.array() ? array_bit : object_bit;
}

std::string type_names(uint8_t bits) {
    static constexpr std::pair<uint8_t, const char *> names[] = {
        {null_bit, "null"},       {boolean_bit, "boolean"}, {number_bit, "number"},
        {integer_bit, "integer"}, {string_bit, "string"},   {array_bit, "array"},
        {object_bit, "object"}};
    std::string text;
    if (bits & number_bit) bits = static_cast<uint8_t>(bits & ~integer_bit);
    for (const auto &[bit, name] : names) {
        if ((bits & bit) == 0) continue;
        if (!text.empty()) text += " or ";
        text += name;
    }
    return text;
}

// The names of an object, sorted so that many look-ups stay cheap.
class Names {
public:
    explicit Names(const json::Object &object) {
        names_.reserve(object.size());
        for (const auto &[name, value] : object) names_.push_back(name);
        std::sort(names_.begin(), names_.end());
    }
    [[nodiscard]] bool has(std::string_view name) const {
        return std::binary_search(names_.begin(), names_.end(), name);
    }

private:
    std::vector<std::string_view> names_;
};

// A measure of the time that sorting an object's names takes.
uint64_t names_weight(const json::Object &object) {
    uint64_t bytes = 0;
    for (const auto &[name, value] : object) bytes += name.size();
    return object.size() + bytes / bytes_per_step;
}

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
    bool accepts(NodeIndex index, const Value &value, const Place &place) {
        if (!spend(1)) return false;
        if (depth_ == depth_max) return stop("subschemas are applied inside each other", depth_max);
        ++depth_;
        const Node &node = nodes_[index];
        const bool accepted = accepts_value(node, value, place) &&
                              accepts_content(node, value, place) &&
                              accepts_in_place(node, value, place);
        --depth_;
        return accepted;
    }

    // Whether the node accepts the value, without reporting why not.
    bool would_accept(NodeIndex index, const Value &value, const Place &place) {
        ++silenced_;
        const bool accepted = accepts(index, value, place);
        --silenced_;
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

    bool accepts_content(const Node &node, const Value &value, const Place &place) {
        if (value.is_number()) return accepts_number(node, value, place);
        if (const std::string *string = value.string()) return accepts_string(node, *string, place);
        if (const json::Array *array = value.array()) return accepts_array(node, *array, place);
        if (const json::Object *object = value.object()) {
            return accepts_object(node, *object, place);
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
        if (!node.min_length && !node.max_length) return true;
        if (!spend(text.size() / bytes_per_step)) return false;
        return accepts_count(character_count(text), "character", node.min_length, node.max_length,
                             place);
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

    bool accepts_array(const Node &node, const json::Array &array, const Place &place) {
        return accepts_count(array.size(), "element", node.min_items, node.max_items, place) &&
               accepts_elements(node, array, place) && accepts_contained(node, array, place) &&
               (!node.unique_items || accepts_unique(array, place));
    }

    bool accepts_elements(const Node &node, const json::Array &array, const Place &place) {
        const size_t prefix = node.prefix_items.size();
        for (size_t i = 0; i < array.size(); ++i) {
            if (i >= prefix && !node.items) break;
            const NodeIndex index = i < prefix ? node.prefix_items[i] : *node.items;
            if (!accepts(index, array[i], element(place, i))) return false;
        }
        return true;
    }

    bool accepts_contained(const Node &node, const json::Array &array, const Place &place) {
        if (!node.contains) return true;
        uint64_t matches = 0;
        for (size_t i = 0; i < array.size() && !limit_; ++i) {
            if (would_accept(*node.contains, array[i], element(place, i))) ++matches;
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

    bool accepts_object(const Node &node, const json::Object &object, const Place &place) {
        return accepts_count(object.size(), "member", node.min_properties, node.max_properties,
                             place) &&
               accepts_required(node, object, place) && accepts_members(node, object, place);
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

    bool accepts_members(const Node &node, const json::Object &object, const Place &place) {
        if (node.properties.empty() && !node.additional_properties && !node.property_names) {
            return true;
        }
        for (const auto &[name, value] : object) {
            if (!spend(1 + name.size() / bytes_per_step)) return false;
            const Place member{&place, name};
            if (!accepts_name(node, name, member)) return false;
            const auto property = node.properties.find(name);
            if (property != node.properties.end()) {
                if (!accepts(property->second, value, member)) return false;
            } else if (node.additional_properties) {
                if (!accepts_additional(*node.additional_properties, value, member)) return false;
            }
        }
        return true;
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

    bool accepts_in_place(const Node &node, const Value &value, const Place &place) {
        if (node.reference && !accepts(*node.reference, value, place)) return false;
        for (const NodeIndex index : node.all_of) {
            if (!accepts(index, value, place)) return false;
        }
        return accepts_any_of(node, value, place) && accepts_one_of(node, value, place) &&
               accepts_negated(node, value, place) && accepts_condition(node, value, place);
    }

    bool accepts_any_of(const Node &node, const Value &value, const Place &place) {
        if (node.any_of.empty()) return true;
        for (const NodeIndex index : node.any_of) {
            if (would_accept(index, value, place)) return true;
        }
        return fail_alternatives(node.any_of.size(), place);
    }

    bool accepts_one_of(const Node &node, const Value &value, const Place &place) {
        if (node.one_of.empty()) return true;
        std::optional<size_t> first;
        for (size_t i = 0; i < node.one_of.size(); ++i) {
            if (!would_accept(node.one_of[i], value, place)) continue;
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

    bool accepts_condition(const Node &node, const Value &value, const Place &place) {
        if (!node.condition) return true;
        const bool holds = would_accept(*node.condition, value, place);
        const auto &branch = holds ? node.consequence : node.alternative;
        return !branch || accepts(*branch, value, place);
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
