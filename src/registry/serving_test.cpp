// SPDX-License-Identifier: Apache-2.0
#include "registry/serving.h"

#include <gtest/gtest.h>

#include "testing/registered.h"
#include "testing/temp_dir.h"

namespace skillet {
namespace {

using testing::add_verified;
using testing::made;
using testing::package_row;
using testing::serving_version;

constexpr const char *id = "org.example.mail";

class ServingTest : public ::testing::Test {
protected:
    Digest add(std::string_view version, const Relations &relations = {}) {
        return add_verified(registry_, package_row(id, version), relations);
    }
    void serve(const Digest &digest) {
        const auto served = registry_.serve(digest, "the newer one is worse");
        EXPECT_TRUE(served) << served.error().message;
    }
    std::string serving() { return serving_version(registry_, id); }
    static Relations replacing(std::string_view range) {
        Relations relations;
        relations.replaces = Relation{id, made(SemverRange::parse(range)), {}};
        return relations;
    }

    Registry registry_ = testing::registry_in_memory();
};

TEST_F(ServingTest, goes_back_and_stays_there) {
    const Digest old = add("1.0.0");
    const Digest newer = add("2.0.0");
    serve(old);
    EXPECT_EQ(serving(), "1.0.0");
    // Whatever happens to the version that was passed over.
    ASSERT_TRUE(registry_.transition(newer, Trigger::suspend, ""));
    ASSERT_TRUE(registry_.transition(newer, Trigger::resume, ""));
    ASSERT_TRUE(registry_.transition(newer, Trigger::verify, ""));
    EXPECT_EQ(serving(), "1.0.0");
    EXPECT_TRUE(made(registry_.find(newer))->held_back);
    EXPECT_FALSE(made(registry_.find(old))->held_back);
}

TEST_F(ServingTest, moves_on_with_the_next_version_that_is_installed) {
    const Digest old = add("1.0.0");
    add("2.0.0");
    serve(old);
    add("2.0.1");
    EXPECT_EQ(serving(), "2.0.1");
}

TEST_F(ServingTest, goes_forward_again_when_asked_to) {
    const Digest old = add("1.0.0");
    const Digest newer = add("2.0.0");
    serve(old);
    serve(newer);
    EXPECT_EQ(serving(), "2.0.0");
    EXPECT_FALSE(made(registry_.find(newer))->held_back);
}

TEST_F(ServingTest, does_not_fall_back_on_what_was_held_back) {
    const Digest old = add("1.0.0");
    add("2.0.0");
    serve(old);
    ASSERT_TRUE(registry_.transition(old, Trigger::quarantine, ""));
    EXPECT_EQ(serving(), "");
}

TEST_F(ServingTest, tells_versions_apart_that_differ_in_build_metadata_only) {
    const Digest first = add("1.0.0+a");
    const Digest second = add("1.0.0+b");
    EXPECT_EQ(serving(), "1.0.0+a");
    serve(second);
    EXPECT_EQ(serving(), "1.0.0+b");
    serve(first);
    EXPECT_EQ(serving(), "1.0.0+a");
}

TEST_F(ServingTest, serves_verified_packages_only) {
    const Digest old = add("1.0.0");
    add("2.0.0");
    ASSERT_TRUE(registry_.transition(old, Trigger::suspend, ""));
    const auto served = registry_.serve(old, "");
    ASSERT_FALSE(served);
    EXPECT_EQ(served.error().code, SKL_E_ILLEGAL_TRANSITION);
    EXPECT_EQ(serving(), "2.0.0");
    EXPECT_EQ(registry_.serve(sha256("nothing"), "").error().code, SKL_E_NOT_FOUND);
}

TEST_F(ServingTest, is_changed_by_a_rollback_that_the_ledger_knows) {
    const Digest old = add("1.0.0");
    add("2.0.0");
    serve(old);
    const auto rows = made(registry_.history(id));
    EXPECT_EQ(rows.back().trigger, "rollback");
    EXPECT_EQ(rows.back().from, "verified");
    EXPECT_EQ(rows.back().to, "verified");
    EXPECT_EQ(rows.back().digest, old);
    EXPECT_EQ(rows.back().reason, "the newer one is worse");
    EXPECT_TRUE(registry_.verify_ledger());
}

TEST_F(ServingTest, is_not_changed_by_a_bare_transition) {
    const Digest old = add("1.0.0");
    add("2.0.0");
    const auto moved = registry_.transition(old, Trigger::rollback, "");
    ASSERT_FALSE(moved);
    EXPECT_EQ(moved.error().code, SKL_E_INVALID_ARGUMENT);
}

TEST_F(ServingTest, has_the_next_lower_verified_version_as_its_predecessor) {
    add("1.0.0");
    const Digest between = add("1.5.0");
    add("2.0.0");
    EXPECT_EQ(made(registry_.predecessor(id)).version, "1.5.0");
    ASSERT_TRUE(registry_.transition(between, Trigger::suspend, ""));
    EXPECT_EQ(made(registry_.predecessor(id)).version, "1.0.0");
}

TEST_F(ServingTest, prefers_the_predecessor_that_the_package_itself_names) {
    add("1.0.0");
    add("1.5.0");
    add("2.0.0", replacing("=1.0.0"));
    EXPECT_EQ(made(registry_.predecessor(id)).version, "1.0.0");
    add("3.0.0", replacing("=0.9.0"));
    EXPECT_EQ(made(registry_.predecessor(id)).version, "2.0.0") << "what it names is not here";
}

TEST_F(ServingTest, has_no_predecessor_where_there_is_none) {
    EXPECT_EQ(registry_.predecessor(id).error().code, SKL_E_NOT_FOUND);
    add("1.0.0");
    const auto none = registry_.predecessor(id);
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, SKL_E_NOT_FOUND);
    EXPECT_FALSE(none.error().hint.empty());
}

TEST(Serving, is_mended_where_the_table_does_not_say_what_the_states_say) {
    const testing::TempDir folder;
    const std::string path = folder / "skillet.db";
    Registry registry(made(Database::open(path)), utc_now, "test:alice");
    const Digest old = add_verified(registry, package_row(id, "1.0.0"));
    add_verified(registry, package_row(id, "2.0.0"));
    add_verified(registry, package_row("org.example.other", "1.0.0"));
    EXPECT_TRUE(made(registry.served_wrongly()).empty());

    const Database raw = made(Database::open(path));
    auto tamper = made(raw.prepare("UPDATE serving SET package = ? WHERE id = ?"));
    ASSERT_TRUE(tamper.bind(0, old.to_string()).bind(1, id).run());
    EXPECT_EQ(made(registry.served_wrongly()), std::vector<std::string>{id});
    ASSERT_TRUE(registry.mend_serving());
    EXPECT_TRUE(made(registry.served_wrongly()).empty());
    EXPECT_EQ(serving_version(registry, id), "2.0.0");
}

}  // namespace
}  // namespace skillet
