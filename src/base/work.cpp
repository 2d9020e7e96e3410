// SPDX-License-Identifier: Apache-2.0
#include "base/work.h"

#include <algorithm>
#include <utility>

namespace skillet {

Phase::Phase(Work work, const char *name, uint64_t total)
    : work_(std::move(work)), name_(name), total_(total) {
    if (work_.progress) work_.progress(name_, 0, total_);
}

Result<void> Phase::advance(uint64_t bytes) {
    SKL_TRY(check());
    done_ += std::min(bytes, total_ - done_);
    if (work_.progress && bytes > 0) work_.progress(name_, done_, total_);
    return {};
}

}  // namespace skillet
