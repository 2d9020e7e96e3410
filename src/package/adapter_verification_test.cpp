// SPDX-License-Identifier: Apache-2.0
// An adapter's package is verified against its base; without it, nothing is said about the package.
#include <algorithm>

#include <gtest/gtest.h>

#include "package/verification.h"
#include "store/archive.h"
#include "testing/repack.h"
#include "testing/temp_dir.h"

namespace skillet {
namespace {

using testing::made;

class AdapterVerificationTest : public ::testing::Test {
protected:
    AdapterVerificationTest()
        : model_(testing::write_classifier_model(folder_ / "model.gguf")),
          base_(testing::named_base(model_)),
          base_package_(
              testing::pack_skill(folder_.path(), model_, testing::skill_document(model_))) {}

    std::string pack(const testing::GgufWriter &adapter) const {
        const std::string path = testing::write_file(folder_ / "adapter.gguf", adapter.bytes());
        return testing::pack_skill(folder_.path(), path, testing::adapter_document(path, base_), {},
                                   &base_);
    }
    static Report examine(const std::string &package, const FindBase &find_base) {
        const Archive archive = made(Archive::open(made(FileSlice::open(package))));
        return made(
            examine_package(archive, made(only_package(archive)), {.find_base = find_base}));
    }
    static void expect_failure(const Report &report, Code code, std::string_view subject) {
        const Error *failure = report.first_failure();
        ASSERT_NE(failure, nullptr) << "accepted what is wrong with " << subject;
        EXPECT_EQ(failure->code, code) << failure->message;
        EXPECT_EQ(failure->subject, subject) << failure->message;
    }

    testing::TempDir folder_;
    std::string model_;
    NamedBase base_;
    std::string base_package_;
};

TEST_F(AdapterVerificationTest, holds_against_its_base_wherever_that_comes_from) {
    const std::string package = pack(testing::tiny_adapter());
    const Archive store = made(Archive::open(made(FileSlice::open(base_package_))));
    for (const FindBase &find_base :
         {base_from_file(model_), base_from_file(base_package_), find_base_in(store)}) {
        const Report report = examine(package, find_base);
        EXPECT_TRUE(report.holds()) << report.first_failure()->message;
        for (const char *name : {"base", "tokenizer", "targets", "values", "/adapter/rank"}) {
            EXPECT_TRUE(std::any_of(report.checks.begin(), report.checks.end(),
                                    [&](const Check &check) { return check.name == name; }))
                << name;
        }
    }
}

TEST_F(AdapterVerificationTest, without_its_base_it_is_neither_right_nor_wrong) {
    const std::string package = pack(testing::tiny_adapter());
    const std::string model = testing::write_classifier_model(folder_ / "x.gguf", {.context = 24});
    const std::string other =
        testing::pack_skill(folder_.path(), model, testing::skill_document(model, "org.example.x"));
    const Archive store = made(Archive::open(made(FileSlice::open(other))));
    for (const FindBase &find_base : {FindBase(), base_from_file(other), find_base_in(store)}) {
        const Report report = examine(package, find_base);
        expect_failure(report, SKL_E_DEPENDENCY_UNSATISFIED, "org.example.base");
        EXPECT_FALSE(blames_package(report.first_failure()->code)) << "nobody quarantines it";
        EXPECT_NE(report.first_failure()->message.find(base_.model.digest.to_string()),
                  std::string::npos);
    }
}

TEST_F(AdapterVerificationTest, refuses_what_drifts_from_the_bytes_of_either) {
    const std::string package = pack(testing::tiny_adapter());
    const auto changed = [&](const char *pointer, const char *value) {
        return examine(testing::repack_skill(package, folder_ / "other.skill", pointer,
                                             testing::json_of(value)),
                       base_from_file(model_));
    };
    expect_failure(changed("/adapter/rank", "8"), SKL_E_MANIFEST_INVALID, "/adapter/rank");
    expect_failure(changed("/adapter/alpha", "4"), SKL_E_MANIFEST_INVALID, "/adapter/alpha");
    expect_failure(changed("/adapter/scaling", R"-("alpha/sqrt(rank)")-"), SKL_E_MANIFEST_INVALID,
                   "/adapter/scaling");
    expect_failure(changed("/adapter/abi", R"("skillet.adapter/2")"), SKL_E_MANIFEST_INVALID,
                   "/adapter/abi");
    expect_failure(changed("/tokenizer/id", R"("bert/other")"), SKL_E_MANIFEST_INVALID,
                   "/tokenizer/id");
}

}  // namespace
}  // namespace skillet
