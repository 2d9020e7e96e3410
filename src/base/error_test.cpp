// SPDX-License-Identifier: Apache-2.0
// Ties the public enumeration, the error table, HTTP statuses and exit codes together.
#include "base/error.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/result.h"

namespace skillet {
namespace {

// Enumerator and number, as the public header spells them: "    SKL_E_NAME = 1,".
std::map<std::string, int> enumerators_of_the_header() {
    std::ifstream file(SKILLET_SOURCE_DIR "/include/skillet/error.h");
    std::map<std::string, int> found;
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line);
        std::string name;
        std::string equals;
        int number = 0;
        if (!(words >> name >> equals >> number) || equals != "=") continue;
        if (name != "SKL_OK" && !name.starts_with("SKL_E_")) continue;
        EXPECT_TRUE(found.emplace(name, number).second) << name << " is defined twice";
    }
    return found;
}

bool is_snake_case(std::string_view name) {
    const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
    return std::all_of(name.begin(), name.end(), allowed) && !name.empty() && name.front() != '_' &&
           name.back() != '_' && name.find("__") == std::string_view::npos;
}

TEST(ErrorTable, has_each_enumerator_of_the_public_header_exactly_once) {
    const auto enumerators = enumerators_of_the_header();
    ASSERT_GT(enumerators.size(), 30u);
    EXPECT_EQ(enumerators.size(), code_table().size());
    for (const auto &[name, number] : enumerators) {
        const auto has_number = [wanted = number](const CodeInfo &row) {
            return row.code == wanted;
        };
        EXPECT_EQ(std::count_if(code_table().begin(), code_table().end(), has_number), 1) << name;
    }
}

TEST(ErrorTable, ascends_from_success) {
    EXPECT_EQ(code_table().front().code, SKL_OK);
    for (size_t i = 1; i < code_table().size(); ++i) {
        EXPECT_LT(code_table()[i - 1].code, code_table()[i].code);
    }
}

TEST(ErrorTable, has_unique_snake_case_names_and_whole_sentences) {
    std::set<std::string> names;
    for (const CodeInfo &row : code_table()) {
        EXPECT_TRUE(is_snake_case(row.name)) << row.name;
        EXPECT_TRUE(names.insert(row.name).second) << row.name;
        EXPECT_TRUE(std::string_view(row.meaning).ends_with('.')) << row.name;
    }
}

TEST(ErrorTable, exits_with_zero_only_on_success) {
    for (const CodeInfo &row : code_table()) {
        EXPECT_EQ(row.exit_code == 0, row.code == SKL_OK) << row.name;
        // 126 and above belong to the shell.
        EXPECT_LT(row.exit_code, 126) << row.name;
    }
}

// Client libraries retry these statuses, which is wrong where the same call fails again.
TEST(ErrorTable, gives_permanent_refusals_no_status_that_clients_retry) {
    const std::set<Code> not_the_callers_fault = {SKL_E_OUTPUT_SCHEMA, SKL_E_STORE_CORRUPT,
                                                  SKL_E_INTERNAL, SKL_E_CPU_UNSUPPORTED};
    const std::set<int> retried = {408, 409, 429};
    for (const CodeInfo &row : code_table()) {
        if (row.retry == SKL_RETRY_LATER) continue;
        EXPECT_FALSE(retried.contains(row.http_status)) << row.name;
        const bool is_server_error = row.http_status >= 500;
        EXPECT_EQ(is_server_error, not_the_callers_fault.contains(row.code)) << row.name;
    }
}

TEST(ErrorTable, gives_every_failure_an_http_error_status) {
    for (const CodeInfo &row : code_table()) {
        EXPECT_EQ(row.http_status >= 400 && row.http_status <= 599, row.code != SKL_OK) << row.name;
    }
}

TEST(ErrorTable, answers_for_a_number_that_is_no_code_as_for_an_internal_error) {
    EXPECT_EQ(code_info(SKL_E_IO).code, SKL_E_IO);
    EXPECT_EQ(code_info(-1).code, SKL_E_INTERNAL);
    EXPECT_EQ(code_info(1000000).code, SKL_E_INTERNAL);
}

TEST(OsError, tells_a_missing_file_from_a_failing_disk) {
    EXPECT_EQ(os_error(ENOENT, "cannot open", "/a").code, SKL_E_NOT_FOUND);
    const Error full = os_error(ENOSPC, "cannot write", "/a");
    EXPECT_EQ(full.code, SKL_E_IO);
    EXPECT_EQ(full.subject, "/a");
    EXPECT_TRUE(full.message.starts_with("cannot write: ")) << full.message;
    EXPECT_FALSE(full.hint.empty());
}

Result<int> half(int number) {
    if (number % 2 != 0) return make_error(SKL_E_INVALID_ARGUMENT, "odd");
    return number / 2;
}

Result<int> quarter(int number) {
    SKL_TRY_ASSIGN(halved, half(number));
    SKL_TRY(half(halved));
    return half(halved);
}

TEST(Result, carries_the_first_failure_out_of_a_chain) {
    ASSERT_TRUE(quarter(8));
    EXPECT_EQ(*quarter(8), 2);
    for (const int number : {3, 6}) {
        const auto failed = quarter(number);
        ASSERT_FALSE(failed);
        EXPECT_EQ(failed.error().message, "odd");
    }
}

}  // namespace
}  // namespace skillet
