// SPDX-License-Identifier: Apache-2.0
// From a reference to an answer: what is opened when, who still serves, and what a file run leaves.
#include "assembly/runtime.h"

#include <filesystem>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "testing/file_change.h"
#include "testing/installed_root.h"
#include "testing/repack.h"
#include "testing/scripted_runtime.h"
#include "testing/scripted_skills.h"

namespace skillet {
namespace {

constexpr const char *input = R"({"text":"a b"})";

class RuntimeTest : public ::testing::Test, protected testing::OpenRuntime {
protected:
    [[nodiscard]] Code refusal(const std::string &reference) {
        const auto opened = runtime_->open_skill(reference, {});
        return opened ? SKL_OK : opened.error().code;
    }
    [[nodiscard]] std::string blob_path(const Digest &digest) {
        return root().store().blob_path(digest);
    }
    [[nodiscard]] State state_of(const PackageRow &row) { return row_of(row).state; }
};

TEST_F(RuntimeTest, installs_lists_runs_and_removes) {
    const PackageRow row = install(pack("1.0.0"));
    ASSERT_EQ(root().registry().list()->size(), 1u);
    const auto skill = open_skill("org.a.b");
    const auto answer = skill->invoke(input, {});
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(*label_of(*answer, skill->package()), "spam");
    ASSERT_TRUE(root().remove(row, "test"));
    EXPECT_EQ(refusal("org.a.b"), SKL_E_NOT_FOUND);
    EXPECT_TRUE(root().store().blobs()->empty());
}

TEST_F(RuntimeTest, names_engine_and_digests_in_the_result) {
    const PackageRow row = install(pack("1.0.0"));
    const auto skill = open_skill("org.a.b");
    const auto document = skill->document(testing::made(skill->invoke(input, {})), false);
    ASSERT_TRUE(document);
    EXPECT_EQ(*json::resolve(*document, "/engine"), "scripted");
    EXPECT_EQ(*json::resolve(*document, "/digests/package"), row.digest.to_string());
}

TEST_F(RuntimeTest, opens_neither_root_nor_engine_before_it_needs_them) {
    EXPECT_FALSE(std::filesystem::exists(root_path()));
    install(pack("1.0.0"));
    const auto skill = open_skill("org.a.b");
    EXPECT_EQ(engines_, 0) << "nothing was computed yet";
    EXPECT_EQ(script_->loads, 0);
    ASSERT_TRUE(skill->load({}));
    EXPECT_EQ(engines_, 1);
    EXPECT_EQ(script_->loads, 1);
    EXPECT_EQ(ask(*skill), SKL_OK);
    EXPECT_EQ(engines_, 1);
    EXPECT_EQ(script_->loads, 1);
}

TEST_F(RuntimeTest, runs_a_file_without_touching_the_root) {
    const auto skill = open_skill(pack("1.0.0"));
    EXPECT_EQ(ask(*skill), SKL_OK);
    EXPECT_FALSE(std::filesystem::exists(root_path()));
}

TEST_F(RuntimeTest, runs_files_of_one_version_that_differ) {
    const std::string archive = pack("1.0.0");
    const std::string changed =
        testing::repack_skill(archive, folder_ / "changed.skill", "/title", "Another title");
    const auto before = open_skill(archive);
    const auto after = open_skill(changed);
    EXPECT_EQ(ask(*before), SKL_OK);
    EXPECT_EQ(ask(*after), SKL_OK);
    EXPECT_EQ(script_->loads, 2);
}

TEST_F(RuntimeTest, verifies_a_file_before_it_runs_it) {
    const std::string wrong =
        testing::repack_skill(pack("1.0.0"), folder_ / "wrong.skill", "/artifact/parameters", 7);
    EXPECT_EQ(refusal(wrong), SKL_E_MANIFEST_INVALID);
    const std::string damaged = pack("2.0.0");
    testing::damage_file(damaged);
    EXPECT_EQ(refusal(damaged), SKL_E_DIGEST_MISMATCH);
    EXPECT_EQ(refusal(folder_ / "nothing.skill"), SKL_E_NOT_FOUND);
}

TEST_F(RuntimeTest, opens_nothing_whose_licence_its_policy_refuses) {
    const std::string archive = pack("1.0.0");
    const PackageRow row = install(archive);
    ::setenv("SKILLET_LICENSE_DENY", "Apache-2.0", /*overwrite=*/1);
    const auto strict = open_runtime();
    ::unsetenv("SKILLET_LICENSE_DENY");
    for (const std::string &reference : {archive, std::string("org.a.b")}) {
        const auto refused = strict->open_skill(reference, {});
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, SKL_E_LICENSE_REFUSED);
    }
    EXPECT_EQ((*testing::made(strict->root())->registry().find(row.digest))->state, State::verified)
        << "the policy of one process is no fault of the package";
}

TEST_F(RuntimeTest, takes_the_calibration_of_the_file_that_was_asked) {
    // One package, so one model in memory; what is attached to it differs.
    const auto sharp = open_skill(pack("1.0.0", "org.a.b", 0.5));
    const Answer sure = testing::made(sharp->invoke(input, {}));
    std::filesystem::rename(folder_ / "org.a.b-1.0.0.skill", folder_ / "before.skill");
    const auto flat = open_skill(pack("1.0.0", "org.a.b", 2));
    ASSERT_EQ(sharp->package().descriptor.digest, flat->package().descriptor.digest);
    const Answer unsure = testing::made(flat->invoke(input, {}));
    EXPECT_EQ(script_->loads, 1);
    ASSERT_TRUE(sure.confidence && unsure.confidence);
    EXPECT_GT(*sure.confidence, *unsure.confidence);
}

TEST_F(RuntimeTest, refuses_a_quarantined_package) {
    const std::string wrong =
        testing::repack_skill(pack("1.0.0"), folder_ / "wrong.skill", "/artifact/parameters", 7);
    EXPECT_FALSE(root().install(wrong, {}));
    EXPECT_EQ(refusal("org.a.b"), SKL_E_QUARANTINED);
    EXPECT_EQ(script_->loads, 0);
}

TEST_F(RuntimeTest, refuses_references_that_are_none) {
    EXPECT_EQ(refusal(""), SKL_E_INVALID_ARGUMENT);
    EXPECT_EQ(refusal("org.a.b@one"), SKL_E_INVALID_ARGUMENT);
    EXPECT_EQ(refusal("org.a.b"), SKL_E_NOT_FOUND);
}

TEST_F(RuntimeTest, notices_at_load_that_the_model_was_damaged) {
    const PackageRow row = install(pack("1.0.0"));
    const auto skill = open_skill("org.a.b");
    testing::damage_file(blob_path(skill->package().artifact.digest));
    EXPECT_EQ(ask(*skill), SKL_E_DIGEST_MISMATCH);
    EXPECT_EQ(state_of(row), State::quarantined);
    EXPECT_EQ(ask(*skill), SKL_E_QUARANTINED);
    EXPECT_EQ(refusal("org.a.b"), SKL_E_QUARANTINED);
    EXPECT_EQ(script_->loads, 0) << "the engine saw bytes that were not verified";
    EXPECT_EQ(runtime_->resident().reserved_bytes(), 0u);
}

TEST_F(RuntimeTest, notices_when_opened_that_a_document_was_damaged) {
    const PackageRow row = install(pack("1.0.0"));
    const OciManifest manifest = open_skill("org.a.b")->package().manifest;
    testing::damage_file(blob_path(manifest.layer(media::skill)->digest));
    EXPECT_EQ(refusal("org.a.b"), SKL_E_DIGEST_MISMATCH);
    EXPECT_EQ(state_of(row), State::quarantined);
}

TEST_F(RuntimeTest, blames_no_package_for_an_engine_that_does_not_start) {
    const PackageRow row = install(pack("1.0.0"));
    const auto skill = open_skill("org.a.b");
    engine_fails_ = true;
    EXPECT_EQ(ask(*skill), SKL_E_CPU_UNSUPPORTED);
    EXPECT_EQ(state_of(row), State::verified);
    engine_fails_ = false;
    EXPECT_EQ(ask(*skill), SKL_OK) << "the next request does not try again";
}

TEST_F(RuntimeTest, stops_serving_what_another_process_removed) {
    const PackageRow row = install(pack("1.0.0"));
    const auto skill = open_skill("org.a.b");
    ASSERT_EQ(ask(*skill), SKL_OK);
    const auto other = open_runtime();
    ASSERT_TRUE(testing::made(other->root())->remove(row, "test"));
    EXPECT_EQ(ask(*skill), SKL_E_NOT_FOUND);
}

TEST_F(RuntimeTest, stops_serving_what_another_process_took_out_of_service) {
    const std::pair<Trigger, Code> changes[] = {{Trigger::suspend, SKL_E_SUSPENDED},
                                                {Trigger::retire, SKL_E_RETIRED},
                                                {Trigger::quarantine, SKL_E_QUARANTINED}};
    int patch = 0;
    for (const auto &[trigger, code] : changes) {
        const std::string version = "1.0." + std::to_string(++patch);
        const PackageRow row = install(pack(version));
        const auto skill = open_skill("org.a.b@" + version);
        ASSERT_EQ(ask(*skill), SKL_OK);
        const auto other = open_runtime();
        Registry &registry = testing::made(other->root())->registry();
        ASSERT_TRUE(registry.transition(row.digest, trigger, "test"));
        EXPECT_EQ(ask(*skill), code);
        EXPECT_EQ(ask(*skill), code) << "the second time";
        EXPECT_EQ(refusal("org.a.b@" + version), code);
    }
}

TEST_F(RuntimeTest, keeps_answering_from_the_version_that_was_opened) {
    install(pack("1.0.0"));
    const auto skill = open_skill("org.a.b");
    install(pack("2.0.0"));
    EXPECT_EQ(ask(*skill), SKL_OK);
    EXPECT_EQ(skill->package().skill.version.text(), "1.0.0");
    EXPECT_EQ(open_skill("org.a.b")->package().skill.version.text(), "2.0.0");
}

TEST_F(RuntimeTest, refuses_at_once_a_skill_larger_than_its_budget) {
    runtime_ = open_runtime(/*budget_bytes=*/1000);
    const auto skill = open_skill(pack("1.0.0"));
    const auto refused = skill->invoke(input, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, SKL_E_BUDGET_NEVER_FITS);
    EXPECT_EQ(refused.error().available_bytes, 1000u);
    EXPECT_EQ(script_->loads, 0);
}

TEST_F(RuntimeTest, waits_for_memory_no_longer_than_the_contract_allows) {
    json::Value document = testing::skill_document(model_);
    testing::set_member(document, "/contract/limits/deadline_ms", 10);
    const auto skill = open_skill(testing::pack_skill(folder_.path(), model_, document));
    testing::ScriptedSkills others;
    auto lease = runtime_->resident().lease(
        others.request("org.a.hungry", runtime_->resident().budget_bytes()), {});
    ASSERT_TRUE(lease);
    EXPECT_EQ(ask(*skill), SKL_E_BUDGET_BUSY);
}

TEST_F(RuntimeTest, outlives_its_owner_as_long_as_a_skill_is_open) {
    const auto skill = open_skill(pack("1.0.0"));
    const std::weak_ptr<Runtime> observer = runtime_;
    runtime_.reset();
    EXPECT_EQ(ask(*skill), SKL_OK);
    EXPECT_FALSE(observer.expired());
}

TEST_F(RuntimeTest, frees_models_and_contexts_with_itself) {
    {
        const auto skill = open_skill(pack("1.0.0"));
        EXPECT_EQ(ask(*skill), SKL_OK);
        EXPECT_EQ(script_->models_alive, 1);
        EXPECT_EQ(script_->contexts_alive, 1);
    }
    runtime_.reset();
    EXPECT_EQ(script_->models_alive, 0);
    EXPECT_EQ(script_->contexts_alive, 0);
}

TEST_F(RuntimeTest, checks_a_file_again_once_it_has_changed_or_was_refused) {
    const auto skill_row = install(pack("1.0.0"));
    const auto skill = open_skill("org.a.b");
    const std::string path = root().store().blob_path(skill->package().artifact.digest);
    const auto settle = [&] {
        const FileSlice file = testing::made(FileSlice::open(path));
        while (!testing::made(FileStamp::of(file.fd(), path)).settled) continue;
    };
    const auto checks_of_next_load = [&] {
        settle();
        runtime_->resident().evict(skill_row.digest);
        const int before = script_->loads_that_checked_values;
        (void)ask(*skill);
        return script_->loads_that_checked_values - before;
    };
    script_->on_load = [] { return make_error(SKL_E_LOAD_FAILED, "as the script says"); };
    EXPECT_EQ(checks_of_next_load(), 1);
    script_->on_load = [] { return Result<void>(); };
    EXPECT_EQ(checks_of_next_load(), 1) << "refused bytes were not found good";
    EXPECT_EQ(checks_of_next_load(), 0);
    testing::touch_byte(path, 1, 0);
    EXPECT_EQ(checks_of_next_load(), 1) << "written to, if with the same";
    EXPECT_EQ(checks_of_next_load(), 0);
    testing::touch_byte(path, 1, 0x55);
    runtime_->resident().evict(skill_row.digest);
    EXPECT_EQ(ask(*skill), SKL_E_DIGEST_MISMATCH);
}

TEST_F(RuntimeTest, serves_many_threads_with_memory_for_one_skill) {
    uint64_t bytes = 0;
    {
        const auto skill = open_skill(pack("1.0.0", "org.a.x"));
        ASSERT_TRUE(skill->load({}));
        bytes = runtime_->resident().reserved_bytes();
    }
    const uint64_t budget = bytes + bytes / 2;
    runtime_ = open_runtime(budget);
    for (const char *id : {"org.a.x", "org.a.y", "org.a.z"}) install(pack("1.0.0", id));
    std::vector<std::thread> threads;
    for (const char *id : {"org.a.x", "org.a.y", "org.a.z", "org.a.x"}) {
        threads.emplace_back([skill = open_skill(id)] {
            for (int i = 0; i < 20; ++i) EXPECT_EQ(ask(*skill), SKL_OK);
        });
    }
    for (std::thread &thread : threads) thread.join();
    EXPECT_EQ(script_->classifications, 80);
    EXPECT_LE(runtime_->resident().reserved_bytes(), budget);
}

}  // namespace
}  // namespace skillet
