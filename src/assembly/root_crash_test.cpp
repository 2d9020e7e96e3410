// SPDX-License-Identifier: Apache-2.0
// The power goes out after each change that a workload makes to the disk, be it to a blob, the
// index or the database; and what is found again is opened.
#include <cerrno>
#include <filesystem>
#include <map>
#include <utility>

#include <gtest/gtest.h>

#include "assembly/root.h"
#include "testing/installed_root.h"
#include "testing/recorded_database.h"
#include "testing/skill_builder.h"
#include "testing/temp_dir.h"

namespace skillet {
namespace {

using testing::made;
using testing::RecordedDatabases;
using testing::RecordedDisk;
using testing::Survival;
using testing::TempDir;

using States = std::map<std::string, State>;  // by version

// What is installed once a step of the workload was acknowledged, and what serves.
struct Step {
    uint64_t changes = 0;
    States states;
    std::string serving = {};
};

class RootCrash : public ::testing::Test {
protected:
    RootCrash() : model_(testing::write_classifier_model(folder_ / "model.gguf")) {
        for (const char *version : {"1.0.0", "2.0.0"}) {
            json::Value document = testing::skill_document(model_);
            testing::set_member(document, "/version", version);
            archives_[version] = testing::pack_skill(folder_.path(), model_, document,
                                                     {testing::calibration_document(document, 2)});
            bare_ = testing::pack_skill(bare_folder_.path(), model_, document);
        }
    }

    static void expect_done(const Result<void> &done) { ASSERT_TRUE(done) << done.error().message; }
    static Result<void> install(Root &root, const std::string &archive) {
        SKL_TRY(root.install(archive, {}));
        return {};
    }
    static Result<PackageRow> find(Root &root, const std::string &version) {
        SKL_TRY_ASSIGN(rows, root.registry().list());
        for (const PackageRow &row : rows) {
            if (row.version == version) return row;
        }
        return make_error(SKL_E_NOT_FOUND, "not installed", version);
    }
    static Result<void> remove(Root &root, const std::string &version) {
        SKL_TRY_ASSIGN(row, find(root, version));
        return root.remove(row, "test");
    }
    static Result<void> change(Root &root, const std::string &version, Trigger trigger) {
        SKL_TRY_ASSIGN(row, find(root, version));
        SKL_TRY(root.change_state(row, trigger, "test"));
        return {};
    }
    static Result<void> verify(Root &root, const std::string &version) {
        SKL_TRY_ASSIGN(row, find(root, version));
        return root.verify(row, {});
    }
    static Result<void> roll_back(Root &root) {
        SKL_TRY_ASSIGN(row, root.registry().predecessor("org.example.test"));
        return root.serve(row, "test");
    }
    static Result<void> damage_and_verify(Root &root, const std::string &version) {
        SKL_TRY_ASSIGN(row, find(root, version));
        root.quarantine(row.digest, make_error(SKL_E_MANIFEST_INVALID, "a wrong claim", "/title"));
        return {};
    }
    static Result<void> collect(Root &root, bool retired = false) {
        SKL_TRY(root.collect({std::chrono::seconds(0), /*dry_run=*/false, retired}, {}));
        return {};
    }
    static States states(Root &root) {
        States states;
        for (const PackageRow &row : made(root.registry().list())) states[row.version] = row.state;
        return states;
    }
    static std::string serving(Root &root) {
        for (const PackageRow &row : made(root.registry().list())) {
            if (row.current) return row.version;
        }
        return "";
    }

    // Every kind of change on `disk`, each with what it left when it was acknowledged.
    std::vector<Step> record(RecordedDisk &disk, const std::string &root_path) const {
        const RecordedDatabases databases(disk);
        const auto files = disk.file_system();
        const auto root = made(Root::open(*files, root_path, "test"));
        std::vector<Step> steps = {{0, {}}, {disk.changes(), {}}};
        const auto note = [&](const Result<void> &done) {
            expect_done(done);
            steps.push_back({disk.changes(), states(*root), serving(*root)});
        };
        note(install(*root, archives_.at("1.0.0")));
        note(install(*root, bare_));
        note(install(*root, archives_.at("2.0.0")));  // attaches its calibration
        note(roll_back(*root));
        note(root->registry().save_known_good("good", "test"));
        note(root->serve(*find(*root, "2.0.0"), "test"));
        note(root->registry().restore_known_good("good", "test"));
        note(root->registry().remove_known_good("good"));
        for (const auto &[away, back] : {std::pair(Trigger::suspend, Trigger::resume),
                                         {Trigger::retire, Trigger::reinstate},
                                         {Trigger::quarantine, Trigger::release}}) {
            note(change(*root, "1.0.0", away));
            note(change(*root, "1.0.0", back));
            if (back != Trigger::reinstate) note(verify(*root, "1.0.0"));
        }
        orphan(disk, *root);
        note(collect(*root));
        note(damage_and_verify(*root, "2.0.0"));
        note(remove(*root, "2.0.0"));
        note(change(*root, "1.0.0", Trigger::retire));
        note(collect(*root, /*retired=*/true));
        return steps;
    }

    // A blob that an installation left which died between two steps.
    static void orphan(RecordedDisk &disk, const Root &root) {
        const auto files = disk.file_system();
        const std::string path = root.store().blob_path(sha256("orphan"));
        const auto write = [](WritableFile &file) {
            return file.write(std::as_bytes(std::span(std::string_view("orphan"))));
        };
        expect_done(replace_file(*files, path + ".tmp", path, Readers::as_umask, write));
    }

    // As before or as after; or, where it was to be verified, about to be.
    static void expect_state(const PackageRow &row, const States &before, const States &after) {
        const auto is = [&](const States &states) {
            const auto known = states.find(row.version);
            return known != states.end() && known->second == row.state;
        };
        const auto then = after.find(row.version);
        const bool is_half_installed =
            row.state == State::installed && then != after.end() && then->second == State::verified;
        EXPECT_TRUE(is(before) || is(after) || is_half_installed)
            << row.version << " is " << name_of(row.state);
    }
    static void bring_back(Root &root, const PackageRow &row) {
        for (const Trigger trigger : {Trigger::resume, Trigger::reinstate, Trigger::release}) {
            if (!edge_for(row.state, trigger)) continue;
            EXPECT_TRUE(root.change_state(row, trigger, "test"));
        }
    }

    // Each of `before` that is in `after` too must be there and whole, and nothing else may be; and
    // what served before serves, or what does after.
    void expect_whole(const std::string &path, const Step &before_step,
                      const Step &after_step) const {
        const States &before = before_step.states;
        const States &after = after_step.states;
        RecordedDisk disk;  // waits for no real one
        const RecordedDatabases databases(disk);
        const auto files = disk.file_system();
        const auto opened = Root::open(*files, path, "test");
        ASSERT_TRUE(opened) << opened.error().message << ": " << opened.error().subject;
        Root &root = **opened;
        const std::string serves = serving(root);
        EXPECT_TRUE(serves == before_step.serving || serves == after_step.serving)
            << serves << " serves, not " << before_step.serving << " or " << after_step.serving;
        const States found = states(root);
        for (const PackageRow &row : made(root.registry().list())) {
            expect_state(row, before, after);
            const auto whole = root.verify(row, {});
            EXPECT_TRUE(whole) << row.version << ": " << whole.error().message;
        }
        for (const auto &[version, state] : before) {
            EXPECT_TRUE(found.contains(version) || !after.contains(version)) << "lost " << version;
        }
        for (const PackageRow &row : made(root.registry().list())) {
            bring_back(root, row);
        }
        for (const auto &[version, archive] : archives_) {
            const auto again = root.install(archive, {});
            EXPECT_TRUE(again) << version << ", again: " << again.error().message;
        }
        expect_done(collect(root));
        testing::expect_consistent(root);
        expect_done(root.registry().verify_ledger());
    }

    TempDir folder_;
    TempDir bare_folder_;
    std::string model_;
    std::string bare_;  // 2.0.0 without its calibration
    std::map<std::string, std::string> archives_;
};

TEST_F(RootCrash, finds_the_old_state_or_the_new_wherever_the_power_goes_out) {
    RecordedDisk disk;
    const TempDir place;
    const std::string path = place / "root";
    const std::vector<Step> steps = record(disk, path);
    const uint64_t last = disk.changes();
    size_t step = 0;
    for (uint64_t count = 0; count <= last; ++count) {
        while (step + 1 < steps.size() && steps[step + 1].changes <= count) ++step;
        const Step &before = steps[step];
        const Step &after = steps[std::min(step + 1, steps.size() - 1)];
        const auto seed = static_cast<uint32_t>(count);
        for (const Survival survival :
             {Survival{Survival::Kind::all, 0}, Survival{Survival::Kind::none, 0},
              Survival{Survival::Kind::some, 2 * seed},
              Survival{Survival::Kind::some, 2 * seed + 1}}) {
            SCOPED_TRACE(::testing::Message()
                         << "after change " << count << " of " << last << ", survival "
                         << static_cast<int>(survival.kind) << ", seed " << survival.seed);
            const TempDir found;
            disk.restore(place.path(), found.path(), count, survival);
            expect_whole(found / "root", before, after);
            if (HasFailure()) return;
        }
    }
    RecordProperty("positions", static_cast<int>(4 * (last + 1)));
    EXPECT_GT(last, 100u) << "the database's changes are among them";
}

}  // namespace
}  // namespace skillet
