// SPDX-License-Identifier: Apache-2.0
#include "remote/url.h"

#include <gtest/gtest.h>

#include "testing/made.h"

namespace skillet {
namespace {

using testing::made;

TEST(Url, reads_what_it_writes) {
    for (const char *text : {"https://registry.example.org/", "http://127.0.0.1:5000/v2/a/b",
                             "https://[::1]:444/x?a=b%20c&d=e", "http://localhost/"}) {
        EXPECT_EQ(made(Url::parse(text)).text(), text);
    }
    EXPECT_EQ(made(Url::parse("https://HOST.example:443?a=b")).text(), "https://host.example/?a=b");
}

TEST(Url, refuses_what_could_be_read_in_two_ways) {
    for (const char *text : {"",
                             "host/path",
                             "ftp://host/",
                             "https://",
                             "https:///path",
                             "https://user@host/",
                             "https://user:word@host/",
                             "https://host:/",
                             "https://host:0/",
                             "https://host:65536/",
                             "https://host:80:90/",
                             "https://host\\@other/",
                             "https://ho st/",
                             "https://host/a b",
                             "https://host/a\r\nX: y",
                             "https://host/#fragment",
                             "https://host#@other/",
                             "https://[::1/",
                             "https://::1/",
                             "https://[]/",
                             "https://h\xc3\xb6st/",
                             "file:///etc/passwd",
                             "https://host/\x7f"}) {
        EXPECT_FALSE(Url::parse(text)) << text;
    }
    EXPECT_FALSE(Url::parse("https://host/" + std::string(9000, 'a')));
}

TEST(Url, errors_do_not_repeat_a_query) {
    const auto url = Url::parse("ftp://host/path?signature=secret");
    EXPECT_EQ(url.error().subject.find("secret"), std::string::npos);
}

TEST(Url, resolves_whole_addresses_and_paths_from_the_root) {
    const Url base = made(Url::parse("http://localhost:5000/v2/a/blobs/uploads/"));
    EXPECT_EQ(made(base.resolve("/x?y=z")).text(), "http://localhost:5000/x?y=z");
    EXPECT_EQ(made(base.resolve("https://other/x")).text(), "https://other/x");
    EXPECT_EQ(made(base.resolve("/x?y=http://z/")).text(), "http://localhost:5000/x?y=http://z/");
    for (const char *text : {"", "x", "../x", "//other/x", "?x", "javascript:x"}) {
        EXPECT_FALSE(base.resolve(text)) << text;
    }
}

TEST(Url, knows_the_same_server) {
    const Url url = made(Url::parse("https://host/a"));
    EXPECT_TRUE(url.same_origin(made(Url::parse("https://HOST:443/b"))));
    for (const char *other : {"http://host/a", "https://host:444/a", "https://a.host/a"}) {
        EXPECT_FALSE(url.same_origin(made(Url::parse(other)))) << other;
    }
}

TEST(Url, encodes_what_is_added_to_a_query) {
    const Url url = made(Url::parse("https://host/a"));
    EXPECT_EQ(url.with_query("b", "c d&e:f").with_query("g", "").text(),
              "https://host/a?b=c%20d%26e%3Af&g=");
}

TEST(Url, knows_this_machine) {
    for (const char *host : {"localhost", "127.0.0.1", "127.1.2.3", "[::1]"}) {
        EXPECT_TRUE(is_loopback(host)) << host;
    }
    for (const char *host : {"localhost.example.org", "127.0.0.1.example.org", "128.0.0.1", "127",
                             "0.0.0.0", "[::]", "example.org"}) {
        EXPECT_FALSE(is_loopback(host)) << host;
    }
}

}  // namespace
}  // namespace skillet
