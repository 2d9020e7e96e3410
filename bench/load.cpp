// SPDX-License-Identifier: Apache-2.0
// What it costs to execute a model from a sealed copy rather than from its file: time of a load
// with the file in the page cache, and the memory of a process that has it loaded and has answered.
// Synthetic models of about 3, 20 and 100 MB, and whatever .skill files are named.
//
//     bench_load [SKILL.skill …]
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "assembly/runtime.h"
#include "samples.h"
#include "testing/skill_builder.h"
#include "testing/temp_dir.h"

using namespace skillet;
using bench::must;

namespace {

constexpr int loads = 15;

// A line of /proc/self/status in kB.
uint64_t status_kb(const std::string &name) {
    std::ifstream file("/proc/self/status");
    for (std::string line; std::getline(file, line);) {
        if (!line.starts_with(name + ":")) continue;
        return std::stoull(line.substr(name.size() + 1));
    }
    return 0;
}

std::string pack(const testing::TempDir &folder, const char *name, uint32_t blocks) {
    testing::ClassifierShape shape;
    shape.embedding = 256;
    shape.feed_forward = 1024;
    shape.heads = 4;
    shape.blocks = blocks;
    const std::string model = testing::write_classifier_model(folder / name + ".gguf", shape);
    return testing::pack_skill(folder.path(), model,
                               testing::skill_document(model, "org.bench." + std::string(name)));
}

// Loads the package in a process of its own, so that no memory of another is counted.
void measure(const std::string &root, const PackageRow &package, const char *sealed) {
    std::fflush(stdout);
    if (::fork() != 0) {
        ::wait(nullptr);
        return;
    }
    ::setenv("SKILLET_LOAD_SEALED", sealed, 1);
    RuntimeOptions options;
    options.root = root;
    const auto runtime = must(Runtime::open(std::move(options)));
    const auto skill = must(runtime->open_skill(package.id, {}));
    const uint64_t anonymous = status_kb("RssAnon");
    bench::Series took;
    for (int i = 0; i <= loads; ++i) {
        runtime->resident().evict(package.digest);
        const double ms = bench::time_ms([&] {
            if (!skill->load({})) std::exit(1);
        });
        if (i > 0) took.add(ms);
    }
    fmt::print(R"({{"bench":"load","skill":"{}","model_bytes":{},"sealed":"{}","ms":{},)"
               R"("anonymous_kb":{},"file_kb":{},"shared_memory_kb":{}}})"
               "\n",
               package.id, skill->package().artifact.size, sealed, took.json(),
               status_kb("RssAnon") - anonymous, status_kb("RssFile"), status_kb("RssShmem"));
    std::fflush(stdout);
    ::_exit(0);
}

}  // namespace

int main(int argc, char **argv) {
    const testing::TempDir folder;
    std::vector<std::string> archives(argv + 1, argv + argc);
    archives.push_back(pack(folder, "small", 1));
    archives.push_back(pack(folder, "medium", 6));
    archives.push_back(pack(folder, "large", 32));
    std::vector<PackageRow> packages;
    {
        RuntimeOptions options;
        options.root = folder / "root";
        const auto runtime = must(Runtime::open(std::move(options)));
        for (const std::string &archive : archives) {
            packages.push_back(must(must(runtime->root())->install(archive, {})));
        }
    }
    for (const PackageRow &package : packages) {
        for (const char *sealed : {"never", "always"}) measure(folder / "root", package, sealed);
    }
    return 0;
}
