// SPDX-License-Identifier: Apache-2.0
#include "remote/backoff.h"

#include <vector>

#include <gtest/gtest.h>

namespace skillet {
namespace {

using std::chrono::milliseconds;

class BackoffTest : public ::testing::Test {
protected:
    BackoffTest() {
        rules_.pause = [this](milliseconds time, const StopSignal &) {
            pauses_.push_back(time);
            return Result<void>();
        };
    }
    Result<void> wait(std::optional<milliseconds> wanted = {}) {
        return backoff_.wait(cause_, wanted, {});
    }

    RetryRules rules_;
    Backoff backoff_{rules_};
    std::vector<milliseconds> pauses_;
    Error cause_ = make_error(SKL_E_REMOTE_UNREACHABLE, "no answer");
};

TEST_F(BackoffTest, waits_longer_each_time_and_gives_up) {
    for (unsigned attempt = 1; attempt < rules_.attempts_max; ++attempt) EXPECT_TRUE(wait());
    const auto last = wait();
    ASSERT_FALSE(last);
    EXPECT_EQ(last.error().code, SKL_E_REMOTE_UNREACHABLE);
    EXPECT_EQ(last.error().message, "no answer (attempt 5)");
    ASSERT_EQ(pauses_.size(), 4u);
    for (size_t i = 0; i < pauses_.size(); ++i) {
        EXPECT_GE(pauses_[i], rules_.first_pause * (1 << i) / 2);
        EXPECT_LE(pauses_[i], rules_.first_pause * (1 << i));
    }
}

TEST_F(BackoffTest, waits_as_long_as_the_server_wants_within_reason) {
    EXPECT_TRUE(wait(milliseconds(42000)));
    EXPECT_EQ(pauses_, std::vector<milliseconds>{milliseconds(42000)});
    const auto too_long = wait(std::chrono::hours(1));
    ASSERT_FALSE(too_long);
    EXPECT_NE(too_long.error().hint.find("3600 s"), std::string::npos);
}

TEST_F(BackoffTest, begins_anew_once_something_was_achieved) {
    for (int i = 0; i < 20; ++i) {
        EXPECT_TRUE(wait());
        backoff_.forgive();
        EXPECT_LE(pauses_.back(), rules_.first_pause);
    }
}

TEST_F(BackoffTest, a_pause_ends_when_the_caller_wants_it_to) {
    const auto flag = std::make_shared<CancelFlag>();
    flag->cancel();
    EXPECT_EQ(pause_for(std::chrono::hours(1), {flag, {}}).error().code, SKL_E_CANCELLED);
}

TEST(RetryAfter, is_seconds_or_a_date) {
    // 1994-11-06 08:49:37 UTC
    constexpr int64_t then = 784111777;
    EXPECT_EQ(parse_retry_after("7", then), milliseconds(7000));
    EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", then - 30), milliseconds(30000));
    EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", then + 30), milliseconds(0));
    EXPECT_EQ(parse_retry_after("-1", then), milliseconds(0));
    for (const char *text : {"", "soon", "7 s", "1.5", "Sun, 31 Feb 1994 08:49:37 GMT",
                             "Sun, 06 Nov 1994 08:49:37 CET", "99999999999999999999"}) {
        EXPECT_FALSE(parse_retry_after(text, then)) << text;
    }
}

}  // namespace
}  // namespace skillet
