// SPDX-License-Identifier: Apache-2.0
// The vocabularies that come with the engine's source are read; no model of them is runnable.
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "gguf/facts.h"

namespace skillet::gguf {
namespace {

std::vector<std::string> vocabularies() {
    const std::filesystem::path folder = SKILLET_SOURCE_DIR "/.deps/llama.cpp/models";
    std::vector<std::string> paths;
    std::error_code missing;
    for (const auto &entry : std::filesystem::directory_iterator(folder, missing))
        if (entry.path().extension() == ".gguf") paths.push_back(entry.path().string());
    return paths;
}

TEST(RealGguf, vocabularies_of_many_architectures_are_read_and_found_not_runnable) {
    const auto paths = vocabularies();
    if (paths.empty()) GTEST_SKIP() << "the engine's source is not here";
    for (const std::string &path : paths) {
        SCOPED_TRACE(path);
        const auto source = FileSlice::open(path);
        ASSERT_TRUE(source.has_value());
        const auto file = read(*source);
        ASSERT_TRUE(file.has_value()) << file.error().message << " " << file.error().subject;
        const auto facts = derive_facts(*file);
        ASSERT_TRUE(facts.has_value()) << facts.error().message << " " << facts.error().subject;
        EXPECT_GT(facts->vocabulary_size, 1000u);
        EXPECT_GT(facts->context_length, 0u);
        EXPECT_FALSE(facts->tokenizer_id.empty());
        const auto runnable = check_runnable(*file, *facts);
        ASSERT_FALSE(runnable.has_value());
        EXPECT_EQ(runnable.error().code, SKL_E_FORMAT_UNSUPPORTED) << runnable.error().message;
        EXPECT_FALSE(runnable.error().hint.empty());
    }
}

TEST(RealGguf, a_bert_vocabulary_is_told_that_it_has_no_head) {
    const auto source =
        FileSlice::open(SKILLET_SOURCE_DIR "/.deps/llama.cpp/models/ggml-vocab-bert-bge.gguf");
    if (!source) GTEST_SKIP() << "the engine's source is not here";
    const auto file = read(*source);
    ASSERT_TRUE(file.has_value());
    const auto facts = derive_facts(*file);
    ASSERT_TRUE(facts.has_value());
    EXPECT_EQ(facts->tokenizer_id, "bert/bert-bge");
    EXPECT_EQ(facts->vocabulary_size, 30'522u);
    EXPECT_EQ(facts->context_length, 512u);
    const auto runnable = check_runnable(*file, *facts);
    ASSERT_FALSE(runnable.has_value());
    EXPECT_EQ(runnable.error().subject, "bert.pooling_type");
}

}  // namespace
}  // namespace skillet::gguf
