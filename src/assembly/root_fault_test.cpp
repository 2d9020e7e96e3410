// SPDX-License-Identifier: Apache-2.0
// Installing and removing while the disk fails, at every position where it can: blobs, the index,
// and the database.
#include <cerrno>

#include <gtest/gtest.h>

#include "assembly/root.h"
#include "testing/installed_root.h"
#include "testing/recorded_database.h"
#include "testing/repack.h"
#include "testing/skill_builder.h"
#include "testing/temp_dir.h"

namespace skillet {
namespace {

using testing::RecordedDatabases;
using testing::RecordedDisk;
using testing::TempDir;
using Afterwards = RecordedDisk::Afterwards;

struct Fault {
    int errno_value;
    Afterwards afterwards;
};

class RootFault : public ::testing::TestWithParam<Fault> {
protected:
    RootFault() {
        const std::string model = testing::write_classifier_model(folder_ / "model.gguf");
        const json::Value document = testing::skill_document(model);
        archive_ = testing::pack_skill(folder_.path(), model, document,
                                       {testing::calibration_document(document, 2)});
        newer_ = testing::pack_skill(folder_.path(), model,
                                     testing::skill_document(model, "org.example.test", "2.0.0"));
        bare_ = testing::pack_skill(bare_folder_.path(), model, document);
    }

    // Calls `change` on a new root, again and again, with the fault one operation further on each
    // time, and `check` after each failure; ends when the fault is not reached any more.
    template <typename Prepare, typename Change, typename Check>
    void fail_everywhere(Prepare prepare, Change change, Check check, uint64_t positions = 30) {
        for (uint64_t position = 0;; ++position) {
            ASSERT_LT(position, 1000u);
            SCOPED_TRACE(position);
            RecordedDisk disk;
            const RecordedDatabases databases(disk);
            const auto files = disk.file_system();
            const TempDir place;
            const auto root = testing::made(Root::open(*files, place / "root", "test"));
            prepare(*root);
            disk.fail_after(position, GetParam().errno_value, GetParam().afterwards);
            const bool changed = change(*root);
            const bool was_reached = disk.has_failed();
            disk.heal();
            check(*root, changed);
            if (!was_reached) {
                EXPECT_TRUE(changed);
                EXPECT_GT(position, positions) << "most of it was never made to fail";
                RecordProperty("positions", static_cast<int>(position));
                return;
            }
            if (::testing::Test::HasFailure()) return;
        }
    }
    bool install(Root &root) { return root.install(archive_, {}).has_value(); }

    TempDir folder_;
    TempDir bare_folder_;
    std::string archive_;
    std::string bare_;  // the same package, without its calibration
    std::string newer_;
};

TEST_P(RootFault, leaves_nothing_half_installed) {
    const auto check = [this](Root &root, bool installed) {
        const auto rows = root.registry().list();
        ASSERT_TRUE(rows);
        EXPECT_TRUE(!installed || rows->size() == 1);
        if (!rows->empty()) {
            EXPECT_TRUE(root.verify(rows->front(), {})) << "registered, but not whole";
        } else if (GetParam().afterwards == Afterwards::works_again) {
            testing::expect_consistent(root);
        }
        EXPECT_TRUE(install(root)) << "the next install";
        testing::expect_consistent(root);
    };
    fail_everywhere([](Root &) {}, [this](Root &root) { return install(root); }, check);
}

TEST_P(RootFault, removes_or_keeps_a_package_whole) {
    const auto remove = [](Root &root) {
        return root.remove(root.registry().list()->at(0), "test").has_value();
    };
    const auto check = [&](Root &root, bool removed) {
        const auto rows = root.registry().list();
        ASSERT_TRUE(rows);
        EXPECT_TRUE(!removed || rows->empty());
        EXPECT_TRUE(rows->empty() || remove(root)) << "the next removal";
        EXPECT_TRUE(install(root)) << "the next install";
        testing::expect_consistent(root);
    };
    const auto prepare = [this](Root &root) { ASSERT_TRUE(install(root)); };
    fail_everywhere(prepare, remove, check);
}

TEST_P(RootFault, serves_the_old_version_or_the_new_one) {
    const auto prepare = [this](Root &root) {
        ASSERT_TRUE(install(root));
        ASSERT_TRUE(root.install(newer_, {}));
    };
    const auto roll_back = [](Root &root) {
        const auto to = root.registry().predecessor("org.example.test");
        return to && root.serve(*to, "test");
    };
    const auto check = [&](Root &root, bool changed) {
        const auto rows = root.registry().list();
        ASSERT_TRUE(rows);
        ASSERT_EQ(rows->size(), 2u);
        EXPECT_NE(rows->at(0).current, rows->at(1).current) << "exactly one serves";
        EXPECT_TRUE(!changed || rows->at(0).current);
        EXPECT_TRUE(rows->at(0).current || roll_back(root)) << "the next attempt";
        EXPECT_TRUE(root.registry().verify_ledger());
    };
    fail_everywhere(prepare, roll_back, check, 3);
}

TEST_P(RootFault, takes_each_step_of_the_lifecycle_or_leaves_the_state_as_it_was) {
    struct Step {
        State from;
        Trigger trigger;
    };
    for (const Step step : {Step{State::verified, Trigger::suspend},
                            {State::suspended, Trigger::resume},
                            {State::verified, Trigger::retire},
                            {State::retired, Trigger::reinstate},
                            {State::verified, Trigger::quarantine},
                            {State::quarantined, Trigger::release}}) {
        SCOPED_TRACE(name_of(step.trigger));
        const State to = *testing::made(edge_for(step.from, step.trigger)).to;
        const auto change = [](Root &root, Trigger trigger) {
            return root.change_state(root.registry().list()->at(0), trigger, "test").has_value();
        };
        const auto prepare = [&](Root &root) {
            ASSERT_TRUE(install(root));
            for (const Trigger away : {Trigger::suspend, Trigger::retire, Trigger::quarantine}) {
                if (edge_for(State::verified, away)->to != step.from) continue;
                ASSERT_TRUE(change(root, away));
            }
        };
        const auto take = [&](Root &root) { return change(root, step.trigger); };
        const auto check = [&](Root &root, bool changed) {
            const State found = root.registry().list()->at(0).state;
            EXPECT_TRUE(found == to || (found == step.from && !changed)) << name_of(found);
            EXPECT_TRUE(found == to || take(root)) << "the next attempt";
            EXPECT_TRUE(root.registry().verify_ledger());
            EXPECT_TRUE(root.registry().served_wrongly()->empty());
        };
        fail_everywhere(prepare, take, check, 3);
    }
}

TEST_P(RootFault, attaches_documents_whole_or_not_at_all) {
    const auto attach = [this](Root &root) { return root.install(archive_, {}).has_value(); };
    const auto check = [&](Root &root, bool attached) {
        const PackageRow row = root.registry().list()->at(0);
        const auto package = root.read(row);
        ASSERT_TRUE(package) << package.error().message;
        EXPECT_TRUE(package->calibration || !attached);
        EXPECT_EQ(row.bytes, package->total_bytes());
        EXPECT_TRUE(root.verify(row, {}));
        EXPECT_TRUE(attach(root)) << "the next attempt";
        EXPECT_TRUE(testing::made(root.read(row)).calibration);
        testing::expect_consistent(root);
    };
    const auto prepare = [this](Root &root) { ASSERT_TRUE(root.install(bare_, {})); };
    fail_everywhere(prepare, attach, check, 10);
}

TEST_P(RootFault, collects_a_retired_package_whole_or_keeps_it) {
    const auto prepare = [this](Root &root) {
        ASSERT_TRUE(install(root));
        ASSERT_TRUE(root.install(newer_, {}));
        ASSERT_TRUE(root.change_state(root.registry().list()->at(0), Trigger::retire, "test"));
    };
    const auto collect = [](Root &root) {
        return root.collect({std::chrono::seconds(0), /*dry_run=*/false, /*retired=*/true}, {})
            .has_value();
    };
    const auto check = [&](Root &root, bool collected) {
        EXPECT_TRUE(root.registry().list()->size() == 1 || !collected);
        EXPECT_TRUE(collect(root)) << "the next collection";
        ASSERT_EQ(root.registry().list()->size(), 1u);
        EXPECT_TRUE(root.verify(root.registry().list()->at(0), {}));
        EXPECT_TRUE(root.registry().verify_ledger());
        testing::expect_consistent(root);
    };
    fail_everywhere(prepare, collect, check, 10);
}

TEST_P(RootFault, quarantines_a_damaged_package_or_leaves_it_to_the_next_verification) {
    const auto prepare = [this](Root &root) {
        ASSERT_TRUE(install(root));
        const auto package = root.read(root.registry().list()->at(0));
        ASSERT_TRUE(package);
        testing::damage_file(root.store().blob_path(package->artifact.digest));
    };
    const auto verify = [](Root &root) {
        EXPECT_FALSE(root.verify(root.registry().list()->at(0), {}));
        return root.registry().list()->at(0).state == State::quarantined;
    };
    const auto check = [&](Root &root, bool quarantined) {
        EXPECT_TRUE(quarantined || verify(root)) << "the next verification";
        EXPECT_TRUE(root.registry().verify_ledger());
        EXPECT_TRUE(install(root)) << "installing it again heals it";
        testing::expect_consistent(root);
    };
    fail_everywhere(prepare, verify, check, 3);
}

TEST_P(RootFault, collects_what_nobody_needs_and_nothing_else) {
    const auto prepare = [this](Root &root) {
        ASSERT_TRUE(install(root));
        for (const char *text : {"one", "two", "three"}) {
            testing::write_file(root.store().blob_path(sha256(text)), text);
        }
    };
    const auto collect = [](Root &root) {
        return root.collect({std::chrono::seconds(0)}, {}).has_value();
    };
    const auto check = [&](Root &root, bool) {
        EXPECT_TRUE(collect(root)) << "the next collection";
        testing::expect_consistent(root);
        EXPECT_TRUE(root.verify(root.registry().list()->at(0), {}));
    };
    fail_everywhere(prepare, collect, check, 3);
}

INSTANTIATE_TEST_SUITE_P(disks, RootFault,
                         ::testing::Values(Fault{ENOSPC, Afterwards::works_again},
                                           Fault{ENOSPC, Afterwards::stays_broken},
                                           Fault{EIO, Afterwards::works_again},
                                           Fault{EROFS, Afterwards::stays_broken}),
                         [](const auto &fault) {
                             const char *what = fault.param.errno_value == ENOSPC ? "full"
                                                : fault.param.errno_value == EIO  ? "failing"
                                                                                  : "read_only";
                             return fault.param.afterwards == Afterwards::works_again
                                        ? std::string(what) + "_once"
                                        : std::string(what) + "_for_good";
                         });

}  // namespace
}  // namespace skillet
