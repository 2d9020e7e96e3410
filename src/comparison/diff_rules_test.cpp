// SPDX-License-Identifier: Apache-2.0
// The table in docs/formats/diff.md is the one that the code works from.
#include "comparison/diff_rules.h"

#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

namespace skillet {
namespace {

TEST(DiffRules, have_different_names_and_a_reason_each) {
    std::set<std::string> names;
    for (const RuleRow &row : diff_rules()) {
        EXPECT_TRUE(names.insert(row.name).second) << row.name;
        EXPECT_NE(row.step, Step::none) << row.name;
        EXPECT_FALSE(std::string(row.reason).empty()) << row.name;
    }
}

TEST(DiffRules, are_documented_row_by_row) {
    std::ifstream file(SKILLET_SOURCE_DIR "/docs/formats/diff.md");
    std::stringstream text;
    text << file.rdbuf();
    std::string rest = text.str();
    ASSERT_FALSE(rest.empty());
    for (const RuleRow &row : diff_rules()) {
        const std::string line = std::string("| `") + row.name + "` | " + name_of(row.step) +
                                 " | " + row.reason + " |\n";
        EXPECT_NE(rest.find(line), std::string::npos) << "missing: " << line;
    }
    size_t documented = 0;
    for (size_t at = rest.find("\n| `"); at != std::string::npos; at = rest.find("\n| `", at + 1)) {
        ++documented;
    }
    EXPECT_EQ(documented, diff_rules().size());
}

}  // namespace
}  // namespace skillet
