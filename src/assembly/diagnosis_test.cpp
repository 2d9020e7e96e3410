// SPDX-License-Identifier: Apache-2.0
#include "assembly/diagnosis.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "testing/made.h"
#include "testing/scripted_runtime.h"

namespace skillet {
namespace {

class DiagnosisTest : public ::testing::Test, protected testing::ScriptedRuntime {
protected:
    // The finding of a check; fails the test if there is none.
    Finding find(const std::string &check) {
        const auto runtime = open_runtime(budget_);
        for (Finding &finding : diagnose(*runtime)) {
            if (finding.check == check) return finding;
        }
        ADD_FAILURE() << "no check " << check;
        return {};
    }
    void install() {
        testing::made(testing::made(open_runtime()->root())->install(pack("1.0.0"), {}));
    }

    uint64_t budget_ = 1u << 20;
};

TEST_F(DiagnosisTest, finds_nothing_wrong_with_a_new_machine_and_makes_no_root) {
    for (const Finding &finding : diagnose(*open_runtime(budget_))) {
        EXPECT_NE(finding.health, Health::problem) << finding.check << ": " << finding.text;
    }
    EXPECT_FALSE(std::filesystem::exists(root_path()));
}

TEST_F(DiagnosisTest, finds_a_sound_database) {
    install();
    EXPECT_EQ(find("database").health, Health::good);
    EXPECT_EQ(find("packages").text, "1 installed, 0 quarantined");
}

TEST_F(DiagnosisTest, finds_a_damaged_database) {
    install();
    std::filesystem::remove(root_path() + "/skillet.db-wal");
    std::ofstream(root_path() + "/skillet.db", std::ios::trunc) << "not a database, but some text";
    const Finding finding = find("database");
    EXPECT_EQ(finding.health, Health::problem);
    EXPECT_EQ(finding.code, SKL_E_STORE_CORRUPT);
}

TEST_F(DiagnosisTest, finds_an_engine_that_does_not_start) {
    engine_fails_ = true;
    EXPECT_EQ(find("engine").code, SKL_E_CPU_UNSUPPORTED);
}

TEST_F(DiagnosisTest, warns_of_a_budget_beyond_the_memory) {
    budget_ = UINT64_MAX;
    EXPECT_EQ(find("memory").health, Health::warning);
}

TEST_F(DiagnosisTest, warns_of_a_root_that_others_can_change) {
    install();
    std::filesystem::permissions(root_path(), std::filesystem::perms::all);
    const Finding finding = find("root");
    EXPECT_EQ(finding.health, Health::warning);
    EXPECT_NE(finding.hint.find("chmod"), std::string::npos);
}

TEST_F(DiagnosisTest, warns_of_quarantined_packages) {
    install();
    const auto runtime = open_runtime();
    Root &root = *testing::made(runtime->root());
    root.quarantine(root.registry().list()->front().digest,
                    make_error(SKL_E_DIGEST_MISMATCH, "as the test says"));
    EXPECT_EQ(find("packages").health, Health::warning);
}

}  // namespace
}  // namespace skillet
