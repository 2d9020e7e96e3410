// SPDX-License-Identifier: Apache-2.0
// What others read of a runtime that lives, and that nothing they may find there misleads them.
#include "resident/board.h"

#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "resident/resident_set.h"
#include "testing/scripted_skills.h"
#include "testing/temp_dir.h"

namespace skillet {
namespace {

constexpr const char *started = "2026-01-31T12:00:00.000Z";

std::unique_ptr<Board> board_in(const std::string &directory) {
    auto board = Board::create(directory, started);
    EXPECT_TRUE(board) << board.error().message;
    return *std::move(board);
}

size_t files_in(const std::string &directory) {
    return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(directory), {}));
}

TEST(Board, shows_others_what_the_set_itself_reports) {
    const testing::TempDir directory;
    testing::ScriptedSkills skills;
    skills.script().parks = true;
    const MemoryPlan plan{.weights = 20, .skeleton = 4, .context = 6};
    ResidentSet set({.budget_bytes = 100, .rule = EvictionRule::cost_aware});
    set.publish_on(board_in(directory.path()));
    for (const char *name : {"org.a", "org.b", "org.c", "org.d", "org.a"}) {
        ASSERT_TRUE(set.lease(skills.request(name, plan), {}));
    }
    auto held = set.lease(skills.request("org.a", plan), {});
    ASSERT_TRUE(held);

    const auto boards = read_boards(directory.path());
    ASSERT_TRUE(boards);
    ASSERT_EQ(boards->size(), 1u);
    const BoardReading &board = boards->front();
    EXPECT_EQ(board.pid, static_cast<uint32_t>(::getpid()));
    EXPECT_EQ(board.started_at, started);
    const ResidencyReport own = set.report();
    EXPECT_EQ(board.report.budget_bytes, own.budget_bytes);
    EXPECT_EQ(board.report.reserved_bytes, own.reserved_bytes);
    EXPECT_EQ(board.report.parked_bytes, own.parked_bytes);
    EXPECT_EQ(board.report.rule, own.rule);
    EXPECT_EQ(board.report.counters.loads, own.counters.loads);
    EXPECT_EQ(board.report.counters.hits, own.counters.hits);
    EXPECT_EQ(board.report.counters.parkings, own.counters.parkings);
    ASSERT_EQ(board.report.modules.size(), own.modules.size());
    for (size_t i = 0; i < own.modules.size(); ++i) {
        const ResidentStatus &read = board.report.modules[i];
        const ResidentStatus &status = own.modules[i];
        EXPECT_EQ(read.key, status.key);
        EXPECT_EQ(read.id, status.id);
        EXPECT_EQ(read.residency, status.residency) << status.id;
        EXPECT_EQ(read.leases, status.leases) << status.id;
        EXPECT_EQ(read.uses, status.uses);
        EXPECT_EQ(read.rank, status.rank) << status.id;
        EXPECT_EQ(read.reserved_bytes, status.reserved_bytes);
        EXPECT_EQ(read.predicted_bytes, status.predicted_bytes);
        EXPECT_EQ(read.measured_bytes, status.measured_bytes);
    }
}

TEST(Board, goes_with_its_runtime) {
    const testing::TempDir directory;
    board_in(directory.path()).reset();
    EXPECT_EQ(files_in(directory.path()), 0u);
    EXPECT_TRUE(read_boards(directory.path())->empty());
    EXPECT_TRUE(read_boards(directory / "nowhere")->empty());
}

TEST(Board, of_a_dead_process_is_removed_by_who_looks) {
    const testing::TempDir directory;
    const auto living = board_in(directory.path());
    std::ofstream(directory / "dead") << "nobody has this file locked";
    EXPECT_EQ(read_boards(directory.path())->size(), 1u);
    EXPECT_EQ(files_in(directory.path()), 1u);
}

TEST(Board, reads_any_bytes_without_being_misled) {
    const testing::TempDir directory;
    const auto board = board_in(directory.path());
    std::string bytes;
    {
        std::ifstream file(std::filesystem::directory_iterator(directory.path())->path());
        bytes.assign(std::istreambuf_iterator<char>(file), {});
    }
    EXPECT_TRUE(read_board("whole", bytes));
    EXPECT_FALSE(read_board("short", bytes.substr(1)));
    EXPECT_FALSE(read_board("none", ""));
    std::mt19937 random(7);
    for (int i = 0; i < 200; ++i) {
        std::string other = bytes;
        for (size_t at = sizeof board_magic; at < 4096; ++at) {
            other[at] = static_cast<char>(random());
        }
        const auto reading = read_board("random", other);
        ASSERT_TRUE(reading);
        EXPECT_LE(reading->report.modules.size(), board_rows);
        for (const ResidentStatus &status : reading->report.modules) {
            EXPECT_LE(status.uses, static_cast<uint64_t>(INT64_MAX));
            EXPECT_LE(status.worth.cost.bytes, static_cast<uint64_t>(INT64_MAX));
            for (const char c : status.id) EXPECT_TRUE(c >= ' ' && c <= '~');
        }
    }
}

TEST(Board, lists_as_many_modules_as_it_has_rows_and_counts_the_others) {
    const testing::TempDir directory;
    const auto board = board_in(directory.path());
    ResidencyReport report;
    report.modules.resize(board_rows + 5);
    board->write(report);
    board->note_use(board_rows + 2, Board::Use());
    const auto boards = read_boards(directory.path());
    ASSERT_EQ(boards->size(), 1u);
    EXPECT_EQ(boards->front().report.modules.size(), board_rows);
    EXPECT_EQ(boards->front().unlisted, 5u);
}

TEST(Board, is_never_read_half_written) {
    const testing::TempDir directory;
    const auto board = board_in(directory.path());
    std::atomic<uint64_t> reads = 0;
    std::atomic<bool> over = false;
    // One change for each reading, so that a reading meets one, but not one after the other: of a
    // writer that never rests nobody could read anything whole.
    std::thread writer([&] {
        ResidencyReport report;
        for (uint64_t i = 0; !over; ++i) {
            report.budget_bytes = i;
            report.modules.resize(i % 20);
            for (ResidentStatus &status : report.modules) status.uses = i;
            board->write(report);
            while (reads <= i && !over) std::this_thread::yield();
        }
    });
    for (int i = 0; i < 200; ++i, ++reads) {
        const auto boards = read_boards(directory.path());
        EXPECT_EQ(boards->size(), 1u);
        for (const BoardReading &reading : *boards) {
            for (const ResidentStatus &status : reading.report.modules) {
                EXPECT_EQ(status.uses, reading.report.budget_bytes);
            }
        }
    }
    over = true;
    writer.join();
}

}  // namespace
}  // namespace skillet
