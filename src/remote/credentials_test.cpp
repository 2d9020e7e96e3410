// SPDX-License-Identifier: Apache-2.0
#include "remote/credentials.h"

#include <cstdlib>

#include <gtest/gtest.h>

#include "testing/made.h"
#include "testing/skill_builder.h"
#include "testing/temp_dir.h"

namespace skillet {
namespace {

using testing::made;

std::string user_of(std::string_view config, std::string_view host) {
    const auto found = made(credentials_in(config, host));
    return found ? found->user + " " + found->password : "nobody";
}

TEST(Credentials, are_those_of_the_host_and_its_port) {
    constexpr const char *config = R"({"auths": {
        "localhost:5000": {"auth": "dXNlcjpwYXNz"},
        "https://old.example.org/v1/": {"auth": "YTpiOmM="},
        "plain.example.org": {"username": "name", "password": "word"},
        "https://index.docker.io/v1/": {"auth": "dXNlcjpwYXNz"}}, "HttpHeaders": {"a": "b"}})";
    EXPECT_EQ(user_of(config, "localhost:5000"), "user pass");
    EXPECT_EQ(user_of(config, "old.example.org"), "a b:c") << "only the first colon separates";
    EXPECT_EQ(user_of(config, "plain.example.org"), "name word");
    EXPECT_EQ(user_of(config, "docker.io"), "user pass");
    for (const char *host : {"localhost", "localhost:5001", "example.org", "org"}) {
        EXPECT_EQ(user_of(config, host), "nobody") << host;
    }
}

TEST(Credentials, an_empty_entry_says_nothing) {
    EXPECT_EQ(user_of(R"({"auths": {"a.example": {}}})", "a.example"), "nobody");
    EXPECT_EQ(user_of("{}", "a.example"), "nobody");
}

TEST(Credentials, of_a_helper_are_refused_by_name) {
    for (const char *config :
         {R"({"credsStore": "vault"})", R"({"auths": {"a.example": {}}, "credsStore": "vault"})",
          R"({"credHelpers": {"a.example": "vault"}})"}) {
        const auto found = credentials_in(config, "a.example");
        ASSERT_FALSE(found) << config;
        EXPECT_EQ(found.error().code, SKL_E_REMOTE_DENIED);
        EXPECT_NE(found.error().message.find("docker-credential-vault"), std::string::npos);
    }
    EXPECT_EQ(user_of(R"({"credHelpers": {"b.example": "vault"}})", "a.example"), "nobody");
    EXPECT_EQ(user_of(R"({"auths": {"a.example": {"auth": "dXNlcjpwYXNz"}}, "credsStore": "v"})",
                      "a.example"),
              "user pass");
}

TEST(Credentials, that_cannot_be_read_are_not_repeated) {
    for (const char *config : {R"({"auths": {"a.example": {"auth": "secret"}}})",
                               R"({"auths": {"a.example": {"auth": "c2VjcmV0"}}})",
                               R"({"auths": {"a.example": {"identitytoken": "secret"}}})",
                               R"({"auths": {"a.example": {"auth": "secret"}})"}) {
        const auto found = credentials_in(config, "a.example");
        ASSERT_FALSE(found) << config;
        EXPECT_EQ(found.error().code, SKL_E_REMOTE_DENIED);
        for (const std::string &text :
             {found.error().message, found.error().subject, found.error().hint}) {
            EXPECT_EQ(text.find("secret"), std::string::npos);
            EXPECT_EQ(text.find("c2Vj"), std::string::npos);
        }
    }
}

TEST(Credentials, are_looked_for_where_docker_keeps_them) {
    const testing::TempDir folder;
    ::setenv("DOCKER_CONFIG", folder.path().c_str(), 1);
    EXPECT_FALSE(made(find_credentials("", "a.example"))) << "a missing file is no error";
    EXPECT_EQ(find_credentials(folder / "config.json", "a.example").error().code, SKL_E_NOT_FOUND)
        << "but one that somebody named must be there";
    testing::write_file(folder / "config.json",
                        R"({"auths": {"a.example": {"auth": "dXNlcjpwYXNz"}}})");
    EXPECT_EQ(made(find_credentials("", "a.example"))->user, "user");
    ::unsetenv("DOCKER_CONFIG");
    ::setenv("HOME", folder.path().c_str(), 1);
    EXPECT_FALSE(made(find_credentials("", "a.example"))) << "it is in ~/.docker";
}

}  // namespace
}  // namespace skillet
