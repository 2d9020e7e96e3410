// SPDX-License-Identifier: Apache-2.0
// The vocabularies that come with the engine's source. That the engine takes those we vet:
// engine_llama/vetted_test.cpp.
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

struct Checked {
    Result<void> vetted;
    Result<void> runnable;
    Facts facts;
};

Result<Checked> check(const std::string &path) {
    SKL_TRY_ASSIGN(source, FileSlice::open(path));
    SKL_TRY_ASSIGN(file, read(source));
    SKL_TRY_ASSIGN(facts, derive_facts(source, file));
    return Checked{check_vetted(source, file, facts), check_runnable(source, file, facts), facts};
}

// Kinds of tokenizers that are refused by name.
bool is_refused(const std::string &path) {
    return path.ends_with("-gemma-4.gguf") || path.ends_with("-nomic-bert-moe.gguf");
}

TEST(RealGguf, vocabularies_are_vetted_unless_of_another_kind_and_never_runnable) {
    const auto paths = vocabularies();
    if (paths.empty()) GTEST_SKIP() << "the engine's source is not here";
    for (const std::string &path : paths) {
        SCOPED_TRACE(path);
        const auto checked = check(path);
        ASSERT_TRUE(checked.has_value()) << checked.error().message << checked.error().subject;
        EXPECT_GT(checked->facts.vocabulary_size, 1000u);
        EXPECT_GT(checked->facts.context_length, 0u);
        EXPECT_FALSE(checked->facts.tokenizer_id.empty());
        ASSERT_EQ(checked->vetted.has_value(), !is_refused(path))
            << (checked->vetted ? "" : checked->vetted.error().message);
        if (is_refused(path)) {
            EXPECT_EQ(checked->vetted.error().code, SKL_E_FORMAT_UNSUPPORTED);
            EXPECT_FALSE(checked->vetted.error().hint.empty());
        }
        ASSERT_FALSE(checked->runnable.has_value());
        EXPECT_EQ(checked->runnable.error().code, SKL_E_FORMAT_UNSUPPORTED);
        EXPECT_FALSE(checked->runnable.error().hint.empty());
    }
}

TEST(RealGguf, a_bert_vocabulary_is_told_that_it_has_no_head) {
    const auto paths = vocabularies();
    if (paths.empty()) GTEST_SKIP() << "the engine's source is not here";
    const auto checked =
        check(SKILLET_SOURCE_DIR "/.deps/llama.cpp/models/ggml-vocab-bert-bge.gguf");
    ASSERT_TRUE(checked.has_value());
    EXPECT_EQ(checked->facts.tokenizer_id, "bert/bert-bge");
    EXPECT_EQ(checked->facts.vocabulary_size, 30'522u);
    EXPECT_EQ(checked->facts.context_length, 512u);
    ASSERT_FALSE(checked->runnable.has_value());
    EXPECT_EQ(checked->runnable.error().subject, "bert.pooling_type");
}

}  // namespace
}  // namespace skillet::gguf
