// SPDX-License-Identifier: Apache-2.0
#include "measurement/temperature.h"

#include <cmath>

#include <gtest/gtest.h>

#include "measurement/scores.h"
#include "runner/runner.h"

namespace skillet {
namespace {

// `right` of `count` cases have the label that the logits favour.
std::vector<Scored> cases_with(const std::vector<float> &logits, size_t right, size_t count) {
    std::vector<Scored> cases;
    for (size_t i = 0; i < count; ++i) cases.push_back({logits, i < right ? 0u : 1u});
    return cases;
}

TEST(FitTemperature, finds_the_value_that_follows_by_hand) {
    // softmax(d / t) = right / count, so t = d / ln(right / (count - right)).
    for (const auto &[right, count] : {std::pair{9u, 10u}, {60u, 100u}, {999u, 1000u}}) {
        const double odds = static_cast<double>(right) / static_cast<double>(count - right);
        const auto fitted = fit_temperature(cases_with({2.5F, 0.5F}, right, count));
        ASSERT_TRUE(fitted) << right;
        EXPECT_NEAR(*fitted, 2 / std::log(odds), 1e-9) << right;
    }
}

TEST(FitTemperature, finds_it_for_more_labels_too) {
    // Of three labels two are equal: e^(d/t) / (e^(d/t) + 2) = 3/4, but the wrong truths are always
    // the same one, which changes nothing in the slope.
    const auto fitted = fit_temperature(cases_with({3, 0, 0}, 30, 40));
    ASSERT_TRUE(fitted);
    EXPECT_NEAR(*fitted, 3 / std::log(6), 1e-9);
}

TEST(FitTemperature, is_where_the_loss_is_least) {
    std::vector<Scored> cases;
    for (int i = 0; i < 200; ++i) {
        const auto far = static_cast<float>(i % 17) * 0.5F;
        cases.push_back({{far, 1, -0.25F * far}, i % 5 == 0 ? 1u : (i % 7 == 0 ? 2u : 0u)});
    }
    const auto fitted = fit_temperature(cases);
    ASSERT_TRUE(fitted);
    const auto loss_at = [&](double temperature) {
        std::vector<Prediction> list;
        for (const Scored &one : cases)
            list.push_back({softmax(one.logits, temperature), one.truth});
        return log_loss(list);
    };
    for (const double nearby : {0.9, 0.99, 1.01, 1.1}) {
        EXPECT_LT(loss_at(*fitted), loss_at(*fitted * nearby)) << nearby;
    }
}

TEST(FitTemperature, does_not_depend_on_what_all_logits_share) {
    const auto low = fit_temperature(cases_with({2, 0}, 9, 10));
    const auto high = fit_temperature(cases_with({1002, 1000}, 9, 10));
    ASSERT_TRUE(low && high);
    EXPECT_EQ(*low, *high);
}

TEST(FitTemperature, refuses_cases_that_cannot_tell_it) {
    const auto all_right = fit_temperature(cases_with({2, 0}, 10, 10));
    ASSERT_FALSE(all_right);
    EXPECT_EQ(all_right.error().code, SKL_E_INVALID_ARGUMENT);
    EXPECT_NE(all_right.error().message.find("too few of the 10 cases"), std::string::npos);
    const auto all_wrong = fit_temperature(cases_with({2, 0}, 0, 10));
    ASSERT_FALSE(all_wrong);
    EXPECT_NE(all_wrong.error().message.find("nothing to do"), std::string::npos);
}

TEST(FitTemperature, survives_logits_of_any_size) {
    EXPECT_FALSE(fit_temperature(cases_with({3e38F, -3e38F}, 5, 10)));
    EXPECT_FALSE(fit_temperature(cases_with({0, 0}, 5, 10))) << "every temperature is as good";
}

}  // namespace
}  // namespace skillet
