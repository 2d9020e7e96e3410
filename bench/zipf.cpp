// SPDX-License-Identifier: Apache-2.0
// A service under Zipf's law: 64 skills of mixed size in one process, through the C ABI, with
// memory for a part of them.
//
//     bench_zipf FOLDER CLIENTS REQUESTS PERCENT PARKING [TIMELINE.jsonl]
//
// FOLDER: the fleet of bench/fleet.h, made if it is not there. The budget is PERCENT of what all
// its skills take together; PARKING is on or off. REQUESTS are counted after a warm-up of 200.
// Prints one JSON line; TIMELINE gets one for each 50 ms. The rule of eviction is the
// environment's, as everywhere.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <fstream>
#include <thread>

#include "fleet_service.h"

using namespace skillet;
using bench::Memory;
using bench::Service;

namespace {

// Asked in a process of its own, whose memory is gone afterwards.
uint64_t bytes_of_all(const bench::Fleet &fleet) {
    int ends[2];
    if (::pipe(ends) != 0) std::exit(1);
    if (::fork() == 0) {
        Service service(fleet, uint64_t{1} << 40, Service::Parking::off);
        for (size_t skill = 0; skill < fleet.members.size(); ++skill) service.load(skill);
        const uint64_t bytes = service.memory().bytes;
        ::_exit(::write(ends[1], &bytes, sizeof bytes) == sizeof bytes ? 0 : 1);
    }
    uint64_t bytes = 0;
    if (::read(ends[0], &bytes, sizeof bytes) != sizeof bytes) std::exit(1);
    ::wait(nullptr);
    return bytes;
}

uint64_t process_bytes() {
    std::ifstream file("/proc/self/statm");
    uint64_t all = 0, resident = 0;
    file >> all >> resident;
    return resident * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

constexpr size_t warm_up = 200;

// Which requests of the trace.
struct Part {
    size_t begin;
    size_t end;
};

struct Outcome {
    double seconds = 0;
    bench::Series ms;
    bench::Series resident, parked;  // skills, looked at every 50 ms
    uint64_t process_bytes_max = 0;
};

Outcome serve(Service &service, const bench::Fleet &fleet, size_t clients, Part part,
              SteadyClock::time_point started, std::ostream &timeline) {
    std::atomic<size_t> next = part.begin, answered = part.begin;
    std::mutex mutex;
    std::condition_variable finished;
    size_t left = clients;
    Outcome outcome;
    const auto client = [&] {
        bench::Series took;
        for (size_t i = next++; i < part.end; i = next++) {
            took.add(bench::time_ms([&] { service.ask(fleet.trace[i], i); }));
            ++answered;
        }
        const std::lock_guard lock(mutex);
        for (const double ms : took.values) outcome.ms.add(ms);
        --left;
        finished.notify_one();
    };
    const auto look = [&](double seconds) {
        const Memory memory = service.memory();
        const uint64_t process = process_bytes();
        outcome.resident.add(static_cast<double>(memory.resident));
        outcome.parked.add(static_cast<double>(memory.parked));
        outcome.process_bytes_max = std::max(outcome.process_bytes_max, process);
        timeline << fmt::format(R"({{"s":{:.3f},"requests":{},"loads":{},"resumes":{},)"
                                R"("charged_bytes":{},"parked_bytes":{},"process_bytes":{},)"
                                R"("resident":{},"parked":{}}})"
                                "\n",
                                seconds, answered.load(), memory.loads, memory.resumes,
                                memory.bytes, memory.parked_bytes, process, memory.resident,
                                memory.parked);
    };
    const auto seconds_since = [](SteadyClock::time_point begin) {
        return std::chrono::duration<double>(SteadyClock::now() - begin).count();
    };
    const auto begin = SteadyClock::now();
    std::vector<std::thread> threads;
    for (size_t i = 0; i < clients; ++i) threads.emplace_back(client);
    {
        std::unique_lock lock(mutex);
        while (!finished.wait_for(lock, std::chrono::milliseconds(50), [&] { return left == 0; })) {
            look(seconds_since(started));
        }
    }
    outcome.seconds = seconds_since(begin);
    look(seconds_since(started));
    for (std::thread &thread : threads) thread.join();
    return outcome;
}

}  // namespace

int main(int argc, char **argv) {
    if (argc < 6 || argc > 7) {
        fmt::print(stderr,
                   "usage: bench_zipf FOLDER CLIENTS REQUESTS PERCENT PARKING [TIMELINE.jsonl]\n");
        return 2;
    }
    const bench::Fleet fleet = bench::fleet_in(argv[1]);
    const size_t clients = std::stoul(argv[2]);
    const size_t requests = std::min(std::stoul(argv[3]), fleet.trace.size() - warm_up);
    const uint64_t all = bytes_of_all(fleet);
    const uint64_t budget = all / 100 * std::stoul(argv[4]);
    std::ofstream timeline;
    if (argc > 6) timeline.open(argv[6]);
    const auto parking =
        std::string_view(argv[5]) == "on" ? Service::Parking::on : Service::Parking::off;
    Service service(fleet, budget, parking);
    const auto started = SteadyClock::now();
    (void)serve(service, fleet, clients, {0, warm_up}, started, timeline);
    const Memory before = service.memory();
    const Outcome outcome =
        serve(service, fleet, clients, {warm_up, warm_up + requests}, started, timeline);
    const Memory after = service.memory();
    const uint64_t loads = after.loads - before.loads;
    const char *const rule = std::getenv("SKILLET_MEMORY_EVICTION");
    fmt::print(
        R"({{"bench":"zipf","rule":"{}","parking":"{}","clients":{},"requests":{},"seconds":{:.3f},)"
        R"("requests_per_s":{:.2f},"ms":{},"loads":{},"load_ms":{:.1f},"resumes":{},)"
        R"("hit_rate":{:.4f},"all_bytes":{},"budget_bytes":{},"process_bytes_max":{},)"
        R"("resident_skills":{},"parked_skills":{}}})"
        "\n",
        rule != nullptr ? rule : "default", argv[5], clients, requests, outcome.seconds,
        static_cast<double>(requests) / outcome.seconds, outcome.ms.json(), loads,
        after.load_ms - before.load_ms, after.resumes - before.resumes,
        1 - static_cast<double>(loads) / static_cast<double>(requests), all, budget,
        outcome.process_bytes_max, outcome.resident.json(), outcome.parked.json());
    return 0;
}
