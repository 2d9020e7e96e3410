// SPDX-License-Identifier: Apache-2.0
// Inspecting GGUF files, in process: structure and facts, and the judgement on top. Real
// vocabularies of the engine's source, whose whole cost is metadata, and a scan of tensor values.
//
//     bench_inspect FILE...
#include <filesystem>

#include "author/inspect_gguf.h"
#include "gguf/facts.h"
#include "gguf/tensor_values.h"
#include "samples.h"
#include "testing/gguf_writer.h"

using namespace skillet;

namespace {

void inspect(const std::string &path) {
    const FileSlice source = bench::must(FileSlice::open(path));
    bench::Series facts_ms, vetted_ms, document_ms;
    uint32_t tokens = 0;
    for (int round = 0; round < 21; ++round) {
        facts_ms.add(bench::time_ms([&] {
            const auto file = bench::must(gguf::read(source));
            tokens = bench::must(gguf::derive_facts(source, file)).vocabulary_size;
        }));
        vetted_ms.add(bench::time_ms([&] {
            const auto file = bench::must(gguf::read(source));
            const auto facts = bench::must(gguf::derive_facts(source, file));
            (void)gguf::check_vetted(source, file, facts).has_value();
        }));
        document_ms.add(bench::time_ms(
            [&] { bench::must(inspect_gguf(source, {.any_architecture = true}, {})); }));
    }
    fmt::print(
        R"({{"bench":"inspect","unit":"ms","file":"{}","tokens":{},"facts":{},"vetted":{},"document":{}}})"
        "\n",
        std::filesystem::path(path).filename().string(), tokens, facts_ms.json(), vetted_ms.json(),
        document_ms.json());
}

void scan(const char *name, uint32_t type) {
    constexpr uint64_t values = 32u << 20;
    testing::GgufWriter writer;
    writer.tensor("t", {values}, type);
    const MemorySource memory(writer.bytes(), "memory");
    const auto file = bench::must(gguf::read(memory));
    bench::Series speed;
    for (int round = 0; round < 9; ++round) {
        Phase phase;
        const double ms =
            bench::time_ms([&] { bench::must(gguf::scan_values(memory, file, phase)); });
        speed.add(static_cast<double>(gguf::bytes_to_scan(file)) / 1e9 / (ms / 1e3));
    }
    fmt::print(R"({{"bench":"scan_values","unit":"GB/s","type":"{}","bytes":{},"speed":{}}})"
               "\n",
               name, gguf::bytes_to_scan(file), speed.json());
}

}  // namespace

int main(int argc, char **argv) {
    for (int i = 1; i < argc; ++i) inspect(argv[i]);
    scan("F32", 0);
    scan("F16", 1);
    scan("Q8_0", 8);
    scan("Q4_K", 12);
    return 0;
}
