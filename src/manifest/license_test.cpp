// SPDX-License-Identifier: Apache-2.0
// The grammar of SPDX 2.3, annex D, and the names of the list.
#include "manifest/license.h"

#include <map>

#include <gtest/gtest.h>

#include "manifest/spdx_list.h"
#include "testing/made.h"

namespace skillet {
namespace {

using Operator = LicenseExpression::Operator;

// The steps as text: "MIT Apache-2.0 | ISC &".
std::string steps_of(const std::string &text) {
    std::string out;
    const LicenseExpression expression = testing::made(LicenseExpression::parse(text));
    for (const LicenseExpression::Step &step : expression.steps()) {
        if (!out.empty()) out += ' ';
        if (step.kind == Operator::term) out += step.term.text();
        if (step.kind == Operator::all_of) out += '&';
        if (step.kind == Operator::any_of) out += '|';
    }
    return out;
}

std::string canonical(const std::string &text) {
    return testing::made(LicenseExpression::parse(text)).text();
}

void expect_refused(const std::string &text, const std::string &subject = {}) {
    const auto expression = LicenseExpression::parse(text);
    ASSERT_FALSE(expression) << text;
    EXPECT_EQ(expression.error().code, SKL_E_INVALID_ARGUMENT);
    EXPECT_EQ(expression.error().subject, subject) << text << ": " << expression.error().message;
}

TEST(SpdxList, has_every_kind_of_name_once) {
    EXPECT_GT(spdx_licenses().size(), 600u);
    EXPECT_GT(spdx_exceptions().size(), 50u);
    for (const auto list : {spdx_licenses(), spdx_exceptions()}) {
        std::map<std::string_view, int> seen;
        size_t deprecated = 0;
        for (const SpdxName &name : list) {
            EXPECT_EQ(++seen[name.id], 1) << name.id;
            deprecated += name.deprecated;
        }
        EXPECT_GT(deprecated, 0u);
        EXPECT_LT(deprecated, list.size() / 2);
    }
}

TEST(LicenseExpression, reads_every_name_of_the_list_by_itself) {
    for (const SpdxName &name : spdx_licenses()) {
        const LicenseExpression expression =
            testing::made(LicenseExpression::parse(std::string(name.id)));
        ASSERT_EQ(expression.steps().size(), 1u);
        EXPECT_EQ(expression.steps()[0].term.license, name.id);
        EXPECT_EQ(expression.steps()[0].term.deprecated, name.deprecated);
    }
    for (const SpdxName &name : spdx_exceptions()) {
        const std::string text = "MIT WITH " + std::string(name.id);
        EXPECT_EQ(canonical(text), text);
    }
}

TEST(LicenseExpression, binds_with_before_and_before_or) {
    EXPECT_EQ(steps_of("MIT"), "MIT");
    EXPECT_EQ(steps_of("MIT OR ISC AND Zlib"), "MIT ISC Zlib & |");
    EXPECT_EQ(steps_of("MIT AND ISC OR Zlib"), "MIT ISC & Zlib |");
    EXPECT_EQ(steps_of("(MIT OR ISC) AND Zlib"), "MIT ISC | Zlib &");
    EXPECT_EQ(steps_of("MIT OR ISC OR Zlib"), "MIT ISC | Zlib |");
    EXPECT_EQ(steps_of("MIT AND ISC AND Zlib"), "MIT ISC & Zlib &");
    EXPECT_EQ(steps_of("MIT AND (ISC OR (Zlib AND X11)) OR 0BSD"), "MIT ISC Zlib X11 & | & 0BSD |");
    EXPECT_EQ(steps_of("GPL-2.0-only WITH Classpath-exception-2.0 AND MIT"),
              "GPL-2.0-only WITH Classpath-exception-2.0 MIT &");
    EXPECT_EQ(steps_of("((MIT))"), "MIT");
}

TEST(LicenseExpression, gives_names_in_their_own_spelling_whatever_case_they_are_written_in) {
    EXPECT_EQ(canonical("apache-2.0"), "Apache-2.0");
    EXPECT_EQ(canonical("  mit   OR(isc)AND gpl-2.0-ONLY  WITH  classpath-EXCEPTION-2.0 "),
              "MIT OR (ISC) AND GPL-2.0-only WITH Classpath-exception-2.0");
    EXPECT_EQ(canonical("LicenseRef-Mine"), "LicenseRef-Mine") << "nobody else knows it better";
}

TEST(LicenseExpression, reads_terms_of_ones_own) {
    for (const char *text : {"LicenseRef-a", "LicenseRef-23.x-y", "DocumentRef-d.1:LicenseRef-a"}) {
        const LicenseExpression expression = testing::made(LicenseExpression::parse(text));
        EXPECT_TRUE(expression.steps()[0].term.is_reference);
        EXPECT_EQ(expression.text(), text);
    }
    for (const std::string text :
         {"LicenseRef-", "LicenseRef-a_b", "LicenseRef-a+", "DocumentRef-:LicenseRef-a",
          "DocumentRef-a:LicenseRef-", "DocumentRef-a", "DocumentRef-a:MIT", "licenseref-a",
          "DocumentRef-a:DocumentRef-b:LicenseRef-c"}) {
        expect_refused(text, text);
    }
}

TEST(LicenseExpression, reads_a_plus_only_where_it_touches_the_name) {
    const LicenseExpression later = testing::made(LicenseExpression::parse("apache-2.0+"));
    EXPECT_EQ(later.text(), "Apache-2.0+");
    EXPECT_TRUE(later.steps()[0].term.or_later);
    const LicenseExpression old = testing::made(LicenseExpression::parse("gpl-2.0+"));
    EXPECT_EQ(old.text(), "GPL-2.0+");
    EXPECT_TRUE(old.steps()[0].term.deprecated);
    expect_refused("MIT +", "+");
    expect_refused("MIT++", "MIT++");
    expect_refused("(MIT)+", "+");
}

TEST(LicenseExpression, refuses_names_that_are_not_on_the_list) {
    expect_refused("Apache", "Apache");
    expect_refused("MIT OR Proprietary", "Proprietary");
    expect_refused("NOASSERTION", "NOASSERTION");
    expect_refused("NONE", "NONE");
    expect_refused("Classpath-exception-2.0", "Classpath-exception-2.0");
    expect_refused("MIT WITH ISC", "ISC");
    expect_refused("MIT\tOR ISC", "MIT\tOR");
    expect_refused("M\xc3\xadT", "M\xc3\xadT");
}

TEST(LicenseExpression, wants_operators_in_capitals_and_says_so) {
    const auto expression = LicenseExpression::parse("MIT or ISC");
    ASSERT_FALSE(expression);
    EXPECT_EQ(expression.error().subject, "or");
    const auto alone = LicenseExpression::parse("and");
    ASSERT_FALSE(alone);
    EXPECT_EQ(alone.error().hint, "write AND, OR, WITH");
}

TEST(LicenseExpression, refuses_what_is_no_expression) {
    for (const char *text : {"", " ", "(", "MIT OR", "MIT AND (ISC", "(MIT", "MIT WITH"}) {
        expect_refused(text);
    }
    expect_refused("()", ")");
    expect_refused("MIT)", ")");
    expect_refused("OR MIT", "OR");
    expect_refused("MIT ISC", "ISC");
    expect_refused("MIT OR AND ISC", "AND");
    expect_refused("MIT (ISC)", "(");
    expect_refused("(MIT) WITH Classpath-exception-2.0", "WITH");
    expect_refused("MIT WITH OR", "OR");
    expect_refused("MIT WITH Classpath-exception-2.0 WITH Classpath-exception-2.0", "WITH");
    expect_refused("WITH Classpath-exception-2.0", "WITH");
}

TEST(LicenseExpression, is_bounded_in_length_and_depth) {
    const auto nested = [](size_t depth) {
        return std::string(depth, '(') + "MIT" + std::string(depth, ')');
    };
    EXPECT_TRUE(LicenseExpression::parse(nested(32)));
    expect_refused(nested(33), "(");
    EXPECT_TRUE(LicenseExpression::parse("MIT" + std::string(1021, ' ')));
    EXPECT_FALSE(LicenseExpression::parse("MIT" + std::string(1022, ' ')));
    // Beside each other they cost no depth.
    std::string many = "(MIT)";
    while (many.size() < 1000) many += " OR (MIT)";
    EXPECT_TRUE(LicenseExpression::parse(many));
}

}  // namespace
}  // namespace skillet
