// SPDX-License-Identifier: Apache-2.0
#include "testing/failing_allocation.h"

#include <cstdlib>
#include <new>

namespace {

// Allocations left on this thread until one fails; negative: none fails.
thread_local long countdown = -1;
thread_local bool failed = false;

void *allocate(std::size_t size) {
    if (countdown >= 0 && countdown-- == 0) {
        failed = true;
        throw std::bad_alloc();
    }
    void *memory = std::malloc(size != 0 ? size : 1);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
}

}  // namespace

void *operator new(std::size_t size) { return allocate(size); }
void *operator new[](std::size_t size) { return allocate(size); }
void *operator new(std::size_t size, const std::nothrow_t &) noexcept {
    try {
        return allocate(size);
    } catch (...) {
        return nullptr;
    }
}
void operator delete(void *memory) noexcept { std::free(memory); }
void operator delete(void *memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void *memory) noexcept { std::free(memory); }
void operator delete[](void *memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void *memory, const std::nothrow_t &) noexcept { std::free(memory); }

namespace skillet::testing {

FailingAllocation::FailingAllocation(long position) {
    failed = false;
    countdown = position;
}

FailingAllocation::~FailingAllocation() { countdown = -1; }

bool FailingAllocation::has_failed() { return failed; }

}  // namespace skillet::testing
