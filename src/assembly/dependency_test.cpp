// SPDX-License-Identifier: Apache-2.0
// A package whose dependencies are not there neither serves nor is blamed, and none is removed from
// under it.
#include <filesystem>

#include <gtest/gtest.h>

#include "testing/repack.h"
#include "testing/scripted_runtime.h"

namespace skillet {
namespace {

using testing::json_of;
using testing::made;

constexpr const char *input = R"({"text": "a"})";

class DependencyTest : public ::testing::Test, protected testing::ScriptedRuntime {
protected:
    // A .skill file with this member.
    std::string pack_with(const std::string &id, const std::string &version,
                          const std::string &member, const std::string &value) {
        return testing::repack_skill(pack(version, id), folder_ / (id + version + ".skill"),
                                     "/" + member, json_of(value));
    }
    std::string pack_a() {
        return pack_with("org.a", "1.0.0", "depends", R"([{"id": "org.b", "range": "^1"}])");
    }
    PackageRow install(const std::string &archive) { return made(root().install(archive, {})); }
    Root &root() { return *made(runtime_->root()); }
    State state_of(const PackageRow &row) { return (*root().registry().find(row.digest))->state; }
    PackageRow row_of(const std::string &reference) {
        return made(root().resolve(made(Reference::parse(reference))));
    }
    static void expect_unsatisfied(const Error &error, const std::string &subject) {
        EXPECT_EQ(error.code, SKL_E_DEPENDENCY_UNSATISFIED) << error.message;
        EXPECT_EQ(error.subject, subject) << error.message;
    }
    void take(const PackageRow &row, Trigger trigger) {
        ASSERT_TRUE(root().registry().transition(row.digest, trigger, "a test"));
    }

    std::shared_ptr<Runtime> runtime_ = open_runtime();
};

TEST_F(DependencyTest, keeps_a_package_installed_until_its_dependencies_serve) {
    const auto refused = root().install(pack_a(), {});
    ASSERT_FALSE(refused);
    expect_unsatisfied(refused.error(), "org.a@1.0.0 -> org.b ^1");
    const PackageRow a = row_of("org.a");
    EXPECT_EQ(a.state, State::installed) << "nothing is wrong with it";

    install(pack("1.4.0", "org.b"));
    EXPECT_EQ(state_of(a), State::installed) << "nobody has verified it yet";
    ASSERT_TRUE(root().verify(a, {}));
    EXPECT_EQ(state_of(a), State::verified);
}

TEST_F(DependencyTest, reports_the_dependencies_as_a_check) {
    (void)root().install(pack_a(), {});
    const auto check_in = [&](Root &examined) {
        const Report report = made(examined.examine(row_of("org.a"), {}, {}));
        for (const Check &check : report.checks) {
            if (check.name == "/depends") return check;
        }
        return Check();
    };
    const auto reader = made(Root::open_to_read(runtime_->files(), runtime_->settings().root));
    EXPECT_EQ(check_in(root()).result, CheckResult::fail);
    EXPECT_EQ(check_in(root()).group, CheckGroup::compatibility);
    EXPECT_EQ(check_in(*reader).result, CheckResult::fail) << "nor where nothing can be changed";
    install(pack("1.0.0", "org.b"));
    EXPECT_EQ(check_in(root()).result, CheckResult::pass);
    EXPECT_EQ(check_in(*reader).result, CheckResult::pass);
}

TEST_F(DependencyTest, opens_and_loads_nothing_whose_dependency_is_out_of_service) {
    const PackageRow b = install(pack("1.0.0", "org.b"));
    const PackageRow a = install(pack_a());
    const auto skill = made(runtime_->open_skill("org.a", {}));
    ASSERT_TRUE(skill->invoke(input, {}));

    take(b, Trigger::suspend);
    const auto answer = skill->invoke(input, {});
    ASSERT_FALSE(answer);
    expect_unsatisfied(answer.error(), "org.a@1.0.0 -> org.b ^1");
    EXPECT_NE(answer.error().message.find("1.0.0 (suspended)"), std::string::npos);
    const auto opened = runtime_->open_skill("org.a", {});
    ASSERT_FALSE(opened);
    expect_unsatisfied(opened.error(), "org.a@1.0.0 -> org.b ^1");
    ASSERT_FALSE(root().verify(a, {}));
    EXPECT_EQ(state_of(a), State::verified) << "only the dependency left";

    take(b, Trigger::resume);
    ASSERT_TRUE(root().verify(row_of("org.b"), {}));
    EXPECT_TRUE(skill->invoke(input, {}));
}

TEST_F(DependencyTest, resolves_a_file_against_what_is_installed) {
    const std::string file = pack_a();
    const auto alone = runtime_->open_skill(file, {});
    ASSERT_FALSE(alone);
    expect_unsatisfied(alone.error(), "org.a@1.0.0 -> org.b ^1");
    EXPECT_FALSE(std::filesystem::exists(root_path())) << "asking leaves no trace";

    const PackageRow b = install(pack("1.0.0", "org.b"));
    const auto skill = made(runtime_->open_skill(file, {}));
    EXPECT_TRUE(skill->invoke(input, {}));
    take(b, Trigger::suspend);
    EXPECT_FALSE(skill->invoke(input, {}));
}

TEST_F(DependencyTest, removes_nothing_that_a_verified_package_needs) {
    const PackageRow b = install(pack("1.0.0", "org.b"));
    const PackageRow a = install(pack_a());
    const auto removed = root().remove(b, "");
    ASSERT_FALSE(removed);
    expect_unsatisfied(removed.error(), "org.a@1.0.0");
    EXPECT_EQ(removed.error().message, "org.b@1.0.0 is needed by org.a@1.0.0");
    EXPECT_EQ(state_of(b), State::verified) << "it goes on serving";

    const PackageRow newer = install(pack("1.1.0", "org.b"));
    EXPECT_TRUE(root().remove(b, "")) << "another version takes its place";
    EXPECT_FALSE(root().remove(newer, ""));
    ASSERT_TRUE(root().remove(a, ""));
    EXPECT_TRUE(root().remove(newer, ""));
}

TEST_F(DependencyTest, removes_what_only_packages_out_of_service_need) {
    const PackageRow b = install(pack("1.0.0", "org.b"));
    take(install(pack_a()), Trigger::retire);
    EXPECT_TRUE(root().remove(b, ""));
}

TEST_F(DependencyTest, refuses_skills_that_would_need_each_other) {
    (void)root().install(pack_a(), {});
    const auto circle = root().install(
        pack_with("org.b", "1.0.0", "depends", R"([{"id": "org.a", "range": "*"}])"), {});
    ASSERT_FALSE(circle);
    expect_unsatisfied(circle.error(), "org.b@1.0.0 -> org.a@1.0.0 -> org.b@1.0.0");
}

}  // namespace
}  // namespace skillet
