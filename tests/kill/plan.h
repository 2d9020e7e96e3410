// SPDX-License-Identifier: Apache-2.0
// What there is to do to the root, the packages it is done to, and what workers tell the driver.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/error.h"
#include "registry/state.h"

namespace skillet::kill {

enum class Operation : uint8_t {
    open,
    install,
    verify,
    list,
    run,
    remove,
    collect,
    serve,
    fsck,
    suspend,
    resume,
    retire,
    reinstate,
    quarantine,
    release,
    count  // of the others
};

[[nodiscard]] const char *name_of(Operation operation);
// Of what an operator asks for; null for the others.
[[nodiscard]] std::optional<Trigger> trigger_of(Operation operation);

// One version of a skill. Only its owner installs and removes it and changes its state; everybody
// uses it.
struct Target {
    std::string id;
    std::string version;
    std::string archive;
    size_t owner;
    Digest digest = {};
};

inline constexpr size_t workers = 2;
inline constexpr size_t driver = workers;  // as an owner

// Packs what the workers own, two skills of two versions each, and one package for the driver. One
// model is in packages of both workers, so that blobs are shared over owners.
[[nodiscard]] std::vector<Target> pack_targets(const std::string &folder);

// What a worker does next.
struct Step {
    Operation operation = Operation::open;
    size_t target = 0;
};

class Dice {
public:
    explicit Dice(uint64_t seed) : random_(seed) {}
    // 0 to `below` - 1. The same everywhere, which std::uniform_int_distribution is not.
    uint64_t roll(uint64_t below) { return random_() % below; }
    Step next_step(size_t worker, const std::vector<Target> &targets);

private:
    std::mt19937_64 random_;
};

// A line in a worker's pipe: written at once, so never torn.
struct Note {
    enum class Kind : uint8_t { begun, done, paused };
    Kind kind = Kind::begun;
    Operation operation = Operation::open;
    uint16_t target = 0;
    Code code = SKL_OK;  // of what is done
};
static_assert(sizeof(Note) == 8);

}  // namespace skillet::kill
