// SPDX-License-Identifier: Apache-2.0
// Processes that die while the engine is at a package, and those that come after them.
#include "assembly/crash_guard.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

#include "assembly/diagnosis.h"
#include "journal/database.h"
#include "testing/as_nobody.h"
#include "testing/dying_process.h"
#include "testing/scripted_runtime.h"

namespace skillet {
namespace {

using testing::made;

constexpr const char *input = R"({"text":"a b"})";

enum class End { engine_aborts, killed };

class CrashGuardTest : public ::testing::Test, protected testing::ScriptedRuntime {
protected:
    CrashGuardTest() {
        log_ = [this](const LogRecord &record) { events_.emplace_back(record.event); };
        const auto runtime = open_runtime();
        package_ = made(made(runtime->root())->install(pack("1.0.0"), {}));
        other_ = made(made(runtime->root())->install(pack("1.0.0", "org.c.d"), {}));
    }
    // A process in which the engine ends at the spot, the first time that it gets there.
    void die(Spot spot, End end = End::killed, const std::string &id = "org.a.b") {
        const auto die_here = [end] {
            if (end == End::killed) ::raise(SIGKILL);
            CrashMarker::note_abort("GGML_ASSERT(n > 0) failed");
            ::abort();
        };
        const int signal = testing::signal_that_ends([&] {
            if (spot == Spot::load) {
                script_->on_load = [&]() -> Result<void> {
                    die_here();
                    return {};
                };
            } else {
                script_->classify = [&](std::span<const TokenId>) -> Result<std::vector<float>> {
                    die_here();
                    return std::vector<float>{};
                };
            }
            ask(id);
        });
        ASSERT_NE(signal, 0);
    }
    // What a new process says to a request.
    Result<Answer> answer(const std::string &id = "org.a.b") {
        const auto runtime = open_runtime();
        SKL_TRY_ASSIGN(skill, runtime->open_skill(id, {}));
        return skill->invoke(input, {});
    }
    Code ask(const std::string &id = "org.a.b") {
        const auto result = answer(id);
        return result ? SKL_OK : result.error().code;
    }
    PackageRow row_of(const PackageRow &package) {
        return *made(made(open_runtime()->root())->registry().find(package.digest));
    }
    Strikes strikes() {
        return made(open_runtime()->crash_guard().book().strikes_of(package_.digest));
    }
    [[nodiscard]] bool heard(const std::string &event) const {
        return std::find(events_.begin(), events_.end(), event) != events_.end();
    }

    std::vector<std::string> events_;
    PackageRow package_, other_;
};

TEST_F(CrashGuardTest, quarantines_a_package_at_which_two_processes_died_one_after_the_other) {
    for (const Spot spot : {Spot::load, Spot::compute}) {
        SCOPED_TRACE(name_of(spot));
        die(spot);
        ASSERT_TRUE(open_runtime()->open_skill("org.a.b", {})) << "one strike";
        EXPECT_TRUE(heard("engine.died"));
        ASSERT_EQ(strikes().size(), 1u);
        EXPECT_EQ(strikes()[0].spot, spot);
        die(spot);
        EXPECT_EQ(ask(), SKL_E_QUARANTINED) << "and this process lives";
        const PackageRow row = row_of(package_);
        EXPECT_EQ(row.state, State::quarantined);
        EXPECT_NE(row.state_reason.find("2 processes ended"), std::string::npos)
            << row.state_reason;
        EXPECT_EQ(ask("org.c.d"), SKL_OK);
        EXPECT_EQ(ask(), SKL_E_QUARANTINED);

        // An operator who knows better.
        const auto runtime = open_runtime();
        Root &root = *made(runtime->root());
        ASSERT_TRUE(root.registry().transition(package_.digest, Trigger::release, "test"));
        ASSERT_TRUE(root.verify(row_of(package_), {}));
        EXPECT_TRUE(strikes().empty()) << "a fresh start";
        EXPECT_EQ(ask(), SKL_OK);
    }
}

TEST_F(CrashGuardTest, forgets_a_death_that_nobody_explained_once_an_answer_was_computed) {
    for (int i = 0; i < 3; ++i) {
        die(Spot::compute);
        EXPECT_EQ(ask(), SKL_OK);
        EXPECT_TRUE(strikes().empty());
    }
    EXPECT_EQ(row_of(package_).state, State::verified);
}

TEST_F(CrashGuardTest, remembers_that_the_engine_itself_ended_a_process) {
    die(Spot::compute, End::engine_aborts);
    EXPECT_EQ(ask(), SKL_OK);
    ASSERT_EQ(strikes().size(), 1u);
    EXPECT_EQ(strikes()[0].message, "GGML_ASSERT(n > 0) failed");
    die(Spot::compute, End::engine_aborts);
    EXPECT_EQ(ask(), SKL_E_QUARANTINED);
    EXPECT_NE(row_of(package_).state_reason.find("GGML_ASSERT(n > 0) failed"), std::string::npos);
}

TEST_F(CrashGuardTest, lets_whoever_looks_first_find_the_dead_and_quarantine_for_all) {
    die(Spot::load);
    EXPECT_EQ(ask("org.c.d"), SKL_OK);
    die(Spot::load);
    EXPECT_EQ(ask("org.c.d"), SKL_OK);
    EXPECT_EQ(row_of(package_).state, State::quarantined);
}

TEST_F(CrashGuardTest, stops_a_handle_that_was_opened_before) {
    const auto runtime = open_runtime();
    const auto skill = made(runtime->open_skill("org.a.b", {}));
    die(Spot::load);
    ASSERT_EQ(ask("org.c.d"), SKL_OK);
    die(Spot::load);
    const auto refused = skill->invoke(input, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, SKL_E_QUARANTINED);
}

TEST_F(CrashGuardTest, refuses_the_package_by_itself_where_the_registry_cannot_be_changed) {
    {
        auto database = made(Database::open(root_path() + "/skillet.db"));
        ASSERT_TRUE(made(database.prepare("CREATE TRIGGER stuck BEFORE UPDATE ON package "
                                          "BEGIN SELECT RAISE(ABORT, 'stuck'); END"))
                        .run());
    }
    for (int i = 0; i < 2; ++i) {
        die(Spot::load);
        EXPECT_EQ(ask("org.c.d"), SKL_OK);
    }
    for (int i = 0; i < 2; ++i) {
        const auto refused = answer();
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, SKL_E_QUARANTINED);
        EXPECT_EQ(refused.error().subject, "org.a.b@1.0.0");
        EXPECT_NE(refused.error().message.find("2 processes ended"), std::string::npos);
        EXPECT_NE(refused.error().hint.find(package_.digest.hex()), std::string::npos);
    }
    EXPECT_EQ(row_of(package_).state, State::verified);
    // What the hint says.
    std::filesystem::remove(open_runtime()->crash_guard().book().path_of(package_.digest));
    EXPECT_EQ(ask(), SKL_OK);
}

TEST_F(CrashGuardTest, keeps_the_strikes_of_a_read_only_root_in_a_place_of_its_own) {
    namespace fs = std::filesystem;
    fs::permissions(folder_.path(), fs::perms(0755));
    fs::create_directory(folder_ / "state");
    fs::permissions(folder_ / "state", fs::perms(0777));
    testing::make_read_only(root_path());
    ::setenv("XDG_STATE_HOME", (folder_ / "state").c_str(), 1);
    ::setenv("XDG_CONFIG_HOME", folder_.path().c_str(), 1);  // root's is not for nobody
    {
        const testing::AsNobody nobody;
        EXPECT_EQ(ask(), SKL_OK);
        for (int i = 0; i < 2; ++i) {
            die(Spot::load);
            EXPECT_EQ(ask("org.c.d"), SKL_OK);
        }
        EXPECT_EQ(ask(), SKL_E_QUARANTINED);
        EXPECT_EQ(row_of(package_).state, State::verified) << "nothing was changed";
        EXPECT_EQ(strikes().size(), strikes_max);
    }
    ::unsetenv("XDG_STATE_HOME");
    ::unsetenv("XDG_CONFIG_HOME");
    EXPECT_FALSE(fs::exists(root_path() + "/run"));
}

TEST_F(CrashGuardTest, does_without_a_state_directory_and_says_so_once) {
    testing::write_file(folder_ / "file", "");
    ::setenv("SKILLET_STATE", (folder_ / "file/state").c_str(), 1);
    {
        const auto runtime = open_runtime();
        for (const char *id : {"org.a.b", "org.c.d"}) {
            const auto skill = made(runtime->open_skill(id, {}));
            EXPECT_TRUE(skill->invoke(input, {}));
        }
    }
    ::unsetenv("SKILLET_STATE");
    EXPECT_EQ(std::count(events_.begin(), events_.end(), "state.unusable"), 1);
}

TEST_F(CrashGuardTest, takes_damaged_files_for_what_they_are_and_removes_them) {
    const std::string state = root_path() + "/run";
    std::filesystem::create_directories(state + "/engine");
    testing::write_file(state + "/engine/strange", "what is this?");
    std::filesystem::create_directories(state + "/strikes");
    testing::write_file(state + "/strikes/" + package_.digest.hex() + ".json", "{");
    EXPECT_EQ(ask(), SKL_OK);
    EXPECT_TRUE(heard("marker.damaged"));
    EXPECT_TRUE(heard("strikes.damaged"));
    EXPECT_FALSE(std::filesystem::exists(state + "/engine/strange"));
}

TEST_F(CrashGuardTest, leaves_no_marker_behind_when_a_runtime_closes) {
    EXPECT_EQ(ask(), SKL_OK);
    EXPECT_TRUE(made(posix_file_system()->list(root_path() + "/run/engine")).empty());
}

TEST_F(CrashGuardTest, is_not_asked_about_files_that_are_run) {
    const std::string archive = pack("2.0.0", "org.e.f");
    for (int i = 0; i < 3; ++i) {
        die(Spot::load, End::engine_aborts, archive);
        EXPECT_EQ(ask(archive), SKL_OK);
    }
}

TEST_F(CrashGuardTest, tells_the_doctor) {
    const auto finding = [this] {
        const auto runtime = open_runtime();
        const auto findings = diagnose(*runtime);
        return *std::find_if(findings.begin(), findings.end(), [](const Finding &found) {
            return std::string(found.check) == "crashes";
        });
    };
    EXPECT_EQ(finding().health, Health::good);
    die(Spot::load);
    EXPECT_EQ(ask("org.c.d"), SKL_OK);
    EXPECT_EQ(finding().health, Health::warning);
    EXPECT_NE(finding().text.find("org.a.b@1.0.0"), std::string::npos) << finding().text;
}

}  // namespace
}  // namespace skillet
