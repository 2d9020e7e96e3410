// SPDX-License-Identifier: Apache-2.0
// Which licences an installation takes: docs/formats/license.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "manifest/license.h"

namespace skillet {

// Two lists of terms, such as "MIT" or "GPL-2.0-only WITH Classpath-exception-2.0". Both are empty
// by default: then everything is allowed that can be read.
class LicensePolicy {
public:
    // Each entry is one term. SKL_E_INVALID_ARGUMENT naming the entry otherwise.
    static Result<LicensePolicy> parse(const std::vector<std::string> &allow,
                                       const std::vector<std::string> &deny);

    struct Verdict {
        bool allowed = true;
        std::string identifier;  // what the policy refuses; empty if it allows the expression
        std::string reason;  // a sentence without an end, such as "GPL-3.0-only is denied by …"
    };
    // OR needs one side, AND both.
    [[nodiscard]] Verdict judge(const LicenseExpression &expression) const;

private:
    [[nodiscard]] Verdict judge(const LicenseTerm &term) const;

    std::vector<LicenseTerm> allow_;
    std::vector<LicenseTerm> deny_;
};

// The verdict as a result: SKL_E_LICENSE_REFUSED naming the identifier and the rule.
[[nodiscard]] Result<void> check_license(const LicensePolicy &policy,
                                         const LicenseExpression &expression);

}  // namespace skillet
