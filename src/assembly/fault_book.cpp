// SPDX-License-Identifier: Apache-2.0
#include "assembly/fault_book.h"

namespace skillet {
namespace {

bool is_fault(Code outcome) {
    return outcome == SKL_E_ENGINE_FAULT || outcome == SKL_E_LOAD_FAILED ||
           outcome == SKL_E_OUTPUT_SCHEMA || outcome == SKL_E_OUTPUT_TOO_LARGE;
}

}  // namespace

bool FaultBook::note(const Digest &package, Code outcome) {
    // Other errors are about the input, the caller or the machine: they say nothing of the skill.
    const bool fault = is_fault(outcome);
    if (!fault && (outcome != SKL_OK || empty_.load())) return false;
    const std::lock_guard lock(mutex_);
    if (!fault) {
        in_a_row_.erase(package);
        empty_ = in_a_row_.empty();
        return false;
    }
    empty_ = false;
    if (++in_a_row_[package] < in_a_row_max) return false;
    in_a_row_.erase(package);
    return true;
}

}  // namespace skillet
