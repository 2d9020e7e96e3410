// SPDX-License-Identifier: Apache-2.0
#include "resident/heap_meter.h"

#include <cstdlib>

#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33)
#include <malloc.h>
#define SKILLET_HAS_MALLINFO2 1
#endif

namespace skillet {
namespace {

// Of this thread, over all meters: who measures one runtime's load is not disturbed by itself.
thread_local uint32_t nested = 0;

}  // namespace

HeapMeter::Busy::Busy(HeapMeter &meter) : meter_(meter) {
    if (nested++ > 0) return;
    meter_.busy_.fetch_add(1);
    meter_.entered_.fetch_add(1);
}

HeapMeter::Busy::~Busy() {
    if (--nested == 0) meter_.busy_.fetch_sub(1);
}

uint64_t HeapMeter::bytes_in_use() {
#ifdef SKILLET_HAS_MALLINFO2
    const struct mallinfo2 info = ::mallinfo2();
    return info.uordblks + info.hblkhd;
#else
    return 0;
#endif
}

}  // namespace skillet
