// SPDX-License-Identifier: Apache-2.0
// The whole library behind one object: a root, an engine, the resident set.
//
// The one place that names concrete types. Thread-safe. Root and engine are opened when first
// needed: running a .skill file touches no root, and listing loads no engine.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "assembly/crash_guard.h"
#include "assembly/fault_book.h"
#include "assembly/root.h"
#include "assembly/settings.h"
#include "assembly/worker_pool.h"
#include "base/log.h"
#include "engine/engine.h"
#include "resident/forecast.h"
#include "resident/heap_meter.h"
#include "resident/resident_set.h"
#include "resident/turns.h"
#include "runner/answer.h"
#include "store/trusted_blobs.h"

namespace skillet {

using EngineFactory = std::function<Result<std::unique_ptr<Engine>>()>;

struct RuntimeOptions : SettingOptions {
    std::string actor;     // who the ledger names; empty: the user's name
    EngineFactory engine;  // none: the one this build has
    Log::Sink log;         // none: nobody listens
};

class SkillHandle;

class Runtime : public std::enable_shared_from_this<Runtime> {
public:
    static Result<std::shared_ptr<Runtime>> open(RuntimeOptions options);

    // Makes the root if it is not there.
    [[nodiscard]] Result<Root *> root();
    // For calls that only look: whether there is a root, and it, or SKL_E_NOT_FOUND about the skill
    // that was looked for. Asking what is installed leaves no trace.
    [[nodiscard]] bool has_root();
    [[nodiscard]] Result<Root *> root_with(std::string_view id);
    // Whether all that the package depends on is there now; without a root, nothing is.
    [[nodiscard]] Result<void> check_needs(const Package &package);
    [[nodiscard]] Result<Engine *> engine();
    [[nodiscard]] const Settings &settings() const { return settings_; }
    [[nodiscard]] const Log &log() const { return log_; }
    [[nodiscard]] FileSystem &files() { return *files_; }
    // Who the ledger names.
    [[nodiscard]] const std::string &actor() const { return options_.actor; }
    [[nodiscard]] CrashGuard &crash_guard() { return crash_guard_; }
    [[nodiscard]] FaultBook &faults() { return faults_; }
    [[nodiscard]] ResidentSet &resident() { return resident_; }
    [[nodiscard]] Turns &turns() { return turns_; }
    [[nodiscard]] Forecast &forecast() { return forecast_; }
    [[nodiscard]] HeapMeter &heap_meter() { return heap_meter_; }
    [[nodiscard]] TrustedBlobs &trusted_blobs() { return trusted_blobs_; }
    // Lets others see what is in memory here, if that has a place; once is enough.
    void publish();
    // Where runtimes of this root publish themselves; empty: there is no place.
    [[nodiscard]] std::string boards_directory() const;
    // Waits until no request uses the package: of this runtime, or of all whose boards can be read.
    enum class Drain { own, all };
    [[nodiscard]] Result<void> await_idle(const Digest &package, Drain drain,
                                          const StopSignal &stop);
    // For submitted requests; one thread per core at most.
    [[nodiscard]] WorkerPool &workers() { return workers_; }

    // Resolves the reference and reads the package; the model is loaded by the first request.
    // A package that does not serve is refused with its state's code.
    [[nodiscard]] Result<std::shared_ptr<SkillHandle>> open_skill(std::string_view reference,
                                                                  const Work &work);

private:
    Runtime(RuntimeOptions options, Settings settings);

    const RuntimeOptions options_;
    const Settings settings_;
    const Log log_;
    std::unique_ptr<FileSystem> files_;
    CrashGuard crash_guard_;  // outlives the modules, whose calls it notes
    std::atomic<bool> published_ = false;
    std::mutex mutex_;
    std::unique_ptr<Root> root_;      // guarded by mutex_ until set, then constant
    std::unique_ptr<Engine> engine_;  // likewise
    FaultBook faults_;
    Forecast forecast_;
    HeapMeter heap_meter_;
    TrustedBlobs trusted_blobs_;
    ResidentSet resident_;
    Turns turns_;
    WorkerPool workers_;
};

// One package, ready to be asked. Keeps its runtime alive. Thread-safe.
class SkillHandle {
public:
    SkillHandle(std::shared_ptr<Runtime> runtime, std::shared_ptr<const Package> package,
                std::shared_ptr<const BlobSource> source, bool installed);

    [[nodiscard]] const Package &package() const { return *package_; }
    [[nodiscard]] Runtime &runtime() { return *runtime_; }
    // `stop`, but no later than the contract's deadline, which counts from now.
    [[nodiscard]] StopSignal with_own_deadline(StopSignal stop) const;

    // What must hold before the engine sees an installed package: not too many processes died at
    // it.
    [[nodiscard]] Result<void> check_crashes(Root &root);
    // Loads the model now, so that the first request does not have to.
    [[nodiscard]] Result<void> load(const Work &work);
    [[nodiscard]] Result<Answer> invoke(std::string_view input, const StopSignal &stop);
    // SKL_E_INPUT_TOO_LARGE if the contract admits no input of so many bytes.
    [[nodiscard]] Result<void> check_input_size(uint64_t bytes) const;
    // The document "skillet.result/1".
    [[nodiscard]] Result<json::Value> document(const Answer &answer, bool with_stats);

private:
    Result<void> check_still_serves();
    // The model's file was changed under it: the module goes. True if the store has the bytes as
    // they should be, since somebody installed the package again; else it is quarantined.
    bool give_up(const Error &cause);
    // What `body` gives; tried once more if it gave up a module that can be loaded anew.
    template <typename Body>
    auto with_whole_bytes(const Body &body) -> decltype(body());
    Result<Answer> answer_within(std::string_view input, const StopSignal &within);
    // A skill that fails again and again is taken out of service.
    void note_outcome(const Error *failure);
    void log_request(const Result<Answer> &answer, SteadyClock::time_point begin) const;
    // `on_wait` is called before the caller is kept waiting for memory.
    Result<Lease> lease(const Work &work, const std::function<void()> &on_wait = {});
    Result<std::unique_ptr<EngineModel>> load_model(Engine &engine, const HeldBlob &blob);
    Result<std::unique_ptr<Module>> load_module(const Work &work);
    Result<std::unique_ptr<HeldBlob>> hold_artifact(const BlobSource &source,
                                                    const Work &work) const;

    std::shared_ptr<Runtime> runtime_;
    std::shared_ptr<const Package> package_;
    std::shared_ptr<const BlobSource> source_;  // of a .skill file; null: the root's store
    bool installed_;
    uint32_t contexts_max_;
    const MemoryPlan estimate_;  // the package's own
    const std::string architecture_;
    std::atomic<bool> struck_ = false;  // the package has strikes, which an answer may undo
    std::mutex mutex_;
    int64_t checked_generation_ = -1;  // guarded by mutex_
};

}  // namespace skillet
