// SPDX-License-Identifier: Apache-2.0
// SQLite on a RecordedDisk: while one of these lives, every database that this process opens makes
// its changes there, and who waits for a lock waits no time. One at a time, from one thread.
#pragma once

#include "testing/recorded_disk.h"

namespace skillet::testing {

class RecordedDatabases {
public:
    // The disk must outlive this, and every database opened meanwhile.
    explicit RecordedDatabases(RecordedDisk &disk);
    ~RecordedDatabases();
    RecordedDatabases(const RecordedDatabases &) = delete;
    RecordedDatabases &operator=(const RecordedDatabases &) = delete;
};

}  // namespace skillet::testing
