// SPDX-License-Identifier: Apache-2.0
// Verification of a package with two layers of 64 MiB each, a model and a document, in the page
// cache: its rate against that of one core that hashes memory and does nothing else.
#include <filesystem>
#include <fstream>

#include "author/pack.h"
#include "package/verification.h"
#include "samples.h"
#include "store/archive.h"
#include "testing/skill_builder.h"
#include "testing/temp_dir.h"

using namespace skillet;

namespace {

constexpr uint64_t layer_bytes = 64u << 20;

// A classifier whose token table alone fills the layer.
std::string large_model(const std::string &path) {
    testing::ClassifierShape shape;
    shape.embedding = 512;
    for (uint64_t i = 0; i < layer_bytes / (4 * shape.embedding); ++i) {
        shape.words.push_back(fmt::format("\u2581word{}", i));
    }
    return testing::write_file(path, testing::tiny_classifier(shape).bytes());
}

std::string large_package(const testing::TempDir &folder) {
    const std::string model = large_model(folder / "model.gguf");
    const json::Value document = testing::skill_document(model);
    PackRequest request;
    request.skill_path = testing::write_file(folder / "skill.json", json::pretty(document));
    request.model_path = model;
    request.documents = {testing::write_file(folder / "DOCUMENT.txt",
                                             std::string(std::filesystem::file_size(model), 'x'))};
    request.output_path = folder / "large.skill";
    bench::must(pack(*posix_file_system(), request));
    return request.output_path;
}

}  // namespace

int main() {
    const testing::TempDir folder;
    const Archive archive =
        bench::must(Archive::open(bench::must(FileSlice::open(large_package(folder)))));
    const Descriptor descriptor = bench::must(only_package(archive));
    const uint64_t bytes = bench::must(read_package(archive, descriptor)).total_bytes();
    const std::string memory(bytes, 'x');

    bench::Series one_core;
    bench::Series verify;
    bench::Series ratio;
    for (int round = 0; round < 12; ++round) {
        const double alone = bench::time_ms([&] { (void)sha256(memory); });
        const double whole =
            bench::time_ms([&] { bench::must(verify_package(archive, descriptor)); });
        if (round == 0) continue;
        one_core.add(static_cast<double>(bytes) / 1e3 / alone);
        verify.add(static_cast<double>(bytes) / 1e3 / whole);
        ratio.add(alone / whole);
    }
    fmt::print(R"({{"bench":"verify_two_layers","unit":"MB/s","bytes":{},"one_core_hash":{},)"
               R"("verify":{},"ratio":{}}})"
               "\n",
               bytes, one_core.json(), verify.json(), ratio.json());
    return 0;
}
