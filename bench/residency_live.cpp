// SPDX-License-Identifier: Apache-2.0
// What residency costs beyond the engine: answers of installed skills against the bare engine doing
// the same calls, in one process and in turn.
//
//     bench_residency_live FOLDER [CYCLES]
//
// FOLDER: the fleet of bench/fleet.h, made if it is not there. Prints JSON lines: an answer of an
// evicted skill (what the process's first load of it hashes in addition is listed apart), of a
// resident one, and of a parked one; 8 threads on 8 skills; how well
// the bytes of a load are foretold; and what CYCLES loads and evictions leave behind.
#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "engine_llama/engine_llama.h"
#include "fleet.h"
#include "store/held_blob.h"

using namespace skillet;
using bench::must;

namespace {

constexpr int rounds = 60;
constexpr size_t threads = 8;
constexpr int requests_per_thread = 100;

std::shared_ptr<Runtime> open_runtime(const bench::Fleet &fleet, uint64_t budget_bytes = 0) {
    RuntimeOptions options;
    options.root = fleet.root;
    options.budget_bytes = budget_bytes;
    return must(Runtime::open(std::move(options)));
}

// The same skill, as we answer it and as the bare engine does.
class Contender {
public:
    Contender(Runtime &runtime, Engine &engine, const bench::Member &member)
        : runtime_(runtime),
          engine_(engine),
          skill_(must(runtime.open_skill(member.id, {}))),
          bytes_(must(FileSlice::open(member.model))) {}

    void ask(uint64_t number) {
        const Answer answer = must(skill_->invoke(bench::fleet_input(number), {}));
        must(skill_->document(answer, false));
    }
    void evict() { runtime_.resident().evict(skill_->package().descriptor.digest); }
    [[nodiscard]] bool parked() const {
        for (const ResidentStatus &status : runtime_.resident().status()) {
            if (status.key == skill_->package().descriptor.digest) {
                return status.residency == Residency::parked;
            }
        }
        return false;
    }
    [[nodiscard]] uint64_t charged_bytes() {
        ask(0);
        return runtime_.resident().reserved_bytes();
    }
    void hash() {
        Phase phase({}, "hash", skill_->package().artifact.size);
        must(HeldBlob::map(must(runtime_.root())->store(), skill_->package().artifact, phase));
    }
    void load_bare() {
        free_bare();
        model_ = must(engine_.load(bytes_, {.check_values = false}));
        create_bare_context();
    }
    // As little as parking can be for whoever has the engine alone.
    bool park_bare() {
        context_.reset();
        return model_->park();
    }
    void create_bare_context() {
        context_ =
            must(model_->create_context({skill_->package().skill.contract.context_tokens()}));
    }
    void ask_bare(uint64_t number) {
        must(context_->classify(must(model_->tokenize(bench::fleet_text(number))), {}));
    }
    void free_bare() {
        context_.reset();
        model_.reset();
    }

private:
    Runtime &runtime_;
    Engine &engine_;
    std::shared_ptr<SkillHandle> skill_;
    FileSlice bytes_;
    std::unique_ptr<EngineModel> model_;
    std::unique_ptr<EngineContext> context_;
};

void measure_evicted(Contender &contender, const bench::Member &member) {
    bench::Series ours, hash, bare;
    for (int round = 0; round <= rounds; ++round) {
        const auto number = static_cast<uint64_t>(round);
        contender.evict();
        const auto ask = [&] { return bench::time_ms([&] { contender.ask(number); }); };
        const auto ask_bare = [&] {
            return bench::time_ms([&] {
                contender.load_bare();
                contender.ask_bare(number);
            });
        };
        const double hashing = bench::time_ms([&] { contender.hash(); });
        const double first = round % 2 == 0 ? ask() : ask_bare();
        const double second = round % 2 == 0 ? ask_bare() : ask();
        contender.free_bare();
        if (round == 0) continue;  // warm-up
        ours.add(round % 2 == 0 ? first : second);
        bare.add(round % 2 == 0 ? second : first);
        hash.add(hashing);
    }
    fmt::print(R"({{"bench":"evicted_answer","unit":"ms","vocabulary":{},"model_bytes":{},)"
               R"("ours":{},"hashing_of_first_load":{},"bare":{},"ours_over_bare":{:.4f}}})"
               "\n",
               member.tokens, member.bytes, ours.json(), hash.json(), bare.json(),
               ours.median() / bare.median());
}

void measure_resident(Contender &contender, const bench::Member &member) {
    contender.load_bare();
    bench::Series ours, bare;
    for (int round = 0; round < 5 * rounds; ++round) {
        const auto number = static_cast<uint64_t>(round);
        const auto ask = [&] { ours.add(bench::time_ms([&] { contender.ask(number); })); };
        const auto ask_bare = [&] {
            bare.add(bench::time_ms([&] { contender.ask_bare(number); }));
        };
        if (round % 2 == 0) ask();
        ask_bare();
        if (round % 2 == 1) ask();
    }
    contender.free_bare();
    fmt::print(R"({{"bench":"resident_answer","unit":"ms","vocabulary":{},"model_bytes":{},)"
               R"("ours":{},"bare":{},"ours_over_bare":{:.4f}}})"
               "\n",
               member.tokens, member.bytes, ours.json(), bare.json(),
               ours.median() / bare.median());
}

// Two skills of the same shape in turn, with memory for one of them and the other one's skeleton.
// The bare engine makes a context and finds its pages gone, too.
void measure_parked(const bench::Fleet &fleet, Engine &engine, size_t position) {
    const bench::Member &member = fleet.members[position];
    uint64_t one = 0;
    {
        const auto runtime = open_runtime(fleet);
        one = Contender(*runtime, engine, member).charged_bytes();
    }
    const auto runtime = open_runtime(fleet, one / 10 * 17);
    Contender contender(*runtime, engine, member);
    Contender other(*runtime, engine, fleet.members[position + 16]);
    contender.load_bare();
    bench::Series ours, bare, warm;
    for (int round = 0; round <= rounds; ++round) {
        const auto number = static_cast<uint64_t>(round);
        contender.ask(number);
        other.ask(number);
        const bool parked = contender.parked();
        const double took = bench::time_ms([&] { contender.ask(number); });
        if (!contender.park_bare()) return;
        const double bare_took = bench::time_ms([&] {
            contender.create_bare_context();
            contender.ask_bare(number);
        });
        const double warm_took = bench::time_ms([&] { contender.ask_bare(number); });
        if (round == 0 || !parked) continue;
        ours.add(took);
        bare.add(bare_took);
        warm.add(warm_took);
    }
    contender.free_bare();
    if (ours.values.empty()) {
        fmt::print(R"({{"bench":"parked_answer","vocabulary":{},"parked":0}})"
                   "\n",
                   member.tokens);
        return;
    }
    fmt::print(R"({{"bench":"parked_answer","unit":"ms","vocabulary":{},"model_bytes":{},)"
               R"("ours":{},"bare":{},"warm":{},"ours_over_bare":{:.4f}}})"
               "\n",
               member.tokens, member.bytes, ours.json(), bare.json(), warm.json(),
               ours.median() / bare.median());
}

// Requests a second of 8 threads, each with a skill of its own.
double per_second(const std::function<void(size_t, uint64_t)> &ask) {
    const double ms = bench::time_ms([&] {
        std::vector<std::thread> callers;
        for (size_t caller = 0; caller < threads; ++caller) {
            callers.emplace_back([&, caller] {
                for (uint64_t i = 0; i < requests_per_thread; ++i) ask(caller, i);
            });
        }
        for (std::thread &caller : callers) caller.join();
    });
    return static_cast<double>(threads * requests_per_thread) / ms * 1e3;
}

void measure_threads(Runtime &runtime, Engine &engine, const bench::Fleet &fleet) {
    std::vector<std::unique_ptr<Contender>> contenders;
    for (size_t i = 0; i < threads; ++i) {
        contenders.push_back(std::make_unique<Contender>(runtime, engine, fleet.members[i]));
        contenders.back()->load_bare();
        contenders.back()->ask(0);
    }
    bench::Series ours, bare;
    for (int round = 0; round < 9; ++round) {
        ours.add(per_second([&](size_t who, uint64_t i) { contenders[who]->ask(i); }));
        bare.add(per_second([&](size_t who, uint64_t i) { contenders[who]->ask_bare(i); }));
    }
    fmt::print(R"({{"bench":"threads","unit":"requests/s","threads":{},"skills":{},"ours":{},)"
               R"("bare":{},"ours_over_bare":{:.4f}}})"
               "\n",
               threads, threads, ours.json(), bare.json(), ours.median() / bare.median());
}

// How far the bytes that each load was admitted with were from those it then took, once a few loads
// have been learned from.
void measure_prediction(const bench::Fleet &fleet) {
    constexpr size_t learned_from = 4;
    const auto runtime = open_runtime(fleet, uint64_t{1} << 40);
    bench::Series error;
    for (size_t i = 0; i < fleet.members.size(); ++i) {
        const auto skill = must(runtime->open_skill(fleet.members[i].id, {}));
        if (!skill->load({})) std::exit(1);
        for (const ResidentStatus &status : runtime->resident().status()) {
            if (status.key != skill->package().descriptor.digest || i < learned_from) continue;
            if (!status.measured_bytes) continue;
            const auto measured = static_cast<double>(*status.measured_bytes);
            error.add(std::abs(static_cast<double>(status.predicted_bytes) / measured - 1));
        }
    }
    fmt::print(R"({{"bench":"prediction","unit":"share of what was measured","off_by":{}}})"
               "\n",
               error.json());
}

// Once the allocator has given back what it keeps for later: how much that is depends on chance.
uint64_t resident_bytes() {
    ::malloc_trim(0);
    std::ifstream file("/proc/self/smaps_rollup");
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("Rss:")) return std::stoull(line.substr(4)) * 1024;
    }
    return 0;
}

// In a process of its own, which holds nothing else that growth could hide behind. Growth is
// counted from a tenth of the way on: by then every pool has its size.
void measure_cycles(const bench::Fleet &fleet, int cycles) {
    if (::fork() != 0) {
        ::wait(nullptr);
        return;
    }
    const auto engine = must(create_llama_engine());
    const auto runtime = open_runtime(fleet);
    Contender smallest(*runtime, *engine, fleet.members[0]);
    uint64_t before = 0;
    for (int i = 0; i < cycles; ++i) {
        if (i == cycles / 10) before = resident_bytes();
        smallest.ask(static_cast<uint64_t>(i));
        smallest.evict();
    }
    const uint64_t after = resident_bytes();
    fmt::print(
        R"({{"bench":"cycles","unit":"bytes","cycles":{},"process_before":{},)"
        R"("process_after":{},"growth":{:.5f}}})"
        "\n",
        cycles, before, after,
        (static_cast<double>(after) - static_cast<double>(before)) / static_cast<double>(before));
    std::fflush(stdout);
    ::_exit(0);
}

}  // namespace

int main(int argc, char **argv) {
    if (argc < 2 || argc > 3) {
        fmt::print(stderr, "usage: bench_residency_live FOLDER [CYCLES]\n");
        return 2;
    }
    const bench::Fleet fleet = bench::fleet_in(argv[1]);
    measure_cycles(fleet, argc > 2 ? std::atoi(argv[2]) : 10000);
    const auto runtime = open_runtime(fleet);
    const auto engine = must(create_llama_engine());
    for (const size_t position : {0, 3, 12, 15}) {  // 4,000 and 32,000 tokens, small and large
        const bench::Member &member = fleet.members[position];
        Contender contender(*runtime, *engine, member);
        measure_evicted(contender, member);
        measure_resident(contender, member);
        measure_parked(fleet, *engine, position);
        std::fflush(stdout);
    }
    measure_threads(*runtime, *engine, fleet);
    measure_prediction(fleet);
    std::fflush(stdout);
    return 0;
}
