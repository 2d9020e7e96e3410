// SPDX-License-Identifier: Apache-2.0
#include "marker/strikes.h"

#include <gtest/gtest.h>

#include "testing/made.h"
#include "testing/skill_builder.h"
#include "testing/temp_dir.h"

namespace skillet {
namespace {

using testing::made;

// Minutes after noon.
std::string at(int minute) {
    return "2026-11-23T12:" + std::string(minute < 10 ? "0" : "") + std::to_string(minute) +
           ":00.000Z";
}

Death death_of(const std::string &name, int started) { return {name, at(started), true, {}}; }

const Suspect unexplained{sha256("a"), Spot::load, ""};
const Suspect aborted{sha256("a"), Spot::compute, "it said why"};

TEST(Strikes, count_one_death_after_the_other) {
    Strikes strikes;
    EXPECT_TRUE(add_strike(strikes, death_of("first", 1), unexplained, at(2)));
    EXPECT_TRUE(add_strike(strikes, death_of("second", 3), unexplained, at(4)));
    EXPECT_EQ(strikes.size(), strikes_max);
}

TEST(Strikes, count_a_death_once_however_often_it_is_seen) {
    Strikes strikes;
    for (const Suspect &suspect : {unexplained, aborted, unexplained}) {
        add_strike(strikes, death_of("same", 1), suspect, at(2));
    }
    EXPECT_EQ(strikes.size(), 1u);
}

TEST(Strikes, count_processes_that_were_killed_at_once_as_one) {
    Strikes strikes;
    EXPECT_TRUE(add_strike(strikes, death_of("first", 1), unexplained, at(5)));
    EXPECT_FALSE(add_strike(strikes, death_of("second", 2), unexplained, at(5)));
    EXPECT_FALSE(add_strike(strikes, death_of("third", 4), unexplained, at(6)));
    EXPECT_TRUE(add_strike(strikes, death_of("fourth", 2), aborted, at(6))) << "nobody killed it";
}

TEST(Strikes, do_not_count_what_may_have_been_a_power_cut) {
    Strikes strikes;
    Death earlier = death_of("earlier boot", 1);
    earlier.this_boot = false;
    EXPECT_FALSE(add_strike(strikes, earlier, unexplained, at(2)));
    EXPECT_TRUE(add_strike(strikes, earlier, aborted, at(2)));
}

TEST(Strikes, are_forgotten_after_an_answer_unless_the_engine_said_why) {
    Strikes strikes;
    add_strike(strikes, death_of("first", 1), unexplained, at(2));
    EXPECT_TRUE(forget_uncertain(strikes));
    EXPECT_FALSE(forget_uncertain(strikes));
    add_strike(strikes, death_of("second", 3), aborted, at(4));
    EXPECT_FALSE(forget_uncertain(strikes));
    add_strike(strikes, death_of("third", 5), unexplained, at(6));
    EXPECT_EQ(strikes.size(), strikes_max) << "one of each kind is two";
}

TEST(Strikes, say_in_a_sentence_what_happened) {
    Strikes strikes;
    add_strike(strikes, death_of("first", 1), unexplained, at(2));
    EXPECT_EQ(sentence_of(strikes),
              "1 process ended while the engine was at this package; in load, found at " + at(2) +
                  ": a fault, or killed from outside");
    add_strike(strikes, death_of("second", 3), aborted, at(4));
    EXPECT_TRUE(sentence_of(strikes).starts_with("2 processes ended"));
    EXPECT_TRUE(sentence_of(strikes).ends_with("in compute, found at " + at(4) + ": it said why"));
}

class StrikeBookTest : public ::testing::Test {
protected:
    testing::TempDir folder_;
    std::unique_ptr<FileSystem> files_ = posix_file_system();
    StrikeBook book_{*files_, folder_ / "strikes"};
    const Digest a_ = sha256("a");
};

TEST_F(StrikeBookTest, keeps_the_strikes_of_each_package) {
    EXPECT_TRUE(made(book_.strikes_of(a_)).empty());
    EXPECT_TRUE(made(book_.packages()).empty());
    Strikes strikes;
    add_strike(strikes, death_of("first", 1), unexplained, at(2));
    add_strike(strikes, death_of("second", 3), aborted, at(4));
    ASSERT_TRUE(book_.write(a_, strikes));
    const Strikes found = made(book_.strikes_of(a_));
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(found[1].at, at(4));
    EXPECT_EQ(found[1].death, "second");
    EXPECT_EQ(found[1].spot, Spot::compute);
    EXPECT_EQ(found[1].message, "it said why");
    EXPECT_EQ(made(book_.packages()), std::vector{a_});
    EXPECT_TRUE(made(book_.strikes_of(sha256("b"))).empty());
    ASSERT_TRUE(book_.write(a_, {}));
    EXPECT_TRUE(made(book_.packages()).empty());
}

TEST_F(StrikeBookTest, refuses_a_document_with_anything_it_does_not_know) {
    Strikes strikes;
    add_strike(strikes, death_of("first", 1), unexplained, at(2));
    ASSERT_TRUE(book_.write(a_, strikes));
    const json::Value whole = made(json::parse(
        made(read_all(made(FileSlice::open(book_.path_of(a_))), 1u << 20)), SKL_E_INTERNAL, ""));
    const std::pair<const char *, json::Value> edits[] = {
        {"/schema", "skillet.strikes/2"},
        {"/package", sha256("b").to_string()},
        {"/strikes", json::Object{}},
        {"/strikes", json::Array(100, *json::resolve(whole, "/strikes/0"))},
        {"/strikes/0/spot", "elsewhere"},
        {"/strikes/0/at", 5},
        {"/strikes/0/more", true},
        {"/more", true}};
    for (const auto &[pointer, value] : edits) {
        SCOPED_TRACE(pointer);
        json::Value changed = whole;
        testing::set_member(changed, pointer, value);
        testing::write_file(book_.path_of(a_), json::pretty(changed));
        const auto refused = book_.strikes_of(a_);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, SKL_E_STORE_CORRUPT);
    }
    testing::write_file(book_.path_of(a_), "{");
    EXPECT_FALSE(book_.strikes_of(a_));
}

}  // namespace
}  // namespace skillet
