// SPDX-License-Identifier: Apache-2.0
// SPDX licence expressions (SPDX 2.3, annex D), such as "MIT OR GPL-2.0-only WITH
// Classpath-exception-2.0". docs/formats/license.md says what we read and what we refuse.
//
// An immutable value once parsed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace skillet {

// The smallest part of an expression. Names are in their canonical spelling.
struct LicenseTerm {
    std::string license;    // "MIT", "LicenseRef-…" or "DocumentRef-…:LicenseRef-…"
    bool or_later = false;  // a '+' follows
    std::string exception;  // after WITH; empty: none
    bool is_reference = false;
    bool deprecated = false;  // SPDX advises against one of the names

    [[nodiscard]] std::string text() const;
};

class LicenseExpression {
public:
    // At most 1024 bytes and 32 parentheses inside each other. SKL_E_INVALID_ARGUMENT naming the
    // place, for a wrong expression and for a name that is not on SPDX's list.
    static Result<LicenseExpression> parse(std::string_view text);

    // The expression in canonical spelling, without superfluous space.
    [[nodiscard]] const std::string &text() const { return text_; }

    // In reverse Polish notation: a term is pushed, an operator takes the two before it.
    enum class Operator { term, all_of, any_of };
    struct Step {
        Operator kind = Operator::term;
        LicenseTerm term = {};  // of a term
    };
    [[nodiscard]] const std::vector<Step> &steps() const { return steps_; }

private:
    std::string text_;
    std::vector<Step> steps_;
};

// Whether two names are one: SPDX compares letters without case.
[[nodiscard]] bool same_license_name(std::string_view a, std::string_view b);

}  // namespace skillet
