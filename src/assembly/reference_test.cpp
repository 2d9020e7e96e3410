// SPDX-License-Identifier: Apache-2.0
// Which texts name a package, and how.
#include "assembly/reference.h"

#include <gtest/gtest.h>

namespace skillet {
namespace {

const std::string hex(64, 'a');

Reference parsed(std::string_view text) {
    auto reference = Reference::parse(text);
    EXPECT_TRUE(reference) << text << ": " << reference.error().message;
    return reference ? *reference : Reference();
}

TEST(Reference, takes_an_id_alone) {
    const Reference reference = parsed("org.skillet.spam-filter");
    EXPECT_EQ(reference.id, "org.skillet.spam-filter");
    EXPECT_TRUE(reference.path.empty());
    EXPECT_TRUE(reference.version.empty());
    EXPECT_FALSE(reference.digest);
}

TEST(Reference, takes_an_id_and_a_version) {
    for (const char *version : {"1.2.3", "0.0.1-rc.1", "1.0.0+build.5", "1.0.0-a+b"}) {
        const Reference reference = parsed(std::string("org.a@") + version);
        EXPECT_EQ(reference.id, "org.a");
        EXPECT_EQ(reference.version, version);
        EXPECT_FALSE(reference.digest);
    }
}

TEST(Reference, takes_an_id_and_a_range) {
    for (const char *range : {"1", "1.0", "^1.0.0", "~0.2", ">=1.0.0 <3", "*"}) {
        const Reference reference = parsed(std::string("org.a@") + range);
        EXPECT_EQ(reference.id, "org.a");
        EXPECT_TRUE(reference.version.empty());
        ASSERT_TRUE(reference.range) << range;
        EXPECT_EQ(reference.range->text(), range);
    }
}

TEST(Reference, takes_an_id_and_a_digest) {
    const Reference reference = parsed("org.a@sha256:" + hex);
    EXPECT_EQ(reference.id, "org.a");
    EXPECT_TRUE(reference.version.empty());
    ASSERT_TRUE(reference.digest);
    EXPECT_EQ(reference.digest->hex(), hex);
}

TEST(Reference, takes_everything_with_a_slash_or_the_suffix_for_a_path) {
    for (const std::string path : {"./a", "/", "a/b", "my.skill", ".skill", "org.a@1.0.0.skill",
                                   "../x y/\xC3\xA4", "org.a@sha256:/"}) {
        const Reference reference = parsed(path);
        EXPECT_EQ(reference.path, path);
        EXPECT_TRUE(reference.id.empty());
    }
}

TEST(Reference, refuses_everything_else_as_an_invalid_argument) {
    for (const std::string &text :
         std::vector<std::string>{"",
                                  " ",
                                  "spam",
                                  "org.",
                                  ".org",
                                  "org..a",
                                  "Org.A",
                                  "org.a ",
                                  " org.a",
                                  "org.a-",
                                  "-org.a",
                                  "org.\xC3\xA4",
                                  "org.a\n",
                                  std::string("org.a\0", 6),
                                  "@",
                                  "@1.0.0",
                                  "org.a@",
                                  "org.a@01.0.0",
                                  "org.a@1.0.0@2.0.0",
                                  "org.a@v1.0.0",
                                  "org.a@latest",
                                  "org.a@^",
                                  "org.a@>1",
                                  "org.a@sha256:",
                                  "org.a@sha256:abc",
                                  "org.a@sha256:" + std::string(64, 'A'),
                                  "org.a@sha256:" + hex + "a",
                                  "org.a@sha512:" + hex,
                                  "sha256:" + hex,
                                  std::string(200, 'a') + ".b",
                                  "org.a@1.0.0-" + std::string(200, 'a')}) {
        const auto refused = Reference::parse(text);
        ASSERT_FALSE(refused) << text;
        EXPECT_EQ(refused.error().code, SKL_E_INVALID_ARGUMENT) << text;
        EXPECT_FALSE(refused.error().message.empty()) << text;
    }
}

}  // namespace
}  // namespace skillet
