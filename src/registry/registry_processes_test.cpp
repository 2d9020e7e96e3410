// SPDX-License-Identifier: Apache-2.0
// Two processes change one registry at once, at random, and afterwards the ledger is replayed on a
// model: every entry was legal where it stands, everything acknowledged is in it, once and in the
// order of its process, and everything refused was illegal at some moment while it was asked for.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <random>

#include "testing/registered.h"
#include "testing/registry_model.h"
#include "testing/temp_dir.h"

namespace skillet {
namespace {

using testing::Candidate;
using testing::made;
using testing::RegistryModel;

constexpr int steps_per_process = 5'500;
constexpr int id_count = 2;
constexpr int version_count = 3;
constexpr std::array actors = {"first", "second"};

constexpr std::array triggers = {
    Trigger::verify,  Trigger::verify,    Trigger::fail,     Trigger::suspend, Trigger::resume,
    Trigger::retire,  Trigger::reinstate, Trigger::release,  Trigger::release, Trigger::quarantine,
    Trigger::install, Trigger::install,   Trigger::rollback, Trigger::remove};

// What a process asked for, and when. The trigger says which function it called.
struct Attempt {
    Candidate candidate;
    Trigger trigger;
    bool done;
    int64_t before;  // the generation
    int64_t after;
};

Result<void> ask(Registry &registry, const Candidate &candidate, Trigger trigger) {
    const PackageRow row = candidate.row();
    switch (trigger) {
        case Trigger::install: return registry.add(row, candidate.blobs());
        case Trigger::rollback: return registry.serve(row.digest, "random");
        case Trigger::remove: {
            SKL_TRY(registry.remove(row.digest, "random"));
            return {};
        }
        default: {
            SKL_TRY(registry.transition(row.digest, trigger, "random"));
            return {};
        }
    }
}

bool ask(RegistryModel &model, const Candidate &candidate, Trigger trigger) {
    switch (trigger) {
        case Trigger::install: return model.add(candidate);
        case Trigger::rollback: return model.serve(candidate);
        case Trigger::remove: return model.remove(candidate);
        default: return model.transition(candidate, trigger);
    }
}

// In a process of its own: works, and writes down what came of it.
[[noreturn]] void work(const std::string &path, size_t actor, int start, const std::string &log) {
    char nothing = 0;
    while (::read(start, &nothing, 1) > 0) {
    }  // until the other one is there, too
    Registry registry(made(Database::open(path)), utc_now, actors.at(actor));
    std::mt19937_64 random(actor);
    const auto below = [&](size_t end) { return static_cast<size_t>(random() % end); };
    std::vector<Attempt> attempts;
    for (int step = 0; step < steps_per_process; ++step) {
        Attempt attempt{};
        attempt.candidate = {static_cast<int>(below(id_count)),
                             static_cast<int>(below(version_count)), 0};
        attempt.trigger = triggers.at(below(triggers.size()));
        attempt.before = made(registry.generation());
        const Result<void> done = ask(registry, attempt.candidate, attempt.trigger);
        attempt.done = done.has_value();
        if (!done && done.error().code == SKL_E_IO) ::_exit(2);  // waited for the other in vain
        attempt.after = made(registry.generation());
        attempts.push_back(attempt);
    }
    std::ofstream(log, std::ios::binary)
        .write(reinterpret_cast<const char *>(attempts.data()),
               static_cast<std::streamsize>(attempts.size() * sizeof(Attempt)));
    ::_exit(0);
}

std::vector<Attempt> read_attempts(const std::string &log) {
    std::vector<Attempt> attempts(steps_per_process);
    const auto bytes = static_cast<std::streamsize>(attempts.size() * sizeof(Attempt));
    std::ifstream file(log, std::ios::binary);
    EXPECT_TRUE(file.read(reinterpret_cast<char *>(attempts.data()), bytes));
    return attempts;
}

std::vector<Candidate> candidates() {
    std::vector<Candidate> all;
    for (int id = 0; id < id_count; ++id) {
        for (int version = 0; version < version_count; ++version) all.push_back({id, version, 0});
    }
    return all;
}

std::vector<LedgerRow> whole_ledger(const Registry &registry) {
    std::vector<LedgerRow> rows;
    for (int id = 0; id < id_count; ++id) {
        const auto some = made(registry.history(Candidate{id, 0, 0}.id_text()));
        rows.insert(rows.end(), some.begin(), some.end());
    }
    std::sort(rows.begin(), rows.end(),
              [](const auto &a, const auto &b) { return a.sequence < b.sequence; });
    return rows;
}

// The states after each entry of the ledger, and whether each could stand where it stands.
class Replay {
public:
    explicit Replay(const std::vector<LedgerRow> &ledger) {
        states_.push_back(states_now());
        for (const LedgerRow &row : ledger) {
            const Candidate candidate = candidate_of(row.digest);
            EXPECT_EQ(row.from, model_.state(candidate).value_or("")) << row.sequence;
            EXPECT_TRUE(ask(model_, candidate, trigger_of(row.trigger))) << row.sequence;
            EXPECT_EQ(row.to, model_.state(candidate).value_or("")) << row.sequence;
            states_.push_back(states_now());
        }
    }
    // Whether it was illegal at some moment while it was asked for.
    [[nodiscard]] bool may_be_refused(const Attempt &attempt) const {
        for (int64_t moment = attempt.before; moment <= attempt.after; ++moment) {
            const auto &state = states_.at(static_cast<size_t>(moment)).at(attempt.candidate);
            if (!is_legal(state, attempt.trigger)) return true;
        }
        return false;
    }
    [[nodiscard]] const RegistryModel &model() const { return model_; }

    static Candidate candidate_of(const Digest &digest) {
        for (const Candidate &candidate : candidates()) {
            if (candidate.row().digest == digest) return candidate;
        }
        ADD_FAILURE() << "nobody's package";
        return {};
    }
    static Trigger trigger_of(const std::string &name) {
        for (const Trigger trigger : triggers) {
            if (name == name_of(trigger)) return trigger;
        }
        ADD_FAILURE() << "no trigger: " << name;
        return {};
    }

private:
    using States = std::map<Candidate, std::string>;

    static bool is_legal(const std::string &state, Trigger trigger) {
        if (trigger == Trigger::install) return state != "retired";
        if (trigger == Trigger::rollback) return state == "verified";
        if (trigger == Trigger::remove) return state == "retired" || state == "quarantined";
        return !state.empty() && RegistryModel::successor(state, trigger);
    }
    [[nodiscard]] States states_now() const {
        States states;
        for (const Candidate &candidate : candidates()) {
            states[candidate] = model_.state(candidate).value_or("");
        }
        return states;
    }

    RegistryModel model_;
    std::vector<States> states_;  // by generation
};

class RegistryProcesses : public ::testing::Test {
protected:
    void run_both() {
        (void)made(Database::open(path_));
        int start[2];
        ASSERT_EQ(::pipe(start), 0);
        std::array<pid_t, actors.size()> processes{};
        for (size_t actor = 0; actor < actors.size(); ++actor) {
            processes.at(actor) = ::fork();
            ASSERT_GE(processes.at(actor), 0);
            if (processes.at(actor) != 0) continue;
            ::close(start[1]);
            work(path_, actor, start[0], log_of(actor));
        }
        ::close(start[0]);
        ::close(start[1]);
        for (const pid_t process : processes) {
            int status = -1;
            ASSERT_EQ(::waitpid(process, &status, 0), process);
            ASSERT_EQ(status, 0);
        }
    }
    [[nodiscard]] std::string log_of(size_t actor) const { return folder_ / actors.at(actor); }

    testing::TempDir folder_;
    std::string path_ = folder_ / "skillet.db";
};

TEST_F(RegistryProcesses, do_nothing_that_one_alone_could_not_have_done_in_some_order) {
    ASSERT_NO_FATAL_FAILURE(run_both());
    const Registry registry(made(Database::open(path_)), utc_now, "reader");
    ASSERT_TRUE(registry.verify_ledger());
    const std::vector<LedgerRow> ledger = whole_ledger(registry);
    ASSERT_EQ(static_cast<int64_t>(ledger.size()), *registry.generation());
    const Replay replay(ledger);
    if (HasFailure()) return;

    size_t entries = 0;
    for (size_t actor = 0; actor < actors.size(); ++actor) {
        auto entry = ledger.begin();
        for (const Attempt &attempt : read_attempts(log_of(actor))) {
            if (!attempt.done) {
                EXPECT_TRUE(replay.may_be_refused(attempt)) << name_of(attempt.trigger);
                continue;
            }
            // Installing what is there already leaves no entry.
            const auto next = std::find_if(entry, ledger.end(), [&](const LedgerRow &row) {
                return row.actor == actors.at(actor);
            });
            const bool is_its_own = next != ledger.end() && next->sequence > attempt.before &&
                                    next->sequence <= attempt.after;
            if (attempt.trigger == Trigger::install && !is_its_own) continue;
            ASSERT_TRUE(is_its_own) << name_of(attempt.trigger) << " was acknowledged and is lost";
            EXPECT_EQ(next->trigger, name_of(attempt.trigger));
            EXPECT_EQ(next->digest, attempt.candidate.row().digest);
            entry = next + 1;
            ++entries;
        }
    }
    EXPECT_EQ(entries, ledger.size()) << "an entry that nobody asked for";
    for (const Candidate &candidate : candidates()) {
        const auto found = made(registry.find(candidate.row().digest));
        EXPECT_EQ(found ? name_of(found->state) : "", replay.model().state(candidate).value_or(""));
    }
    for (int id = 0; id < id_count; ++id) {
        const auto current = replay.model().current(id);
        EXPECT_EQ(made(registry.current(Candidate{id, 0, 0}.id_text())),
                  current ? std::optional(current->row().digest) : std::nullopt);
    }
    EXPECT_TRUE(made(registry.served_wrongly()).empty());
    size_t turns = 0;
    for (size_t i = 1; i < ledger.size(); ++i) turns += ledger[i].actor != ledger[i - 1].actor;
    EXPECT_GT(turns, 1u) << "they did not meet";
    EXPECT_GT(ledger.size(), size_t{steps_per_process / 4});
}

}  // namespace
}  // namespace skillet
