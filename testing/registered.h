// SPDX-License-Identifier: Apache-2.0
// A registry in memory, and packages in it that exist as rows only.
#pragma once

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "registry/registry.h"
#include "testing/made.h"

namespace skillet::testing {

inline Registry registry_in_memory() {
    return Registry(
        made(Database::open(":memory:")), [] { return "2026-01-31T12:00:00.000Z"; }, "test:alice");
}

inline PackageRow package_row(std::string_view id, std::string_view version) {
    PackageRow row;
    row.id = id;
    row.version = version;
    row.digest = sha256(row.id + "@" + row.version);
    row.bytes = 1000;
    return row;
}

// Adds the package and verifies it.
inline Digest add_verified(Registry &registry, const PackageRow &row,
                           const Relations &relations = {}) {
    EXPECT_TRUE(registry.add(row, {}, relations));
    EXPECT_TRUE(registry.transition(row.digest, Trigger::verify, "fine"));
    return row.digest;
}

// "1.2.0", or nothing.
inline std::string serving_version(const Registry &registry, std::string_view id) {
    for (const PackageRow &row : made(registry.versions(id))) {
        if (row.current) return row.version;
    }
    return "";
}

}  // namespace skillet::testing
