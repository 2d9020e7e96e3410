// SPDX-License-Identifier: Apache-2.0
// Pushing to a registry on loopback that gets one thing wrong (tests/remote/).
#include "assembly/push.h"

#include <cstdlib>

#include <gtest/gtest.h>

#include "assembly/pull.h"
#include "store/archive.h"
#include "testing/installed_root.h"
#include "testing/registry_process.h"
#include "testing/repack.h"
#include "testing/skill_builder.h"
#include "testing/temp_dir.h"

namespace skillet {
namespace {

using testing::made;
using testing::RegistryProcess;
using testing::TempDir;

constexpr uint64_t piece = 1000;

class PushTest : public ::testing::Test {
protected:
    PushTest() {
        ::setenv("no_proxy", "127.0.0.1,localhost", 1);
        ::setenv("DOCKER_CONFIG", folder_.path().c_str(), 1);
        served_ = pack("1.0.0");
        pushed_ = pack("2.0.0");
        options_.piece_bytes = piece;
        options_.connections_max = 1;
        options_.retry.pause = [](std::chrono::milliseconds, const StopSignal &) {
            return Result<void>();
        };
    }

    // Of another model each, so that a registry which serves one lacks the blobs of the other.
    std::string pack(const std::string &version) {
        testing::ClassifierShape shape;
        shape.words.push_back("\u2581word" + version);
        const std::string model =
            testing::write_classifier_model(folder_ / ("model" + version), shape);
        const json::Value document = testing::skill_document(model, "org.example.test", version);
        return testing::pack_skill(
            folder_.path(), model, document,
            {testing::calibration_document(document, 2), testing::evidence_document(document)});
    }
    Result<Pushed> push_to(const std::string &scenario, const std::string &selector = "") {
        registry_.emplace(served_, scenario, folder_.path());
        return again(selector);
    }
    Result<Pushed> again(const std::string &selector = "") {
        const Archive archive = made(Archive::open(made(FileSlice::open(pushed_))));
        const Package package = made(read_package(archive, made(only_package(archive))));
        const std::string text = registry_->host() + "/skills/test" + selector;
        return push(archive, package, made(RemoteReference::parse(text)), options_, {});
    }
    // What was pushed comes back, with its documents.
    void expect_there(const Result<Pushed> &pushed) {
        ASSERT_TRUE(pushed) << pushed.error().message << " (" << pushed.error().subject << ")";
        const TempDir place;
        const auto root = made(Root::open(*files_, place / "root", "test"));
        const auto pulled =
            pull(*root, made(RemoteReference::parse(pushed->reference)), options_, {});
        ASSERT_TRUE(pulled) << pulled.error().message;
        EXPECT_EQ(pulled->row.version, "2.0.0");
        EXPECT_EQ(made(root->read(pulled->row)).documents.size(), 2u);
    }
    uint64_t sum_of(const char *method, const char *member) {
        uint64_t sum = 0;
        for (const json::Value &request : registry_->requests()) {
            const json::Value *asked = json::resolve(request, "/method");
            if (asked == nullptr || *asked != json::Value(method)) continue;
            sum += static_cast<uint64_t>(*request.object()->find(member)->integer());
        }
        return sum;
    }

    TempDir folder_;
    std::string served_;
    std::string pushed_;
    RemoteOptions options_;
    std::unique_ptr<FileSystem> files_ = posix_file_system();
    std::optional<RegistryProcess> registry_;
};

TEST_F(PushTest, sends_the_package_and_its_documents_under_its_version) {
    const auto pushed = push_to("no_referrers_at_all");
    expect_there(pushed);
    EXPECT_EQ(pushed->tag, "2.0.0");
    EXPECT_EQ(pushed->documents, 2u);
    EXPECT_GT(pushed->uploaded_bytes, piece);
}

TEST_F(PushTest, sends_no_blob_that_is_there) {
    expect_there(push_to("no_referrers_at_all"));
    const uint64_t sent = sum_of("PATCH", "length");
    const auto second = again(":other");
    expect_there(second);
    EXPECT_EQ(second->uploaded_bytes, 0u);
    EXPECT_EQ(sum_of("PATCH", "length"), sent);
}

TEST_F(PushTest, goes_on_where_the_registry_says_it_is) {
    expect_there(push_to("cuts_an_upload"));
    const uint64_t whole = sum_of("PATCH", "length");
    // Half of the piece in which it broke was kept, and is not sent again.
    expect_there(push_to("no_referrers_at_all"));
    EXPECT_LT(whole, sum_of("PATCH", "length") + 2 * piece);
    EXPECT_GE(whole, sum_of("PATCH", "length"));
}

TEST_F(PushTest, begins_anew_where_the_registry_has_forgotten) {
    expect_there(push_to("forgets_an_upload"));
}

TEST_F(PushTest, logs_in_where_it_is_asked_to) {
    for (const char *scenario : {"wants_basic", "wants_token"}) {
        SCOPED_TRACE(scenario);
        EXPECT_EQ(push_to(scenario).error().code, SKL_E_REMOTE_DENIED);
        testing::write_file(folder_ / "config.json", R"({"auths": {")" + registry_->host() +
                                                         R"(": {"auth": "dXNlcjpwYXNz"}}})");
        const auto pushed = again();
        ASSERT_TRUE(pushed) << pushed.error().message;
        ASSERT_TRUE(files_->remove(folder_ / "config.json"));
    }
}

TEST_F(PushTest, keeps_a_list_of_referrers_only_where_the_registry_does_not) {
    const auto was_listed = [this] {
        for (const json::Value &request : registry_->requests()) {
            const json::Value *path = json::resolve(request, "/path");
            if (path != nullptr && path->string()->find("/sha256-") != std::string::npos) {
                return true;
            }
        }
        return false;
    };
    ASSERT_TRUE(push_to("lists_referrers_itself"));
    EXPECT_FALSE(was_listed());
    ASSERT_TRUE(push_to("no_referrers_at_all"));
    EXPECT_TRUE(was_listed());
}

TEST_F(PushTest, refuses_a_digest_that_the_package_has_not) {
    const auto pushed = push_to("behaves", "@sha256:" + std::string(64, '0'));
    EXPECT_EQ(pushed.error().code, SKL_E_INVALID_ARGUMENT);
    EXPECT_TRUE(registry_->requests().empty());
}

TEST_F(PushTest, sends_no_blob_that_is_damaged) {
    testing::damage_file(pushed_);
    const auto pushed = push_to("behaves");
    ASSERT_FALSE(pushed);
    EXPECT_EQ(pushed.error().code, SKL_E_DIGEST_MISMATCH);
    for (const json::Value &request : registry_->requests()) {
        const std::string &method = *json::resolve(request, "/method")->string();
        EXPECT_NE(method, "PATCH") << "nothing of the model, which comes first";
    }
}

struct Refusal {
    const char *scenario;
    Code code;
};

class RefusedPush : public PushTest, public ::testing::WithParamInterface<Refusal> {};

TEST_P(RefusedPush, ends_with_an_error) {
    const auto pushed = push_to(GetParam().scenario);
    ASSERT_FALSE(pushed);
    EXPECT_EQ(pushed.error().code, GetParam().code) << pushed.error().message;
}

INSTANTIATE_TEST_SUITE_P(scenarios, RefusedPush,
                         ::testing::Values(Refusal{"forbids", SKL_E_REMOTE_DENIED},
                                           Refusal{"fails", SKL_E_REMOTE_UNREACHABLE},
                                           Refusal{"has_more_than_was_sent", SKL_E_REMOTE_INVALID},
                                           Refusal{"never_gets_further", SKL_E_REMOTE_INVALID},
                                           Refusal{"takes_no_blob", SKL_E_REMOTE_INVALID},
                                           Refusal{"takes_another_manifest", SKL_E_REMOTE_INVALID},
                                           Refusal{"uploads_elsewhere_without_tls",
                                                   SKL_E_REMOTE_INVALID},
                                           Refusal{"names_no_place", SKL_E_REMOTE_INVALID}),
                         [](const auto &refusal) { return std::string(refusal.param.scenario); });

}  // namespace
}  // namespace skillet
