// SPDX-License-Identifier: Apache-2.0
// What must hold of a root between any two operations.
#pragma once

#include <set>

#include <gtest/gtest.h>

#include "assembly/root.h"

namespace skillet::testing {

// The store holds exactly the blobs of the packages that the registry knows, and index.json lists
// exactly their manifests.
inline void expect_consistent(Root &root) {
    std::set<Digest> needed;
    std::set<Digest> listed;
    const auto rows = root.registry().list();
    ASSERT_TRUE(rows);
    for (const PackageRow &row : *rows) {
        const auto package = root.read(row);
        ASSERT_TRUE(package) << package.error().message;
        for (const Descriptor &blob : package->blobs()) needed.insert(blob.digest);
        listed.insert(row.digest);
        for (const AttachedDocument &attached : package->documents) {
            listed.insert(attached.descriptor.digest);
        }
    }
    const auto blobs = root.store().blobs();
    ASSERT_TRUE(blobs);
    EXPECT_EQ(std::set<Digest>(blobs->begin(), blobs->end()), needed) << "missing or orphan blobs";
    const auto index = root.store().index();
    ASSERT_TRUE(index) << index.error().message;
    std::set<Digest> in_index;
    for (const Descriptor &entry : index->manifests) in_index.insert(entry.digest);
    EXPECT_EQ(in_index, listed) << "index.json is not what the registry says";
}

}  // namespace skillet::testing
