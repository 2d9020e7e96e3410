// SPDX-License-Identifier: Apache-2.0
#include "remote/remote_reference.h"

#include <gtest/gtest.h>

#include "testing/made.h"

namespace skillet {
namespace {

using testing::made;

const std::string digest = "sha256:" + std::string(64, 'a');

TEST(RemoteReference, reads_what_it_writes) {
    for (const std::string &text :
         {std::string("localhost/a"), std::string("localhost:5000/skills/spam-filter:1.0.0"),
          std::string("registry.example.org/a/b.c/d__e/f---g"), "127.0.0.1:5000/a@" + digest,
          std::string("[::1]:5000/a:_tag.-1")}) {
        const auto reference = RemoteReference::parse(text);
        ASSERT_TRUE(reference) << text;
        EXPECT_EQ(reference->text(), text);
    }
}

TEST(RemoteReference, knows_its_parts) {
    const auto tagged = made(RemoteReference::parse("localhost:5000/a/b:1.0.0"));
    EXPECT_EQ(tagged.host, "localhost:5000");
    EXPECT_EQ(tagged.name, "a/b");
    EXPECT_EQ(tagged.selector(), "1.0.0");
    EXPECT_FALSE(tagged.digest);
    const auto pinned = made(RemoteReference::parse("example.org/a@" + digest));
    EXPECT_EQ(pinned.selector(), digest);
    EXPECT_EQ(made(RemoteReference::parse("example.org/a")).selector(), "");
}

TEST(RemoteReference, refuses_what_the_specification_does_not_admit) {
    for (const std::string &text : {std::string(),
                                    std::string("a"),
                                    std::string("library/a:1"),
                                    std::string("/a"),
                                    std::string("example.org/"),
                                    std::string("example.org/A"),
                                    std::string("example.org/a/"),
                                    std::string("example.org//a"),
                                    std::string("example.org/a/../b"),
                                    std::string("example.org/.a"),
                                    std::string("example.org/a..b"),
                                    std::string("example.org/a___b"),
                                    std::string("example.org/a-"),
                                    std::string("example.org/a._b"),
                                    std::string("example.org/a:"),
                                    std::string("example.org/a:.b"),
                                    std::string("example.org/a:b/c"),
                                    std::string("example.org/a:b c"),
                                    std::string("example.org/a@sha256:123"),
                                    "example.org/a:b@" + digest,
                                    std::string("example.org/a?b"),
                                    std::string("user@example.org/a"),
                                    std::string("https://example.org/a"),
                                    std::string("exa mple.org/a"),
                                    std::string("example.org:x/a"),
                                    "example.org/a:" + std::string(129, 'b'),
                                    "example.org/" + std::string(256, 'b')}) {
        const auto reference = RemoteReference::parse(text);
        ASSERT_FALSE(reference) << text;
        EXPECT_EQ(reference.error().code, SKL_E_INVALID_ARGUMENT);
    }
}

TEST(RemoteReference, makes_a_tag_of_any_version) {
    EXPECT_EQ(tag_of_version("1.2.3"), "1.2.3");
    EXPECT_EQ(tag_of_version("1.2.3-rc.1+build.5"), "1.2.3-rc.1_build.5");
}

TEST(RemoteReference, names_the_index_of_referrers_after_the_digest) {
    EXPECT_EQ(referrers_tag(made(Digest::parse(digest))), "sha256-" + std::string(64, 'a'));
}

}  // namespace
}  // namespace skillet
