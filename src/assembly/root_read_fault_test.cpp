// SPDX-License-Identifier: Apache-2.0
// Files that are read in pieces, or not at all, at every position of an installation and of a
// verification.
#include "testing/faulty_reads.h"
#include "testing/root_fixture.h"

namespace skillet {
namespace {

using testing::FaultyReads;

class RootReadFault : public testing::RootFixture {
protected:
    ~RootReadFault() override { FaultyReads::heal(); }
    std::string archive_ = pack("1.0.0", "org.a.b", /*calibrated=*/true);
};

TEST_F(RootReadFault, takes_what_comes_in_pieces) {
    FaultyReads::be_short();
    const PackageRow row = install(archive_);
    EXPECT_EQ(row.state, State::verified);
    EXPECT_TRUE(root_->verify(row, {}));
    FaultyReads::heal();
    testing::expect_consistent(*root_);
}

TEST_F(RootReadFault, installs_nothing_where_a_read_fails) {
    uint64_t position = 0;
    for (;; ++position) {
        SCOPED_TRACE(position);
        ASSERT_LT(position, 500u);
        FaultyReads::fail_at(position);
        const auto installed = root_->install(archive_, {});
        if (!FaultyReads::heal()) {
            EXPECT_TRUE(installed);
            break;
        }
        const auto rows = list();
        if (installed) {
            EXPECT_EQ(installed->state, State::verified);
        } else if (!rows.empty()) {
            EXPECT_NE(rows.front().state, State::quarantined) << "blamed for the disk";
        }
        if (!rows.empty()) {
            ASSERT_TRUE(root_->remove(rows.front(), "again"));
        }
        testing::expect_consistent(*root_);
    }
    EXPECT_GT(position, 10u) << "most reads were never made to fail";
    RecordProperty("positions", static_cast<int>(position));
}

TEST_F(RootReadFault, blames_no_package_for_a_disk_that_does_not_read) {
    const PackageRow row = install(archive_);
    uint64_t position = 0;
    for (;; ++position) {
        SCOPED_TRACE(position);
        ASSERT_LT(position, 500u);
        FaultyReads::fail_at(position);
        const auto verified = root_->verify(row, {});
        if (!FaultyReads::heal()) break;
        EXPECT_EQ(state_of(row), State::verified);
    }
    EXPECT_GT(position, 10u) << "most reads were never made to fail";
    RecordProperty("positions", static_cast<int>(position));
    EXPECT_TRUE(root_->verify(row, {}));
}

}  // namespace
}  // namespace skillet
