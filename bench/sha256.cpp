// SPDX-License-Identifier: Apache-2.0
// SHA-256 of a 128 MiB file in the page cache, as verification does it. bench/run.sh compares it
// with `openssl speed`.
//
//     bench_sha256 [FILE]     without FILE: a temporary one
#include <fstream>

#include "base/byte_source.h"
#include "samples.h"

using namespace skillet;

int main(int argc, char **argv) {
    constexpr size_t megabyte = 1u << 20;
    constexpr size_t size_mib = 128;
    const std::string path = argc > 1 ? argv[1] : fmt::format("/tmp/skillet-bench-{}", size_mib);
    if (argc == 1) {
        const std::string block(megabyte, 'x');
        std::ofstream file(path, std::ios::binary);
        for (size_t i = 0; i < size_mib; ++i) file << block;
    }
    const FileSlice file = bench::must(FileSlice::open(path));
    bench::Series speed;
    for (int round = 0; round < 12; ++round) {
        const double ms = bench::time_ms([&] { bench::must(sha256(file)); });
        if (round > 0) speed.add(static_cast<double>(file.size()) / 1e6 / (ms / 1e3));
    }
    if (argc == 1) std::remove(path.c_str());
    fmt::print(R"({{"bench":"sha256","unit":"MB/s","bytes":{},"speed":{}}})"
               "\n",
               file.size(), speed.json());
    return 0;
}
