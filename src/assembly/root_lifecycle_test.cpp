// SPDX-License-Identifier: Apache-2.0
// What an operator may ask of a package in each state, and what guards it.
#include <array>
#include <map>

#include "testing/repack.h"
#include "testing/root_fixture.h"

namespace skillet {
namespace {

using testing::json_of;
using testing::made;

constexpr std::array requests = {Trigger::suspend,   Trigger::resume,     Trigger::retire,
                                 Trigger::reinstate, Trigger::quarantine, Trigger::release};

class RootLifecycle : public testing::RootFixture {
protected:
    Result<StateChange> change(const PackageRow &row, Trigger trigger,
                               const std::string &reason = "a test") {
        return root_->change_state(row, trigger, reason);
    }
    void take(const PackageRow &row, Trigger trigger) {
        const auto changed = change(row, trigger);
        ASSERT_TRUE(changed) << changed.error().message;
    }
    // An installed package of a new version, brought into the state by requests only.
    PackageRow package_in(State state, int version) {
        const PackageRow row = install(pack("1." + std::to_string(version) + ".0"));
        if (state == State::installed || state == State::suspended) take(row, Trigger::suspend);
        if (state == State::installed) take(row, Trigger::resume);
        if (state == State::retired) take(row, Trigger::retire);
        if (state == State::quarantined) take(row, Trigger::quarantine);
        EXPECT_EQ(state_of(row), state);
        return row;
    }
    std::string pack_needing(const std::string &id, const std::string &needed) {
        return testing::repack_skill(pack("1.0.0", id), folder_ / (id + ".skill"), "/depends",
                                     json_of(R"([{"id": ")" + needed + R"(", "range": "*"}])"));
    }
    PackageRow meant_by(const std::string &reference, Trigger trigger) {
        return made(root_->resolve_for(made(Reference::parse(reference)), trigger));
    }
};

TEST_F(RootLifecycle, allows_each_request_in_the_states_of_the_table_and_in_no_other) {
    const std::map<State, std::map<Trigger, State>> allowed = {
        {State::installed,
         {{Trigger::retire, State::retired}, {Trigger::quarantine, State::quarantined}}},
        {State::verified,
         {{Trigger::suspend, State::suspended},
          {Trigger::retire, State::retired},
          {Trigger::quarantine, State::quarantined}}},
        {State::suspended,
         {{Trigger::resume, State::installed},
          {Trigger::retire, State::retired},
          {Trigger::quarantine, State::quarantined}}},
        {State::retired,
         {{Trigger::reinstate, State::installed}, {Trigger::quarantine, State::quarantined}}},
        {State::quarantined, {{Trigger::release, State::installed}}},
    };
    int version = 0;
    for (const auto &[state, successors] : allowed) {
        for (const Trigger request : requests) {
            SCOPED_TRACE(std::string(name_of(state)) + ", " + name_of(request));
            const PackageRow row = package_in(state, version++);
            const int64_t before = *root_->registry().generation();
            const auto changed = change(row, request);
            const auto successor = successors.find(request);
            ASSERT_EQ(changed.has_value(), successor != successors.end());
            EXPECT_EQ(state_of(row), changed ? successor->second : state);
            EXPECT_EQ(*root_->registry().generation(), before + (changed ? 1 : 0));
            if (changed) {
                EXPECT_EQ(changed->edge.from, state);
                EXPECT_EQ(changed->edge.to, successor->second);
                continue;
            }
            EXPECT_EQ(changed.error().code, SKL_E_ILLEGAL_TRANSITION);
            EXPECT_EQ(changed.error().subject, reference_to(row));
            EXPECT_NE(changed.error().message.find(name_of(state)), std::string::npos);
        }
    }
    EXPECT_TRUE(root_->registry().verify_ledger());
}

TEST_F(RootLifecycle, records_who_and_why) {
    const PackageRow row = install(pack("1.0.0"));
    ASSERT_TRUE(change(row, Trigger::suspend, "too slow"));
    const LedgerRow last = made(root_->registry().history(row.id)).back();
    EXPECT_EQ(last.actor, "test");
    EXPECT_EQ(last.trigger, "suspend");
    EXPECT_EQ(last.reason, "too slow");
    EXPECT_EQ(made(root_->get(row.digest)).state_reason, "too slow");
}

TEST_F(RootLifecycle, quarantines_and_releases_for_a_reason_only) {
    const PackageRow row = install(pack("1.0.0"));
    for (const char *reason : {"", " \n"}) {
        EXPECT_EQ(change(row, Trigger::quarantine, reason).error().code, SKL_E_INVALID_ARGUMENT);
    }
    take(row, Trigger::quarantine);
    EXPECT_EQ(change(row, Trigger::release, "").error().code, SKL_E_INVALID_ARGUMENT);
    EXPECT_EQ(state_of(row), State::quarantined);
}

TEST_F(RootLifecycle, does_not_release_what_somebody_quarantined_by_installing_it_again) {
    const std::string archive = pack("1.0.0");
    const PackageRow row = install(archive);
    take(row, Trigger::quarantine);
    EXPECT_EQ(refusal(archive), SKL_E_QUARANTINED);
    EXPECT_EQ(state_of(row), State::quarantined);
}

TEST_F(RootLifecycle, retires_nothing_that_a_verified_package_needs) {
    const PackageRow needed = install(pack("1.0.0", "org.needed"));
    const PackageRow dependant = install(pack_needing("org.dependant", "org.needed"));
    const Error refused = change(needed, Trigger::retire).error();
    EXPECT_EQ(refused.code, SKL_E_DEPENDENCY_UNSATISFIED);
    EXPECT_EQ(refused.subject, "org.dependant@1.0.0");
    EXPECT_EQ(state_of(needed), State::verified);
    take(dependant, Trigger::suspend);
    take(needed, Trigger::retire);
}

TEST_F(RootLifecycle, retires_what_another_version_can_stand_in_for) {
    install(pack("2.0.0", "org.needed"));
    const PackageRow needed = install(pack("1.0.0", "org.needed"));
    install(pack_needing("org.dependant", "org.needed"));
    take(needed, Trigger::retire);
}

TEST_F(RootLifecycle, suspends_and_quarantines_what_others_need_and_names_them) {
    const PackageRow needed = install(pack("1.0.0", "org.needed"));
    const PackageRow dependant = install(pack_needing("org.dependant", "org.needed"));
    const std::vector<std::string> names = {"org.dependant@1.0.0"};
    EXPECT_EQ(made(change(needed, Trigger::suspend)).dependants, names);
    EXPECT_EQ(root_->check_needs(made(root_->read(dependant))).error().code,
              SKL_E_DEPENDENCY_UNSATISFIED);
    take(needed, Trigger::resume);
    ASSERT_TRUE(root_->verify(made(root_->get(needed.digest)), {}));
    EXPECT_TRUE(root_->check_needs(made(root_->read(dependant))));
    EXPECT_EQ(made(change(needed, Trigger::quarantine)).dependants, names);
}

TEST_F(RootLifecycle, retires_no_member_of_a_known_good_set) {
    const PackageRow row = install(pack("1.0.0"));
    ASSERT_TRUE(root_->save_known_good("good", ""));
    for (const State state : {State::verified, State::suspended, State::installed}) {
        if (state == State::suspended) take(row, Trigger::suspend);
        if (state == State::installed) take(row, Trigger::resume);
        const Error refused = change(row, Trigger::retire).error();
        EXPECT_EQ(refused.code, SKL_E_DEPENDENCY_UNSATISFIED);
        EXPECT_EQ(refused.subject, "good");
        EXPECT_EQ(state_of(row), state);
    }
    ASSERT_TRUE(root_->remove_known_good("good"));
    take(row, Trigger::retire);
}

TEST_F(RootLifecycle, quarantines_what_fails_when_it_is_to_come_back) {
    const PackageRow row = install(pack("1.0.0"));
    take(row, Trigger::retire);
    testing::damage_file(model_blob(row));
    take(row, Trigger::reinstate);
    const auto verified = root_->verify(made(root_->get(row.digest)), {});
    ASSERT_FALSE(verified);
    EXPECT_EQ(verified.error().code, SKL_E_DIGEST_MISMATCH);
    EXPECT_EQ(state_of(row), State::quarantined);
}

TEST_F(RootLifecycle, takes_the_newest_version_that_can_where_the_one_that_serves_cannot) {
    for (const char *version : {"1.0.0", "1.1.0", "1.2.0", "2.0.0"}) install(pack(version));
    EXPECT_EQ(meant_by("org.a.b", Trigger::suspend).version, "2.0.0") << "it serves";
    EXPECT_EQ(meant_by("org.a.b@^1", Trigger::suspend).version, "1.2.0");
    for (const char *reference : {"org.a.b@1.1.0", "org.a.b@1.2.0"}) {
        take(made(resolve(reference)), Trigger::suspend);
    }
    EXPECT_EQ(meant_by("org.a.b", Trigger::resume).version, "1.2.0");
    EXPECT_EQ(meant_by("org.a.b@<1.2", Trigger::resume).version, "1.1.0");
    EXPECT_EQ(meant_by("org.a.b@1.0.0", Trigger::resume).version, "1.0.0") << "as it says";
    EXPECT_EQ(meant_by("org.a.b", Trigger::release).version, "2.0.0") << "none can";
}

TEST_F(RootLifecycle, changes_nothing_in_a_root_that_can_only_be_read) {
    const PackageRow row = install(pack("1.0.0"));
    const auto reader = made(Root::open_to_read(*files_, path()));
    for (const Trigger request : requests) {
        EXPECT_EQ(reader->change_state(row, request, "a test").error().code, SKL_E_READ_ONLY);
    }
    EXPECT_EQ(state_of(row), State::verified);
}

}  // namespace
}  // namespace skillet
