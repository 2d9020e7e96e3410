// SPDX-License-Identifier: Apache-2.0
// The whole library behind one object: a root, an engine, the resident set.
//
// The one place that names concrete types. Thread-safe. Root and engine are opened when first
// needed: running a .skill file touches no root, and listing loads no engine.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "assembly/root.h"
#include "engine/engine.h"
#include "resident/resident_set.h"
#include "runner/answer.h"

namespace skillet {

using EngineFactory = std::function<Result<std::unique_ptr<Engine>>()>;

struct RuntimeOptions {
    std::string root;           // empty: $SKILLET_ROOT, else the XDG data directory
    std::string actor;          // who the ledger names; empty: the user's name
    uint64_t budget_bytes = 0;  // 0: $SKILLET_BUDGET, else half of the machine's memory
    EngineFactory engine;       // none: the one this build has
};

class SkillHandle;

class Runtime : public std::enable_shared_from_this<Runtime> {
public:
    static Result<std::shared_ptr<Runtime>> open(RuntimeOptions options);

    [[nodiscard]] Result<Root *> root();
    [[nodiscard]] Result<Engine *> engine();
    [[nodiscard]] const std::string &root_path() const { return options_.root; }
    [[nodiscard]] ResidentSet &resident() { return resident_; }

    // Resolves the reference and reads the package; the model is loaded by the first request.
    // A package that does not serve is refused with its state's code.
    [[nodiscard]] Result<std::shared_ptr<SkillHandle>> open_skill(std::string_view reference,
                                                                  const StopSignal &stop);

private:
    explicit Runtime(RuntimeOptions options);

    RuntimeOptions options_;
    std::unique_ptr<FileSystem> files_;
    std::mutex mutex_;
    std::unique_ptr<Root> root_;      // guarded by mutex_ until set, then constant
    std::unique_ptr<Engine> engine_;  // likewise
    ResidentSet resident_;
};

// One package, ready to be asked. Keeps its runtime alive. Thread-safe.
class SkillHandle {
public:
    SkillHandle(std::shared_ptr<Runtime> runtime, std::shared_ptr<const Package> package,
                std::shared_ptr<const BlobSource> source, bool installed);

    [[nodiscard]] const Package &package() const { return *package_; }

    // Loads the model now, so that the first request does not have to.
    [[nodiscard]] Result<void> load(const StopSignal &stop);
    [[nodiscard]] Result<Answer> invoke(std::string_view input, const StopSignal &stop);
    // The document "skillet.result/1".
    [[nodiscard]] Result<json::Value> document(const Answer &answer, bool with_stats);

private:
    Result<void> check_still_serves();
    Result<Lease> lease(const StopSignal &stop);
    Result<std::unique_ptr<Module>> load_module() const;

    std::shared_ptr<Runtime> runtime_;
    std::shared_ptr<const Package> package_;
    std::shared_ptr<const BlobSource> source_;  // of a .skill file; null: the root's store
    bool installed_;
    uint32_t contexts_max_;
    uint64_t predicted_bytes_;
    std::mutex mutex_;
    int64_t checked_generation_ = -1;  // guarded by mutex_
};

}  // namespace skillet
