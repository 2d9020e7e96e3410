// SPDX-License-Identifier: Apache-2.0
// Another process holds the database, or the root, and does not let go: every change fails after
// its wait, saying so, leaves everything as it was, and succeeds once the other is done.
#include <functional>

#include "assembly/root_lock.h"
#include "testing/recorded_database.h"
#include "testing/root_fixture.h"

namespace skillet {
namespace {

using testing::made;

struct Change {
    const char *name;
    State from;  // of version 1.0.0
    std::function<Result<void>(Root &, const PackageRow &)> make;
};

Change step(State from, Trigger trigger) {
    return {name_of(trigger), from, [trigger](Root &root, const PackageRow &row) -> Result<void> {
                SKL_TRY(root.change_state(row, trigger, "a test"));
                return {};
            }};
}

class RootBusy : public testing::RootFixture {
protected:
    // Every change that somebody may ask for.
    std::vector<Change> changes() {
        const std::string another = pack("3.0.0");
        return {
            step(State::verified, Trigger::suspend),
            step(State::suspended, Trigger::resume),
            step(State::verified, Trigger::retire),
            step(State::retired, Trigger::reinstate),
            step(State::verified, Trigger::quarantine),
            step(State::quarantined, Trigger::release),
            {"install", State::verified,
             [another](Root &root, const PackageRow &) -> Result<void> {
                 SKL_TRY(root.install(another, {}));
                 return {};
             }},
            {"verify", State::installed,
             [](Root &root, const PackageRow &row) { return root.verify(row, {}); }},
            {"remove", State::verified,
             [](Root &root, const PackageRow &row) { return root.remove(row, "a test"); }},
            {"serve", State::verified,
             [](Root &root, const PackageRow &row) { return root.serve(row, "a test"); }},
            {"save", State::verified,
             [](Root &root, const PackageRow &) { return root.save_known_good("good", "a test"); }},
            {"collect", State::retired, [](Root &root, const PackageRow &) -> Result<void> {
                 SKL_TRY(root.collect({std::chrono::seconds(0), false, true}, {}));
                 return {};
             }}};
    }
    void bring_into(State state, const PackageRow &row) {
        for (const Trigger away : {Trigger::suspend, Trigger::retire, Trigger::quarantine}) {
            const bool leads_there = made(edge_for(State::verified, away)).to == state;
            if (!leads_there) continue;
            ASSERT_TRUE(root_->change_state(row, away, "a test"));
        }
        if (state != State::installed) return;
        ASSERT_TRUE(root_->change_state(row, Trigger::suspend, "a test"));
        ASSERT_TRUE(root_->change_state(row, Trigger::resume, "a test"));
    }
};

TEST_F(RootBusy, fails_while_another_process_writes_and_works_when_it_is_done) {
    for (const Change &change : changes()) {
        SCOPED_TRACE(change.name);
        root_.reset();
        std::filesystem::remove_all(path());
        testing::RecordedDisk disk;
        const testing::RecordedDatabases databases(disk);
        root_ = open();
        const PackageRow installed = install(pack("1.0.0"));
        install(pack("2.0.0"));
        bring_into(change.from, installed);
        const PackageRow row = made(root_->get(installed.digest));
        const int64_t before = made(root_->registry().generation());

        Database other = made(Database::open(path() + "/skillet.db"));
        Result<void> done;
        ASSERT_TRUE(other.transact([&]() -> Result<void> {
            done = change.make(*root_, row);
            return {};
        }));
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().code, SKL_E_IO);
        EXPECT_EQ(code_info(done.error().code).retry, SKL_RETRY_LATER);
        EXPECT_NE(done.error().message.find("another process holds the database"),
                  std::string::npos)
            << done.error().message;
        EXPECT_NE(done.error().hint.find("try again"), std::string::npos);
        EXPECT_EQ(made(root_->registry().generation()), before);
        EXPECT_EQ(state_of(row), change.from);
        testing::expect_consistent(*root_);

        const Result<void> again = change.make(*root_, row);
        EXPECT_TRUE(again) << again.error().message;
        testing::expect_consistent(*root_);
        root_.reset();
    }
}

TEST_F(RootBusy, waits_for_who_holds_the_root_no_longer_than_it_may) {
    const PackageRow row = install(pack("1.0.0"));
    const auto held = made(RootLock::take(path(), {}));
    const auto flag = std::make_shared<CancelFlag>();
    flag->cancel();
    const auto changed = root_->change_state(row, Trigger::suspend, "a test", {flag, {}});
    ASSERT_FALSE(changed);
    EXPECT_EQ(changed.error().code, SKL_E_CANCELLED);
    EXPECT_EQ(state_of(row), State::verified);
}

}  // namespace
}  // namespace skillet
