// SPDX-License-Identifier: Apache-2.0
// The values of a file's tensors: reads all of them and counts those that are not finite.
//
// A weight that is NaN or infinite makes every answer of a model worthless, and quantisation hides
// it: the engine turns NaN into finite logits. Quantised types keep their floating-point numbers in
// the scales of each block; those are what is counted for them. docs/formats/gguf.md
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/byte_source.h"
#include "base/result.h"
#include "base/work.h"
#include "gguf/file.h"

namespace skillet::gguf {

struct TensorFault {
    std::string tensor;
    uint64_t nan = 0;
    uint64_t infinite = 0;
};

struct ValueScan {
    static constexpr size_t faults_max = 64;

    uint64_t tensors = 0;  // read; those of integer types too
    uint64_t values = 0;   // floating-point numbers read: values, or scales of blocks
    uint64_t nan = 0;
    uint64_t infinite = 0;
    uint64_t faulty_tensors = 0;
    std::vector<TensorFault> faults;  // the first faults_max of them, in file order

    [[nodiscard]] bool finite() const { return faulty_tensors == 0; }
};

// Bytes that scan_values() will read: the extent of its phase.
[[nodiscard]] uint64_t bytes_to_scan(const File &file);

// Reads every tensor once, in pieces. Fails with what the source or the phase reports.
// REQUIRES: `file` was read from `source`.
[[nodiscard]] Result<ValueScan> scan_values(const ByteSource &source, const File &file,
                                            Phase &phase);

}  // namespace skillet::gguf
