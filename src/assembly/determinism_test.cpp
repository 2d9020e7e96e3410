// SPDX-License-Identifier: Apache-2.0
// The same input gives the same bits on the real engine, whatever else happened or happens: in each
// way that weights are stored.
#include <atomic>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "assembly/runtime.h"
#include "testing/gguf_classifier.h"
#include "testing/skill_builder.h"
#include "testing/temp_dir.h"

namespace skillet {
namespace {

using testing::made;

constexpr const char *input = R"({"text":"a b c a c b b a c a"})";

// How many bytes hold how many values; in blocks, the first two are a scale.
struct Stored {
    const char *name;
    uint32_t type;  // of a tensor: docs/formats/gguf.md
    size_t values;
    size_t bytes;
};

std::ostream &operator<<(std::ostream &out, const Stored &stored) { return out << stored.name; }

// Blocks of a small scale, or a small value, and random bits.
std::string random_blocks(const Stored &stored, uint64_t count, std::mt19937_64 &random) {
    if (stored.type == 0) return testing::random_floats(count, static_cast<uint32_t>(random()));
    std::string bytes;
    for (uint64_t block = 0; block < count / stored.values; ++block) {
        const auto small = static_cast<uint16_t>(0x2400 | (random() & 0x83FF));
        bytes += testing::gguf_bytes(small);
        for (size_t i = 2; i < stored.bytes; ++i) bytes.push_back(static_cast<char>(random()));
    }
    return bytes;
}

std::string model_bytes(const Stored &stored, uint64_t seed) {
    testing::ClassifierShape shape;
    shape.context = 64;
    shape.blocks = 2;
    testing::GgufWriter writer;
    testing::add_classifier_keys(writer, shape);
    testing::add_classifier_tensors(writer, shape);
    std::mt19937_64 random(seed);
    for (auto &tensor : writer.tensors) {
        const bool matrix = tensor.shape.size() == 2 && tensor.name != "token_types.weight";
        if (!matrix) continue;
        tensor.type = stored.type;
        tensor.data = random_blocks(stored, tensor.shape[0] * tensor.shape[1], random);
    }
    return writer.bytes();
}

class Determinism : public ::testing::TestWithParam<Stored> {
protected:
    void SetUp() override {
        runtime_ = open_runtime(uint64_t{1} << 30);
        if (!runtime_->engine()) GTEST_SKIP() << "needs the engine";
        for (const char *id : {"org.a.b", "org.c.d"}) install(id);
        skill_ = made(runtime_->open_skill("org.a.b", {}));
        other_ = made(runtime_->open_skill("org.c.d", {}));
        first_ = ask(*skill_);
        ASSERT_EQ(first_.size(), 2u);
        ASSERT_NE(ask(*other_), first_) << "the other one has other weights";
    }
    std::shared_ptr<Runtime> open_runtime(uint64_t budget_bytes) {
        RuntimeOptions options;
        options.root = folder_ / "root";
        options.actor = "test";
        options.budget_bytes = budget_bytes;
        return made(Runtime::open(std::move(options)));
    }
    void install(const std::string &id) {
        const std::string model = testing::write_file(
            folder_ / id + ".gguf", model_bytes(GetParam(), std::hash<std::string>()(id)));
        json::Value document = testing::skill_document(model, id);
        testing::set_member(document, "/contract/limits/deadline_ms", 3'600'000);
        made(made(runtime_->root())
                 ->install(testing::pack_skill(folder_.path(), model, document), {}));
    }
    static std::vector<float> ask(SkillHandle &skill) {
        return made(skill.invoke(input, {})).logits;
    }

    testing::TempDir folder_;
    std::shared_ptr<Runtime> runtime_;
    std::shared_ptr<SkillHandle> skill_, other_;
    std::vector<float> first_;
};

TEST_P(Determinism, holds_from_the_first_to_the_thousandth_request) {
    for (int i = 1; i < 1000; ++i) {
        if (i % 10 == 0) (void)ask(*other_);
        ASSERT_EQ(ask(*skill_), first_) << "request " << i;
    }
}

TEST_P(Determinism, holds_while_others_compute_with_this_and_another_skill) {
    std::atomic<bool> over{false};
    std::vector<std::thread> load;
    for (int i = 0; i < 4; ++i) {
        load.emplace_back([&, i] {
            while (!over) (void)ask(i % 2 == 0 ? *skill_ : *other_);
        });
    }
    for (int i = 0; i < 100; ++i) EXPECT_EQ(ask(*skill_), first_);
    over = true;
    for (std::thread &thread : load) thread.join();
}

TEST_P(Determinism, holds_for_what_was_evicted_and_loaded_again) {
    for (int i = 0; i < 20; ++i) {
        runtime_->resident().evict(skill_->package().descriptor.digest);
        EXPECT_EQ(ask(*skill_), first_);
    }
    EXPECT_GE(runtime_->resident().counters().loads, 21u);
}

TEST_P(Determinism, holds_for_what_was_parked) {
    const uint64_t one = runtime_->resident().reserved_bytes() / 2;
    skill_.reset();
    other_.reset();
    runtime_ = open_runtime(one + one / 2);
    const auto skill = made(runtime_->open_skill("org.a.b", {}));
    const auto other = made(runtime_->open_skill("org.c.d", {}));
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(ask(*skill), first_) << "also in another runtime";
        (void)ask(*other);
    }
    const ResidentCounters counters = runtime_->resident().counters();
    EXPECT_GT(counters.resumes + counters.loads, 20u) << "they had room beside each other";
}

INSTANTIATE_TEST_SUITE_P(Weights, Determinism,
                         ::testing::Values(Stored{"F32", 0, 1, 4}, Stored{"F16", 1, 1, 2},
                                           Stored{"Q4_0", 2, 32, 18}, Stored{"Q8_0", 8, 32, 34}),
                         [](const auto &row) { return std::string(row.param.name); });

}  // namespace
}  // namespace skillet
