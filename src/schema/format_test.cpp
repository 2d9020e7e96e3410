// SPDX-License-Identifier: Apache-2.0
// Which strings each format admits. The official suite is tried in tests/cli.
#include "schema/format.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace skillet::schema {
namespace {

struct Row {
    const char *format;
    std::vector<std::string> admitted;
    std::vector<std::string> refused;
};

const Row rows[] = {
    {"date",
     {"2024-02-29", "2000-02-29", "0000-12-31", "2023-04-30"},
     {"2023-02-29", "1900-02-29", "2023-13-01", "2023-00-01", "2023-04-31", "2023-1-01",
      "2023-01-00", "20230101", "2023-01-01 ", "2023-01-01Z", "+2023-01-01", ""}},
    {"time",
     {"00:00:00Z", "23:59:60z", "23:59:60+00:00", "00:59:60+01:00", "22:59:59.123456789012-23:59"},
     {"24:00:00Z", "12:60:00Z", "12:00:61Z", "12:00:60Z", "12:00:00", "12:00:00.Z", "12:00Z",
      "12:00:00+24:00", "12:00:00+1:00", "12:00:00 Z", "12:00:00ZZ", ""}},
    {"date-time",
     {"2024-02-29T12:00:00Z", "1998-12-31t23:59:60z", "2020-01-01T00:00:00.5+14:00"},
     {"2024-02-30T12:00:00Z", "2024-02-29 12:00:00Z", "2024-02-29", "2024-02-29T12:00:00", ""}},
    {"duration",
     {"P1Y2M3DT4H5M6S", "P1W", "PT0S", "P3D", "P2M", "PT1H", "PT1M2S", "P1DT1S"},
     {"", "P", "PT", "P1", "1D", "P1DT", "P1W1D", "PT1S1M", "P1D1M", "P1.5D", "P-1D", "p1d", "P1H",
      "P1Y1D", "PT1H1S", "PT1H1D"}},
    {"ipv4",
     {"0.0.0.0", "255.255.255.255", "10.1.2.3"},
     {"256.0.0.0", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.4 ", "1..2.3", "0x1.2.3.4",
      "1.2.3.0000", ""}},
    {"ipv6",
     {"::", "::1", "1::", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1::8",
      "::ffff:1.2.3.4", "1:2:3:4:5:6:1.2.3.4", "ABCD::abcd", "1::1.2.3.4"},
     {"", ":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3",
      "12345::", "1:2:3:4::5:6:7:8", "::1.2.3.4.5", "1.2.3.4", "1:2:3:4:5:6:7:1.2.3.4",
      "fe80::1%eth0", "1:", ":1", "::1:", "::1.2.3", "1:2:3:4:5:6:7:8::"}},
    {"hostname",
     {"a", "example.com", "A-1.b", "1.2", "xn--nxasmq6b", std::string(63, 'a')},
     {"", ".", "a.", ".a", "a..b", "-a", "a-", "a_b", "a b", "é", std::string(64, 'a'),
      std::string(127, 'a').replace(63, 1, ".") + "." + std::string(63, 'a') + "." +
          std::string(63, 'a')}},
    {"email",
     {"a@b", "a.b+c@example.com", R"("a b\"@"@c)", "a@[1.2.3.4]", "a@[IPv6:::1]",
      "!#$%&'*+-/=?^_`{|}~@b", R"(""@b)", "a@[tag:x]"},
     {"", "@b", "a@", "a", ".a@b", "a.@b", "a..b@c", "a b@c", "a@b@c", "a@-b", R"("a@b)",
      "a@[1.2.3]", "a@[IPv6:1]", "a@[::1]", "é@b", "a@b.", "a@[1.2.3.4", R"("a\)", "a\n@b"}},
    {"uri",
     {"http://a", "a:", "a:b", "urn:x:y", "http://u:p@[::1]:80/p;a?q=/?#f/?", "http://a:/",
      "mailto:a@b.c", "file:///x", "http://[v1.a:b]", "a:%41", "http://a//b", "http://", "a://@"},
     {"",
      "a",
      "/a",
      "//a",
      "#a",
      "1a:b",
      ":a",
      "a b:c",
      "a:b c",
      "a:%4",
      "a:%zz",
      "a:é",
      "a:<b>",
      "http://[::1",
      "http://[::1]a",
      "http://a:b",
      "http://a@b@c",
      "http://[1]",
      "a:b#c#d",
      "a:\\b",
      "http://[v1.]",
      "a:{b}",
      "a:b\"",
      "a:^",
      "a:`",
      "a:|",
      "a:[b]"}},
    {"uri-reference",
     {"", "a", "/a", "//a", "//", "#", "#a", "?a", "./a:b", "a/b:c", "a:b", "..", "%20"},
     {"1:a", "a b", "#a#b", "\\a", "%", "//a:b", "[", "1a:b", "é"}},
    {"uri-template",
     {"", "a", "{a}", "{+a,b:3,c*}", "{?a.b}", "{%41}", "%41é😀", "{a_1}/{#b}", "{a:9999}", "{=a}"},
     {"{",    "}",     "{}",   "{a",   "a}",   "{a{b}}", "{a:0}",  "{a:10000}",
      "{a:}", "{a b}", "{a,}", "{-a}", "{a.}", "{.}",    "{a..b}", "%4",
      "a b",  "<",     "\\",   "^",    "`",    "|",      "{a*:3}", "{é}"}},
    {"uuid",
     {"2EB8AA08-aa98-11EA-b4aa-73b441d16380", "00000000-0000-0000-0000-000000000000"},
     {"", "2eb8aa08-aa98-11ea-b4aa-73b441d1638", "2eb8aa08-aa98-11ea-b4aa-73b441d163800",
      "2eb8aa08aa9811eab4aa73b441d16380", "g0000000-0000-0000-0000-000000000000",
      "{2eb8aa08-aa98-11ea-b4aa-73b441d16380}"}},
    {"json-pointer", {"", "/", "/a/b", "/~0~1", "/é", "//"}, {"a", "/~", "/~2", "#/a", "/a~"}},
    {"relative-json-pointer",
     {"0", "1/a", "10#", "0#", "0+1", "2-1/a", "0+10#"},
     {"", "/a", "01", "-1/a", "+1", "0a", "0##", "0/~", "0+0", "0+", "1+01", "#"}},
    {"regex",
     {"", "a", "(?=a)", "(a)\\1", "[]", "\\p{L}", "\\p{Alphabetic}"},
     {"(", "[", "*", "a{2,1}", "\\", "\\-", "\\1", "\\p{x}", "(?<a", "a**"}},
};

TEST(SchemaFormat, admits_and_refuses) {
    for (const Row &row : rows) {
        const Format *format = find_format(row.format);
        ASSERT_NE(format, nullptr) << row.format;
        for (const std::string &text : row.admitted) {
            EXPECT_TRUE(format->admits(text)) << row.format << ": " << text;
        }
        for (const std::string &text : row.refused) {
            EXPECT_FALSE(format->admits(text)) << row.format << ": " << text;
        }
    }
}

TEST(SchemaFormat, knows_no_other_names) {
    for (const char *name :
         {"idn-email", "idn-hostname", "iri", "iri-reference", "Date", "", "color"}) {
        EXPECT_EQ(find_format(name), nullptr) << name;
    }
}

TEST(SchemaFormat, reads_nothing_beyond_the_text) {
    // Every format, on every beginning of a text that is valid for it, in a buffer of its own size.
    for (const Row &row : rows) {
        for (const std::string &text : row.admitted) {
            for (size_t size = 0; size <= text.size(); ++size) {
                const std::vector<char> copy(text.begin(),
                                             text.begin() + static_cast<std::ptrdiff_t>(size));
                if (size > 0 && size < text.size() &&
                    (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) {
                    continue;  // only whole characters come from JSON
                }
                (void)find_format(row.format)->admits({copy.data(), copy.size()});
            }
        }
    }
}

}  // namespace
}  // namespace skillet::schema
