// SPDX-License-Identifier: Apache-2.0
#include "journal/sqlite_error.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

namespace skillet {
namespace {

void expect_code(int sqlite_code, Code expected) {
    const Error error = sqlite_error(sqlite_code, "detail", "/root/skillet.db");
    EXPECT_EQ(error.code, expected) << sqlite_code;
    EXPECT_EQ(error.subject, "/root/skillet.db");
    EXPECT_NE(error.message.find("detail"), std::string::npos) << error.message;
}

TEST(SqliteError, tells_the_disk_from_the_file) {
    for (const int code :
         {SQLITE_FULL, SQLITE_IOERR, SQLITE_IOERR_FSYNC, SQLITE_IOERR_WRITE, SQLITE_READONLY,
          SQLITE_READONLY_DIRECTORY, SQLITE_CANTOPEN, SQLITE_CANTOPEN_ISDIR, SQLITE_PERM}) {
        expect_code(code, SKL_E_IO);
        EXPECT_FALSE(sqlite_error(code, "", "").hint.empty()) << code;
    }
    for (const int code : {SQLITE_CORRUPT, SQLITE_CORRUPT_INDEX, SQLITE_NOTADB}) {
        expect_code(code, SKL_E_STORE_CORRUPT);
        EXPECT_NE(sqlite_error(code, "", "").hint.find("restore it"), std::string::npos);
    }
}

TEST(SqliteError, says_that_another_process_holds_the_database) {
    for (const int code : {SQLITE_BUSY, SQLITE_BUSY_RECOVERY, SQLITE_BUSY_SNAPSHOT}) {
        expect_code(code, SKL_E_IO);
        const Error error = sqlite_error(code, "", "");
        EXPECT_NE(error.message.find("another process holds"), std::string::npos) << error.message;
        EXPECT_NE(error.message.find("10000 ms"), std::string::npos) << error.message;
    }
}

TEST(SqliteError, tells_memory_from_the_disk) {
    expect_code(SQLITE_NOMEM, SKL_E_OUT_OF_MEMORY);
    expect_code(SQLITE_IOERR_NOMEM, SKL_E_OUT_OF_MEMORY);
}

TEST(SqliteError, takes_everything_else_for_our_mistake) {
    for (const int code : {SQLITE_ERROR, SQLITE_MISUSE, SQLITE_RANGE, SQLITE_CONSTRAINT,
                           SQLITE_CONSTRAINT_TRIGGER, SQLITE_LOCKED, 77}) {
        expect_code(code, SKL_E_INTERNAL);
    }
}

}  // namespace
}  // namespace skillet
