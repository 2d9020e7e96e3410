// SPDX-License-Identifier: Apache-2.0
// Pulling from a registry on loopback that gets one thing wrong (tests/remote/).
#include "assembly/pull.h"

#include <cstdlib>
#include <mutex>

#include <gtest/gtest.h>

#include "testing/installed_root.h"
#include "testing/registry_process.h"
#include "testing/skill_builder.h"
#include "testing/temp_dir.h"

namespace skillet {
namespace {

using std::chrono::milliseconds;
using testing::made;
using testing::RegistryProcess;
using testing::TempDir;

class PullTest : public ::testing::Test {
protected:
    PullTest() {
        ::setenv("no_proxy", "127.0.0.1,localhost", 1);
        ::setenv("DOCKER_CONFIG", folder_.path().c_str(), 1);
        const std::string model = testing::write_classifier_model(folder_ / "model.gguf");
        const json::Value document = testing::skill_document(model);
        archive_ = testing::pack_skill(
            folder_.path(), model, document,
            {testing::calibration_document(document, 2), testing::evidence_document(document)});
        model_digest_ = *json::resolve(testing::subject_of(document), "/artifact")->string();
        model_bytes_ = made(FileSlice::open(model)).size();
        root_ = made(Root::open(*files_, folder_ / "root", "test"));
        options_.retry.pause = [this](milliseconds time, const StopSignal &) {
            const std::lock_guard lock(mutex_);
            pauses_.push_back(time);
            return Result<void>();
        };
        options_.transport.idle_timeout = milliseconds(400);
        options_.transport.connect_timeout = milliseconds(400);
    }

    void serve(const std::string &scenario) {
        registry_.emplace(archive_, scenario, folder_.path());
    }
    Result<Pulled> pull_from(const std::string &scenario, const std::string &selector = ":1") {
        serve(scenario);
        return again(selector);
    }
    Result<Pulled> again(const std::string &selector = ":1", const Work &work = {}) {
        const std::string text = registry_->host() + "/skills/test" + selector;
        return pull(*root_, made(RemoteReference::parse(text)), options_, work);
    }
    void log_in(const std::string &auth = "dXNlcjpwYXNz") {
        testing::write_file(folder_ / "config.json", R"({"auths": {")" + registry_->host() +
                                                         R"(": {"auth": ")" + auth + R"("}}})");
    }

    // A package that is here and whole, and a root that holds nothing else.
    void expect_pulled(const Result<Pulled> &pulled) {
        ASSERT_TRUE(pulled) << pulled.error().message << " (" << pulled.error().subject << ")";
        EXPECT_EQ(pulled->row.state, State::verified);
        EXPECT_EQ(made(root_->read(pulled->row)).documents.size(), 2u);
        testing::expect_consistent(*root_);
        expect_no_staging();
    }
    void expect_refused(const Result<Pulled> &pulled, Code code) {
        ASSERT_FALSE(pulled);
        EXPECT_EQ(pulled.error().code, code) << pulled.error().message;
        EXPECT_FALSE(pulled.error().message.empty());
        EXPECT_TRUE(made(root_->registry().list()).empty());
        testing::expect_consistent(*root_);
    }
    void expect_no_staging() {
        EXPECT_TRUE(made(files_->list(folder_ / "root/store/staging")).empty());
    }

    [[nodiscard]] std::string model_path() const {
        return "/v2/skills/test/blobs/" + model_digest_;
    }
    // What was said in the member of each request for the model.
    std::vector<std::string> model_requests(const char *member) {
        std::vector<std::string> said;
        for (const json::Value &request : registry_->requests()) {
            const json::Value *path = json::resolve(request, "/path");
            if (path == nullptr || !path->string()->starts_with(model_path())) continue;
            const std::string *text = request.object()->find(member)->string();
            said.push_back(text != nullptr ? *text : "");
        }
        return said;
    }

    TempDir folder_;
    std::string archive_;
    std::string model_digest_;
    uint64_t model_bytes_ = 0;
    std::unique_ptr<FileSystem> files_ = posix_file_system();
    std::unique_ptr<Root> root_;
    RemoteOptions options_;
    std::mutex mutex_;
    std::vector<milliseconds> pauses_;
    std::optional<RegistryProcess> registry_;
};

TEST_F(PullTest, installs_the_package_with_its_documents) {
    const auto pulled = pull_from("behaves");
    expect_pulled(pulled);
    EXPECT_GE(pulled->downloaded_bytes, model_bytes_);
    EXPECT_EQ(pulled->reference,
              registry_->host() + "/skills/test@" + pulled->row.digest.to_string());
    EXPECT_TRUE(pauses_.empty());
}

TEST_F(PullTest, takes_a_digest_for_what_it_is) {
    expect_pulled(pull_from("behaves"));
    const Digest digest = made(root_->registry().list()).front().digest;
    expect_pulled(again("@" + digest.to_string()));
    EXPECT_EQ(again("@sha256:" + std::string(64, '0')).error().code, SKL_E_NOT_FOUND);
}

TEST_F(PullTest, asks_for_no_blob_that_is_here) {
    expect_pulled(pull_from("behaves"));
    const auto second = again();
    expect_pulled(second);
    EXPECT_EQ(second->downloaded_bytes, 0u);
    EXPECT_EQ(model_requests("range").size(), 1u);
}

TEST_F(PullTest, fetches_a_damaged_blob_again) {
    const auto first = pull_from("behaves");
    expect_pulled(first);
    const Digest model = made(Digest::parse(model_digest_));
    const std::string path = root_->store().blob_path(model);
    ASSERT_TRUE(files_->remove(path));
    testing::write_file(path, std::string(static_cast<size_t>(model_bytes_), 'x'));
    EXPECT_FALSE(root_->verify(first->row, {}));
    const auto second = again();
    EXPECT_TRUE(second || second.error().code == SKL_E_QUARANTINED);
    EXPECT_EQ(model_requests("range").size(), 2u);
    Phase unwatched;
    EXPECT_TRUE(made(root_->store().is_intact({{}, model, model_bytes_, {}, {}}, unwatched)));
}

TEST_F(PullTest, needs_a_version_or_a_digest) {
    EXPECT_EQ(pull_from("behaves", "").error().code, SKL_E_INVALID_ARGUMENT);
    EXPECT_TRUE(registry_->requests().empty());
    EXPECT_EQ(again(":2").error().code, SKL_E_NOT_FOUND);
}

TEST_F(PullTest, logs_in_where_it_is_asked_to) {
    for (const char *scenario : {"wants_basic", "wants_token", "token_expires"}) {
        SCOPED_TRACE(scenario);
        serve(scenario);
        const auto stranger = again();
        ASSERT_FALSE(stranger);
        EXPECT_EQ(stranger.error().code, SKL_E_REMOTE_DENIED);
        EXPECT_NE(stranger.error().hint.find("docker login"), std::string::npos);
        log_in("d3Jvbmc6cGFzcw==");
        EXPECT_EQ(again().error().code, SKL_E_REMOTE_DENIED);
        log_in();
        expect_pulled(again());
        ASSERT_TRUE(root_->remove(made(root_->registry().list()).front(), "test"));
        ASSERT_TRUE(files_->remove(folder_ / "config.json"));
    }
}

TEST_F(PullTest, no_error_tells_a_password) {
    serve("forbids");
    log_in("c2VjcmV0LW5hbWU6c2VjcmV0LXdvcmQ=");  // secret-name:secret-word
    for (const char *scenario : {"forbids", "wants_basic", "wants_token"}) {
        serve(scenario);
        log_in("c2VjcmV0LW5hbWU6c2VjcmV0LXdvcmQ=");
        const Error error = again().error();
        EXPECT_EQ(error.code, SKL_E_REMOTE_DENIED) << scenario;
        for (const std::string &text : {error.message, error.subject, error.hint}) {
            EXPECT_EQ(text.find("secret"), std::string::npos) << text;
            EXPECT_EQ(text.find("c2Vj"), std::string::npos) << text;
        }
    }
}

TEST_F(PullTest, a_redirect_to_another_host_gets_no_credentials) {
    serve("redirects_blobs");
    log_in();
    expect_pulled(again());
    bool was_elsewhere = false;
    for (const json::Value &request : registry_->requests()) {
        const std::string port = std::to_string(*json::resolve(request, "/port")->integer());
        if (registry_->host().ends_with(":" + port)) continue;
        was_elsewhere = true;
        EXPECT_TRUE(json::resolve(request, "/authorization")->is_null());
        EXPECT_TRUE(json::resolve(request, "/path")->string()->ends_with("?sign=a%2Fb"));
    }
    EXPECT_TRUE(was_elsewhere);
}

TEST_F(PullTest, waits_as_long_as_the_registry_wants) {
    expect_pulled(pull_from("busy_twice"));
    EXPECT_EQ(pauses_, std::vector<milliseconds>(2, milliseconds(7000)));
}

TEST_F(PullTest, does_not_wait_for_an_hour) {
    expect_refused(pull_from("busy_for_an_hour"), SKL_E_REMOTE_UNREACHABLE);
    EXPECT_TRUE(pauses_.empty());
}

TEST_F(PullTest, tries_again_with_longer_pauses_what_may_pass) {
    options_.connections_max = 1;
    expect_pulled(pull_from("fails_thrice"));
    ASSERT_GE(pauses_.size(), 3u);
    EXPECT_GE(pauses_[0], milliseconds(250));
    EXPECT_LE(pauses_[0], milliseconds(500));
    EXPECT_GE(pauses_[2], milliseconds(1000));
    EXPECT_LE(pauses_[2], milliseconds(2000));
}

TEST_F(PullTest, takes_up_a_transfer_that_broke_off) {
    for (const char *scenario :
         {"ends_in_mid_body_twice", "resets_once", "ends_without_saying_how_much"}) {
        SCOPED_TRACE(scenario);
        pauses_.clear();
        expect_pulled(pull_from(scenario));
        EXPECT_FALSE(pauses_.empty());
        ASSERT_TRUE(root_->remove(made(root_->registry().list()).front(), "test"));
    }
}

TEST_F(PullTest, asks_for_the_rest_only) {
    expect_pulled(pull_from("ends_in_mid_body_twice"));
    const uint64_t half = model_bytes_ / 2;
    const uint64_t more = half + (model_bytes_ - half) / 2;
    const std::vector<std::string> ranges{"", "bytes=" + std::to_string(half) + "-",
                                          "bytes=" + std::to_string(more) + "-"};
    const auto found = model_requests("range");
    EXPECT_EQ(std::vector<std::string>(found.end() - 3, found.end()), ranges);
}

TEST_F(PullTest, the_next_call_takes_up_what_this_one_left) {
    options_.retry.attempts_max = 1;
    expect_refused(pull_from("ends_in_mid_body_twice"), SKL_E_REMOTE_UNREACHABLE);
    EXPECT_TRUE(
        files_->exists(folder_ / ("root/store/staging/" + model_digest_.substr(7) + ".partial")));
    // As another process would: opening the root cleans the staging folder.
    root_ = made(Root::open(*files_, folder_ / "root", "test"));
    expect_refused(again(), SKL_E_REMOTE_UNREACHABLE);
    const auto last = again();
    expect_pulled(last);
    EXPECT_LT(last->downloaded_bytes, model_bytes_);
}

TEST_F(PullTest, survives_a_server_that_cannot_resume) {
    for (const char *scenario : {"ignores_range", "knows_no_range"}) {
        SCOPED_TRACE(scenario);
        expect_pulled(pull_from(scenario));
        ASSERT_TRUE(root_->remove(made(root_->registry().list()).front(), "test"));
    }
}

TEST_F(PullTest, wrong_bytes_that_another_attempt_left_cost_one_more_transfer) {
    const std::string path =
        folder_ / ("root/store/staging/" + model_digest_.substr(7) + ".partial");
    for (const uint64_t left : {uint64_t{10}, model_bytes_, model_bytes_ + 1}) {
        SCOPED_TRACE(left);
        testing::write_file(path, std::string(static_cast<size_t>(left), 'x'));
        expect_pulled(pull_from("behaves"));
        ASSERT_TRUE(root_->remove(made(root_->registry().list()).front(), "test"));
    }
}

TEST_F(PullTest, bytes_that_are_wrong_every_time_are_refused_and_dropped) {
    expect_refused(pull_from("wrong_bytes"), SKL_E_DIGEST_MISMATCH);
    EXPECT_EQ(model_requests("range").size(), 1u);
    expect_refused(again(), SKL_E_DIGEST_MISMATCH);
    EXPECT_EQ(model_requests("range"), (std::vector<std::string>{"", ""})) << "nothing to resume";
}

TEST_F(PullTest, cuts_off_what_never_ends) {
    expect_refused(pull_from("endless_blob"), SKL_E_DIGEST_MISMATCH);
    expect_refused(pull_from("endless_manifest"), SKL_E_REMOTE_INVALID);
    expect_refused(pull_from("endless_error"), SKL_E_NOT_FOUND);
}

TEST_F(PullTest, reads_referrers_from_where_the_registry_keeps_them) {
    for (const char *scenario : {"no_referrers_interface", "referrers_in_pages"}) {
        SCOPED_TRACE(scenario);
        expect_pulled(pull_from(scenario));
        ASSERT_TRUE(root_->remove(made(root_->registry().list()).front(), "test"));
    }
    const auto bare = pull_from("no_referrers_at_all");
    ASSERT_TRUE(bare) << bare.error().message;
    EXPECT_TRUE(made(root_->read(bare->row)).documents.empty());
    expect_pulled(pull_from("behaves"));  // with its documents
}

TEST_F(PullTest, fetches_nothing_large_that_the_licence_policy_refuses) {
    const auto policy = made(LicensePolicy::parse({"0BSD"}, {}));
    root_ = made(Root::open(*files_, folder_ / "root", "test", {}, policy));
    expect_refused(pull_from("behaves"), SKL_E_LICENSE_REFUSED);
    EXPECT_TRUE(model_requests("path").empty());
}

TEST_F(PullTest, ends_when_the_caller_wants_it_to) {
    const auto flag = std::make_shared<CancelFlag>();
    Work work{{flag, {}}, [&](const char *phase, uint64_t, uint64_t) {
                  if (std::string_view(phase) == "download") flag->cancel();
              }};
    serve("behaves");
    expect_refused(again(":1", work), SKL_E_CANCELLED);
    serve("says_nothing");
    options_.transport.idle_timeout = std::chrono::hours(1);
    work = {{nullptr, SteadyClock::now() + milliseconds(50)}, {}};
    expect_refused(again(":1", work), SKL_E_DEADLINE_EXCEEDED);
}

TEST_F(PullTest, says_how_far_it_has_come) {
    uint64_t done = 0;
    uint64_t total = 0;
    const Work work{{}, [&](const char *phase, uint64_t bytes, uint64_t all) {
                        if (std::string_view(phase) != "download") return;
                        EXPECT_GE(bytes, done);
                        done = bytes;
                        total = all;
                    }};
    serve("behaves");
    const auto pulled = again(":1", work);
    expect_pulled(pulled);
    EXPECT_EQ(done, total);
    EXPECT_EQ(total, pulled->downloaded_bytes);
}

// What is simply refused.
struct Refusal {
    const char *scenario;
    Code code;
};

class RefusedPull : public PullTest, public ::testing::WithParamInterface<Refusal> {};

TEST_P(RefusedPull, leaves_the_root_as_it_was) {
    expect_refused(pull_from(GetParam().scenario), GetParam().code);
}

INSTANTIATE_TEST_SUITE_P(
    scenarios, RefusedPull,
    ::testing::Values(Refusal{"asks_for_nothing_known", SKL_E_REMOTE_DENIED},
                      Refusal{"forbids", SKL_E_REMOTE_DENIED},
                      Refusal{"token_is_no_json", SKL_E_REMOTE_INVALID},
                      Refusal{"token_breaks_the_header", SKL_E_REMOTE_INVALID},
                      Refusal{"fails", SKL_E_REMOTE_UNREACHABLE},
                      Refusal{"says_nothing", SKL_E_REMOTE_UNREACHABLE},
                      Refusal{"stalls", SKL_E_REMOTE_UNREACHABLE},
                      Refusal{"always_ends_in_mid_body", SKL_E_REMOTE_UNREACHABLE},
                      Refusal{"sends_another_range", SKL_E_REMOTE_INVALID},
                      Refusal{"too_long", SKL_E_DIGEST_MISMATCH},
                      Refusal{"too_short", SKL_E_DIGEST_MISMATCH},
                      Refusal{"redirects_for_ever", SKL_E_REMOTE_INVALID},
                      Refusal{"redirects_without_tls", SKL_E_REMOTE_INVALID},
                      Refusal{"redirects_to_a_file", SKL_E_REMOTE_INVALID},
                      Refusal{"manifest_is_no_json", SKL_E_MANIFEST_INVALID},
                      Refusal{"manifest_of_another_digest", SKL_E_DIGEST_MISMATCH},
                      Refusal{"tag_is_an_index", SKL_E_FORMAT_UNSUPPORTED},
                      Refusal{"any_digest_is_the_package", SKL_E_DIGEST_MISMATCH},
                      Refusal{"referrers_without_end", SKL_E_REMOTE_INVALID},
                      Refusal{"referrers_are_no_json", SKL_E_REMOTE_INVALID},
                      Refusal{"too_many_referrers", SKL_E_REMOTE_INVALID},
                      Refusal{"speaks_no_http", SKL_E_REMOTE_INVALID}),
    [](const auto &refusal) { return std::string(refusal.param.scenario); });

}  // namespace
}  // namespace skillet
