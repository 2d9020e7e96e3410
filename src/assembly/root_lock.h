// SPDX-License-Identifier: Apache-2.0
// The right to change a root: one holder at a time, over threads and processes.
//
// Blobs and the rows that need them change together under it, so that nobody removes a blob which
// another's package is about to need. Readers do without. The system frees it if its holder dies.
#pragma once

#include <string>
#include <utility>

#include "base/byte_source.h"
#include "base/cancel.h"
#include "base/result.h"

namespace skillet {

class RootLock {
public:
    // Waits for whoever holds it, until `stop`. REQUIRES: the calling thread does not hold it.
    static Result<RootLock> take(const std::string &root, const StopSignal &stop);

private:
    explicit RootLock(UniqueFd file) : file_(std::move(file)) {}
    UniqueFd file_;
};

}  // namespace skillet
