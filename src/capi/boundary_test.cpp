// SPDX-License-Identifier: Apache-2.0
// Option structs of other versions: an older header's are served, a newer header's are refused
// unless they ask for nothing this library does not know.
#include "capi/boundary.h"

#include <gtest/gtest.h>

namespace skillet {
namespace {

struct First {
    uint32_t struct_size;
    uint32_t flags;
    uint64_t budget;
};
struct Today {
    uint32_t struct_size;
    uint32_t flags;
    uint64_t budget;
    uint64_t added_since;
};
struct Tomorrow {
    Today today;
    uint64_t unknown;
};

constexpr uint32_t known_flag = 2;

Result<Today> read(const void *options) {
    Today known{};
    SKL_TRY(read_options(options, OptionRules{sizeof(First), sizeof known, known_flag}, &known));
    return known;
}

Code refusal(const void *options) {
    const auto known = read(options);
    return known ? SKL_OK : known.error().code;
}

TEST(Options, of_an_older_header_leave_what_was_added_at_its_default) {
    const First old{sizeof(First), 0, 7};
    const auto known = read(&old);
    ASSERT_TRUE(known);
    EXPECT_EQ(known->budget, 7u);
    EXPECT_EQ(known->added_since, 0u);
}

TEST(Options, of_a_newer_header_are_served_unless_they_say_something_unknown) {
    Tomorrow newer{{sizeof(Tomorrow), 0, 7, 8}, 0};
    ASSERT_TRUE(read(&newer));
    EXPECT_EQ(read(&newer)->added_since, 8u);
    newer.unknown = 1;
    EXPECT_EQ(refusal(&newer), SKL_E_ABI_MISMATCH);
}

TEST(Options, of_no_version_at_all_are_refused) {
    Today options{sizeof(Today), 0, 0, 0};
    for (const uint32_t size : {0u, 1u, 8u, uint32_t{sizeof(First)} - 1, 4097u, UINT32_MAX}) {
        options.struct_size = size;
        EXPECT_EQ(refusal(&options), SKL_E_ABI_MISMATCH) << size;
    }
}

TEST(Options, have_no_flags_but_those_that_mean_something) {
    Today options{sizeof(Today), known_flag, 0, 0};
    EXPECT_TRUE(read(&options));
    for (const uint32_t flags : {1u, known_flag | 1u, 0x80000000u}) {
        options.flags = flags;
        EXPECT_EQ(refusal(&options), SKL_E_INVALID_ARGUMENT) << flags;
    }
}

}  // namespace
}  // namespace skillet
