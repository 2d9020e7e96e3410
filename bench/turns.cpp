// SPDX-License-Identifier: Apache-2.0
// Eight skills in turn where memory holds two: each answer begins with a load. Then the last of
// them again, which is resident.
//
//     bench_turns FOLDER VOCABULARY REQUESTS
//
// FOLDER: the fleet of bench/fleet.h, made if it is not there. Through the C ABI; prints the
// milliseconds of each answer as JSON: {"evicted": […], "resident": […]}.
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

// What any two of the skills take.
uint64_t bytes_of_two(const bench::Fleet &fleet, const std::vector<size_t> &skills) {
    bench::Service service(fleet, uint64_t{1} << 40);
    std::vector<uint64_t> bytes;
    for (const size_t skill : skills) {
        const uint64_t before = service.memory().bytes;
        service.load(skill);
        bytes.push_back(service.memory().bytes - before);
    }
    std::sort(bytes.rbegin(), bytes.rend());
    return bytes[0] + bytes[1];
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
    bench::Service service(fleet, bytes_of_two(fleet, skills));
    const auto ask = [&](size_t skill, size_t number) {
        return bench::time_ms([&] { service.ask(skill, number); });
    };
    bench::Series evicted, resident;
    for (size_t i = 0; i < requests + skills_in_turn; ++i) {
        const uint64_t loads = service.memory().loads;
        const double ms = ask(skills[i % skills_in_turn], i);
        // A policy may keep a skill for longer than its turn: that answer is none from evicted.
        if (i >= skills_in_turn && service.memory().loads > loads) evicted.add(ms);
    }
    (void)ask(skills.back(), 0);
    for (size_t i = 0; i < requests; ++i) resident.add(ask(skills.back(), i));
    fmt::print("{{\"evicted\":[{:.4f}],\"resident\":[{:.4f}]}}\n", fmt::join(evicted.values, ","),
               fmt::join(resident.values, ","));
    return 0;
}
