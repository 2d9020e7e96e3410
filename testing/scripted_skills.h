// SPDX-License-Identifier: Apache-2.0
// Load requests for skills that the scripted engine plays, by name.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "resident/resident_set.h"
#include "testing/scripted_engine.h"
#include "testing/scripted_package.h"

namespace skillet::testing {

// Thread-safe once its script is set up. Must outlive the requests.
class ScriptedSkills {
public:
    [[nodiscard]] Script &script() { return *script_; }

    // `name` is the skill's id; equal names are the same skill.
    [[nodiscard]] LoadRequest request(const std::string &name, uint64_t predicted_bytes) {
        return request(name, MemoryPlan{.weights = predicted_bytes});
    }
    [[nodiscard]] LoadRequest request(const std::string &name, const MemoryPlan &plan) {
        const std::shared_ptr<const Package> package = package_of(name);
        auto load = [this, package]() -> Result<std::unique_ptr<Module>> {
            SKL_TRY_ASSIGN(model, engine_.load(FileSlice(nullptr, 0, 0, package->skill.id), {}));
            return std::make_unique<Module>(package, std::move(model), contexts_per_module);
        };
        return {package->descriptor.digest, plan, std::move(load)};
    }

private:
    static constexpr uint32_t contexts_per_module = 2;

    std::shared_ptr<const Package> package_of(const std::string &name) {
        const std::lock_guard lock(mutex_);
        std::shared_ptr<const Package> &package = packages_[name];
        if (!package) {
            ScriptedSkill skill;
            skill.id = name;
            package = scripted_package(skill);
        }
        return package;
    }

    std::shared_ptr<Script> script_ = std::make_shared<Script>();
    ScriptedEngine engine_{script_};
    std::mutex mutex_;
    std::map<std::string, std::shared_ptr<const Package>> packages_;  // guarded by mutex_
};

}  // namespace skillet::testing
