// SPDX-License-Identifier: Apache-2.0
#include "base/work.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace skillet {
namespace {

using Reports = std::vector<std::pair<uint64_t, uint64_t>>;

TEST(Phase, reports_its_beginning_and_each_advance) {
    Reports heard;
    Work work;
    work.progress = [&](const char *phase, uint64_t done, uint64_t total) {
        EXPECT_STREQ(phase, "copy");
        heard.emplace_back(done, total);
    };
    Phase phase(work, "copy", 10);
    ASSERT_TRUE(phase.advance(4));
    ASSERT_TRUE(phase.advance(6));
    EXPECT_EQ(heard, (Reports{{0, 10}, {4, 10}, {10, 10}}));
}

TEST(Phase, never_reports_more_than_the_whole) {
    uint64_t last = 0;
    Work work;
    work.progress = [&](const char *, uint64_t done, uint64_t) { last = done; };
    Phase phase(work, "copy", 10);
    ASSERT_TRUE(phase.advance(UINT64_MAX));
    ASSERT_TRUE(phase.advance(3));
    EXPECT_EQ(last, 10u);
}

TEST(Phase, ends_when_its_caller_cancels) {
    const auto flag = std::make_shared<CancelFlag>();
    Phase phase({{flag, {}}, {}}, "copy", 10);
    ASSERT_TRUE(phase.advance(1));
    flag->cancel();
    const auto advanced = phase.advance(1);
    ASSERT_FALSE(advanced);
    EXPECT_EQ(advanced.error().code, SKL_E_CANCELLED);
}

TEST(CancelFlag, is_cancelled_with_its_parent_but_not_the_reverse) {
    const auto parent = std::make_shared<CancelFlag>();
    CancelFlag first(parent);
    CancelFlag second(parent);
    first.cancel();
    EXPECT_FALSE(parent->cancelled());
    EXPECT_FALSE(second.cancelled());
    parent->cancel();
    EXPECT_TRUE(second.cancelled());
}

}  // namespace
}  // namespace skillet
