// SPDX-License-Identifier: Apache-2.0
// An operator new that fails when a test says so, for the whole program (failing_allocation.cpp).
#pragma once

namespace skillet::testing {

// While it lives, one allocation of this thread fails: the one after `position` others.
class FailingAllocation {
public:
    explicit FailingAllocation(long position);
    ~FailingAllocation();
    FailingAllocation(const FailingAllocation &) = delete;
    FailingAllocation &operator=(const FailingAllocation &) = delete;

    // Whether there were that many.
    [[nodiscard]] static bool has_failed();
};

}  // namespace skillet::testing
