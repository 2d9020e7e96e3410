// SPDX-License-Identifier: Apache-2.0
// Which place wins, and how values are written.
#include "assembly/settings.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>

#include <gtest/gtest.h>

#include "testing/made.h"
#include "testing/temp_dir.h"

namespace skillet {
namespace {

constexpr const char *variables[] = {
    "SKILLET_ROOT",        "SKILLET_STATE",         "SKILLET_BUDGET",       "SKILLET_LOG",
    "SKILLET_LOG_FORMAT",  "SKILLET_LICENSE_ALLOW", "SKILLET_LICENSE_DENY", "SKILLET_CONFIG",
    "SKILLET_LOAD_SEALED", "XDG_DATA_HOME",         "XDG_CONFIG_HOME",      "HOME"};

// Starts without any of the variables, and gives them back as they were.
class SettingsTest : public ::testing::Test {
protected:
    SettingsTest() {
        for (const char *name : variables) {
            if (const char *value = std::getenv(name)) before_[name] = value;
            ::unsetenv(name);
        }
    }
    ~SettingsTest() override {
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
    std::string write(const std::string &text) {
        const std::string path = folder_ / "settings.json";
        std::ofstream(path) << text;
        return path;
    }
    Settings resolved() { return testing::made(Settings::resolve(options_)); }
    std::string source_of(const std::string &name) {
        for (const Setting &setting : resolved().explained) {
            if (setting.name == name) return setting.source;
        }
        return "nowhere";
    }
    Error refusal() {
        auto settings = Settings::resolve(options_);
        EXPECT_FALSE(settings);
        if (settings) return {};
        EXPECT_EQ(settings.error().code, SKL_E_INVALID_ARGUMENT);
        return settings.error();
    }

    SettingOptions options_;
    testing::TempDir folder_;

private:
    std::map<std::string, std::string> before_;
};

TEST_F(SettingsTest, takes_the_root_from_the_first_place_that_says_one) {
    set("HOME", "/home");
    EXPECT_EQ(resolved().root, "/home/.local/share/skillet");
    set("XDG_DATA_HOME", "/data");
    EXPECT_EQ(resolved().root, "/data/skillet");
    EXPECT_EQ(source_of("root"), "default");
    set("SKILLET_CONFIG", write(R"({"schema": "skillet.config/1", "root": "/file"})"));
    EXPECT_EQ(resolved().root, "/file");
    EXPECT_EQ(source_of("root"), "file");
    set("SKILLET_ROOT", "here");
    EXPECT_EQ(resolved().root, "here");
    EXPECT_EQ(source_of("root"), "environment");
    options_.root = "there";
    EXPECT_EQ(resolved().root, "there");
    EXPECT_EQ(source_of("root"), "option");
}

TEST_F(SettingsTest, takes_an_empty_variable_for_an_unset_one) {
    set("SKILLET_ROOT", "");
    set("XDG_DATA_HOME", "");
    set("HOME", "/home");
    EXPECT_EQ(resolved().root, "/home/.local/share/skillet");
}

TEST_F(SettingsTest, ignores_a_relative_data_directory) {
    set("XDG_DATA_HOME", "data");
    set("HOME", "/home");
    EXPECT_EQ(resolved().root, "/home/.local/share/skillet");
}

TEST_F(SettingsTest, asks_for_a_root_where_there_is_no_home) {
    EXPECT_NE(refusal().hint.find("SKILLET_ROOT"), std::string::npos);
}

TEST_F(SettingsTest, takes_the_state_directory_from_variable_and_file) {
    options_.root = folder_ / "root";
    EXPECT_EQ(resolved().state, folder_ / "root/run");
    EXPECT_EQ(source_of("state"), "default");
    options_.config = write(R"({"schema": "skillet.config/1", "state": "/file"})");
    EXPECT_EQ(resolved().state, "/file");
    set("SKILLET_STATE", "here");
    EXPECT_EQ(resolved().state, "here");
    EXPECT_EQ(source_of("state"), "environment");
}

TEST_F(SettingsTest, takes_the_budget_from_option_variable_and_file) {
    options_.root = "/r";
    const uint64_t half = resolved().budget_bytes;
    EXPECT_GT(half, 1u << 20);
    EXPECT_EQ(source_of("budget"), "default");
    options_.config = write(R"({"schema": "skillet.config/1", "budget": "1G"})");
    EXPECT_EQ(resolved().budget_bytes, 1u << 30);
    set("SKILLET_BUDGET", "512M");
    EXPECT_EQ(resolved().budget_bytes, 512u << 20);
    options_.budget_bytes = 7;
    EXPECT_EQ(resolved().budget_bytes, 7u);
}

TEST_F(SettingsTest, takes_the_licence_lists_from_variable_and_file) {
    options_.root = "/r";
    const auto allows = [this](const char *license) {
        return resolved().licenses.judge(*LicenseExpression::parse(license)).allowed;
    };
    EXPECT_TRUE(allows("ISC"));
    EXPECT_EQ(source_of("license.allow"), "default");
    options_.config = write(R"({"schema": "skillet.config/1",
                                "license": {"allow": ["MIT", "ISC"], "deny": ["Zlib"]}})");
    EXPECT_TRUE(allows("ISC"));
    EXPECT_FALSE(allows("X11"));
    EXPECT_EQ(source_of("license.deny"), "file");
    set("SKILLET_LICENSE_ALLOW", " X11,mit ,Zlib");
    EXPECT_TRUE(allows("X11"));
    EXPECT_FALSE(allows("ISC")) << "one place decides a whole list";
    EXPECT_FALSE(allows("Zlib"));
    EXPECT_EQ(source_of("license.allow"), "environment");
}

TEST_F(SettingsTest, takes_what_is_sealed_from_variable_and_file) {
    options_.root = "/r";
    EXPECT_EQ(resolved().sealing, Sealing::automatic);
    options_.config = write(R"({"schema": "skillet.config/1", "load": {"sealed": "always"}})");
    EXPECT_EQ(resolved().sealing, Sealing::always);
    EXPECT_EQ(source_of("load.sealed"), "file");
    set("SKILLET_LOAD_SEALED", "never");
    EXPECT_EQ(resolved().sealing, Sealing::never);
    set("SKILLET_LOAD_SEALED", "sometimes");
    EXPECT_EQ(refusal().subject, "sometimes");
}

TEST_F(SettingsTest, refuses_licence_lists_that_make_no_sense) {
    options_.root = "/r";
    for (const auto &[text, subject] : {std::pair{R"({"allow": []})", "/license/allow"},
                                        {R"({"deny": [1]})", "/license/deny/0"},
                                        {R"({"alow": ["MIT"]})", "/license/alow"},
                                        {R"(["MIT"])", "/license"}}) {
        options_.config =
            write(R"({"schema": "skillet.config/1", "license": )" + std::string(text) + "}");
        EXPECT_EQ(refusal().subject, options_.config + "#" + subject);
    }
    options_.config = {};
    set("SKILLET_LICENSE_DENY", "MIT, Proprietary");
    const Error error = refusal();
    EXPECT_EQ(error.subject, "Proprietary");
    EXPECT_TRUE(error.message.starts_with("license.deny (environment): ")) << error.message;
}

TEST_F(SettingsTest, names_the_setting_and_who_said_it_when_a_value_makes_no_sense) {
    options_.root = "/r";
    set("SKILLET_BUDGET", "plenty");
    EXPECT_EQ(refusal().message, "budget (environment): not a number of bytes");
    EXPECT_EQ(refusal().subject, "plenty");
    set("SKILLET_BUDGET", "");
    set("SKILLET_LOG", "loud");
    EXPECT_EQ(refusal().message, "log (environment): not a log level");
    set("SKILLET_LOG", "debug");
    set("SKILLET_LOG_FORMAT", "xml");
    EXPECT_EQ(refusal().subject, "xml");
}

TEST_F(SettingsTest, reads_the_log_level) {
    options_.root = "/r";
    EXPECT_EQ(resolved().log_level, SKL_LOG_ERROR);
    set("SKILLET_LOG", "off");
    EXPECT_EQ(resolved().log_level, SKL_LOG_OFF);
    options_.log_level = SKL_LOG_DEBUG;
    EXPECT_EQ(resolved().log_level, SKL_LOG_DEBUG);
    options_.log_level = 17;
    EXPECT_EQ(refusal().subject, "log_level");
}

TEST_F(SettingsTest, needs_no_settings_file_unless_one_is_named) {
    set("HOME", folder_.path());
    EXPECT_EQ(resolved().config, "");
    std::filesystem::create_directories(folder_ / ".config/skillet");
    std::ofstream(folder_ / ".config/skillet/config.json")
        << R"({"schema": "skillet.config/1", "log": "info", "log_format": "json"})";
    EXPECT_EQ(resolved().config, folder_ / ".config/skillet/config.json");
    EXPECT_EQ(resolved().log_level, SKL_LOG_INFO);
    options_.config = folder_ / "none.json";
    const auto refused = Settings::resolve(options_);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, SKL_E_NOT_FOUND);
}

TEST_F(SettingsTest, refuses_a_settings_file_with_anything_it_does_not_know) {
    options_.root = "/r";
    for (const auto &[text, subject] :
         {std::pair{R"({"schema": "skillet.config/2"})", "/schema"},
          {R"({"schema": "skillet.config/1", "rot": ""})", "/rot"},
          {R"({"schema": "skillet.config/1", "budget": 5})", "/budget"},
          {R"({"schema": "skillet.config/1", "root": "r"})", "/root"},
          {R"({"schema": "skillet.config/1", "state": "s"})", "/state"},
          {"[]", ""},
          {"{", ""}}) {
        options_.config = write(text);
        const std::string place =
            *subject != '\0' ? options_.config + "#" + subject : options_.config;
        EXPECT_EQ(refusal().subject, place) << text;
    }
}

TEST(UserName, knows_the_user) { EXPECT_FALSE(user_name().empty()); }

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
