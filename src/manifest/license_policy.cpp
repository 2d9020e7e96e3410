// SPDX-License-Identifier: Apache-2.0
#include "manifest/license_policy.h"

#include <algorithm>

#include <fmt/format.h>

namespace skillet {
namespace {

using Terms = std::vector<LicenseTerm>;

Result<Terms> parse_terms(const char *list, const std::vector<std::string> &entries) {
    Terms terms;
    for (const std::string &entry : entries) {
        SKL_TRY_ASSIGN(expression, LicenseExpression::parse(entry));
        if (expression.steps().size() != 1) {
            return make_error(SKL_E_INVALID_ARGUMENT,
                              fmt::format("{} lists licences, not expressions", list), entry,
                              "list each licence by itself");
        }
        terms.push_back(expression.steps().front().term);
    }
    return terms;
}

// A license as lists compare it.
struct Meaning {
    std::string name;
    bool or_later;
};

// GPL-2.0, GPL-2.0+ and GPL-2.0-with-… are deprecated names of GPL-2.0-only, GPL-2.0-or-later and
// GPL-2.0-only with an exception: a list must not miss the one for the other.
Meaning meaning_of(const LicenseTerm &term) {
    std::string_view name = term.license;
    const bool is_gnu = name.starts_with("GPL-") || name.starts_with("LGPL-") ||
                        name.starts_with("AGPL-") || name.starts_with("GFDL-");
    const bool is_modern = name.ends_with("-only") || name.ends_with("-or-later");
    if (!term.deprecated || !is_gnu || is_modern) return {term.license, term.or_later};
    name = name.substr(0, name.find("-with-"));
    const bool or_later = name.ends_with('+') || term.or_later;
    if (name.ends_with('+')) name.remove_suffix(1);
    return {std::string(name) + (or_later ? "-or-later" : "-only"), false};
}

// Whether an entry of a list speaks of the license of this term, whatever its exception. An entry
// with '+' speaks only of terms with '+'; one without speaks of both.
bool same_license(const LicenseTerm &entry, const LicenseTerm &term) {
    const Meaning listed = meaning_of(entry);
    const Meaning found = meaning_of(term);
    return same_license_name(listed.name, found.name) && (!listed.or_later || found.or_later);
}

bool lists_pair(const Terms &list, const LicenseTerm &term) {
    return std::ranges::any_of(list, [&](const LicenseTerm &entry) {
        return entry.exception == term.exception && same_license(entry, term);
    });
}

bool lists_license(const Terms &list, const LicenseTerm &term) {
    return std::ranges::any_of(list, [&](const LicenseTerm &entry) {
        return entry.exception.empty() && same_license(entry, term);
    });
}

}  // namespace

Result<LicensePolicy> LicensePolicy::parse(const std::vector<std::string> &allow,
                                           const std::vector<std::string> &deny) {
    SKL_TRY_ASSIGN(allowed, parse_terms("license.allow", allow));
    SKL_TRY_ASSIGN(denied, parse_terms("license.deny", deny));
    LicensePolicy policy;
    policy.allow_ = std::move(allowed);
    policy.deny_ = std::move(denied);
    return policy;
}

LicensePolicy::Verdict LicensePolicy::judge(const LicenseTerm &term) const {
    const std::string name = term.text();
    const auto denied = [&] {
        return Verdict{false, name, fmt::format("{} is denied by license.deny", name)};
    };
    // A pair that is listed as such is not judged by its license alone.
    if (lists_pair(deny_, term)) return denied();
    if (lists_pair(allow_, term)) return {};
    if (lists_license(deny_, term)) return denied();
    if (allow_.empty() || lists_license(allow_, term)) return {};
    return {false, name, fmt::format("{} is not on license.allow", name)};
}

LicensePolicy::Verdict LicensePolicy::judge(const LicenseExpression &expression) const {
    using Operator = LicenseExpression::Operator;
    std::vector<Verdict> open;
    for (const LicenseExpression::Step &step : expression.steps()) {
        if (step.kind == Operator::term) {
            open.push_back(judge(step.term));
            continue;
        }
        const Verdict right = std::move(open.back());
        open.pop_back();
        Verdict &left = open.back();
        if (step.kind == Operator::all_of) {
            if (left.allowed) left = right;
        } else if (right.allowed) {
            left = right;
        } else if (!left.allowed) {
            left.reason += "; " + right.reason;
        }
    }
    return std::move(open.back());
}

Result<void> check_license(const LicensePolicy &policy, const LicenseExpression &expression) {
    LicensePolicy::Verdict verdict = policy.judge(expression);
    if (verdict.allowed) return {};
    return make_error(
        SKL_E_LICENSE_REFUSED,
        fmt::format("the licence \"{}\" is refused: {}", expression.text(), verdict.reason),
        std::move(verdict.identifier),
        "if the terms are acceptable, change license.allow or license.deny "
        "(`skillet config` shows where they come from)");
}

}  // namespace skillet
