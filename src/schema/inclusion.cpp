// SPDX-License-Identifier: Apache-2.0
// Implementation: each keyword of the wide schema must follow from some part of the narrow one. An
// instance satisfies every conjunct of its schema (the schema itself, what it refers to, its
// "allOf"), so that each of these alone may serve as the premise of a proof.
//
// A pair of schemas that is met again while it is being proven is taken for granted: since schemas
// cannot loop in place, the instance has become smaller in between, and the proof is an induction
// over its size. Nothing proven under such an assumption is kept for later.
#include "schema/inclusion.h"

#include <algorithm>
#include <functional>
#include <set>
#include <tuple>

#include "json/number.h"
#include "json/write.h"
#include "schema/evaluation.h"

namespace skillet::schema {
namespace {

using json::Value;

constexpr size_t pairs_max = 100'000;  // looked at in one proof
constexpr size_t open_max = 256;       // met on the way to one of them
constexpr size_t conjuncts_max = 1024;

// A subschema, or the schema that accepts everything where none stands.
struct Place {
    const Nodes *nodes = nullptr;
    std::optional<NodeIndex> index;

    [[nodiscard]] bool accepts_all() const { return !index; }
    // REQUIRES: !accepts_all().
    [[nodiscard]] const Node &node() const { return (*nodes)[*index]; }
    [[nodiscard]] Place at(const std::optional<NodeIndex> &part) const { return {nodes, part}; }
    auto operator<=>(const Place &) const = default;
};

using Conjuncts = std::vector<Place>;

class Prover {
public:
    // A proof during which the steps ran out is none.
    bool proves(const Place &wide, const Place &narrow) {
        return includes(wide, narrow) && !exhausted_;
    }

private:
    bool includes(const Place &wide, const Place &narrow) {
        if (wide.accepts_all() || wide == narrow) return true;
        if (++pairs_ > pairs_max || open_.size() >= open_max) return false;
        const std::pair pair{wide, narrow};
        if (!open_.insert(pair).second) return true;
        const bool proven = prove(wide, narrow);
        open_.erase(pair);
        return proven;
    }

    bool prove(const Place &wide, const Place &narrow) {
        const Conjuncts premises = conjuncts_of(narrow);
        const auto is_false = [](const Place &premise) { return premise.node().refuses_all; };
        if (std::any_of(premises.begin(), premises.end(), is_false)) return true;
        if (wide.node().refuses_all) return false;
        return follows_by_keywords(wide, premises) || follows_by_choices(wide, premises) ||
               follows_by_cases(wide, premises);
    }

    static Conjuncts conjuncts_of(const Place &place) {
        Conjuncts list;
        if (place.accepts_all()) return list;
        list.push_back(place);
        for (size_t i = 0; i < list.size() && list.size() <= conjuncts_max; ++i) {
            const Place from = list[i];
            if (from.node().reference) list.push_back(from.at(*from.node().reference));
            for (const NodeIndex index : from.node().all_of) list.push_back(from.at(index));
        }
        return list;
    }

    // Each of finitely many values that the narrow schema admits is tried.
    bool follows_by_choices(const Place &wide, const Conjuncts &premises) {
        return any(premises, [&](const Place &premise) {
            const auto admitted = [&](const Value &value) {
                return is_refused(premise, value) || is_accepted(wide, value);
            };
            const auto each_admitted = [&](const Choices &choices) {
                return std::all_of(choices.values.begin(), choices.values.end(), admitted);
            };
            const auto &choices = premise.node().choices;
            return std::any_of(choices.begin(), choices.end(), each_admitted);
        });
    }

    // Neither, once the steps are spent.
    bool is_accepted(const Place &place, const Value &value) {
        return accepts(*place.nodes, *place.index, value, steps_left_).value_or(false);
    }
    bool is_refused(const Place &place, const Value &value) {
        return !accepts(*place.nodes, *place.index, value, steps_left_).value_or(true);
    }

    // Whichever branch of an "anyOf" or "oneOf" holds.
    bool follows_by_cases(const Place &wide, const Conjuncts &premises) {
        for (const Place &premise : premises) {
            for (const auto *branches : {&premise.node().any_of, &premise.node().one_of}) {
                const auto included = [&](NodeIndex branch) {
                    return includes(wide, premise.at(branch));
                };
                if (!branches->empty() &&
                    std::all_of(branches->begin(), branches->end(), included)) {
                    return true;
                }
            }
        }
        return false;
    }

    bool follows_by_keywords(const Place &wide, const Conjuncts &premises) {
        const uint8_t types = types_of(premises);
        // What nobody looked at depends on every keyword beside it: nothing is proven about that.
        if (wide.node().unevaluated_items || wide.node().unevaluated_properties) return false;
        return (types & ~wide.node().types) == 0 && choices_follow(wide.node(), premises) &&
               texts_follow(wide.node(), premises, types) &&
               numbers_follow(wide.node(), premises, types) &&
               counts_follow(wide.node(), premises, types) &&
               arrays_follow(wide, premises, types) && objects_follow(wide, premises, types) &&
               applicators_follow(wide, premises);
    }

    static uint8_t types_of(const Conjuncts &premises) {
        uint8_t types = every_type;
        for (const Place &premise : premises) types &= premise.node().types;
        return types;
    }

    using Premise = std::function<bool(const Place &)>;
    static bool any(const Conjuncts &premises, const Premise &suffices) {
        return std::any_of(premises.begin(), premises.end(), suffices);
    }

    static bool choices_follow(const Node &wide, const Conjuncts &premises) {
        return std::all_of(wide.choices.begin(), wide.choices.end(), [&](const Choices &admitted) {
            return any(premises, [&](const Place &premise) {
                return std::any_of(premise.node().choices.begin(), premise.node().choices.end(),
                                   [&](const Choices &choices) {
                                       return std::includes(
                                           admitted.keys.begin(), admitted.keys.end(),
                                           choices.keys.begin(), choices.keys.end());
                                   });
            });
        });
    }

    // A lower bound follows from one that is at least as high; `sign` is -1 for upper bounds.
    static bool bound_follows(const std::optional<Value> &bound, bool exclusive,
                              std::optional<Value> Node::*closed, std::optional<Value> Node::*open,
                              int sign, const Conjuncts &premises) {
        if (!bound) return true;
        const auto reaches = [&](const std::optional<Value> &known, bool or_equal) {
            if (!known) return false;
            const auto order = json::compare_numbers(*known, *bound);
            if (order == 0) return or_equal;
            return sign > 0 ? order > 0 : order < 0;
        };
        return any(premises, [&](const Place &premise) {
            return reaches(premise.node().*open, true) ||
                   reaches(premise.node().*closed, !exclusive);
        });
    }

    static bool numbers_follow(const Node &wide, const Conjuncts &premises, uint8_t types) {
        if ((types & (integer_bit | number_bit)) == 0) return true;
        const auto lower = [&](const std::optional<Value> &bound, bool exclusive) {
            return bound_follows(bound, exclusive, &Node::minimum, &Node::exclusive_minimum, 1,
                                 premises);
        };
        const auto upper = [&](const std::optional<Value> &bound, bool exclusive) {
            return bound_follows(bound, exclusive, &Node::maximum, &Node::exclusive_maximum, -1,
                                 premises);
        };
        if (!lower(wide.minimum, false) || !lower(wide.exclusive_minimum, true) ||
            !upper(wide.maximum, false) || !upper(wide.exclusive_maximum, true)) {
            return false;
        }
        return !wide.multiple_of || any(premises, [&](const Place &premise) {
            const auto &known = premise.node().multiple_of;
            return known && json::is_multiple(*known, *wide.multiple_of);
        });
    }

    // A pattern or format follows from itself only.
    static bool texts_follow(const Node &wide, const Conjuncts &premises, uint8_t types) {
        if ((types & string_bit) == 0) return true;
        const auto same_pattern = [&](const Place &p) {
            return p.node().pattern && p.node().pattern->text() == wide.pattern->text();
        };
        const auto same_format = [&](const Place &p) { return p.node().format == wide.format; };
        return (!wide.pattern || any(premises, same_pattern)) &&
               (wide.format == nullptr || any(premises, same_format));
    }

    using Count = std::optional<uint64_t> Node::*;
    static bool count_follows(const Node &wide, Count least, Count most,
                              const Conjuncts &premises) {
        const bool enough = (wide.*least).value_or(0) == 0 || any(premises, [&](const Place &p) {
                                return (p.node().*least).value_or(0) >= *(wide.*least);
                            });
        const bool few = !(wide.*most) || any(premises, [&](const Place &p) {
            return p.node().*most && *(p.node().*most) <= *(wide.*most);
        });
        return enough && few;
    }

    static bool counts_follow(const Node &wide, const Conjuncts &premises, uint8_t types) {
        const auto follows = [&](uint8_t type, Count least, Count most) {
            return (types & type) == 0 || count_follows(wide, least, most, premises);
        };
        return follows(string_bit, &Node::min_length, &Node::max_length) &&
               follows(array_bit, &Node::min_items, &Node::max_items) &&
               follows(object_bit, &Node::min_properties, &Node::max_properties);
    }

    static Place item_at(const Place &place, size_t index) {
        const auto &prefix = place.node().prefix_items;
        return index < prefix.size() ? place.at(prefix[index]) : place.at(place.node().items);
    }

    static uint64_t items_max(const Conjuncts &premises) {
        uint64_t most = UINT64_MAX;
        for (const Place &p : premises) most = std::min(most, p.node().max_items.value_or(most));
        return most;
    }

    // What some premise says about an element or a member is within what the wide schema says.
    bool part_follows(const Place &wide, const Conjuncts &premises,
                      const std::function<Place(const Place &)> &part) {
        if (wide.accepts_all()) return true;
        return any(premises, [&](const Place &p) { return includes(wide, part(p)); });
    }

    bool arrays_follow(const Place &wide, const Conjuncts &premises, uint8_t types) {
        if ((types & array_bit) == 0) return true;
        const Node &node = wide.node();
        const uint64_t most = items_max(premises);
        // Beyond every prefix all elements are alike.
        size_t places = node.prefix_items.size();
        for (const Place &p : premises) places = std::max(places, p.node().prefix_items.size());
        for (size_t i = 0; i <= places && i < most; ++i) {
            const auto part = [i](const Place &place) { return item_at(place, i); };
            if (!part_follows(item_at(wide, i), premises, part)) return false;
        }
        const auto is_unique = [](const Place &p) { return p.node().unique_items; };
        if (node.unique_items && most > 1 && !any(premises, is_unique)) return false;
        return !node.contains || contains_follows(wide, premises);
    }

    bool contains_follows(const Place &wide, const Conjuncts &premises) {
        const Node &node = wide.node();
        const uint64_t least = node.min_contains.value_or(1);
        const Place wanted = wide.at(*node.contains);
        const bool enough = least == 0 || any(premises, [&](const Place &p) {
                                return p.node().contains &&
                                       p.node().min_contains.value_or(1) >= least &&
                                       includes(wanted, p.at(*p.node().contains));
                            });
        const bool few = !node.max_contains || any(premises, [&](const Place &p) {
            return p.node().contains && p.node().max_contains &&
                   *p.node().max_contains <= *node.max_contains &&
                   includes(p.at(*p.node().contains), wanted);
        });
        return enough && few;
    }

    static bool has_pattern(const Node &node, const std::string &text) {
        const auto &rows = node.pattern_properties;
        return std::any_of(rows.begin(), rows.end(),
                           [&](const PatternMembers &row) { return row.names->text() == text; });
    }

    // What else than "patternProperties" a node says about a member of this name.
    Place member_at(const Place &place, const std::string &name) {
        const Node &node = place.node();
        const auto found = node.properties.find(name);
        if (found != node.properties.end()) return place.at(found->second);
        for (const PatternMembers &row : node.pattern_properties) {
            const uint64_t work = row.names->operations_per_byte() * (name.size() + 1);
            exhausted_ = exhausted_ || work > steps_left_;
            if (exhausted_) return place.at({});
            steps_left_ -= work;
            if (row.names->found_in(name)) return place.at({});
        }
        return place.at(node.additional_properties);
    }

    static bool is_required(const Conjuncts &premises, const std::string &name) {
        return any(premises, [&](const Place &p) {
            const auto &names = p.node().required;
            return std::find(names.begin(), names.end(), name) != names.end();
        });
    }

    bool objects_follow(const Place &wide, const Conjuncts &premises, uint8_t types) {
        if ((types & object_bit) == 0) return true;
        const Node &node = wide.node();
        const auto required = [&](const std::string &name) { return is_required(premises, name); };
        if (!std::all_of(node.required.begin(), node.required.end(), required)) return false;
        return members_follow(wide, premises) && dependencies_follow(node, premises) &&
               names_follow(wide, premises);
    }

    bool members_follow(const Place &wide, const Conjuncts &premises) {
        std::set<std::string> names;
        for (const auto &[name, index] : wide.node().properties) names.insert(name);
        for (const Place &p : premises) {
            for (const auto &[name, index] : p.node().properties) names.insert(name);
        }
        for (const std::string &name : names) {
            const auto part = [&](const Place &place) { return member_at(place, name); };
            if (!part_follows(member_at(wide, name), premises, part)) return false;
        }
        // All others are alike, but for those that a pattern takes out.
        const auto others = [&](const Place &place) {
            const auto &rows = place.node().pattern_properties;
            const bool covered = std::all_of(rows.begin(), rows.end(), [&](const auto &row) {
                return has_pattern(wide.node(), row.names->text());
            });
            return covered ? place.at(place.node().additional_properties) : place.at({});
        };
        return part_follows(others(wide), premises, others) && patterns_follow(wide, premises);
    }

    // A pattern's members follow from those of the same pattern.
    bool patterns_follow(const Place &wide, const Conjuncts &premises) {
        const auto &rows = wide.node().pattern_properties;
        return std::all_of(rows.begin(), rows.end(), [&](const PatternMembers &row) {
            return any(premises, [&](const Place &p) {
                const auto &known = p.node().pattern_properties;
                return std::any_of(known.begin(), known.end(), [&](const PatternMembers &other) {
                    return other.names->text() == row.names->text() &&
                           includes(wide.at(row.schema), p.at(other.schema));
                });
            });
        });
    }

    static bool dependencies_follow(const Node &wide, const Conjuncts &premises) {
        for (const auto &[name, needed] : wide.dependent_required) {
            const auto same = [&, key = name, &wants = needed](const Place &p) {
                const auto found = p.node().dependent_required.find(key);
                if (found == p.node().dependent_required.end()) return false;
                const auto listed = [&](const std::string &want) {
                    return std::find(found->second.begin(), found->second.end(), want) !=
                           found->second.end();
                };
                return std::all_of(wants.begin(), wants.end(), listed);
            };
            const auto required = [&](const std::string &want) {
                return is_required(premises, want);
            };
            if (!std::all_of(needed.begin(), needed.end(), required) && !any(premises, same)) {
                return false;
            }
        }
        return true;
    }

    bool names_follow(const Place &wide, const Conjuncts &premises) {
        if (!wide.node().property_names) return true;
        const Place names = wide.at(wide.node().property_names);
        return any(premises, [&](const Place &p) {
            if (p.node().property_names && includes(names, p.at(*p.node().property_names))) {
                return true;
            }
            // No other names than those listed.
            const Place others = p.at(p.node().additional_properties);
            if (others.accepts_all() || !others.node().refuses_all) return false;
            if (!p.node().pattern_properties.empty()) return false;
            const auto &listed = p.node().properties;
            return std::all_of(listed.begin(), listed.end(), [&](const auto &member) {
                return is_accepted(names, Value(member.first));
            });
        });
    }

    bool applicators_follow(const Place &wide, const Conjuncts &premises) {
        const Node &node = wide.node();
        const auto follows = [&](NodeIndex part) { return part_of_same(wide.at(part), premises); };
        if (node.reference && !follows(*node.reference)) return false;
        if (!std::all_of(node.all_of.begin(), node.all_of.end(), follows)) return false;
        return any_of_follows(wide, premises) && one_of_follows(wide, premises) &&
               negation_follows(wide, premises) && condition_follows(wide, premises) &&
               dependent_schemas_follow(wide, premises);
    }

    bool dependent_schemas_follow(const Place &wide, const Conjuncts &premises) {
        const auto &members = wide.node().dependent_schemas;
        return std::all_of(members.begin(), members.end(), [&](const auto &member) {
            const Place wanted = wide.at(member.second);
            return part_of_same(wanted, premises) || any(premises, [&](const Place &p) {
                       const auto found = p.node().dependent_schemas.find(member.first);
                       return found != p.node().dependent_schemas.end() &&
                              includes(wanted, p.at(found->second));
                   });
        });
    }

    // The same instance, so that all premises hold for it together: the first one implies them.
    bool part_of_same(const Place &wide, const Conjuncts &premises) {
        return includes(wide, premises.empty() ? Place{} : premises.front());
    }

    bool any_of_follows(const Place &wide, const Conjuncts &premises) {
        const auto &branches = wide.node().any_of;
        if (branches.empty()) return true;
        const auto follows = [&](NodeIndex branch) {
            return part_of_same(wide.at(branch), premises);
        };
        if (std::any_of(branches.begin(), branches.end(), follows)) return true;
        // Each branch of the narrow schema lies within some branch of the wide one.
        const auto within_some = [&](const Place &narrow) {
            return std::any_of(branches.begin(), branches.end(),
                               [&](NodeIndex branch) { return includes(wide.at(branch), narrow); });
        };
        return any(premises, [&](const Place &p) {
            return cases_within(p, p.node().any_of, within_some) ||
                   cases_within(p, p.node().one_of, within_some);
        });
    }

    static bool cases_within(const Place &premise, const std::vector<NodeIndex> &cases,
                             const std::function<bool(const Place &)> &within) {
        return !cases.empty() && std::all_of(cases.begin(), cases.end(), [&](NodeIndex branch) {
            return within(premise.at(branch));
        });
    }

    bool equal(const Place &a, const Place &b) { return includes(a, b) && includes(b, a); }

    // "Exactly one" follows only from the same branches, in the same order.
    bool one_of_follows(const Place &wide, const Conjuncts &premises) {
        const auto &branches = wide.node().one_of;
        return branches.empty() || any(premises, [&](const Place &p) {
                   return std::equal(branches.begin(), branches.end(), p.node().one_of.begin(),
                                     p.node().one_of.end(), [&](NodeIndex a, NodeIndex b) {
                                         return equal(wide.at(a), p.at(b));
                                     });
               });
    }

    bool negation_follows(const Place &wide, const Conjuncts &premises) {
        return !wide.node().negated || any(premises, [&](const Place &p) {
            return p.node().negated &&
                   includes(p.at(*p.node().negated), wide.at(*wide.node().negated));
        });
    }

    bool condition_follows(const Place &wide, const Conjuncts &premises) {
        const Node &node = wide.node();
        if (!node.condition) return true;
        return any(premises, [&](const Place &p) {
            return p.node().condition &&
                   equal(wide.at(*node.condition), p.at(*p.node().condition)) &&
                   includes(wide.at(node.consequence), p.at(p.node().consequence)) &&
                   includes(wide.at(node.alternative), p.at(p.node().alternative));
        });
    }

    size_t pairs_ = 0;
    uint64_t steps_left_ = steps_max;
    bool exhausted_ = false;
    std::set<std::pair<Place, Place>> open_;
};

}  // namespace

bool provably_includes(const Nodes &wide, const Nodes &narrow) {
    return Prover().proves({&wide, NodeIndex{0}}, {&narrow, NodeIndex{0}});
}

}  // namespace skillet::schema
