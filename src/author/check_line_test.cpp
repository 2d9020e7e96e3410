// SPDX-License-Identifier: Apache-2.0
#include "author/check_line.h"

#include <gtest/gtest.h>

#include "json/write.h"

namespace skillet {
namespace {

std::string said(std::string_view line) { return json::compact(check_line(line)); }

TEST(CheckLine, gives_a_verdict) {
    EXPECT_EQ(said(R"({"id":1,"schema":{"type":"null"},"instance":null})"),
              R"({"id":1,"schema":"ok","valid":true})");
    EXPECT_EQ(said(R"({"instance":[1],"schema":{"items":false},"id":"a"})"),
              R"({"id":"a","schema":"ok","pointer":"/0","valid":false})");
    EXPECT_EQ(said(R"({"id":null,"schema":{"items":{"a/b":1}},"instance":null})"),
              R"({"id":null,"schema":"refused","pointer":"/items/a~1b","valid":null})");
}

TEST(CheckLine, says_why_a_line_has_none) {
    const std::pair<const char *, const char *> cases[] = {
        {"", "the text ends too early"},
        {"1", "expected object, found integer"},
        {R"({"schema":1,"instance":1})", R"(missing member \"id\")"},
        {R"({"id":1,"instance":1})", R"(missing member \"schema\")"},
        {R"({"id":1,"schema":1})", R"(missing member \"instance\")"},
        {R"({"id":1,"schema":1,"instance":1,"x":1})", "more members than these three"},
    };
    for (const auto &[line, reason] : cases) {
        const std::string answer = said(line);
        EXPECT_TRUE(answer.starts_with(R"({"id":null,"schema":null,"valid":null,"error":{)"))
            << answer;
        EXPECT_NE(answer.find(reason), std::string::npos) << answer;
    }
}

}  // namespace
}  // namespace skillet
