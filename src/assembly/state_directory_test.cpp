// SPDX-License-Identifier: Apache-2.0
#include "assembly/state_directory.h"

#include <cstdlib>
#include <filesystem>
#include <optional>

#include <gtest/gtest.h>

#include "testing/as_nobody.h"
#include "testing/temp_dir.h"

namespace skillet {
namespace {

namespace fs = std::filesystem;

using testing::AsNobody;

class StateDirectory : public ::testing::Test {
protected:
    StateDirectory() {
        for (const char *name : {"XDG_STATE_HOME", "HOME"}) {
            if (const char *value = std::getenv(name)) before_.emplace_back(name, value);
            ::unsetenv(name);
        }
        set_home("/home");
        fs::create_directory(root_);
        fs::permissions(folder_.path(), fs::perms(0755));
        fs::permissions(root_, fs::perms(0555));
    }
    ~StateDirectory() override {
        ::unsetenv("XDG_STATE_HOME");
        ::unsetenv("HOME");
        for (const auto &[name, value] : before_) ::setenv(name, value.c_str(), 1);
    }
    static void set_home(const char *path) { ::setenv("HOME", path, 1); }

    testing::TempDir folder_;
    std::string root_ = folder_ / "root";  // that nobody may write

private:
    std::vector<std::pair<const char *, std::string>> before_;
};

TEST_F(StateDirectory, is_inside_a_root_that_can_be_written_or_made) {
    fs::permissions(root_, fs::perms(0755));
    EXPECT_EQ(default_state_directory(root_), root_ + "/run");
    EXPECT_EQ(default_state_directory(folder_ / "not/yet"), folder_ / "not/yet/run");
    EXPECT_FALSE(fs::exists(root_ + "/run")) << "asking makes nothing";
}

TEST_F(StateDirectory, of_a_root_that_cannot_be_written_is_the_users_own) {
    const AsNobody nobody;
    const std::string place = default_state_directory(root_);
    const std::string above = "/home/.local/state/skillet/";
    ASSERT_TRUE(place.starts_with(above)) << place;
    EXPECT_EQ(place.size(), above.size() + 16);
    ::setenv("XDG_STATE_HOME", "/state", 1);
    EXPECT_EQ(default_state_directory(root_), "/state/skillet/" + place.substr(above.size()));
}

TEST_F(StateDirectory, is_one_for_all_ways_to_write_a_root_and_another_for_other_roots) {
    const AsNobody nobody;
    const std::string place = default_state_directory(root_);
    EXPECT_EQ(default_state_directory(root_ + "/../root"), place);
    EXPECT_EQ(default_state_directory(root_ + "/"), place);
    EXPECT_NE(default_state_directory(root_ + "/other"), place);
}

TEST_F(StateDirectory, may_be_prepared_inside_a_root_that_is_read_only_otherwise) {
    fs::create_directory(root_ + "/run");
    fs::permissions(root_ + "/run", fs::perms(0777));
    const AsNobody nobody;
    EXPECT_EQ(default_state_directory(root_), root_ + "/run");
}

TEST_F(StateDirectory, has_no_place_without_a_home) {
    set_home("");
    const AsNobody nobody;
    EXPECT_EQ(default_state_directory(root_), "");
}

}  // namespace
}  // namespace skillet
