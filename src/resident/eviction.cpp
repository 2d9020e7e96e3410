// SPDX-License-Identifier: Apache-2.0
#include "resident/eviction.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <unordered_map>
#include <vector>

namespace skillet {
namespace {

// The cost-aware rule forgets at several speeds at once: after this many requests a use counts
// half. Each is four times the one before, so that decays follow from one another by squaring.
constexpr std::array<double, 6> half_lives = {4, 16, 64, 256, 1024, 4096};
using Weights = std::array<double, half_lives.size()>;

struct Record {
    uint64_t uses = 0;
    uint64_t used_at = 0;  // a tick, of no other record; 0: never used
    Cost cost;
    bool in_memory = false;
    Weights marks{};  // what its uses left at each speed of forgetting, as of used_at
};

struct FirstBytes {  // a digest is a hash already
    size_t operator()(const Digest &key) const {
        size_t hash = 0;
        std::memcpy(&hash, key.bytes().data(), sizeof hash);
        return hash;
    }
};

// What every rule knows of each module.
class Records {
public:
    [[nodiscard]] uint64_t now() const { return now_; }
    [[nodiscard]] size_t count() const { return records_.size(); }

    Record &of(const Digest &key) {
        if (records_.size() >= count_max_) forget_some();
        return records_[key];
    }
    [[nodiscard]] const Record *find(const Digest &key) const {
        const auto found = records_.find(key);
        return found == records_.end() ? nullptr : &found->second;
    }
    void use(Record &record) {
        ++record.uses;
        record.used_at = ++now_;
    }
    void note_cost(const Digest &key, const Cost &cost) {
        Record &record = of(key);
        record.cost = cost;
        record.in_memory = true;
    }
    void note_eviction(const Digest &key) {
        const auto found = records_.find(key);
        if (found != records_.end()) found->second.in_memory = false;
    }

private:
    // Leaves three quarters of what may be remembered, so that this happens seldom.
    void forget_some() {
        std::vector<std::pair<uint64_t, Digest>> evicted;
        for (const auto &[key, record] : records_) {
            if (!record.in_memory) evicted.emplace_back(record.used_at, key);
        }
        constexpr size_t keep = remembered_modules_max / 4 * 3;
        if (evicted.size() > keep) {
            const auto kept = evicted.end() - keep;
            std::nth_element(evicted.begin(), kept, evicted.end());
            for (auto one = evicted.begin(); one != kept; ++one) records_.erase(one->second);
        }
        count_max_ = records_.size() + remembered_modules_max / 4;
    }

    std::unordered_map<Digest, Record, FirstBytes> records_;
    size_t count_max_ = remembered_modules_max;
    uint64_t now_ = 0;
};

// What all rules have in common: a use is noted in its record, and a worth begins with what the
// record says.
class RecordingPolicy : public EvictionPolicy {
public:
    void note_cost(const Digest &key, const Cost &cost) final { records_.note_cost(key, cost); }
    void note_eviction(const Digest &key) final { records_.note_eviction(key); }

    [[nodiscard]] Worth worth(const Digest &key) const final {
        const Record *record = records_.find(key);
        if (record == nullptr) return {};
        Worth worth;
        worth.cost = record->cost;
        worth.uses = record->uses;
        worth.idle_for = records_.now() - record->used_at;
        judge(*record, worth);
        return worth;
    }

protected:
    // Fills in the rest: the value, and what it follows from.
    virtual void judge(const Record &record, Worth &worth) const = 0;

    Records records_;
};

class CountingPolicy final : public RecordingPolicy {
public:
    explicit CountingPolicy(EvictionRule rule) : rule_(rule) {}

    void note_use(const Digest &key) override { records_.use(records_.of(key)); }

private:
    void judge(const Record &record, Worth &worth) const override {
        worth.value =
            static_cast<double>(rule_ == EvictionRule::lfu ? record.uses : record.used_at);
    }

    const EvictionRule rule_;
};

// What a use is still worth after `ticks` more, for each half-life.
Weights decay(uint64_t ticks) {
    Weights left{};
    double one = std::exp2(-static_cast<double>(ticks) / half_lives.back());
    for (size_t i = left.size(); i-- > 0;) {
        left[i] = one;
        one = (one * one) * (one * one);
    }
    return left;
}

// How many milliseconds of loading each MiB is expected to save: the chance that the next request
// is for the module, times what its load takes, over its bytes.
//
// The chance is a mixture. Each half-life foretells every request from the marks that earlier ones
// left: a module's share of them all. Those that foretold better are believed more from then on,
// and a small part of the belief is always dealt out anew, so that another one can take over
// soon after the load changes. Steady popularity is thus ranked by what was counted over thousands
// of requests, and a load that turns by the minute by what came last. Decision 0013.
class CostAwarePolicy final : public RecordingPolicy {
public:
    CostAwarePolicy() { belief_.fill(1.0 / static_cast<double>(belief_.size())); }

    void note_use(const Digest &key) override {
        Record &record = records_.of(key);
        // Asking again for what was asked for just now says nothing about what is needed next.
        if (record.uses > 0 && record.used_at == records_.now()) {
            ++record.uses;
            return;
        }
        const Weights left = decay(records_.now() - record.used_at);
        for (size_t i = 0; i < left.size(); ++i) record.marks[i] *= left[i];
        learn(record.marks);
        records_.use(record);
        for (size_t i = 0; i < tick_.size(); ++i) {
            record.marks[i] = record.marks[i] * tick_[i] + 1;
            all_marks_[i] = all_marks_[i] * tick_[i] + 1;
        }
    }

private:
    void judge(const Record &record, Worth &worth) const override {
        const Weights left = decay(worth.idle_for);
        for (size_t i = 0; i < left.size(); ++i) {
            if (all_marks_[i] > 0) {
                worth.chance += belief_[i] * record.marks[i] * left[i] / all_marks_[i];
            }
        }
        constexpr double bytes_per_mib = 1 << 20;
        const double mib =
            static_cast<double>(std::max<uint64_t>(worth.cost.bytes, 1)) / bytes_per_mib;
        worth.value = worth.chance * worth.cost.reload_ms / mib;
    }

    // `marks`: those of the module that was asked for, before this request.
    void learn(const Weights &marks) {
        constexpr double open = 0.5;      // of each foretelling: anything may be asked for
        constexpr double renewed = 0.01;  // of the belief: dealt out evenly
        const double blind = open / static_cast<double>(records_.count());
        double sum = 0;
        for (size_t i = 0; i < marks.size(); ++i) {
            const double share = all_marks_[i] > 0 ? marks[i] / all_marks_[i] : 0;
            belief_[i] *= blind + (1 - open) * share;
            sum += belief_[i];
        }
        constexpr double each = renewed / static_cast<double>(half_lives.size());
        for (double &belief : belief_) belief = (1 - renewed) * belief / sum + each;
    }

    const Weights tick_ = decay(1);
    Weights all_marks_{};  // of all modules together, as of now
    Weights belief_{};     // in each half-life; adds up to 1
};

struct RuleName {
    EvictionRule rule;
    const char *name;
};
constexpr RuleName rule_names[] = {{EvictionRule::lru, "lru"},
                                   {EvictionRule::lfu, "lfu"},
                                   {EvictionRule::cost_aware, "cost-aware"}};

}  // namespace

const char *name_of(EvictionRule rule) {
    for (const RuleName &one : rule_names) {
        if (one.rule == rule) return one.name;
    }
    return "";
}

std::optional<EvictionRule> parse_eviction_rule(std::string_view name) {
    for (const RuleName &one : rule_names) {
        if (one.name == name) return one.rule;
    }
    return std::nullopt;
}

bool goes_before(const Worth &one, const Worth &other) {
    if (one.value != other.value) return one.value < other.value;
    return one.idle_for > other.idle_for;
}

std::unique_ptr<EvictionPolicy> make_eviction_policy(EvictionRule rule) {
    if (rule == EvictionRule::cost_aware) return std::make_unique<CostAwarePolicy>();
    return std::make_unique<CountingPolicy>(rule);
}

}  // namespace skillet
