// SPDX-License-Identifier: Apache-2.0
// Eight skills in turn where memory holds fewer: each answer begins with a load, or with the pages
// of a parked one. Then the last of them again, which is resident.
//
//     bench_turns FOLDER VOCABULARY REQUESTS
//
// FOLDER: the fleet of bench/fleet.h, made if it is not there. Through the C ABI; prints the
// milliseconds of each answer as JSON: {"evicted": [...], "parked": [...], "resident": [...]}.
#include <fmt/ranges.h>

#include "fleet_service.h"

using namespace skillet;

namespace {

constexpr size_t skills_in_turn = 8;

std::vector<size_t> skills_of(const bench::Fleet &fleet, uint64_t vocabulary) {
    std::vector<size_t> skills;
    for (size_t i = 0; i < fleet.members.size() && skills.size() < skills_in_turn; ++i) {
        if (fleet.members[i].tokens == vocabulary) skills.push_back(i);
    }
    return skills;
}

struct Answers {
    std::vector<double> evicted, parked, resident;
};

// With parking, memory for about four of the eight, so that all their skeletons have room; without,
// for two.
Answers take_turns(const bench::Fleet &fleet, const std::vector<size_t> &skills, size_t requests,
                   uint64_t budget, bench::Service::Parking parking) {
    bench::Service service(fleet, budget, parking);
    Answers answers;
    for (size_t i = 0; i < requests + skills.size(); ++i) {
        const bench::Memory before = service.memory();
        const double ms = bench::time_ms([&] { service.ask(skills[i % skills.size()], i); });
        const bench::Memory after = service.memory();
        if (i < skills.size()) continue;
        // A policy may keep a skill for longer than its turn: that answer is neither.
        if (after.loads > before.loads) {
            answers.evicted.push_back(ms);
        } else if (after.resumes > before.resumes) {
            answers.parked.push_back(ms);
        }
    }
    service.ask(skills.back(), 0);
    for (size_t i = 0; i < requests; ++i) {
        answers.resident.push_back(bench::time_ms([&] { service.ask(skills.back(), i); }));
    }
    return answers;
}

uint64_t bytes_of(const bench::Fleet &fleet, const std::vector<size_t> &skills) {
    bench::Service service(fleet, uint64_t{1} << 40, bench::Service::Parking::off);
    for (const size_t skill : skills) service.load(skill);
    return service.memory().bytes;
}

}  // namespace

int main(int argc, char **argv) {
    if (argc != 4) {
        fmt::print(stderr, "usage: bench_turns FOLDER VOCABULARY REQUESTS\n");
        return 2;
    }
    const bench::Fleet fleet = bench::fleet_in(argv[1]);
    const std::vector<size_t> skills = skills_of(fleet, std::stoul(argv[2]));
    const size_t requests = std::stoul(argv[3]);
    if (skills.size() < skills_in_turn) {
        fmt::print(stderr, "bench: no skills with a vocabulary of {}\n", argv[2]);
        return 2;
    }
    const uint64_t all = bytes_of(fleet, skills);
    const Answers loading =
        take_turns(fleet, skills, requests, all / 8 * 3, bench::Service::Parking::off);
    const Answers parking =
        take_turns(fleet, skills, requests, all / 2, bench::Service::Parking::on);
    fmt::print("{{\"evicted\":[{:.4f}],\"parked\":[{:.4f}],\"resident\":[{:.4f}]}}\n",
               fmt::join(loading.evicted, ","), fmt::join(parking.parked, ","),
               fmt::join(loading.resident, ","));
    return 0;
}
