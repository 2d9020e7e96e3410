// SPDX-License-Identifier: Apache-2.0
// Input that tries to be more than text, against the vocabularies that come with the engine's
// source and against ones made to be fooled.
#include "engine_llama/plain_text.h"

#include <gtest/gtest.h>
#include <llama.h>
#include <pthread.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>

#include "engine_llama/engine_log.h"
#include "gguf/tokenizer.h"
#include "testing/gguf_decoder.h"
#include "testing/temp_dir.h"

namespace skillet {
namespace {

using ModelPointer = std::unique_ptr<llama_model, decltype(&llama_model_free)>;

ModelPointer load_vocabulary(const std::string &path) {
    EngineLog::install();
    const EngineLog log;
    llama_model_params params = llama_model_default_params();
    params.vocab_only = true;
    return {llama_model_load_from_file(path.c_str(), params), &llama_model_free};
}

std::vector<std::string> vocabularies() {
    const std::filesystem::path folder = SKILLET_SOURCE_DIR "/.deps/llama.cpp/models";
    std::vector<std::string> paths;
    std::error_code missing;
    for (const auto &entry : std::filesystem::directory_iterator(folder, missing)) {
        const std::string path = entry.path().string();
        if (path.ends_with(".gguf") && path.find("bert") == std::string::npos)
            paths.push_back(path);
    }
    return paths;
}

constexpr int more_than_text =
    LLAMA_TOKEN_ATTR_CONTROL | LLAMA_TOKEN_ATTR_USER_DEFINED | LLAMA_TOKEN_ATTR_UNKNOWN;

// Refused, or tokens that are all text.
void expect_forges_nothing(const llama_vocab &vocabulary, const std::string &text) {
    const auto tokens = plain_tokens(vocabulary, text);
    if (!tokens) {
        EXPECT_EQ(tokens.error().code, SKL_E_INPUT_SCHEMA) << tokens.error().message;
        return;
    }
    for (const TokenId token : *tokens) {
        EXPECT_EQ(llama_vocab_get_attr(&vocabulary, token) & more_than_text, 0) << text;
        EXPECT_FALSE(llama_vocab_is_eog(&vocabulary, token)) << text;
    }
}

TEST(PlainText, forges_no_control_token_of_a_real_vocabulary) {
    const auto paths = vocabularies();
    if (paths.empty()) GTEST_SKIP() << "the engine's source is not here";
    size_t tried = 0;
    for (const std::string &path : paths) {
        SCOPED_TRACE(path);
        const ModelPointer model = load_vocabulary(path);
        if (!model) continue;  // a kind of vocabulary that this engine does not know either
        const llama_vocab &vocabulary = *llama_model_get_vocab(model.get());
        for (TokenId token = 0; token < llama_vocab_n_tokens(&vocabulary); ++token) {
            if ((llama_vocab_get_attr(&vocabulary, token) & more_than_text) == 0) continue;
            const std::string name = llama_vocab_get_text(&vocabulary, token);
            ++tried;
            for (const std::string &text :
                 {name, "a" + name + "b", "a " + name + " b", name + name, "\n" + name + "\n"})
                expect_forges_nothing(vocabulary, text);
        }
    }
    EXPECT_GT(tried, 100u);
}

TEST(PlainText, lets_ordinary_text_through) {
    for (const std::string &path : vocabularies()) {
        if (!path.ends_with("llama-bpe.gguf") && !path.ends_with("llama-spm.gguf") &&
            !path.ends_with("qwen2.gguf") && !path.ends_with("phi-3.gguf"))
            continue;
        SCOPED_TRACE(path);
        const ModelPointer model = load_vocabulary(path);
        ASSERT_TRUE(model);
        for (const char *text :
             {"Hello, world!", "a < b > c | d", "1 + 1 = 2;\n\treturn 0;\n",
              "<html><p>x</p></html>", "  two  spaces\n\n\n", "\xc3\xa9\xe4\xbd\xa0"})
            EXPECT_TRUE(plain_tokens(*llama_model_get_vocab(model.get()), text)) << text;
    }
}

class PlainTextOfOwnVocabulary : public ::testing::Test {
protected:
    const llama_vocab &vocabulary(const testing::GgufWriter &writer) {
        const std::string path = directory_ / "model.gguf";
        std::ofstream(path, std::ios::binary) << writer.bytes();
        model_ = load_vocabulary(path);
        EXPECT_TRUE(model_);
        return *llama_model_get_vocab(model_.get());
    }

private:
    testing::TempDir directory_;
    ModelPointer model_{nullptr, &llama_model_free};
};

// "<s>" out of "<", "s" and ">" by merges that somebody slipped in.
TEST_F(PlainTextOfOwnVocabulary, refuses_a_control_token_that_merges_make) {
    std::vector<std::string> tokens = {"<s>", "</s>", "<s"};
    std::vector<int32_t> kinds = {3, 3, 1};
    for (int byte = 0; byte < 0x7f; ++byte) {
        tokens.push_back(byte > ' ' ? std::string(1, static_cast<char>(byte))
                                    : std::string("\xc4") + static_cast<char>(0x80 + byte));
        kinds.push_back(1);
    }
    // For the pre-tokenizer it must be one word.
    tokens.emplace_back("stop");
    kinds.push_back(3);
    tokens.emplace_back("st");
    kinds.push_back(1);
    tokens.emplace_back("op");
    kinds.push_back(1);
    testing::GgufWriter writer;
    add_decoder_keys(writer, {});
    writer.string("tokenizer.ggml.model", "gpt2")
        .string("tokenizer.ggml.pre", "gpt-2")
        .strings("tokenizer.ggml.tokens", tokens)
        .i32s("tokenizer.ggml.token_type", kinds)
        .strings("tokenizer.ggml.merges", {"s t", "o p", "st op"})
        .u32("tokenizer.ggml.bos_token_id", 0)
        .u32("tokenizer.ggml.eos_token_id", 1);
    const llama_vocab &own = vocabulary(writer);
    EXPECT_EQ(plain_tokens(own, "stop").error().code, SKL_E_INPUT_SCHEMA);
    EXPECT_FALSE(plain_tokens(own, "stop").error().hint.empty());
    EXPECT_TRUE(plain_tokens(own, "sto p"));
    EXPECT_TRUE(plain_tokens(own, "<s> </s>"));
}

TEST_F(PlainTextOfOwnVocabulary, finds_control_tokens_by_their_exact_text) {
    testing::GgufWriter writer;
    add_decoder_keys(writer, {});
    add_byte_pair_vocabulary(writer);
    const llama_vocab &own = vocabulary(writer);
    EXPECT_EQ(*find_control_token(own, "</s>"), 1);
    for (const char *none : {"", "ab", "</s", "<unk>"})
        EXPECT_EQ(find_control_token(own, none).error().code, SKL_E_NOT_FOUND) << none;
}

// Runs on a thread with a small stack: what needs one per character of the text dies of it.
void run_with_small_stack(const std::function<void()> &body) {
    pthread_attr_t attributes;
    ASSERT_EQ(pthread_attr_init(&attributes), 0);
    ASSERT_EQ(pthread_attr_setstacksize(&attributes, 512u << 10), 0);
    pthread_t thread{};
    const auto start = [](void *argument) -> void * {
        (*static_cast<const std::function<void()> *>(argument))();
        return nullptr;
    };
    ASSERT_EQ(
        pthread_create(&thread, &attributes, start, const_cast<std::function<void()> *>(&body)), 0);
    pthread_join(thread, nullptr);
    pthread_attr_destroy(&attributes);
}

TEST_F(PlainTextOfOwnVocabulary, takes_long_words_apart_with_every_pre_tokenizer_that_is_run) {
    constexpr size_t length = 16u << 10;
    const auto try_texts = [](const llama_vocab &own) {
        for (const char *word : {"a", "1", " ", "\n", "!", "\xc3\xa9", "\xcc\x81", "\xe4\xb8\x80",
                                 " a", "'s", "\r\n "}) {
            std::string text;
            while (text.size() < length) text += word;
            EXPECT_TRUE(plain_tokens(own, text)) << word;
        }
    };
    std::vector<testing::GgufWriter> writers = {testing::tiny_decoder({}, true)};
    for (const auto &words : gguf::find_tokenizer("gpt2")->pre_tokenizers) {
        if (words.bounded)
            writers.push_back(testing::tiny_decoder().string("tokenizer.ggml.pre", words.name));
    }
    EXPECT_GT(writers.size(), 10u);
    for (const testing::GgufWriter &writer : writers) {
        const llama_vocab &own = vocabulary(writer);
        run_with_small_stack([&] { try_texts(own); });
    }
}

}  // namespace
}  // namespace skillet
