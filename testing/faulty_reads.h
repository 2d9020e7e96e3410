// SPDX-License-Identifier: Apache-2.0
// Reading from files as a bad disk or a busy kernel does it: a program that links this has its own
// pread(), which gives fewer bytes than it was asked for, is interrupted, or fails. Only the
// threads of this process, and none before it is asked to.
#pragma once

#include <cstdint>

namespace skillet::testing {

class FaultyReads {
public:
    // Reads give half of the bytes, or are interrupted, in turn.
    static void be_short();
    // The read with this number, counted from now on, fails with EIO.
    static void fail_at(uint64_t read);
    // As the system's again. Whether fail_at() was reached.
    static bool heal();
};

}  // namespace skillet::testing
