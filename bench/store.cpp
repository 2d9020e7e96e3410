// SPDX-License-Identifier: Apache-2.0
// What a root costs: installing a package of a gigabyte, against one core that hashes it and
// against the disk that takes it; and opening, listing and collecting a root of a thousand
// packages.
//
//   bench_store FOLDER     on the disk to be measured
#include <filesystem>
#include <fstream>

#include "assembly/root.h"
#include "author/pack.h"
#include "samples.h"
#include "store/archive.h"
#include "testing/skill_builder.h"

using namespace skillet;

namespace {

namespace fs = std::filesystem;

constexpr uint64_t large_bytes = 1u << 30;
constexpr int packages = 1000;

// A folder on the disk that is measured, gone afterwards.
class Place {
public:
    explicit Place(const std::string &parent) : path_(parent + "/skillet-bench") {
        fs::remove_all(path_);
        fs::create_directories(path_);
    }
    ~Place() { fs::remove_all(path_); }
    Place(const Place &) = delete;
    Place &operator=(const Place &) = delete;
    [[nodiscard]] std::string path() const { return path_.string(); }
    [[nodiscard]] std::string operator/(const std::string &name) const { return path_ / name; }

private:
    fs::path path_;
};

// A classifier whose token table fills the gigabyte.
std::string large_archive(const Place &place) {
    testing::ClassifierShape shape;
    shape.embedding = 4096;
    for (uint64_t i = 0; i < large_bytes / (4 * shape.embedding); ++i) {
        shape.words.push_back(fmt::format("\u2581word{}", i));
    }
    const std::string model =
        testing::write_file(place / "model.gguf", testing::tiny_classifier(shape).bytes());
    std::string archive =
        testing::pack_skill(place.path(), model, testing::skill_document(model), {});
    fs::remove(model);
    return archive;
}

// Writes as many bytes as the archive has, and waits until the disk has them.
void write_to_disk(FileSystem &files, const std::string &path, const FileSlice &archive) {
    const auto fill = [&](WritableFile &file) -> Result<void> {
        const std::vector<std::byte> piece(1u << 20, std::byte{7});
        for (uint64_t at = 0; at < archive.size(); at += piece.size()) SKL_TRY(file.write(piece));
        return {};
    };
    if (!replace_file(files, path + ".tmp", path, Readers::as_umask, fill)) std::exit(1);
    fs::remove(path);
}

void measure_install(const Place &place) {
    const auto files = posix_file_system();
    const std::string path = large_archive(place);
    const FileSlice archive = bench::must(FileSlice::open(path));
    bench::Series install;
    bench::Series against_limit;
    for (int round = 0; round < 6; ++round) {
        const double hash = bench::time_ms([&] { (void)bench::must(sha256(archive)); });
        const double disk =
            bench::time_ms([&] { write_to_disk(*files, place / "plain", archive); });
        const auto root = bench::must(Root::open(*files, place / "large", "bench"));
        const double whole = bench::time_ms([&] { (void)bench::must(root->install(path, {})); });
        fs::remove_all(place / "large");
        if (round == 0) continue;
        install.add(static_cast<double>(archive.size()) / 1e3 / whole);
        against_limit.add(std::max(hash, disk) / whole);
    }
    fmt::print(R"({{"bench":"install_large","unit":"MB/s","bytes":{},"install":{},)"
               R"("against_slower_of_hash_and_disk":{}}})"
               "\n",
               archive.size(), install.json(), against_limit.json());
    fs::remove(path);
}

void measure_many(const Place &place) {
    const auto files = posix_file_system();
    const std::string path = place / "many";
    const std::string model = testing::write_classifier_model(place / "small.gguf");
    bench::Series install;
    {
        const auto root = bench::must(Root::open(*files, path, "bench"));
        for (int i = 0; i < packages; ++i) {
            const json::Value document =
                testing::skill_document(model, fmt::format("org.example.skill{}", i));
            const std::string archive = testing::pack_skill(
                place.path(), model, document, {testing::calibration_document(document, 2)});
            install.add(bench::time_ms([&] { (void)bench::must(root->install(archive, {})); }));
            fs::remove(archive);
        }
    }
    bench::Series open;
    bench::Series list;
    bench::Series collect;
    for (int round = 0; round < 12; ++round) {
        std::unique_ptr<Root> root;
        open.add(bench::time_ms([&] { root = bench::must(Root::open(*files, path, "bench")); }));
        list.add(bench::time_ms([&] { (void)bench::must(root->registry().list()); }));
        for (int i = 0; i < packages; ++i) {
            testing::write_file(root->store().blob_path(sha256(fmt::format("orphan {}", i))), "x");
        }
        collect.add(bench::time_ms([&] {
            (void)bench::must(root->collect({std::chrono::seconds(0), false}, {}));
        }));
    }
    fmt::print(R"({{"bench":"root_of_many","unit":"ms","packages":{},"install_one":{},"open":{},)"
               R"("list":{},"collect_as_many_blobs":{}}})"
               "\n",
               packages, install.json(), open.json(), list.json(), collect.json());
}

}  // namespace

int main(int argc, char **argv) {
    if (argc != 2) {
        fmt::print(stderr, "usage: bench_store FOLDER\n");
        return 2;
    }
    const Place place(argv[1]);
    measure_many(place);
    measure_install(place);
    return 0;
}
