// SPDX-License-Identifier: Apache-2.0
#include "measurement/split.h"

#include <map>

#include <fmt/format.h>

namespace skillet {
namespace {

Digest place_of(const Case &one, uint64_t seed) {
    Sha256 hash;
    hash.update(fmt::format("skillet.split/1\n{}\n", seed));
    hash.update(one.input);
    return hash.finish();
}

// The quarters are equally likely.
Part part_of(const Digest &place, const Case &one, const SplitRule &rule) {
    const unsigned quarter = place.bytes()[0] >> 6;
    if (!rule.fit_on.empty()) {
        if (one.split != rule.fit_on) return Part::quality;
        return quarter < 2 ? Part::temperature : Part::thresholds;
    }
    if (quarter >= 2) return Part::quality;
    return quarter == 0 ? Part::temperature : Part::thresholds;
}

}  // namespace

Result<std::array<std::vector<size_t>, part_count>> split_cases(const std::vector<Case> &cases,
                                                                const SplitRule &rule) {
    std::array<std::vector<size_t>, part_count> parts;
    std::map<Digest, std::pair<Part, size_t>> seen;  // with the line of the first
    for (size_t i = 0; i < cases.size(); ++i) {
        const Digest place = place_of(cases[i], rule.seed);
        const Part part = part_of(place, cases[i], rule);
        const auto [first, fresh] = seen.emplace(place, std::pair{part, cases[i].line});
        if (!fresh && first->second.first != part) {
            return make_error(SKL_E_INPUT_SCHEMA,
                              fmt::format("lines {} and {} have the same input, and only one is of "
                                          "the split \"{}\"",
                                          first->second.second, cases[i].line, rule.fit_on),
                              "", "what is fitted on must not be measured on");
        }
        parts[static_cast<size_t>(part)].push_back(i);
    }
    for (const auto &part : parts) {
        if (part.size() >= part_cases_min) continue;
        return make_error(SKL_E_INVALID_ARGUMENT,
                          fmt::format("{} cases are {} for the temperature, {} for thresholds and "
                                      "{} to measure on; each needs {}",
                                      cases.size(), parts[0].size(), parts[1].size(),
                                      parts[2].size(), part_cases_min),
                          "", "give more cases");
    }
    return parts;
}

}  // namespace skillet
