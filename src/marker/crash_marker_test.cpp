// SPDX-License-Identifier: Apache-2.0
// A process notes what the engine is at, dies, and others read it.
#include "marker/crash_marker.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <functional>
#include <thread>

#include <gtest/gtest.h>

#include "marker/deaths.h"
#include "testing/dying_process.h"
#include "testing/made.h"
#include "testing/skill_builder.h"
#include "testing/temp_dir.h"

namespace skillet {
namespace {

using testing::made;
using Mark = CrashMarker::Mark;

constexpr const char *now = "2026-11-23T12:00:00.000Z";

void in_a_process_that_dies(const std::function<void()> &body) {
    ASSERT_GT(testing::signal_that_ends(body), 0);
}

class CrashMarkerTest : public ::testing::Test {
protected:
    [[nodiscard]] std::unique_ptr<CrashMarker> create() const {
        return made(CrashMarker::create(folder_.path(), now));
    }
    [[nodiscard]] std::vector<Death> deaths() const {
        std::vector<Death> found;
        const auto take = [&](const Result<Death> &death) -> Result<void> {
            if (death) found.push_back(*death);
            return {};
        };
        EXPECT_TRUE(collect_deaths(folder_.path(), take));
        return found;
    }
    [[nodiscard]] size_t files() const {
        return made(posix_file_system()->list(folder_.path())).size();
    }

    testing::TempDir folder_;
    const Digest a_ = sha256("a"), b_ = sha256("b");
};

TEST_F(CrashMarkerTest, tells_which_package_the_engine_was_at_and_doing_what) {
    in_a_process_that_dies([&] {
        const auto marker = create();
        { const Mark over(*marker, b_, Spot::load); }
        const Mark mark(*marker, a_, Spot::compute);
        ::raise(SIGKILL);
    });
    const auto found = deaths();
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].started_at, now);
    EXPECT_TRUE(found[0].this_boot);
    ASSERT_EQ(found[0].suspects.size(), 1u);
    EXPECT_EQ(found[0].suspects[0].package, a_);
    EXPECT_EQ(found[0].suspects[0].spot, Spot::compute);
    EXPECT_EQ(found[0].suspects[0].message, "");
    EXPECT_EQ(files(), 0u) << "counted once";
}

TEST_F(CrashMarkerTest, keeps_what_the_engine_said_when_it_ended_the_process) {
    in_a_process_that_dies([&] {
        const auto marker = create();
        std::thread other([&] {
            const Mark mark(*marker, b_, Spot::compute);
            ::pause();
        });
        const Mark mark(*marker, a_, Spot::load);
        CrashMarker::note_abort(("tab\t and " + std::string(1000, 'x')).c_str());
        ::abort();
    });
    const auto found = deaths();
    ASSERT_EQ(found.size(), 1u);
    for (const Suspect &suspect : found[0].suspects) {
        EXPECT_EQ(suspect.message.substr(0, 12), suspect.package == a_ ? "tab? and xxx" : "");
        EXPECT_LT(suspect.message.size(), 256u);
    }
}

TEST_F(CrashMarkerTest, leaves_nothing_when_its_process_ends_well) {
    {
        const auto marker = create();
        EXPECT_EQ(files(), 1u);
    }
    EXPECT_EQ(files(), 0u);
}

TEST_F(CrashMarkerTest, of_a_process_that_died_outside_the_engine_blames_nobody) {
    in_a_process_that_dies([&] {
        const auto marker = create();
        { const Mark over(*marker, a_, Spot::load); }
        CrashMarker::note_abort("somebody else");
        ::raise(SIGKILL);
    });
    const auto found = deaths();
    ASSERT_EQ(found.size(), 1u);
    EXPECT_TRUE(found[0].suspects.empty());
    EXPECT_EQ(files(), 0u);
}

TEST_F(CrashMarkerTest, of_a_living_process_is_left_alone_also_by_itself) {
    const auto first = create();
    const auto second = create();  // another runtime of this process
    const Mark mark(*first, a_, Spot::load);
    EXPECT_TRUE(deaths().empty());
    EXPECT_EQ(files(), 2u);
}

TEST_F(CrashMarkerTest, is_left_for_the_next_one_when_it_could_not_be_taken) {
    in_a_process_that_dies([&] {
        const auto marker = create();
        const Mark mark(*marker, a_, Spot::load);
        ::raise(SIGKILL);
    });
    const auto refuse = [](const Result<Death> &) -> Result<void> {
        return make_error(SKL_E_IO, "no room");
    };
    EXPECT_FALSE(collect_deaths(folder_.path(), refuse));
    EXPECT_EQ(deaths().size(), 1u);
}

TEST_F(CrashMarkerTest, is_taken_by_one_of_many_who_look_at_once) {
    constexpr int dead = 20;
    for (int i = 0; i < dead; ++i) {
        in_a_process_that_dies([&] {
            const auto marker = create();
            const Mark mark(*marker, a_, Spot::load);
            ::raise(SIGKILL);
        });
    }
    std::atomic<int> taken = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            const auto take = [&](const Result<Death> &) -> Result<void> {
                ++taken;
                return {};
            };
            EXPECT_TRUE(collect_deaths(folder_.path(), take));
        });
    }
    for (std::thread &thread : threads) thread.join();
    EXPECT_EQ(taken, dead);
}

TEST_F(CrashMarkerTest, notes_as_many_calls_as_it_has_slots_and_survives_more) {
    in_a_process_that_dies([&] {
        const auto marker = create();
        std::vector<std::unique_ptr<Mark>> marks;
        for (uint32_t i = 0; i < marker_slots + 3; ++i) {
            marks.push_back(std::make_unique<Mark>(*marker, i == 0 ? b_ : a_, Spot::compute));
        }
        ::raise(SIGKILL);
    });
    EXPECT_EQ(deaths()[0].suspects.size(), marker_slots);
}

TEST_F(CrashMarkerTest, of_a_process_that_died_while_making_it_is_removed) {
    testing::write_file(folder_ / "empty", "");
    testing::write_file(folder_ / "reserved", std::string(sizeof(MarkerImage), '\0'));
    EXPECT_TRUE(deaths().empty());
    EXPECT_EQ(files(), 0u);
}

TEST_F(CrashMarkerTest, refuses_every_file_that_is_none) {
    std::string whole;
    {
        const auto marker = create();
        const Mark mark(*marker, a_, Spot::load);
        whole = made(read_all(made(FileSlice::open(marker->path())), 1u << 20));
    }
    ASSERT_TRUE(read_death("name", whole));
    const auto with = [&](size_t offset, char byte) {
        std::string changed = whole;
        changed[offset] = byte;
        return changed;
    };
    const size_t slot = whole.find(std::string(a_.bytes().begin(), a_.bytes().end())) -
                        offsetof(MarkerSlot, package);
    for (const std::string &bytes : {std::string(), whole + '\0', whole.substr(1), with(0, 'S'),
                                     with(15, '2'), with(offsetof(MarkerHeader, started_at), '\n'),
                                     with(slot + offsetof(MarkerSlot, spot), 3),
                                     with(slot + offsetof(MarkerSlot, message_bytes), '\xff')}) {
        const auto death = read_death("name", bytes);
        ASSERT_FALSE(death);
        EXPECT_EQ(death.error().code, SKL_E_STORE_CORRUPT);
        EXPECT_EQ(death.error().subject, "name");
    }
}

TEST_F(CrashMarkerTest, survives_any_bytes) {
    std::string bytes;
    {
        const auto marker = create();
        bytes = made(read_all(made(FileSlice::open(marker->path())), 1u << 20));
    }
    uint32_t seed = 1;
    for (int i = 0; i < 20'000; ++i) {
        seed = seed * 1'664'525u + 1'013'904'223u;
        bytes[(seed >> 8) % bytes.size()] = static_cast<char>(seed >> 24);
        const auto death = read_death("name", bytes);
        if (!death) bytes.replace(0, sizeof marker_magic, marker_magic, sizeof marker_magic);
    }
}

TEST_F(CrashMarkerTest, leaves_links_and_folders_in_its_directory_alone) {
    std::filesystem::create_directory(folder_ / "folder");
    std::filesystem::create_symlink("/dev/null", folder_ / "link");
    ASSERT_EQ(::mkfifo((folder_ / "fifo").c_str(), 0600), 0);
    EXPECT_TRUE(deaths().empty());
    EXPECT_EQ(files(), 3u);
}

TEST_F(CrashMarkerTest, needs_a_directory_that_can_be_written) {
    EXPECT_FALSE(CrashMarker::create(folder_ / "none", now));
    EXPECT_TRUE(collect_deaths(folder_ / "none", nullptr)) << "nobody died there";
}

TEST_F(CrashMarkerTest, of_a_parent_survives_a_child_that_ends) {
    const auto marker = create();
    const Mark mark(*marker, a_, Spot::load);
    ASSERT_EQ(testing::signal_that_ends([] {}), 0);
    EXPECT_TRUE(deaths().empty());
    EXPECT_EQ(files(), 1u);
}

}  // namespace
}  // namespace skillet
