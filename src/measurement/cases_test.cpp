// SPDX-License-Identifier: Apache-2.0
#include "measurement/cases.h"

#include <fstream>

#include <gtest/gtest.h>

#include "testing/temp_dir.h"

namespace skillet {
namespace {

const std::vector<std::string> labels{"ham", "spam"};

Result<std::vector<Case>> parse(std::string_view text) {
    return parse_cases(text, "c.jsonl", labels);
}

void expect_refused(const std::string &line, Code code, const std::string &about) {
    const auto cases = parse("{\"input\":{\"text\":\"a\"},\"label\":\"ham\"}\n" + line + "\n");
    ASSERT_FALSE(cases) << line;
    EXPECT_EQ(cases.error().code, code) << line << ": " << cases.error().message;
    EXPECT_EQ(cases.error().subject, "c.jsonl:2") << line;
    EXPECT_EQ(cases.error().message.rfind("line 2", 0), 0u) << cases.error().message;
    EXPECT_NE(cases.error().message.find(about), std::string::npos) << cases.error().message;
}

TEST(Cases, are_read_one_a_line) {
    const auto cases = parse(
        "{\"id\":\"x\",\"input\":{\"b\":1, \"a\":2},\"label\":\"spam\",\"split\":\"test\"}\n"
        "{\"label\":\"ham\",\"input\":\"text\",\"logits\":[1,2]}");
    ASSERT_TRUE(cases) << cases.error().message;
    ASSERT_EQ(cases->size(), 2u);
    EXPECT_EQ((*cases)[0].input, R"({"a":2,"b":1})");
    EXPECT_EQ((*cases)[0].label, 1u);
    EXPECT_EQ((*cases)[0].split, "test");
    EXPECT_EQ((*cases)[0].line, 1u);
    EXPECT_EQ((*cases)[1].input, R"("text")");
    EXPECT_EQ((*cases)[1].label, 0u);
    EXPECT_EQ((*cases)[1].line, 2u);
}

TEST(Cases, refuse_each_wrong_line_by_its_number) {
    expect_refused("", SKL_E_INPUT_SYNTAX, "");
    expect_refused("{", SKL_E_INPUT_SYNTAX, "");
    expect_refused("\xff", SKL_E_INPUT_SYNTAX, "");
    expect_refused(R"({"input":1,"input":2,"label":"ham"})", SKL_E_INPUT_SYNTAX, "");
    expect_refused(R"({"input":1,"label":"ham"} x)", SKL_E_INPUT_SYNTAX, "");
    expect_refused("[]", SKL_E_INPUT_SCHEMA, "");
    expect_refused("{}", SKL_E_INPUT_SCHEMA, "/input");
    expect_refused(R"({"input":{}})", SKL_E_INPUT_SCHEMA, "/label");
    expect_refused(R"({"input":{},"label":1})", SKL_E_INPUT_SCHEMA, "/label");
    expect_refused(R"({"input":{},"label":"eggs"})", SKL_E_INPUT_SCHEMA, "\"eggs\"");
    expect_refused(R"({"input":{},"label":"ham","split":7})", SKL_E_INPUT_SCHEMA, "/split");
    expect_refused("{\"input\":{},\"label\":\"ham\",\"split\":\"" + std::string(257, 'a') + "\"}",
                   SKL_E_INPUT_SCHEMA, "/split");
    expect_refused(std::string(100'000, '['), SKL_E_INPUT_SYNTAX, "");
}

TEST(Cases, shorten_a_label_that_would_fill_the_screen) {
    const auto cases = parse("{\"input\":{},\"label\":\"" + std::string(1 << 20, 'a') + "\"}");
    ASSERT_FALSE(cases);
    EXPECT_LT(cases.error().message.size(), 400u);
}

TEST(Cases, refuse_a_text_without_any) {
    const auto none = parse("");
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, SKL_E_INPUT_SCHEMA);
    EXPECT_EQ(none.error().subject, "c.jsonl");
}

TEST(CaseFile, has_the_digest_of_its_bytes_and_its_own_name) {
    const testing::TempDir folder;
    const std::string text = "{\"input\":{},\"label\":\"ham\"}\n";
    std::ofstream(folder / "mails.jsonl") << text;
    const auto file = read_cases(folder / "mails.jsonl", labels);
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ(file->name, "mails.jsonl");
    EXPECT_EQ(file->digest, sha256(text));
    EXPECT_EQ(file->cases.size(), 1u);
    const auto missing = read_cases(folder / "none.jsonl", labels);
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, SKL_E_NOT_FOUND);
}

TEST(CaseFile, refuses_more_bytes_than_it_reads_without_reading_them) {
    const testing::TempDir folder;
    const std::string path = folder / "large.jsonl";
    std::ofstream(path).close();
    std::filesystem::resize_file(path, cases_bytes_max + 1);
    const auto file = read_cases(path, labels);
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().code, SKL_E_INPUT_TOO_LARGE);
}

}  // namespace
}  // namespace skillet
