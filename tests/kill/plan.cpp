// SPDX-License-Identifier: Apache-2.0
#include "plan.h"

#include <iterator>

#include "testing/skill_builder.h"

namespace skillet::kill {
namespace {

// How often each operation is chosen, of 100.
struct Share {
    Operation operation;
    unsigned percent;
};
constexpr Share shares[] = {
    {Operation::open, 3},      {Operation::install, 27},   {Operation::verify, 8},
    {Operation::list, 2},      {Operation::run, 16},       {Operation::remove, 18},
    {Operation::collect, 6},   {Operation::fsck, 4},       {Operation::serve, 4},
    {Operation::suspend, 4},   {Operation::resume, 3},     {Operation::retire, 1},
    {Operation::reinstate, 1}, {Operation::quarantine, 1}, {Operation::release, 2}};

bool is_the_owners(Operation operation) {
    return operation == Operation::install || operation == Operation::remove ||
           trigger_of(operation).has_value();
}

}  // namespace

const char *name_of(Operation operation) {
    constexpr const char *names[] = {"open",   "install", "verify",    "list",       "run",
                                     "remove", "collect", "serve",     "fsck",       "suspend",
                                     "resume", "retire",  "reinstate", "quarantine", "release"};
    static_assert(std::size(names) == static_cast<size_t>(Operation::count));
    return names[static_cast<size_t>(operation)];
}

std::optional<Trigger> trigger_of(Operation operation) {
    switch (operation) {
        case Operation::suspend: return Trigger::suspend;
        case Operation::resume: return Trigger::resume;
        case Operation::retire: return Trigger::retire;
        case Operation::reinstate: return Trigger::reinstate;
        case Operation::quarantine: return Trigger::quarantine;
        case Operation::release: return Trigger::release;
        default: return std::nullopt;
    }
}

std::vector<Target> pack_targets(const std::string &folder) {
    const auto model = [&](const std::string &name, uint32_t blocks) {
        testing::ClassifierShape shape;
        shape.blocks = blocks;
        return testing::write_classifier_model(folder + "/" + name, shape);
    };
    const std::string shared = model("shared.gguf", 1);
    std::vector<Target> targets;
    const auto add = [&](const std::string &id, const std::string &version, size_t owner,
                         const std::string &artifact) {
        json::Value document = testing::skill_document(artifact, id, version);
        testing::set_member(document, "/contract/limits/deadline_ms", 3'600'000);
        const std::string archive = testing::pack_skill(
            folder, artifact, document, {testing::calibration_document(document, 1.5)});
        targets.push_back({id, version, archive, owner});
    };
    for (size_t owner = 0; owner < workers; ++owner) {
        const std::string stem = "org.worker" + std::to_string(owner);
        const auto blocks = static_cast<uint32_t>(owner) + 2;
        const std::string own = model("own" + std::to_string(owner) + ".gguf", blocks);
        for (const char *version : {"1.0.0", "2.0.0"}) {
            add(stem + ".shared", version, owner, shared);
            add(stem + ".own", version, owner, own);
        }
    }
    add("org.driver", "1.0.0", driver, shared);
    return targets;
}

Step Dice::next_step(size_t worker, const std::vector<Target> &targets) {
    Step step;
    uint64_t rest = roll(100);
    for (const Share &share : shares) {
        step.operation = share.operation;
        if (rest < share.percent) break;
        rest -= share.percent;
    }
    do {
        step.target = roll(targets.size());
    } while (targets[step.target].owner == driver ||
             (is_the_owners(step.operation) && targets[step.target].owner != worker));
    return step;
}

}  // namespace skillet::kill
