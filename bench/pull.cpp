// SPDX-License-Identifier: Apache-2.0
// A pull against curl fetching its largest blob from the same registry, in turn, each into a fresh
// folder. "transfer" ends when all bytes are there, hashed and synced; "whole" also installs and
// verifies, which reads and hashes them once more. curl writes a file and hashes nothing; "synced"
// is against curl and an fsync() of its file, without which nothing is there after a power cut.
//
//     bench_pull REFERENCE BLOB_URL
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <string_view>

#include "assembly/pull.h"
#include "samples.h"
#include "testing/temp_dir.h"

using namespace skillet;

namespace {

void run_curl(const std::string &url, const std::string &file) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::execlp("curl", "curl", "-sf", "-o", file.c_str(), url.c_str(), nullptr);
        ::_exit(127);
    }
    int status = 0;
    if (::waitpid(child, &status, 0) != child || status != 0) std::exit(1);
}

void sync(const std::string &file) {
    const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (::fsync(fd.get()) != 0) std::exit(1);
}

struct Times {
    double transfer_ms = 0;
    double whole_ms = 0;
    uint64_t bytes = 0;
};

Times pull_once(const RemoteReference &reference, const std::string &root_path) {
    const auto files = posix_file_system();
    const auto root = bench::must(Root::open(*files, root_path, "bench"));
    using Clock = std::chrono::steady_clock;
    std::optional<Clock::time_point> begun;
    std::optional<Clock::time_point> arrived;
    Work work;
    work.progress = [&](const char *phase, uint64_t, uint64_t) {
        if (!begun && std::string_view(phase) == "download") begun = Clock::now();
        if (!arrived && std::string_view(phase) == "copy") arrived = Clock::now();
    };
    Times times;
    times.whole_ms = bench::time_ms(
        [&] { times.bytes = bench::must(pull(*root, reference, {}, work)).downloaded_bytes; });
    times.transfer_ms = std::chrono::duration<double, std::milli>(*arrived - *begun).count();
    return times;
}

}  // namespace

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    const RemoteReference reference = bench::must(RemoteReference::parse(argv[1]));
    bench::Series rate;
    bench::Series transfer;
    bench::Series synced;
    bench::Series whole;
    uint64_t bytes = 0;
    for (int round = 0; round < 12; ++round) {
        const testing::TempDir folder;
        const double curl = bench::time_ms([&] { run_curl(argv[2], folder / "blob"); });
        const double fsync = bench::time_ms([&] { sync(folder / "blob"); });
        const Times times = pull_once(reference, folder / "root");
        bytes = times.bytes;
        if (round == 0) continue;
        rate.add(static_cast<double>(bytes) / 1e3 / times.transfer_ms);
        transfer.add(curl / times.transfer_ms);
        synced.add((curl + fsync) / times.transfer_ms);
        whole.add(curl / times.whole_ms);
    }
    fmt::print(R"({{"bench":"pull","unit":"MB/s","bytes":{},"transfer":{},)"
               R"("transfer_against_curl":{},"transfer_against_curl_synced":{},)"
               R"("whole_against_curl":{}}})"
               "\n",
               bytes, rate.json(), transfer.json(), synced.json(), whole.json());
    return 0;
}
