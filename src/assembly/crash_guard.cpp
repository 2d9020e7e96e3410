// SPDX-License-Identifier: Apache-2.0
#include "assembly/crash_guard.h"

#include <algorithm>

#include <fmt/format.h>

#include "assembly/root_lock.h"

namespace skillet {
namespace {

std::string markers_in(const std::string &state_directory) { return state_directory + "/engine"; }

}  // namespace

CrashGuard::CrashGuard(FileSystem &files, std::string state_directory, Log log)
    : files_(files),
      directory_(std::move(state_directory)),
      log_(std::move(log)),
      book_(files, directory_ + "/strikes") {}

void CrashGuard::cannot_note(const Error &cause) {
    if (told_.exchange(true)) return;
    log_.write(SKL_LOG_WARNING, "state.unusable",
               "a crash of the engine will not be noted: " + cause.message,
               {{"subject", cause.subject}});
}

CrashMarker *CrashGuard::marker() {
    const std::lock_guard lock(mutex_);
    if (!tried_) {
        if (auto made = make_marker(); !made) cannot_note(made.error());
        tried_ = true;
    }
    return marker_.get();
}

Result<void> CrashGuard::make_marker() {
    if (directory_.empty()) {
        return make_error(SKL_E_IO, "there is no state directory", "", "set SKILLET_STATE");
    }
    SKL_TRY(files_.make_directories(markers_in(directory_)));
    SKL_TRY_ASSIGN(made, CrashMarker::create(markers_in(directory_), utc_now()));
    marker_ = std::move(made);
    return {};
}

Result<size_t> CrashGuard::admit(Root &root, const Package &package) {
    collect(root);
    const Digest &digest = package.descriptor.digest;
    const std::string subject = package.skill.id + "@" + package.skill.version.text();
    const Strikes strikes = strikes_of(digest);
    if (strikes.size() >= strikes_max && !quarantine(root, digest, strikes)) {
        return make_error(SKL_E_QUARANTINED, sentence_of(strikes), subject,
                          fmt::format("if the cause is gone, delete {}", book_.path_of(digest)));
    }
    // Quarantined just now, by this call or by another process.
    SKL_TRY_ASSIGN(row, root.registry().find(digest));
    if (row) SKL_TRY(check_serves(row->state, subject));
    return strikes.size();
}

void CrashGuard::collect(Root &root) {
    if (directory_.empty()) return;
    const auto take = [&](const Result<Death> &death) -> Result<void> {
        if (death) return note(root, *death);
        log_.write(SKL_LOG_WARNING, "marker.damaged", death.error().message,
                   {{"subject", death.error().subject}});
        return {};
    };
    if (auto collected = collect_deaths(markers_in(directory_), take); !collected) {
        cannot_note(collected.error());
    }
}

Result<void> CrashGuard::note(Root &root, const Death &death) {
    // Where the engine said which call ended the process, the others had no part in it.
    const bool explained =
        std::any_of(death.suspects.begin(), death.suspects.end(),
                    [](const Suspect &suspect) { return !suspect.message.empty(); });
    for (const Suspect &suspect : death.suspects) {
        if (explained && suspect.message.empty()) continue;
        SKL_TRY(strike(root, death, suspect));
    }
    return {};
}

Result<void> CrashGuard::strike(Root &root, const Death &death, const Suspect &suspect) {
    Strikes strikes;
    {
        const auto lock = RootLock::take(directory_, {});
        if (!lock) return lock.error();
        strikes = strikes_of(suspect.package);
        if (!add_strike(strikes, death, suspect, utc_now())) return {};
        SKL_TRY(book_.write(suspect.package, strikes));
    }
    log_.write(SKL_LOG_WARNING, "engine.died", sentence_of({strikes.back()}),
               {{"digest", suspect.package.to_string()}, {"strikes", uint64_t{strikes.size()}}});
    if (strikes.size() >= strikes_max) quarantine(root, suspect.package, strikes);
    return {};
}

// A damaged document is worth nothing; what it knew, later deaths will say again.
Strikes CrashGuard::strikes_of(const Digest &package) {
    if (directory_.empty()) return {};
    auto strikes = book_.strikes_of(package);
    if (strikes) return *std::move(strikes);
    log_.write(SKL_LOG_WARNING, "strikes.damaged", strikes.error().message,
               {{"subject", strikes.error().subject}});
    (void)files_.remove(book_.path_of(package));
    return {};
}

// Whether the registry has it as quarantined now: then the ledger says why, and the strikes have
// done their part, so that a release gives the package a fresh start.
bool CrashGuard::quarantine(Root &root, const Digest &package, const Strikes &strikes) {
    const Error cause = make_error(SKL_E_ENGINE_FAULT, sentence_of(strikes), package.to_string());
    if (!root.take_out_of_service(package, cause)) {
        const auto row = root.registry().find(package);
        if (!row || !*row || (*row)->state != State::quarantined) return false;
    }
    if (const auto lock = RootLock::take(directory_, {})) (void)book_.write(package, {});
    return true;
}

void CrashGuard::answered(const Digest &package) {
    const auto lock = RootLock::take(directory_, {});
    if (!lock) return;
    Strikes strikes = strikes_of(package);
    if (forget_uncertain(strikes)) (void)book_.write(package, strikes);
}

}  // namespace skillet
