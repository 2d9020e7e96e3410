// SPDX-License-Identifier: Apache-2.0
// An adapter in a root: it waits for its base, is verified with it, and is not run by this version.
#include <gtest/gtest.h>

#include "assembly/root.h"
#include "assembly/runtime.h"
#include "testing/installed_root.h"
#include "testing/skill_builder.h"
#include "testing/temp_dir.h"

namespace skillet {
namespace {

using testing::made;

class RootAdapterTest : public ::testing::Test {
protected:
    RootAdapterTest() {
        const std::string model = testing::write_classifier_model(folder_ / "model.gguf");
        const std::string adapter = testing::write_adapter(folder_ / "adapter.gguf");
        const NamedBase base = testing::named_base(model);
        base_ = testing::pack_skill(folder_.path(), model, testing::skill_document(model));
        adapter_ = testing::pack_skill(folder_.path(), adapter,
                                       testing::adapter_document(adapter, base), {}, &base);
        root_ = made(Root::open(*files_, folder_ / "root", "tester"));
    }
    [[nodiscard]] PackageRow row() const {
        return made(root_->resolve(made(Reference::parse("org.example.adapter@1.0.0"))));
    }

    testing::TempDir folder_;
    std::unique_ptr<FileSystem> files_ = posix_file_system();
    std::string base_;
    std::string adapter_;
    std::unique_ptr<Root> root_;
};

TEST_F(RootAdapterTest, waits_for_its_base_and_is_verified_with_it) {
    const auto early = root_->install(adapter_, {});
    ASSERT_FALSE(early);
    EXPECT_EQ(early.error().code, SKL_E_DEPENDENCY_UNSATISFIED) << early.error().message;
    EXPECT_EQ(row().state, State::installed) << "it is not at fault";
    ASSERT_TRUE(root_->install(base_, {}));
    const auto verified = root_->verify(row(), {});
    ASSERT_TRUE(verified) << verified.error().message;
    EXPECT_EQ(row().state, State::verified);
    testing::expect_consistent(*root_);
}

TEST_F(RootAdapterTest, stays_verified_when_its_base_goes) {
    ASSERT_TRUE(root_->install(base_, {}));
    ASSERT_TRUE(root_->install(adapter_, {}));
    ASSERT_TRUE(
        root_->remove(made(root_->resolve(made(Reference::parse("org.example.test")))), "a test"));
    const auto again = root_->verify(row(), {});
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, SKL_E_DEPENDENCY_UNSATISFIED);
    EXPECT_EQ(row().state, State::verified) << "its bytes are as they were";
}

TEST_F(RootAdapterTest, is_not_run_by_this_version) {
    ASSERT_TRUE(root_->install(base_, {}));
    ASSERT_TRUE(root_->install(adapter_, {}));
    RuntimeOptions options;
    options.root = folder_ / "root";
    const auto runtime = made(Runtime::open(options));
    for (const std::string &reference : {std::string("org.example.adapter"), adapter_}) {
        const auto opened = runtime->open_skill(reference, {});
        ASSERT_FALSE(opened) << reference;
        EXPECT_EQ(opened.error().code, SKL_E_FORMAT_UNSUPPORTED) << opened.error().message;
        EXPECT_FALSE(opened.error().hint.empty());
    }
}

}  // namespace
}  // namespace skillet
