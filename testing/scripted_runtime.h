// SPDX-License-Identifier: Apache-2.0
// A runtime of its own root whose engine is scripted, and packages to try it with.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "assembly/runtime.h"
#include "testing/scripted_engine.h"
#include "testing/skill_builder.h"
#include "testing/temp_dir.h"

namespace skillet::testing {

// A fixture's base. Set the script up before the first request.
class ScriptedRuntime {
protected:
    ScriptedRuntime() = default;
    ~ScriptedRuntime() = default;

    [[nodiscard]] std::shared_ptr<Runtime> open_runtime(uint64_t budget_bytes = 1u << 30) {
        RuntimeOptions options;
        options.root = root_path();
        options.actor = "test";
        options.budget_bytes = budget_bytes;
        options.log_level = SKL_LOG_DEBUG;
        options.log = log_;
        options.engine = [this]() -> Result<std::unique_ptr<Engine>> {
            ++engines_;
            if (engine_fails_) return make_error(SKL_E_CPU_UNSUPPORTED, "as the script says");
            return std::unique_ptr<Engine>(std::make_unique<ScriptedEngine>(script_, gate_));
        };
        return made(Runtime::open(std::move(options)));
    }
    [[nodiscard]] std::string root_path() const { return folder_ / "root"; }

    // A .skill file that admits {"text": …} for an hour.
    [[nodiscard]] std::string pack(const std::string &version, const std::string &id = "org.a.b",
                                   std::optional<double> temperature = {}) {
        json::Value document = skill_document(model_, id, version);
        set_member(document, "/contract/limits/deadline_ms", 3'600'000);
        std::vector<json::Value> attachments;
        if (temperature) attachments.push_back(calibration_document(document, *temperature));
        return pack_skill(folder_.path(), model_, document, attachments);
    }

    TempDir folder_;
    std::string model_ = write_classifier_model(folder_ / "model.gguf");
    std::shared_ptr<Script> script_ = std::make_shared<Script>();
    std::shared_ptr<Gate> gate_;  // set before the runtime is opened, to hold computations
    Log::Sink log_;               // likewise, to hear what the runtime has to say
    std::atomic<int> engines_ = 0;
    std::atomic<bool> engine_fails_ = false;
};

// A fixture with one runtime, open from the beginning.
class OpenRuntime : protected ScriptedRuntime {
protected:
    [[nodiscard]] Root &root() { return *made(runtime_->root()); }
    PackageRow install(const std::string &archive) { return made(root().install(archive, {})); }
    [[nodiscard]] std::shared_ptr<SkillHandle> open_skill(const std::string &reference) {
        return made(runtime_->open_skill(reference, {}));
    }
    // SKL_OK, or the code it is refused with.
    static Code ask(SkillHandle &skill) {
        const auto answer = skill.invoke(R"({"text":"a b"})", {});
        return answer ? SKL_OK : answer.error().code;
    }
    // As the registry has it now.
    [[nodiscard]] PackageRow row_of(const PackageRow &row) {
        return made(root().registry().find(row.digest)).value();
    }

    std::shared_ptr<Runtime> runtime_ = open_runtime();
};

}  // namespace skillet::testing
