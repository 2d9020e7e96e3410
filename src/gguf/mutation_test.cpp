// SPDX-License-Identifier: Apache-2.0
// Many malformed files, made from sound ones: nothing may crash or hang on any of them. The fixed
// seed makes the same files each time; SKILLET_MUTATIONS asks for more of them.
#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include "gguf/facts.h"
#include "gguf/tensor_values.h"
#include "testing/gguf_classifier.h"
#include "testing/gguf_decoder.h"
#include "testing/gguf_mutation.h"

namespace skillet::gguf {
namespace {

struct Verdicts {
    uint64_t malformed = 0;  // as a structure
    uint64_t refused = 0;    // by a later level
    uint64_t vetted = 0;
};

void inspect(std::string bytes, Verdicts &verdicts) {
    const MemorySource source(std::move(bytes), "memory");
    const auto file = read(source);
    if (!file) {
        EXPECT_FALSE(file.error().message.empty());
        ++verdicts.malformed;
        return;
    }
    Phase phase;
    EXPECT_TRUE(scan_values(source, *file, phase));
    const auto facts = derive_facts(source, *file);
    const auto vetted = facts ? check_vetted(source, *file, *facts) : Result<void>(facts.error());
    if (facts) (void)check_runnable(source, *file, *facts).has_value();
    ++(vetted ? verdicts.vetted : verdicts.refused);
}

std::vector<testing::GgufWriter> sound_files() {
    testing::ClassifierShape classifier;
    classifier.embedding = classifier.feed_forward = 4;
    testing::DecoderShape decoder;
    decoder.embedding = decoder.feed_forward = 4;
    return {testing::tiny_classifier(classifier), testing::tiny_decoder(decoder),
            testing::tiny_decoder(decoder, true)};
}

TEST(MutatedGguf, no_malformed_file_crashes_or_hangs_the_inspector) {
    const char *asked = std::getenv("SKILLET_MUTATIONS");
    const uint64_t count = asked != nullptr ? std::strtoull(asked, nullptr, 10) : 3'000;
    const auto sound = sound_files();
    Verdicts verdicts;
    for (uint64_t i = 0; i < count; ++i) {
        testing::GgufMutation mutation(static_cast<uint32_t>(i));
        testing::GgufWriter writer = sound[i % sound.size()];
        for (uint64_t change = 0; change <= i % 4; ++change) mutation.apply(writer);
        std::string bytes = writer.bytes();
        if (i % 5 == 0) mutation.damage(bytes);
        inspect(std::move(bytes), verdicts);
    }
    // Each level is reached and refuses.
    EXPECT_GT(verdicts.malformed, count / 20);
    EXPECT_GT(verdicts.refused, count / 20);
    EXPECT_GT(verdicts.vetted, count / 100);
    std::printf("%llu files: %llu malformed, %llu refused, %llu vetted\n",
                static_cast<unsigned long long>(count),
                static_cast<unsigned long long>(verdicts.malformed),
                static_cast<unsigned long long>(verdicts.refused),
                static_cast<unsigned long long>(verdicts.vetted));
}

}  // namespace
}  // namespace skillet::gguf
