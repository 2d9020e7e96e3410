// SPDX-License-Identifier: Apache-2.0
// What a closed answer of a decoder costs beyond the bare engine: a resident skill with eight
// labels, a fixed beginning of 180 tokens and 20 tokens of input, through the runtime; against the
// least that somebody who writes for the engine alone has to do for the same scores: the beginning
// stays in the state, the rest and the tree of labels are one call. A decoder of 6 blocks of 288
// with 32,000 tokens, in Q8_0, with random weights.
//
//     bench_closed_answer
//
// Prints one JSON document.
#include <llama.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "assembly/runtime.h"
#include "samples.h"
#include "testing/gguf_decoder.h"
#include "testing/skill_builder.h"
#include "testing/temp_dir.h"

using namespace skillet;
using bench::must;

namespace {

constexpr int rounds = 200;
constexpr size_t fixed_tokens = 180;
constexpr size_t text_tokens = 20;
constexpr uint64_t vocabulary = 32'000;
const std::vector<std::string> labels = {"aaa", "aab", "abc", "bcd", "bce", "xyz", "xy", "k"};

// Blocks of 32 values: a small scale, and random bytes.
std::string random_q8(uint64_t values, std::mt19937_64 &random) {
    std::string bytes;
    for (uint64_t block = 0; block < values / 32; ++block) {
        bytes += testing::gguf_bytes(static_cast<uint16_t>(0x1400 | (random() & 0x83FF)));
        for (int i = 0; i < 4; ++i) {
            bytes += testing::gguf_bytes(random());
        }
    }
    return bytes;
}

std::string model_bytes() {
    testing::DecoderShape shape;
    shape.context = 512;
    shape.embedding = 288;
    shape.blocks = 6;
    shape.feed_forward = 768;
    shape.heads = 6;
    shape.key_value_heads = 6;
    testing::GgufWriter writer;
    add_decoder_keys(writer, shape);
    std::vector<std::string> tokens = {"<s>", "</s>"};
    std::vector<int32_t> kinds = {3, 3};
    for (int byte = 0; byte < 0x7f; ++byte) {
        tokens.push_back(byte > ' ' ? std::string(1, static_cast<char>(byte))
                                    : std::string("\xc4") + static_cast<char>(0x80 + byte));
        kinds.push_back(1);
    }
    while (tokens.size() < vocabulary) {
        tokens.push_back(fmt::format("word{}", tokens.size()));
        kinds.push_back(1);
    }
    writer.string("tokenizer.ggml.model", "gpt2")
        .string("tokenizer.ggml.pre", "gpt-2")
        .strings("tokenizer.ggml.tokens", tokens)
        .i32s("tokenizer.ggml.token_type", kinds)
        .strings("tokenizer.ggml.merges", {"a b"})
        .u32("tokenizer.ggml.bos_token_id", 0)
        .u32("tokenizer.ggml.eos_token_id", 1);
    add_decoder_tensors(writer, shape, vocabulary);
    std::mt19937_64 random(1);
    for (auto &tensor : writer.tensors) {
        if (tensor.shape.size() != 2) continue;
        tensor.type = 8;
        tensor.data = random_q8(tensor.shape[0] * tensor.shape[1], random);
    }
    return writer.bytes();
}

std::string random_text(std::mt19937_64 &random) {
    std::string text;
    while (text.size() < text_tokens) text += static_cast<char>('c' + random() % 20);
    return text;
}

json::Value skill_of(const std::string &model) {
    json::Value document = testing::skill_document(model, "org.bench.closed");
    const json::Array names(labels.begin(), labels.end());
    testing::set_member(document, "/contract/labels", names);
    testing::set_member(document, "/contract/output/properties/label/enum", names);
    testing::set_member(document, "/contract/continuation/before", "");
    testing::set_member(document, "/contract/prompt",
                        json::Array{json::Object{{"control", "<s>"}},
                                    json::Object{{"literal", std::string(fixed_tokens - 1, 'q')}},
                                    json::Object{{"slot", "/text"}}});
    for (const char *limit : {"/contract/limits/input_tokens", "/contract/prepare/0/tokens"})
        testing::set_member(document, limit, 64);
    return document;
}

// The engine by its own interface.
class Bare {
public:
    explicit Bare(const std::string &path) {
        llama_log_set([](ggml_log_level, const char *, void *) {}, nullptr);
        llama_model_params model_params = llama_model_default_params();
        model_params.use_extra_bufts = false;
        model_ = llama_model_load_from_file(path.c_str(), model_params);
        llama_context_params params = llama_context_default_params();
        params.n_ctx = 512;
        params.n_batch = params.n_ubatch = 64;
        params.n_seq_max = 8;
        params.kv_unified = true;
        params.n_threads = params.n_threads_batch = 1;
        params.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
        params.no_perf = true;
        context_ = llama_init_from_model(model_, params);
        batch_ = llama_batch_init(64, 0, 8);
        std::vector<llama_token> fixed = tokens_of(std::string(fixed_tokens - 1, 'q'));
        fixed.insert(fixed.begin(), 0);
        for (size_t at = 0; at < fixed.size(); at += 64) {
            batch_.n_tokens = 0;
            for (size_t i = at; i < std::min(fixed.size(), at + 64); ++i)
                add(fixed[i], i, everybody(), false);
            decode();
        }
        for (const std::string &label : labels) label_tokens_.push_back(tokens_of(label));
    }
    Bare(const Bare &) = delete;
    Bare &operator=(const Bare &) = delete;
    ~Bare() {
        llama_batch_free(batch_);
        llama_free(context_);
        llama_model_free(model_);
    }

    std::vector<double> scores(const std::string &text) {
        llama_memory_seq_rm(llama_get_memory(context_), -1, fixed_tokens, -1);
        const std::vector<llama_token> tokens = tokens_of(text);
        batch_.n_tokens = 0;
        for (size_t i = 0; i < tokens.size(); ++i)
            add(tokens[i], fixed_tokens + i, everybody(), i + 1 == tokens.size());
        // Label by label; what two begin with alike is read once.
        std::vector<std::vector<int32_t>> rows(labels.size());
        for (size_t i = 0; i < labels.size(); ++i) {
            rows[i].push_back(static_cast<int32_t>(tokens.size()) - 1);
            for (size_t depth = 0; depth < label_tokens_[i].size(); ++depth)
                rows[i].push_back(node(i, depth, fixed_tokens + tokens.size()));
        }
        decode();
        sums_.assign(static_cast<size_t>(batch_.n_tokens), NAN);
        std::vector<double> scores;
        for (size_t i = 0; i < labels.size(); ++i) {
            double score = 0;
            for (size_t depth = 0; depth < rows[i].size(); ++depth) {
                const bool ends = depth == label_tokens_[i].size();
                score += log_probability(rows[i][depth], ends ? 1 : label_tokens_[i][depth]);
            }
            scores.push_back(score);
        }
        return scores;
    }

private:
    static std::vector<llama_seq_id> everybody() { return {0, 1, 2, 3, 4, 5, 6, 7}; }

    std::vector<llama_token> tokens_of(const std::string &text) const {
        std::vector<llama_token> tokens(text.size() + 8);
        const int32_t count = llama_tokenize(llama_model_get_vocab(model_), text.data(),
                                             static_cast<int32_t>(text.size()), tokens.data(),
                                             static_cast<int32_t>(tokens.size()), false, false);
        tokens.resize(static_cast<size_t>(std::max(count, 0)));
        return tokens;
    }
    void add(llama_token token, size_t position, const std::vector<llama_seq_id> &of, bool asked) {
        const int32_t i = batch_.n_tokens++;
        batch_.token[i] = token;
        batch_.pos[i] = static_cast<llama_pos>(position);
        batch_.n_seq_id[i] = static_cast<int32_t>(of.size());
        std::copy(of.begin(), of.end(), batch_.seq_id[i]);
        batch_.logits[i] = asked ? 1 : 0;
    }
    // Where in the call the token at that depth of the label is.
    int32_t node(size_t label, size_t depth, size_t position) {
        const auto begins_alike = [&](size_t other) {
            const auto &a = label_tokens_[label];
            const auto &b = label_tokens_[other];
            return b.size() > depth &&
                   std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(depth) + 1,
                              b.begin());
        };
        std::vector<llama_seq_id> of;
        for (size_t other = 0; other < labels.size(); ++other)
            if (begins_alike(other)) of.push_back(static_cast<llama_seq_id>(other));
        for (int32_t i = 0; i < batch_.n_tokens; ++i) {
            if (batch_.pos[i] == static_cast<llama_pos>(position + depth) &&
                batch_.seq_id[i][0] == of.front() && batch_.token[i] == label_tokens_[label][depth])
                return i;
        }
        add(label_tokens_[label][depth], position + depth, of, true);
        return batch_.n_tokens - 1;
    }
    void decode() {
        if (llama_decode(context_, batch_) != 0) std::exit(1);
    }
    double log_probability(int32_t index, llama_token token) {
        const float *row = llama_get_logits_ith(context_, index);
        double &sum = sums_[static_cast<size_t>(index)];
        if (std::isnan(sum)) {
            const float top = *std::max_element(row, row + vocabulary);
            sum = 0;
            for (uint64_t i = 0; i < vocabulary; ++i) sum += std::exp(double{row[i]} - double{top});
            sum = double{top} + std::log(sum);
        }
        return double{row[token]} - sum;
    }

    llama_model *model_ = nullptr;
    llama_context *context_ = nullptr;
    llama_batch batch_{};
    std::vector<std::vector<llama_token>> label_tokens_;
    std::vector<double> sums_;  // of each row of a call
};

}  // namespace

int main() {
    const testing::TempDir folder;
    const std::string model = testing::write_file(folder / "model.gguf", model_bytes());
    RuntimeOptions options;
    options.root = folder / "root";
    const auto runtime = must(Runtime::open(std::move(options)));
    must(must(runtime->root())
             ->install(testing::pack_skill(folder.path(), model, skill_of(model)), {}));
    const auto skill = must(runtime->open_skill("org.bench.closed", {}));
    Bare bare(model);

    std::mt19937_64 random(2);
    bench::Series ours, engine, difference;
    double furthest = 0;
    for (int round = 0; round < rounds; ++round) {
        const std::string text = random_text(random);
        const std::string input = json::compact(json::Value(json::Object{{"text", text}}));
        std::vector<float> answer;
        std::vector<double> scores;
        double ours_ms = 0;
        double engine_ms = 0;
        const auto ask = [&] {
            ours_ms = bench::time_ms([&] { answer = must(skill->invoke(input, {})).logits; });
        };
        if (round % 2 == 0) ask();
        engine_ms = bench::time_ms([&] { scores = bare.scores(text); });
        if (round % 2 == 1) ask();
        for (size_t i = 0; i < labels.size(); ++i)
            furthest = std::max(furthest, std::abs(scores[i] - double{answer[i]}));
        if (round < 10) continue;  // loads, and warms up
        ours.add(ours_ms);
        engine.add(engine_ms);
        difference.add(ours_ms - engine_ms);
    }
    fmt::print(R"({{"bench":"closed_answer","unit":"ms","labels":{},"fixed_tokens":{},)"
               R"("text_tokens":{},"skill":{},"bare":{},"difference":{},"over_bare":{:.4f},)"
               R"("scores_apart":{:.6f}}})"
               "\n",
               labels.size(), fixed_tokens, text_tokens, ours.json(), engine.json(),
               difference.json(), ours.median() / engine.median(), furthest);
    return 0;
}
