// SPDX-License-Identifier: Apache-2.0
// What eviction policies cost, in milliseconds of reloading: seeded traces of requests, replayed
// through a set of modules under a budget, without an engine. Prints JSON lines.
//
//     bench_residency
//
// Zipf over 64 modules: steady; with all popularity dealt anew every 1,280 requests (shifting) or
// every 192 (restless); with all modules asked for in turn every 320 (scans); by one caller or four
// that each ask for the same module ten times on average (bursts). `belady` knows the future and
// evicts what saves least per byte until its next use, greedily: the best rule for equal sizes, a
// good one for mixed ones. `oracle` knows how popular each module is at the moment, and no more.
#include <cmath>
#include <list>
#include <map>
#include <random>

#include "resident/eviction.h"
#include "samples.h"

using namespace skillet;

namespace {

constexpr size_t modules = 64;
constexpr size_t requests_max = 9600;
constexpr size_t seeds = 3;

using Costs = std::vector<Cost>;

struct Trace {
    std::vector<size_t> requests;
    std::vector<const std::vector<double> *> popularity;  // as of each request
    std::vector<std::vector<size_t>> positions;           // of each module's requests
};

// std::uniform_… may differ between libraries; this does not.
class Random {
public:
    explicit Random(uint64_t seed) : engine_(seed) {}
    size_t below(size_t end) { return engine_() % end; }
    double fraction() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }

private:
    std::mt19937_64 engine_;
};

// What bench/load.cpp measures, rounded: vocabulary and bytes decide how long a load takes.
Costs make_costs(bool mixed, Random &random) {
    Costs costs;
    for (size_t i = 0; i < modules; ++i) {
        const double tokens = mixed ? 4000 << random.below(4) : 8000;
        const double width = mixed ? 128 + 64.0 * static_cast<double>(random.below(5)) : 192;
        const double blocks = mixed ? 2 + static_cast<double>(random.below(5)) : 4;
        const double weights = 1.0625 * width * (tokens + blocks * 12 * width);
        costs.push_back({static_cast<uint64_t>(weights + 140 * tokens + 2e6),
                         1 + tokens * 1e-3 + weights * 1.3e-6});
    }
    return costs;
}

// Who is asked for, request by request.
class Demand {
public:
    Demand(double exponent, Random &random) : exponent_(exponent), random_(random) { deal(); }

    void deal() {
        std::vector<size_t> order;
        for (size_t i = 0; i < modules; ++i) {
            order.insert(order.begin() + static_cast<std::ptrdiff_t>(random_.below(i + 1)), i);
        }
        std::vector<double> &popularity = dealt_.emplace_back(modules);
        double sum = 0;
        for (size_t rank = 0; rank < modules; ++rank) {
            sum += popularity[order[rank]] = std::pow(static_cast<double>(rank + 1), -exponent_);
        }
        for (double &one : popularity) one /= sum;
    }
    size_t draw() {
        double left = random_.fraction();
        for (size_t module = 0; module + 1 < modules; ++module) {
            left -= popularity()[module];
            if (left < 0) return module;
        }
        return modules - 1;
    }
    [[nodiscard]] const std::vector<double> &popularity() const { return dealt_.back(); }

private:
    double exponent_;
    Random &random_;
    std::list<std::vector<double>> dealt_;
};

struct TraceKind {
    const char *name;
    size_t deal_every;
    size_t scan_every;
    size_t callers;
    double repeat;  // the chance that a caller wants the same module again
};
constexpr TraceKind kinds[] = {{"steady", 0, 0, 1, 0},
                               {"shifting", 1280, 0, 1, 0},
                               {"restless", 192, 0, 1, 0},
                               {"scans", 0, 320, 1, 0},
                               {"shifting, scans", 1280, 320, 1, 0},
                               {"bursts", 0, 0, 1, 0.9},
                               {"4 callers in bursts", 0, 0, 4, 0.9}};

Trace make_trace(const TraceKind &kind, Demand &demand, Random &random) {
    Trace trace;
    trace.positions.resize(modules);
    const auto ask = [&](size_t module) {
        trace.positions[module].push_back(trace.requests.size());
        trace.requests.push_back(module);
        trace.popularity.push_back(&demand.popularity());
    };
    std::vector<size_t> wanted_by(kind.callers, modules);
    for (size_t drawn = 1; trace.requests.size() < requests_max; ++drawn) {
        size_t &wanted = wanted_by[random.below(kind.callers)];
        if (wanted == modules || random.fraction() >= kind.repeat) wanted = demand.draw();
        ask(wanted);
        if (kind.deal_every > 0 && drawn % kind.deal_every == 0) demand.deal();
        if (kind.scan_every > 0 && drawn % kind.scan_every == 0) {
            for (size_t module = 0; module < modules; ++module) ask(module);
        }
    }
    return trace;
}

// Any rule, ours or not: the module with the lowest value goes first.
class Rule {
public:
    virtual ~Rule() = default;
    virtual void used(size_t module, size_t now) = 0;
    virtual void loaded(size_t /*module*/) {}
    virtual void evicted(size_t /*module*/, double /*value*/) {}
    [[nodiscard]] virtual double value(size_t module, size_t now) const = 0;
};

class Shipped final : public Rule {
public:
    Shipped(EvictionRule rule, const Costs &costs)
        : costs_(costs), policy_(make_eviction_policy(rule)) {
        for (size_t i = 0; i < modules; ++i) {
            Digest::Bytes bytes{};
            bytes[0] = static_cast<uint8_t>(i);
            keys_.emplace_back(bytes);
        }
    }
    void used(size_t module, size_t /*now*/) override { policy_->note_use(keys_[module]); }
    void loaded(size_t module) override { policy_->note_cost(keys_[module], costs_[module]); }
    void evicted(size_t module, double /*value*/) override {
        policy_->note_eviction(keys_[module]);
    }
    [[nodiscard]] double value(size_t module, size_t /*now*/) const override {
        return policy_->worth(keys_[module]).value;
    }

private:
    const Costs &costs_;
    std::unique_ptr<EvictionPolicy> policy_;
    std::vector<Digest> keys_;
};

double density(const Cost &cost) { return cost.reload_ms / static_cast<double>(cost.bytes); }

// Greedy-Dual-Size-Frequency, the textbook's rule for caches whose misses differ in cost.
class GreedyDual final : public Rule {
public:
    explicit GreedyDual(const Costs &costs) : costs_(costs), uses_(modules), value_(modules) {}
    void used(size_t module, size_t /*now*/) override {
        value_[module] = age_ + ++uses_[module] * density(costs_[module]);
    }
    void evicted(size_t module, double value) override {
        age_ = std::max(age_, value);
        uses_[module] = 0;
    }
    [[nodiscard]] double value(size_t module, size_t /*now*/) const override {
        return value_[module];
    }

private:
    const Costs &costs_;
    std::vector<double> uses_, value_;
    double age_ = 0;
};

class Belady final : public Rule {
public:
    Belady(const Trace &trace, const Costs &costs) : trace_(trace), costs_(costs) {}
    void used(size_t /*module*/, size_t /*now*/) override {}
    [[nodiscard]] double value(size_t module, size_t now) const override {
        const auto &positions = trace_.positions[module];
        const auto next = std::upper_bound(positions.begin(), positions.end(), now);
        if (next == positions.end()) return 0;
        return density(costs_[module]) / static_cast<double>(*next - now);
    }

private:
    const Trace &trace_;
    const Costs &costs_;
};

class Oracle final : public Rule {
public:
    Oracle(const Trace &trace, const Costs &costs) : trace_(trace), costs_(costs) {}
    void used(size_t /*module*/, size_t /*now*/) override {}
    [[nodiscard]] double value(size_t module, size_t now) const override {
        return (*trace_.popularity[now])[module] * density(costs_[module]);
    }

private:
    const Trace &trace_;
    const Costs &costs_;
};

// Milliseconds that `rule` spends on loading.
double replay(Rule &rule, const Trace &trace, const Costs &costs, uint64_t budget) {
    std::vector<bool> resident(modules);
    uint64_t used = 0;
    double reload_ms = 0;
    for (size_t now = 0; now < trace.requests.size(); ++now) {
        const size_t wanted = trace.requests[now];
        rule.used(wanted, now);
        if (resident[wanted]) continue;
        while (used + costs[wanted].bytes > budget) {
            size_t victim = modules;
            double lowest = 0;
            for (size_t module = 0; module < modules; ++module) {
                if (!resident[module]) continue;
                const double value = rule.value(module, now);
                if (victim == modules || value < lowest) {
                    victim = module;
                    lowest = value;
                }
            }
            resident[victim] = false;
            used -= costs[victim].bytes;
            rule.evicted(victim, lowest);
        }
        resident[wanted] = true;
        used += costs[wanted].bytes;
        reload_ms += costs[wanted].reload_ms;
        rule.loaded(wanted);
    }
    return reload_ms;
}

constexpr const char *rule_names[] = {"lru", "lfu", "gdsf", "cost-aware", "oracle", "belady"};
using Scores = std::map<std::string, double>;

std::unique_ptr<Rule> make_rule(const std::string &name, const Trace &trace, const Costs &costs) {
    if (const auto shipped = parse_eviction_rule(name)) {
        return std::make_unique<Shipped>(*shipped, costs);
    }
    if (name == "gdsf") return std::make_unique<GreedyDual>(costs);
    if (name == "oracle") return std::make_unique<Oracle>(trace, costs);
    return std::make_unique<Belady>(trace, costs);
}

Scores score(bool mixed, const TraceKind &kind, double exponent, double fraction) {
    Scores scores;
    for (size_t seed = 0; seed < seeds; ++seed) {
        Random random(seed);
        const Costs costs = make_costs(mixed, random);
        Demand demand(exponent, random);
        const Trace trace = make_trace(kind, demand, random);
        uint64_t all = 0, largest = 0;
        for (const Cost &cost : costs) {
            all += cost.bytes;
            largest = std::max(largest, cost.bytes);
        }
        const auto share = static_cast<uint64_t>(fraction * static_cast<double>(all));
        for (const char *name : rule_names) {
            const auto rule = make_rule(name, trace, costs);
            scores[name] += replay(*rule, trace, costs, std::max(share, largest));
        }
    }
    return scores;
}

std::string json(const Scores &scores, const char *format) {
    std::string members;
    for (const char *name : rule_names) {
        members += fmt::format(R"({}"{}":)", members.empty() ? "" : ",", name);
        members += fmt::format(fmt::runtime(format), scores.at(name));
    }
    return "{" + members + "}";
}

void measure_calls() {
    Random random(1);
    const Costs costs = make_costs(true, random);
    Shipped policy(EvictionRule::cost_aware, costs);
    for (size_t i = 0; i < modules; ++i) policy.loaded(i);
    Demand demand(1.0, random);
    const Trace trace = make_trace(kinds[0], demand, random);
    bench::Series use, worth;
    double sum = 0;
    for (int round = 0; round < 15; ++round) {
        use.add(1e6 / requests_max * bench::time_ms([&] {
                    for (const size_t module : trace.requests) policy.used(module, 0);
                }));
        worth.add(1e6 / requests_max * bench::time_ms([&] {
                      for (const size_t module : trace.requests) sum += policy.value(module, 0);
                  }));
    }
    fmt::print(R"({{"bench":"eviction_policy","unit":"ns","note_use":{},"worth":{},"sum":{:.0f}}})"
               "\n",
               use.json(), worth.json(), sum);
}

}  // namespace

int main() {
    Scores worst, logarithms;
    size_t lines = 0;
    for (const bool mixed : {false, true}) {
        for (const TraceKind &kind : kinds) {
            for (const double exponent : {0.8, 1.0, 1.2}) {
                for (const double budget : {0.1, 0.25, 0.5}) {
                    Scores scores = score(mixed, kind, exponent, budget);
                    Scores over_lru;
                    for (const char *name : rule_names) {
                        over_lru[name] = scores[name] / scores["lru"];
                        worst[name] = std::max(worst[name], over_lru[name]);
                        logarithms[name] += std::log(over_lru[name]);
                    }
                    ++lines;
                    fmt::print(R"({{"bench":"residency","unit":"ms of loading","sizes":"{}",)"
                               R"("trace":"{}","zipf":{},"budget":{},"ms":{},"over_lru":{}}})"
                               "\n",
                               mixed ? "mixed" : "equal", kind.name, exponent, budget,
                               json(scores, "{:.0f}"), json(over_lru, "{:.3f}"));
                }
            }
        }
    }
    Scores mean;
    for (const char *name : rule_names) {
        mean[name] = std::exp(logarithms[name] / static_cast<double>(lines));
    }
    fmt::print(R"({{"bench":"residency_summary","over_lru_geometric_mean":{},)"
               R"("over_lru_worst":{}}})"
               "\n",
               json(mean, "{:.3f}"), json(worst, "{:.3f}"));
    measure_calls();
    return 0;
}
