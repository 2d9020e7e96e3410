// SPDX-License-Identifier: Apache-2.0
// Verification of a package with two layers of 64 MiB each, a model and a document, in the page
// cache: its rate against that of one core that reads and hashes the same file, and of one that
// hashes memory.
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

// What one thread does with a file: read a piece, hash it, read the next.
void read_and_hash(const FileSlice &file) {
    std::vector<std::byte> buffer(128 * 1024);
    Sha256 hash;
    for (uint64_t offset = 0; offset < file.size(); offset += buffer.size()) {
        const uint64_t left = file.size() - offset;
        const auto part = std::span(buffer).first(std::min<uint64_t>(buffer.size(), left));
        if (!file.read_at(offset, part)) std::exit(1);
        hash.update(part);
    }
    (void)hash.finish();
}

}  // namespace

int main() {
    const testing::TempDir folder;
    const FileSlice file = bench::must(FileSlice::open(large_package(folder)));
    const Archive archive = bench::must(Archive::open(file));
    const Descriptor descriptor = bench::must(only_package(archive));
    const std::string memory(file.size(), 'x');

    bench::Series verify;
    bench::Series against_file;
    bench::Series against_memory;
    for (int round = 0; round < 12; ++round) {
        const double in_memory = bench::time_ms([&] { (void)sha256(memory); });
        const double one_core = bench::time_ms([&] { read_and_hash(file); });
        const double whole =
            bench::time_ms([&] { bench::must(verify_package(archive, descriptor)); });
        if (round == 0) continue;
        verify.add(static_cast<double>(file.size()) / 1e3 / whole);
        against_file.add(one_core / whole);
        against_memory.add(in_memory / whole);
    }
    fmt::print(R"({{"bench":"verify_two_layers","unit":"MB/s","bytes":{},"verify":{},)"
               R"("against_one_core":{},"against_one_core_in_memory":{}}})"
               "\n",
               file.size(), verify.json(), against_file.json(), against_memory.json());
    return 0;
}
