// SPDX-License-Identifier: Apache-2.0
// Which expressions an allow list and a deny list let pass, and what they say of the others.
#include "manifest/license_policy.h"

#include <random>

#include <gtest/gtest.h>

#include "testing/made.h"

namespace skillet {
namespace {

using Names = std::vector<std::string>;

LicensePolicy::Verdict judge(const Names &allow, const Names &deny, const std::string &text) {
    const LicensePolicy policy = testing::made(LicensePolicy::parse(allow, deny));
    return policy.judge(testing::made(LicenseExpression::parse(text)));
}

bool allows(const Names &allow, const Names &deny, const std::string &text) {
    return judge(allow, deny, text).allowed;
}

TEST(LicensePolicy, allows_everything_by_default) {
    for (const char *text : {"MIT", "GPL-3.0-only", "LicenseRef-mine", "GPL-2.0+", "MIT OR ISC",
                             "GPL-2.0-only WITH Classpath-exception-2.0"}) {
        EXPECT_TRUE(allows({}, {}, text)) << text;
        EXPECT_TRUE(LicensePolicy().judge(*LicenseExpression::parse(text)).allowed);
    }
}

TEST(LicensePolicy, allows_only_what_is_listed_once_there_is_a_list) {
    EXPECT_TRUE(allows({"mit"}, {}, "MIT"));
    EXPECT_FALSE(allows({"mit"}, {}, "ISC"));
    EXPECT_FALSE(allows({"mit"}, {}, "LicenseRef-mine"));
    EXPECT_TRUE(allows({"mit", "LicenseRef-mine"}, {}, "LicenseRef-mine"));
    EXPECT_FALSE(allows({"LicenseRef-mine"}, {}, "DocumentRef-d:LicenseRef-mine"));
}

TEST(LicensePolicy, lets_the_deny_list_win) {
    EXPECT_FALSE(allows({}, {"ISC"}, "ISC"));
    EXPECT_TRUE(allows({}, {"ISC"}, "MIT"));
    EXPECT_FALSE(allows({"ISC"}, {"isc"}, "ISC"));
    EXPECT_FALSE(allows({}, {"LicenseRef-bad"}, "LicenseRef-bad"));
}

TEST(LicensePolicy, needs_one_side_of_an_or_and_both_of_an_and) {
    const Names allow = {"MIT", "ISC"};
    EXPECT_TRUE(allows(allow, {}, "MIT OR Zlib"));
    EXPECT_TRUE(allows(allow, {}, "Zlib OR MIT"));
    EXPECT_FALSE(allows(allow, {}, "Zlib OR X11"));
    EXPECT_TRUE(allows(allow, {}, "MIT AND ISC"));
    EXPECT_FALSE(allows(allow, {}, "MIT AND Zlib"));
    EXPECT_FALSE(allows(allow, {}, "Zlib AND MIT"));
    EXPECT_TRUE(allows(allow, {}, "MIT OR Zlib AND X11"));
    EXPECT_FALSE(allows(allow, {}, "(MIT OR Zlib) AND X11"));
    EXPECT_TRUE(allows(allow, {}, "(Zlib OR MIT) AND (X11 OR ISC)"));
}

TEST(LicensePolicy, judges_a_license_with_an_exception_by_the_license_unless_the_pair_is_listed) {
    const std::string pair = "GPL-2.0-only WITH Classpath-exception-2.0";
    const std::string other = "GPL-2.0-only WITH Autoconf-exception-2.0";
    EXPECT_TRUE(allows({"GPL-2.0-only"}, {}, pair));
    EXPECT_FALSE(allows({}, {"GPL-2.0-only"}, pair));
    EXPECT_TRUE(allows({pair}, {"GPL-2.0-only"}, pair));
    EXPECT_FALSE(allows({pair}, {"GPL-2.0-only"}, other));
    EXPECT_FALSE(allows({pair}, {}, "GPL-2.0-only")) << "the exception is what was allowed";
    EXPECT_FALSE(allows({"GPL-2.0-only"}, {pair}, pair));
    EXPECT_TRUE(allows({"GPL-2.0-only"}, {pair}, other));
    EXPECT_FALSE(allows({pair}, {pair}, pair));
}

TEST(LicensePolicy, takes_a_version_or_later_for_the_version) {
    EXPECT_TRUE(allows({"Apache-2.0"}, {}, "Apache-2.0+"));
    EXPECT_FALSE(allows({}, {"Apache-2.0"}, "Apache-2.0+"));
    EXPECT_FALSE(allows({"Apache-2.0+"}, {}, "Apache-2.0"));
    EXPECT_TRUE(allows({}, {"Apache-2.0+"}, "Apache-2.0"));
}

TEST(LicensePolicy, knows_the_deprecated_names_of_the_gnu_licenses) {
    EXPECT_FALSE(allows({}, {"GPL-2.0-only"}, "GPL-2.0"));
    EXPECT_FALSE(allows({}, {"GPL-2.0"}, "GPL-2.0-only"));
    EXPECT_FALSE(allows({}, {"GPL-2.0-or-later"}, "GPL-2.0+"));
    EXPECT_TRUE(allows({}, {"GPL-2.0-or-later"}, "GPL-2.0"));
    EXPECT_FALSE(allows({}, {"GPL-2.0-only"}, "GPL-2.0-with-classpath-exception"));
    EXPECT_FALSE(allows({}, {"GPL-2.0-only"}, "GPL-2.0-only WITH Nokia-Qt-exception-1.1"));
    EXPECT_TRUE(allows({}, {"GPL-2.0"}, "GPL-2.0+"));
    EXPECT_FALSE(allows({"GPL-2.0+"}, {}, "GPL-2.0"));
    EXPECT_TRUE(allows({"LGPL-2.1-only"}, {}, "LGPL-2.1"));
    EXPECT_TRUE(allows({}, {"LGPL-2.1-only"}, "GPL-2.0"));
}

TEST(LicensePolicy, names_the_identifier_and_the_rule) {
    const auto denied = judge({}, {"ISC"}, "MIT AND isc");
    EXPECT_EQ(denied.identifier, "ISC");
    EXPECT_EQ(denied.reason, "ISC is denied by license.deny");
    const auto both = judge({"MIT"}, {"ISC"}, "ISC OR Zlib");
    EXPECT_EQ(both.identifier, "ISC");
    EXPECT_EQ(both.reason, "ISC is denied by license.deny; Zlib is not on license.allow");
    const auto checked = check_license(testing::made(LicensePolicy::parse({"MIT"}, {})),
                                       testing::made(LicenseExpression::parse("zlib")));
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code, SKL_E_LICENSE_REFUSED);
    EXPECT_EQ(checked.error().subject, "Zlib");
    EXPECT_EQ(checked.error().message,
              "the licence \"Zlib\" is refused: Zlib is not on license.allow");
}

// An expression and whether it passes, made together: the tree is known before it is written down.
struct Sample {
    std::string text;
    bool allowed;
    int binding;  // 2: a term or parentheses, 1: AND, 0: OR
};

Sample random_sample(std::mt19937 &random, int depth) {
    const auto one_in = [&](unsigned n) { return random() % n == 0; };
    if (depth == 0 || one_in(4)) {
        constexpr std::pair<const char *, bool> terms[] = {{"MIT", true},
                                                           {"isc", true},
                                                           {"Zlib", false},
                                                           {"LicenseRef-a", false},
                                                           {"X11+", false}};
        const auto &[text, allowed] = terms[random() % std::size(terms)];
        return {text, allowed, 2};
    }
    const bool all = one_in(2);
    Sample left = random_sample(random, depth - 1);
    Sample right = random_sample(random, depth - 1);
    for (Sample *side : {&left, &right}) {
        // Needed where an OR stands inside an AND, and harmless elsewhere.
        if ((all && side->binding == 0) || one_in(4)) side->text = "(" + side->text + ")";
    }
    return {left.text + (all ? " AND " : " OR ") + right.text,
            all ? left.allowed && right.allowed : left.allowed || right.allowed, all ? 1 : 0};
}

TEST(LicensePolicy, judges_random_expressions_as_the_tree_they_were_written_from) {
    const LicensePolicy policy = testing::made(LicensePolicy::parse({"MIT", "ISC"}, {}));
    std::mt19937 random(1);
    int allowed = 0;
    for (int i = 0; i < 5000; ++i) {
        const Sample sample = random_sample(random, 5);
        const auto expression = LicenseExpression::parse(sample.text);
        if (!expression) {
            EXPECT_GT(sample.text.size(), 1024u) << sample.text << expression.error().message;
            continue;
        }
        EXPECT_EQ(policy.judge(*expression).allowed, sample.allowed) << sample.text;
        const auto again = testing::made(LicenseExpression::parse(expression->text()));
        EXPECT_EQ(again.text(), expression->text()) << "what is shown can be read";
        allowed += sample.allowed;
    }
    EXPECT_GT(allowed, 1000);
    EXPECT_LT(allowed, 4000);
}

TEST(LicensePolicy, survives_any_order_of_words) {
    constexpr const char *words[] = {"MIT",         "AND",
                                     "OR",          "WITH",
                                     "(",           ")",
                                     "+",           " ",
                                     "x",           "Classpath-exception-2.0",
                                     "LicenseRef-", "DocumentRef-a:"};
    std::mt19937 random(2);
    for (int i = 0; i < 20000; ++i) {
        std::string text;
        for (unsigned n = random() % 9; n > 0; --n) {
            text += words[random() % std::size(words)];
            if (random() % 2 == 0) text += ' ';
        }
        const auto expression = LicenseExpression::parse(text);
        if (!expression) continue;
        EXPECT_TRUE(LicensePolicy().judge(*expression).allowed) << text;
    }
}

TEST(LicensePolicy, lists_single_known_licenses_only) {
    for (const Names &entries : {Names{"MIT OR ISC"}, {"MIT", "Proprietary"}, {""}}) {
        EXPECT_FALSE(LicensePolicy::parse(entries, {}));
        const auto policy = LicensePolicy::parse({}, entries);
        ASSERT_FALSE(policy);
        EXPECT_EQ(policy.error().code, SKL_E_INVALID_ARGUMENT);
    }
}

}  // namespace
}  // namespace skillet
