// SPDX-License-Identifier: Apache-2.0
#include "registry/known_good.h"

#include <gtest/gtest.h>

#include "testing/registered.h"

namespace skillet {
namespace {

using testing::add_verified;
using testing::made;
using testing::package_row;
using testing::serving_version;

constexpr const char *mail = "org.example.mail";
constexpr const char *dates = "org.example.dates";

class KnownGoodTest : public ::testing::Test {
protected:
    KnownGoodTest() {
        add(mail, "1.0.0");
        add(dates, "1.0.0");
        EXPECT_TRUE(registry_.save_known_good("monday", "everything worked"));
    }
    Digest add(std::string_view id, std::string_view version) {
        return add_verified(registry_, package_row(id, version));
    }
    std::string serving(std::string_view id) { return serving_version(registry_, id); }

    Registry registry_ = testing::registry_in_memory();
};

TEST_F(KnownGoodTest, brings_back_exactly_what_served) {
    add(mail, "2.0.0");
    add(dates, "1.1.0");
    add("org.example.later", "1.0.0");
    ASSERT_TRUE(registry_.restore_known_good("monday", "tuesday is worse"));
    EXPECT_EQ(serving(mail), "1.0.0");
    EXPECT_EQ(serving(dates), "1.0.0");
    EXPECT_EQ(serving("org.example.later"), "1.0.0") << "was no part of it";
    EXPECT_TRUE(registry_.verify_ledger());
}

TEST_F(KnownGoodTest, changes_nothing_if_one_member_cannot_serve) {
    add(mail, "2.0.0");
    const Digest newer = add(dates, "1.1.0");
    const Digest lost = package_row(mail, "1.0.0").digest;
    ASSERT_TRUE(registry_.transition(lost, Trigger::quarantine, "broken"));
    const auto restored = registry_.restore_known_good("monday", "");
    ASSERT_FALSE(restored);
    EXPECT_EQ(restored.error().code, SKL_E_ILLEGAL_TRANSITION);
    EXPECT_EQ(restored.error().subject, "org.example.mail@1.0.0");
    EXPECT_EQ(serving(mail), "2.0.0");
    EXPECT_EQ(made(registry_.current(dates)), newer);
}

TEST_F(KnownGoodTest, keeps_its_members_from_being_removed) {
    add(mail, "2.0.0");
    const Digest member = package_row(mail, "1.0.0").digest;
    const auto removed = registry_.retire_and_remove(member, "");
    ASSERT_FALSE(removed);
    EXPECT_EQ(removed.error().code, SKL_E_DEPENDENCY_UNSATISFIED);
    EXPECT_EQ(removed.error().subject, "monday");
    EXPECT_EQ(made(registry_.find(member))->state, State::verified) << "nor retired";
    ASSERT_TRUE(registry_.remove_known_good("monday"));
    EXPECT_TRUE(registry_.retire_and_remove(member, ""));
}

TEST_F(KnownGoodTest, is_listed_with_its_members_as_they_are_now) {
    add(mail, "2.0.0");
    const auto sets = made(registry_.known_good());
    ASSERT_EQ(sets.size(), 1U);
    EXPECT_EQ(sets[0].name, "monday");
    EXPECT_EQ(sets[0].reason, "everything worked");
    EXPECT_EQ(sets[0].saved_at, "2026-01-31T12:00:00.000Z");
    ASSERT_EQ(sets[0].members.size(), 2U);
    EXPECT_EQ(sets[0].members[0].id, dates);
    EXPECT_TRUE(sets[0].members[0].current);
    EXPECT_EQ(sets[0].members[1].id, mail);
    EXPECT_FALSE(sets[0].members[1].current);
}

TEST_F(KnownGoodTest, has_a_name_of_its_own) {
    EXPECT_EQ(registry_.save_known_good("monday", "").error().code, SKL_E_CONFLICT);
    EXPECT_TRUE(registry_.save_known_good("tuesday", ""));
    for (const std::string &name : {std::string(), std::string("Monday"), std::string("a b"),
                                    std::string("a/b"), std::string(65, 'a')}) {
        EXPECT_EQ(registry_.save_known_good(name, "").error().code, SKL_E_INVALID_ARGUMENT) << name;
    }
}

TEST_F(KnownGoodTest, that_is_not_there_is_named_with_those_that_are) {
    for (const auto &done :
         {registry_.restore_known_good("friday", ""), registry_.remove_known_good("friday")}) {
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().code, SKL_E_NOT_FOUND);
        EXPECT_NE(done.error().message.find("monday"), std::string::npos);
    }
}

TEST(KnownGood, is_not_saved_where_nothing_serves) {
    Registry registry = testing::registry_in_memory();
    EXPECT_EQ(registry.save_known_good("empty", "").error().code, SKL_E_NOT_FOUND);
    EXPECT_TRUE(made(registry.known_good()).empty());
}

}  // namespace
}  // namespace skillet
