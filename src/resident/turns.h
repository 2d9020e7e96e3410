// SPDX-License-Identifier: Apache-2.0
// Who computes next. A few requests compute at a time, each with one engine thread; the others
// wait, in a queue that is bounded.
//
// Skills share the turns by time, not by requests: start-time fair queueing (Goyal, Vin, Cheng:
// "Start-time Fair Queueing", 1996) with one flow for each skill, all of equal weight, and the time
// a request took known only when it is over; several at once as in SFQ(D) (Jin, Chase, Kaur:
// "Interposed Proportional Sharing", 2004). A skill that was idle has no claim to the past. So a
// slow skill cannot starve others, and neither can one that asks often. Within a skill: first come,
// first served. Thread-safe.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>

#include "base/cancel.h"
#include "base/digest.h"
#include "base/result.h"

namespace skillet {

class Turns {
public:
    // How many requests compute at once, in all and of one skill, and how many may wait.
    struct Limits {
        uint32_t turns = 1;
        uint32_t of_one_skill = turns;
        size_t waiting = 0;
    };
    explicit Turns(const Limits &limits);
    // REQUIRES: no turn is left, and nobody waits.
    ~Turns() = default;
    Turns(const Turns &) = delete;
    Turns &operator=(const Turns &) = delete;

    // The right to compute, until it is destroyed. Must not outlive the Turns.
    class Turn {
    public:
        Turn(Turn &&other) noexcept
            : turns_(std::exchange(other.turns_, nullptr)),
              skill_(other.skill_),
              begin_(other.begin_) {}
        Turn &operator=(Turn &&) = delete;
        ~Turn() { end(); }
        // Before it is destroyed; once.
        void end();

    private:
        friend class Turns;
        Turn(Turns &turns, const Digest &skill)
            : turns_(&turns), skill_(skill), begin_(SteadyClock::now()) {}
        Turns *turns_;
        Digest skill_;
        SteadyClock::time_point begin_;
    };

    // Waits for a turn. SKL_E_QUEUE_FULL at once if too many wait already; else what `stop` says.
    [[nodiscard]] Result<Turn> take(const Digest &skill, const StopSignal &stop);

    [[nodiscard]] size_t waiting() const;

private:
    // In milliseconds of computing.
    using VirtualTime = double;

    struct Waiter {
        bool granted = false;
        std::condition_variable changed;
    };
    struct Flow {
        VirtualTime next_start = 0;  // of its next request, if it had one waiting
        uint32_t computing = 0;
        std::list<Waiter *> waiting;
    };

    void end(const Digest &skill, double took_ms);
    // The functions below need mutex_ to be held.
    void begin(Flow &flow);
    void grant();
    void forget_idle();

    const Limits limits_;
    mutable std::mutex mutex_;
    uint32_t free_;  // guarded by mutex_, as is all below
    size_t waiting_ = 0;
    VirtualTime now_ = 0;           // the start of the request that began last
    std::map<Digest, Flow> flows_;  // of skills that compute, wait, or have used more than others
};

}  // namespace skillet
