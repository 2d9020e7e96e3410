// SPDX-License-Identifier: Apache-2.0
//
// The same bits for the same call come from calling the engine in the same way each time: flash
// attention off, one request at a time, the prompt in pieces whose borders follow from the request
// alone, a state that holds the same cells whether its beginning was kept or read again, and never
// a single token in a call, for which the engine has other kernels: a scratch sequence goes along.
//
// A tree is one call: each branch is a sequence, and a node belongs to all branches through it.
#include "engine_llama/scoring_context.h"

#include <llama.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <numeric>
#include <vector>

#include <fmt/format.h>

#include "engine_llama/border.h"

namespace skillet {
namespace {

constexpr size_t piece_tokens = 64;  // of a prompt, in one call
constexpr llama_seq_id scratch = TokenTree::branches_max;
// Divides a piece, or else the engine reserves more outputs than are ever asked for.
constexpr uint32_t sequences = TokenTree::branches_max + 1;
static_assert(piece_tokens % sequences == 0);
using Sequences = std::vector<llama_seq_id>;

// One call's tokens, with what the engine wants to know of each. Borrows the lists of sequences.
class Batch {
public:
    void add(TokenId token, llama_pos position, Sequences &of, bool is_asked) {
        tokens_.push_back(token);
        positions_.push_back(position);
        counts_.push_back(static_cast<int32_t>(of.size()));
        sequences_.push_back(of.data());
        asked_.push_back(is_asked ? 1 : 0);
    }
    [[nodiscard]] size_t size() const { return tokens_.size(); }
    [[nodiscard]] llama_batch view() {
        llama_batch batch{};
        batch.n_tokens = static_cast<int32_t>(tokens_.size());
        batch.token = tokens_.data();
        batch.pos = positions_.data();
        batch.n_seq_id = counts_.data();
        batch.seq_id = sequences_.data();
        batch.logits = asked_.data();
        return batch;
    }

private:
    std::vector<llama_token> tokens_;
    std::vector<llama_pos> positions_;
    std::vector<int32_t> counts_;
    std::vector<llama_seq_id *> sequences_;
    std::vector<int8_t> asked_;
};

// The logarithm of the sum of the exponentials, in double and in the order of tokens.
double log_sum(std::span<const float> logits) {
    const double top = *std::max_element(logits.begin(), logits.end());
    double sum = 0;
    for (const float logit : logits) sum += std::exp(double{logit} - top);
    return top + std::log(sum);
}

// For each node the branches through it. An end of a branch is a node that none comes after.
Result<std::vector<Sequences>> branches_of(const TokenTree &tree) {
    if (tree.nodes.size() > TokenTree::nodes_max) {
        return make_error(SKL_E_INVALID_ARGUMENT, "a tree of too many nodes");
    }
    std::vector<bool> is_end(tree.nodes.size(), true);
    for (size_t i = 0; i < tree.nodes.size(); ++i) {
        const uint32_t after = tree.nodes[i].after;
        if (after == TokenTree::prompt) continue;
        if (after >= i) return make_error(SKL_E_INVALID_ARGUMENT, "a node before its parent");
        is_end[after] = false;
    }
    std::vector<Sequences> branches(tree.nodes.size());
    llama_seq_id next = 0;
    for (size_t i = 0; i < tree.nodes.size(); ++i) {
        if (!is_end[i]) continue;
        if (next == scratch) return make_error(SKL_E_INVALID_ARGUMENT, "too many branches");
        for (uint32_t at = static_cast<uint32_t>(i); at != TokenTree::prompt;
             at = tree.nodes[at].after) {
            branches[at].push_back(next);
        }
        ++next;
    }
    return branches;
}

class ScoringContext final : public EngineContext {
public:
    ScoringContext(ContextPointer context, const llama_model &model, uint32_t tokens_max)
        : context_(std::move(context)),
          memory_(llama_get_memory(context_.get())),
          vocabulary_size_(
              static_cast<size_t>(llama_vocab_n_tokens(llama_model_get_vocab(&model)))),
          tokens_max_(tokens_max) {
        llama_set_abort_callback(context_.get(), should_abort, this);
    }

    Result<std::vector<float>> classify(std::span<const TokenId> /*tokens*/,
                                        const StopSignal & /*stop*/) override {
        return make_error(SKL_E_INVALID_ARGUMENT, "this context goes through no head");
    }

    Result<std::vector<double>> score(const PromptTokens &prompt, std::span<const TokenTree> trees,
                                      const StopSignal &stop) override {
        SKL_TRY(check_sizes(prompt, trees));
        SKL_TRY(stop.check());
        stop_ = &stop;
        auto scores =
            at_the_border(SKL_E_ENGINE_FAULT, "score", [&] { return compute(prompt, trees); });
        stop_ = nullptr;
        if (!scores) forget();
        return scores;
    }

private:
    using Scores = std::vector<double>;

    // The engine ends the process, or reads beyond its memory, where these do not hold.
    [[nodiscard]] Result<void> check_sizes(const PromptTokens &prompt,
                                           std::span<const TokenTree> trees) const {
        size_t nodes = 0;
        for (const TokenTree &tree : trees) {
            nodes = std::max(nodes, tree.nodes.size());
            for (const TokenTree::Node &edge : tree.edges) {
                const bool is_token =
                    edge.token >= 0 && static_cast<size_t>(edge.token) < vocabulary_size_;
                if (is_token && (edge.after == TokenTree::prompt || edge.after < tree.nodes.size()))
                    continue;
                return make_error(SKL_E_INVALID_ARGUMENT, "an edge from or to nowhere");
            }
        }
        const size_t length = prompt.fixed.size() + prompt.rest.size();
        if (length == 0) return make_error(SKL_E_INVALID_ARGUMENT, "a prompt without tokens");
        if (length + nodes <= tokens_max_) return {};
        return make_error(SKL_E_CONTEXT_EXCEEDED, fmt::format("{} tokens where one call holds {}",
                                                              length + nodes, tokens_max_));
    }

    Result<Scores> compute(const PromptTokens &prompt, std::span<const TokenTree> trees) {
        std::vector<std::vector<Sequences>> branches;
        size_t widest = 1;
        for (const TokenTree &tree : trees) {
            SKL_TRY_ASSIGN(found, branches_of(tree));
            for (const Sequences &through : found)
                widest = std::max<size_t>(widest, static_cast<size_t>(through.back()) + 1);
            branches.push_back(std::move(found));
        }
        auto [fixed, rest] = prompt;
        if (rest.empty()) {  // what comes after the prompt is known when its last token is read
            rest = fixed.last(1);
            fixed = fixed.first(fixed.size() - 1);
        }
        SKL_TRY(begin_with(fixed, widest));
        SKL_TRY(read(rest, fixed.size(), true));
        return read_trees(trees, branches, fixed.size() + rest.size(),
                          (rest.size() - 1) % piece_tokens);
    }

    // Leaves exactly the fixed tokens in the state, kept or read.
    Result<void> begin_with(std::span<const TokenId> fixed, size_t branches) {
        if (!kept_.empty() && all_.size() == branches &&
            std::equal(kept_.begin(), kept_.end(), fixed.begin(), fixed.end()) && is_kept()) {
            return {};
        }
        forget();
        all_.resize(branches);
        std::iota(all_.begin(), all_.end(), 0);
        SKL_TRY(read(fixed, 0, false));
        kept_.assign(fixed.begin(), fixed.end());
        return {};
    }

    // Whether what is left without the last call's own tokens is the fixed ones, in every sequence.
    bool is_kept() {
        const auto end = static_cast<llama_pos>(kept_.size());
        if (!llama_memory_seq_rm(memory_, -1, end, -1)) return false;
        const auto is_whole = [&](llama_seq_id sequence) {
            return llama_memory_seq_pos_min(memory_, sequence) == 0 &&
                   llama_memory_seq_pos_max(memory_, sequence) == end - 1;
        };
        return std::all_of(all_.begin(), all_.end(), is_whole) &&
               llama_memory_seq_pos_max(memory_, scratch) < 0;
    }

    // With the values, too: numbers that are not finite would spoil even what does not look there.
    void forget() {
        kept_.clear();
        llama_memory_clear(memory_, true);
    }

    Result<void> read(std::span<const TokenId> tokens, size_t position, bool is_asked) {
        for (size_t at = 0; at < tokens.size(); at += piece_tokens) {
            const auto piece = tokens.subspan(at, std::min(piece_tokens, tokens.size() - at));
            const bool is_last = at + piece.size() == tokens.size();
            Batch batch;
            for (size_t i = 0; i < piece.size(); ++i) {
                batch.add(piece[i], static_cast<llama_pos>(position + at + i), all_,
                          is_asked && is_last && i + 1 == piece.size());
            }
            SKL_TRY(decode(batch, piece.front()));
        }
        return {};
    }

    Result<Scores> read_trees(std::span<const TokenTree> trees,
                              std::vector<std::vector<Sequences>> &branches, size_t position,
                              size_t last_token) {
        std::vector<Scores> scores;
        SKL_TRY_ASSIGN(behind_prompt, row(last_token));
        const double prompt_sum = log_sum(behind_prompt);
        for (const TokenTree &tree : trees) {
            Scores &found = scores.emplace_back(tree.edges.size());
            for (size_t i = 0; i < tree.edges.size(); ++i) {
                if (tree.edges[i].after != TokenTree::prompt) continue;
                found[i] =
                    double{behind_prompt[static_cast<size_t>(tree.edges[i].token)]} - prompt_sum;
            }
        }
        for (size_t i = 0; i < trees.size(); ++i) {
            if (i > 0) llama_memory_seq_rm(memory_, -1, static_cast<llama_pos>(position), -1);
            SKL_TRY(read_tree(trees[i], branches[i], position, scores[i]));
        }
        Scores all;
        for (const Scores &of_tree : scores) all.insert(all.end(), of_tree.begin(), of_tree.end());
        const auto is_finite = [](double score) { return std::isfinite(score); };
        if (std::all_of(all.begin(), all.end(), is_finite)) return all;
        return make_error(SKL_E_ENGINE_FAULT, "the model gave a score that is not finite");
    }

    Result<void> read_tree(const TokenTree &tree, std::vector<Sequences> &branches, size_t position,
                           Scores &scores) {
        if (tree.nodes.empty()) return {};
        std::vector<size_t> depths(tree.nodes.size(), 0);
        std::vector<bool> is_asked(tree.nodes.size(), false);
        for (const TokenTree::Node &edge : tree.edges)
            if (edge.after != TokenTree::prompt) is_asked[edge.after] = true;
        Batch batch;
        for (size_t i = 0; i < tree.nodes.size(); ++i) {
            const auto &[token, after] = tree.nodes[i];
            if (after != TokenTree::prompt) depths[i] = depths[after] + 1;
            batch.add(token, static_cast<llama_pos>(position + depths[i]), branches[i],
                      is_asked[i]);
        }
        SKL_TRY(decode(batch, tree.nodes.front().token));
        std::vector<double> sums(tree.nodes.size(), 0);
        std::vector<bool> is_summed(tree.nodes.size(), false);
        for (size_t i = 0; i < tree.edges.size(); ++i) {
            const auto &[token, after] = tree.edges[i];
            if (after == TokenTree::prompt) continue;
            SKL_TRY_ASSIGN(logits, row(after));
            if (!is_summed[after]) sums[after] = log_sum(logits);
            is_summed[after] = true;
            scores[i] = double{logits[static_cast<size_t>(token)]} - sums[after];
        }
        return {};
    }

    // The logits behind one token of the last call.
    Result<std::span<const float>> row(size_t index) {
        const float *logits = llama_get_logits_ith(context_.get(), static_cast<int32_t>(index));
        if (logits == nullptr) return make_error(SKL_E_ENGINE_FAULT, "the model gave no logits");
        return std::span(logits, vocabulary_size_);
    }

    // `filler` keeps a single token company.
    Result<void> decode(Batch &batch, TokenId filler) {
        const bool is_single = batch.size() == 1;
        if (is_single) batch.add(filler, 0, aside_, false);
        SKL_TRY(stop_->check());
        const EngineLog log;
        const int32_t status = llama_decode(context_.get(), batch.view());
        SKL_TRY(stop_->check());
        if (status != 0) {
            return make_error(SKL_E_ENGINE_FAULT,
                              fmt::format("decode failed with status {}: {}", status,
                                          log.last_line("no reason given")));
        }
        if (is_single) llama_memory_seq_rm(memory_, scratch, -1, -1);
        return {};
    }

    // The engine asks between graph nodes, on the computing thread.
    static bool should_abort(void *self) {
        const StopSignal *stop = static_cast<const ScoringContext *>(self)->stop_;
        return stop != nullptr && stop->stopped();
    }

    ContextPointer context_;
    llama_memory_t memory_;
    size_t vocabulary_size_;
    uint32_t tokens_max_;
    const StopSignal *stop_ = nullptr;  // during score() only
    Sequences aside_{scratch};
    Sequences all_;              // the branches that the state has
    std::vector<TokenId> kept_;  // what the state begins with; empty: it is empty
};

}  // namespace

Result<std::unique_ptr<EngineContext>> create_scoring_context(llama_model &model,
                                                              uint32_t tokens_max) {
    llama_context_params params = llama_context_default_params();
    params.n_ctx = tokens_max + 1;  // with the scratch token
    params.n_batch = piece_tokens;
    params.n_ubatch = piece_tokens;
    params.n_seq_max = sequences;
    params.n_outputs_max = TokenTree::nodes_max;
    params.kv_unified = true;
    params.n_threads = 1;
    params.n_threads_batch = 1;
    params.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
    params.no_perf = true;
    SKL_TRY_ASSIGN(context, make_context(model, params));
    return std::unique_ptr<EngineContext>(
        std::make_unique<ScoringContext>(std::move(context), model, tokens_max));
}

}  // namespace skillet
