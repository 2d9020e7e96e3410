// SPDX-License-Identifier: Apache-2.0
// Defaults: which variable wins, and how sizes are written.
#include "assembly/settings.h"

#include <cstdlib>
#include <map>
#include <optional>

#include <gtest/gtest.h>

namespace skillet {
namespace {

constexpr const char *variables[] = {"SKILLET_ROOT", "SKILLET_BUDGET", "XDG_DATA_HOME", "HOME"};

// Starts without any of the variables, and gives them back as they were.
class Settings : public ::testing::Test {
protected:
    Settings() {
        for (const char *name : variables) {
            if (const char *value = std::getenv(name)) before_[name] = value;
            ::unsetenv(name);
        }
    }
    ~Settings() override {
        for (const char *name : variables) {
            const auto value = before_.find(name);
            if (value == before_.end()) {
                ::unsetenv(name);
            } else {
                set(name, value->second);
            }
        }
    }
    static void set(const char *name, const std::string &value) {
        ::setenv(name, value.c_str(), /*overwrite=*/1);
    }

private:
    std::map<std::string, std::string> before_;
};

TEST_F(Settings, takes_the_root_from_the_first_variable_that_says_one) {
    set("HOME", "/home");
    EXPECT_EQ(*default_root(), "/home/.local/share/skillet");
    set("XDG_DATA_HOME", "/data");
    EXPECT_EQ(*default_root(), "/data/skillet");
    set("SKILLET_ROOT", "here");
    EXPECT_EQ(*default_root(), "here");
}

TEST_F(Settings, takes_an_empty_variable_for_an_unset_one) {
    set("SKILLET_ROOT", "");
    set("XDG_DATA_HOME", "");
    set("HOME", "/home");
    EXPECT_EQ(*default_root(), "/home/.local/share/skillet");
}

TEST_F(Settings, ignores_a_relative_data_directory) {
    set("XDG_DATA_HOME", "data");
    set("HOME", "/home");
    EXPECT_EQ(*default_root(), "/home/.local/share/skillet");
}

TEST_F(Settings, asks_for_a_root_where_there_is_no_home) {
    const auto root = default_root();
    ASSERT_FALSE(root);
    EXPECT_EQ(root.error().code, SKL_E_INVALID_ARGUMENT);
    EXPECT_NE(root.error().hint.find("SKILLET_ROOT"), std::string::npos);
}

TEST_F(Settings, takes_the_budget_from_its_variable) {
    set("SKILLET_BUDGET", "512M");
    EXPECT_EQ(*default_budget_bytes(), 512u << 20);
}

TEST_F(Settings, takes_half_of_the_memory_for_the_budget_otherwise) {
    const uint64_t half = *default_budget_bytes();
    EXPECT_GT(half, 1u << 20);
    set("SKILLET_BUDGET", "");
    EXPECT_EQ(*default_budget_bytes(), half);
}

TEST_F(Settings, refuses_a_budget_that_is_no_size) {
    set("SKILLET_BUDGET", "plenty");
    const auto budget = default_budget_bytes();
    ASSERT_FALSE(budget);
    EXPECT_EQ(budget.error().code, SKL_E_INVALID_ARGUMENT);
    EXPECT_EQ(budget.error().subject, "plenty");
}

TEST_F(Settings, knows_the_user) { EXPECT_FALSE(user_name().empty()); }

TEST(ParseBytes, reads_bytes_and_powers_of_1024) {
    const std::pair<const char *, uint64_t> sizes[] = {
        {"1", 1},
        {"007", 7},
        {"65536", 65536},
        {"1K", 1024},
        {"64K", 65536},
        {"512M", 512ull << 20},
        {"2G", 2ull << 30},
        {"18446744073709551615", ~0ull},
        {"17179869183G", 17179869183ull << 30},
    };
    for (const auto &[text, bytes] : sizes) {
        const auto parsed = parse_bytes(text);
        ASSERT_TRUE(parsed) << text;
        EXPECT_EQ(*parsed, bytes) << text;
    }
}

TEST(ParseBytes, refuses_everything_else) {
    for (const char *text :
         {"", "0", "0K", "-1", "+1", " 1", "1 ", "1k", "1KB", "1KiB", "1T", "K", "1.5G", "1e3",
          "0x10", "many", "18446744073709551616", "17179869184G", "99999999999999999999G"}) {
        const auto parsed = parse_bytes(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().code, SKL_E_INVALID_ARGUMENT) << text;
        EXPECT_EQ(parsed.error().subject, text);
    }
    EXPECT_FALSE(parse_bytes(std::string_view("1\0", 2)));
    EXPECT_FALSE(parse_bytes(std::string_view()));
}

}  // namespace
}  // namespace skillet
