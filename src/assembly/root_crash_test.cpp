// SPDX-License-Identifier: Apache-2.0
// The power goes out after each change that a workload makes to the disk, be it to a blob, the
// index or the database; and what is found again is opened.
#include <cerrno>
#include <filesystem>
#include <set>

#include <gtest/gtest.h>

#include "assembly/root.h"
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

using Versions = std::set<std::string>;

// What is installed once a step of the workload was acknowledged.
struct Step {
    uint64_t changes = 0;
    Versions versions;
};

class RootCrash : public ::testing::Test {
protected:
    RootCrash() : model_(testing::write_classifier_model(folder_ / "model.gguf")) {
        for (const char *version : {"1.0.0", "2.0.0"}) {
            json::Value document = testing::skill_document(model_);
            testing::set_member(document, "/version", version);
            archives_[version] = testing::pack_skill(folder_.path(), model_, document,
                                                     {testing::calibration_document(document, 2)});
        }
    }

    static void expect_done(const Result<void> &done) { ASSERT_TRUE(done) << done.error().message; }
    Result<void> install(Root &root, const std::string &version) const {
        SKL_TRY(root.install(archives_.at(version), {}));
        return {};
    }
    static Result<void> remove(Root &root, const std::string &version) {
        SKL_TRY_ASSIGN(rows, root.registry().list());
        for (const PackageRow &row : rows) {
            if (row.version == version) return root.remove(row, "test");
        }
        return make_error(SKL_E_NOT_FOUND, "not installed", version);
    }

    // Two installations and a removal on `disk`, each with what it left when it was acknowledged.
    std::vector<Step> record(RecordedDisk &disk, const std::string &root_path) const {
        const RecordedDatabases databases(disk);
        const auto files = disk.file_system();
        const auto root = made(Root::open(*files, root_path, "test"));
        std::vector<Step> steps = {{0, {}}, {disk.changes(), {}}};
        expect_done(install(*root, "1.0.0"));
        steps.push_back({disk.changes(), {"1.0.0"}});
        expect_done(install(*root, "2.0.0"));
        steps.push_back({disk.changes(), {"1.0.0", "2.0.0"}});
        expect_done(remove(*root, "1.0.0"));
        steps.push_back({disk.changes(), {"2.0.0"}});
        return steps;
    }

    // Each of `before` that is in `after` too must be there and serve, and nothing else may be.
    void expect_whole(const std::string &path, const Versions &before,
                      const Versions &after) const {
        RecordedDisk disk;  // waits for no real one
        const RecordedDatabases databases(disk);
        const auto files = disk.file_system();
        const auto opened = Root::open(*files, path, "test");
        ASSERT_TRUE(opened) << opened.error().message << ": " << opened.error().subject;
        Root &root = **opened;
        Versions found;
        for (const PackageRow &row : made(root.registry().list())) {
            found.insert(row.version);
            EXPECT_TRUE(before.contains(row.version) || after.contains(row.version)) << row.version;
            const auto whole = root.verify(row, {});
            EXPECT_TRUE(whole) << row.version << ": " << whole.error().message;
        }
        for (const std::string &version : before) {
            EXPECT_TRUE(found.contains(version) || !after.contains(version)) << "lost " << version;
        }
        for (const auto &[version, archive] : archives_) {
            const auto again = root.install(archive, {});
            EXPECT_TRUE(again) << version << ", again: " << again.error().message;
        }
    }

    TempDir folder_;
    std::string model_;
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
        const Versions &before = steps[step].versions;
        const Versions &after = steps[std::min(step + 1, steps.size() - 1)].versions;
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
