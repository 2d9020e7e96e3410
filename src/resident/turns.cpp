// SPDX-License-Identifier: Apache-2.0
#include "resident/turns.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "resident/wait.h"

namespace skillet {

Turns::Turns(const Limits &limits) : limits_(limits), free_(limits.turns) {}

Result<Turns::Turn> Turns::take(const Digest &skill, const StopSignal &stop) {
    std::unique_lock lock(mutex_);
    Flow &flow = flows_[skill];
    // Whoever waits and could begin has been granted a turn already.
    if (free_ > 0 && flow.computing < limits_.of_one_skill) {
        begin(flow);
        return Turn(*this, skill);
    }
    if (waiting_ >= limits_.waiting) {
        forget_idle();
        return make_error(SKL_E_QUEUE_FULL,
                          fmt::format("{} requests wait for a free core already", waiting_), "",
                          "try again later");
    }
    Waiter waiter;
    const auto place = flow.waiting.insert(flow.waiting.end(), &waiter);
    ++waiting_;
    auto waited = wait_until(lock, waiter.changed, stop, [&] { return waiter.granted; });
    if (!waited) {
        flow.waiting.erase(place);
        --waiting_;
        forget_idle();
        return std::move(waited).error();
    }
    return Turn(*this, skill);
}

void Turns::begin(Flow &flow) {
    // Who was idle begins at the present, not in the past.
    flow.next_start = std::max(flow.next_start, now_);
    now_ = flow.next_start;
    ++flow.computing;
    --free_;
}

void Turns::grant() {
    // The earliest start; of equals, the one that computes less at this moment.
    const auto rank = [this](const Flow &flow) {
        return std::pair(std::max(flow.next_start, now_), flow.computing);
    };
    while (free_ > 0 && waiting_ > 0) {
        Flow *next = nullptr;
        for (auto &[skill, flow] : flows_) {
            if (flow.waiting.empty() || flow.computing >= limits_.of_one_skill) continue;
            if (next == nullptr || rank(flow) < rank(*next)) next = &flow;
        }
        if (next == nullptr) return;
        Waiter &waiter = *next->waiting.front();
        next->waiting.pop_front();
        --waiting_;
        begin(*next);
        waiter.granted = true;
        waiter.changed.notify_one();
    }
}

void Turns::Turn::end() {
    if (turns_ == nullptr) return;
    const std::chrono::duration<double, std::milli> took = SteadyClock::now() - begin_;
    std::exchange(turns_, nullptr)->end(skill_, took.count());
}

void Turns::end(const Digest &skill, double took_ms) {
    const std::lock_guard lock(mutex_);
    Flow &flow = flows_.at(skill);
    flow.next_start += took_ms;
    --flow.computing;
    ++free_;
    grant();
    forget_idle();
}

void Turns::forget_idle() {
    const auto is_idle = [](const auto &entry) {
        return entry.second.computing == 0 && entry.second.waiting.empty();
    };
    if (std::all_of(flows_.begin(), flows_.end(), is_idle)) {
        // With nobody left who was kept waiting, the past is settled.
        flows_.clear();
        now_ = 0;
        return;
    }
    std::erase_if(flows_, [&](const auto &entry) {
        return is_idle(entry) && entry.second.next_start <= now_;
    });
}

size_t Turns::waiting() const {
    const std::lock_guard lock(mutex_);
    return waiting_;
}

}  // namespace skillet
