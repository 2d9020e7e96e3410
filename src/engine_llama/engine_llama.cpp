// SPDX-License-Identifier: Apache-2.0
//
// Settings, and why: one thread per context (two cost up to three times the CPU for such models);
// flash attention off and one sequence per call (only then are logits the same bits whatever else
// runs); weights mapped from the verified descriptor; tensor data checked for NaN while loading.
// The engine throws and may abort: gguf::check_runnable stands before load(), sizes are checked
// before every call, and every call into it is inside a try block.
#include "engine_llama/engine_llama.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <string_view>

#include <fmt/format.h>
#include <llama.h>

#include "engine_llama/border.h"
#include "engine_llama/cpu_baseline.h"
#include "engine_llama/engine_log.h"
#include "engine_llama/plain_text.h"
#include "engine_llama/scoring_context.h"
#include "engine_llama/weight_pages.h"

namespace skillet {
namespace {

struct FreeModel {
    void operator()(llama_model *model) const { llama_model_free(model); }
};
struct CloseFile {
    void operator()(FILE *file) const { std::fclose(file); }
};
using ModelPointer = std::unique_ptr<llama_model, FreeModel>;
using FilePointer = std::unique_ptr<FILE, CloseFile>;

// [CLS] and [SEP].
constexpr size_t special_tokens = 2;

class LlamaContext final : public EngineContext {
public:
    LlamaContext(ContextPointer context, const llama_model &model, uint32_t tokens_max)
        : context_(std::move(context)),
          vocabulary_(llama_model_get_vocab(&model)),
          tokens_max_(tokens_max),
          label_count_(llama_model_n_cls_out(&model)) {
        llama_set_abort_callback(context_.get(), should_abort, this);
    }

    Result<std::vector<float>> classify(std::span<const TokenId> tokens,
                                        const StopSignal &stop) override {
        // The engine aborts the process on a longer batch.
        if (tokens.size() + special_tokens > tokens_max_) {
            return make_error(SKL_E_CONTEXT_EXCEEDED,
                              fmt::format("{} tokens where one call holds {}",
                                          tokens.size() + special_tokens, tokens_max_));
        }
        SKL_TRY(stop.check());
        return at_the_border(SKL_E_ENGINE_FAULT, "encode", [&] { return encode(tokens, stop); });
    }

    Result<std::vector<double>> score(const PromptTokens & /*prompt*/,
                                      std::span<const TokenTree> /*trees*/,
                                      const StopSignal & /*stop*/) override {
        return make_error(SKL_E_INVALID_ARGUMENT, "this context goes through a head");
    }

private:
    Result<std::vector<float>> encode(std::span<const TokenId> tokens, const StopSignal &stop) {
        std::vector<llama_token> batch;
        batch.reserve(tokens.size() + special_tokens);
        batch.push_back(llama_vocab_bos(vocabulary_));
        batch.insert(batch.end(), tokens.begin(), tokens.end());
        batch.push_back(llama_vocab_sep(vocabulary_));

        const EngineLog log;
        stop_ = &stop;
        const int32_t status = llama_encode(
            context_.get(), llama_batch_get_one(batch.data(), static_cast<int32_t>(batch.size())));
        stop_ = nullptr;
        SKL_TRY(stop.check());
        if (status != 0) {
            return make_error(SKL_E_ENGINE_FAULT,
                              fmt::format("encode failed with status {}: {}", status,
                                          log.last_line("no reason given")));
        }
        const float *logits = llama_get_embeddings_seq(context_.get(), 0);
        if (logits == nullptr) {
            return make_error(SKL_E_ENGINE_FAULT, "the model gave no classification logits");
        }
        return std::vector<float>(logits, logits + label_count_);
    }

    // The engine asks between graph nodes, on the computing thread.
    static bool should_abort(void *self) {
        const StopSignal *stop = static_cast<const LlamaContext *>(self)->stop_;
        return stop != nullptr && stop->stopped();
    }

    ContextPointer context_;
    const llama_vocab *vocabulary_;
    uint32_t tokens_max_;
    uint32_t label_count_;
    const StopSignal *stop_ = nullptr;  // during encode() only
};

class LlamaModel final : public EngineModel {
public:
    LlamaModel(ModelPointer model, const MappedFile &file)
        : model_(std::move(model)), file_(file) {}

    Result<std::vector<TokenId>> tokenize(std::string_view text) const override {
        return at_the_border(SKL_E_ENGINE_FAULT, "tokenize", [&] {
            return plain_tokens(*llama_model_get_vocab(model_.get()), text);
        });
    }
    Result<TokenId> control_token(std::string_view text) const override {
        return at_the_border(SKL_E_ENGINE_FAULT, "tokenize", [&] {
            return find_control_token(*llama_model_get_vocab(model_.get()), text);
        });
    }

    Result<std::unique_ptr<EngineContext>> create_context(
        const ContextShape &shape) const override {
        return at_the_border(SKL_E_LOAD_FAILED, "create context", [&] {
            return shape.continues ? create_scoring_context(*model_, shape.tokens_max)
                                   : create_encoder_context(shape.tokens_max);
        });
    }

    // Where another skill has the same weights, their pages go too; they come back like ours.
    bool park() override {
        if (!release_pages(file_)) cannot_park_ = true;
        return can_park();
    }
    [[nodiscard]] bool can_park() const override {
        return file_.inode != 0 && !cannot_park_.load(std::memory_order_relaxed);
    }

private:
    [[nodiscard]] Result<std::unique_ptr<EngineContext>> create_encoder_context(
        uint32_t tokens_max) const {
        llama_context_params params = llama_context_default_params();
        params.n_ctx = tokens_max;
        params.n_batch = tokens_max;
        params.n_ubatch = tokens_max;
        params.n_seq_max = 1;
        params.n_threads = 1;
        params.n_threads_batch = 1;
        params.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
        params.embeddings = true;
        params.pooling_type = LLAMA_POOLING_TYPE_RANK;
        params.no_perf = true;
        SKL_TRY_ASSIGN(context, make_context(*model_, params));
        return std::unique_ptr<EngineContext>(
            std::make_unique<LlamaContext>(std::move(context), *model_, tokens_max));
    }

    ModelPointer model_;
    const MappedFile file_;
    // Once the pages of one model would not go, none are tried again: it is the system that keeps
    // them, or its list of mappings names files otherwise.
    static inline std::atomic<bool> cannot_park_{false};
};

// A stream over the same file with a position of its own: a duplicated descriptor would share it
// with other loads. Opening through /proc names the very inode that was verified, not its path.
Result<FilePointer> open_stream(const FileSlice &model) {
    const std::string path = fmt::format("/proc/self/fd/{}", model.fd());
    UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd.valid()) {
        Error error = os_error(errno, "cannot reopen the verified file", model.name());
        error.code = SKL_E_IO;  // the file is there: it is open
        error.hint = "models are mapped through /proc: mount it, and raise the limit of open files";
        return error;
    }
    FilePointer stream(::fdopen(fd.get(), "rb"));
    if (!stream) return os_error(errno, "cannot read", model.name());
    (void)fd.release();
    if (::fseeko(stream.get(), static_cast<off_t>(model.offset()), SEEK_SET) != 0) {
        return os_error(errno, "cannot seek in", model.name());
    }
    return stream;
}

// Where a file names no token for one of these, the engine looks for it by comparing each token
// with some sixty names of generating models, a third of what loading 32,000 tokens takes. A model
// with a head has no use for them, so any token will do; [CLS] and [SEP] have keys of their own.
// Ends with an empty key.
using UnusedTokens = std::array<llama_model_kv_override, 9>;

const UnusedTokens &unused_tokens() {
    static const UnusedTokens tokens = [] {
        UnusedTokens overrides{};
        size_t next = 0;
        for (const std::string_view name :
             {"eot", "eom", "fim_pre", "fim_suf", "fim_mid", "fim_pad", "fim_rep", "fim_sep"}) {
            llama_model_kv_override &token = overrides.at(next++);
            token.tag = LLAMA_KV_OVERRIDE_TYPE_INT;
            *fmt::format_to(std::begin(token.key), "tokenizer.ggml.{}_token_id", name) = '\0';
        }
        return overrides;
    }();
    return tokens;
}

std::atomic<AbortHook> abort_hook{nullptr};

// "folder/file.cpp:12: why": the folder is one of the machine that built the engine.
const char *without_folder(const char *message) {
    const char *start = message;
    for (const char *at = message; *at != '\0' && *at != ' '; ++at) {
        if (*at == '/') start = at + 1;
    }
    return start;
}

// The process ends with the next statement of the engine: what it has to say goes to where it would
// have put it itself, but without the debugger that it starts for a backtrace.
void last_words(const char *said) {
    const char *const message = without_folder(said);
    if (const AbortHook hook = abort_hook.load()) hook(message);
    for (const std::string_view part : {std::string_view(message), std::string_view("\n")}) {
        if (::write(STDERR_FILENO, part.data(), part.size()) < 0) return;
    }
}

void hear_aborts(AbortHook hook) {
    AbortHook none = nullptr;
    abort_hook.compare_exchange_strong(none, hook);
    ggml_set_abort_callback(last_words);
}

class LlamaEngine final : public Engine {
public:
    Result<std::unique_ptr<EngineModel>> load(const FileSlice &model,
                                              const LoadOptions &options) override {
        using Loaded = Result<std::unique_ptr<EngineModel>>;
        return at_the_border(SKL_E_LOAD_FAILED, "load", [&]() -> Loaded {
            SKL_TRY_ASSIGN(stream, open_stream(model));
            llama_model_params params = llama_model_default_params();
            params.n_gpu_layers = 0;
            params.load_mode = LLAMA_LOAD_MODE_MMAP;
            params.use_extra_bufts = false;
            params.check_tensors = options.check_values;
            if (!options.find_control_tokens) params.kv_overrides = unused_tokens().data();
            const EngineLog log;
            ModelPointer loaded(llama_model_load_from_file_ptr(stream.get(), params));
            if (!loaded) {
                return make_error(
                    SKL_E_LOAD_FAILED,
                    "the engine refused the model: " + log.last_line("no reason given"),
                    model.name());
            }
            return std::unique_ptr<EngineModel>(
                std::make_unique<LlamaModel>(std::move(loaded), mapped_file(model.fd())));
        });
    }

    const std::string &build() const override { return build_; }

private:
    std::string build_ = SKILLET_ENGINE_BUILD;
};

}  // namespace

Result<std::unique_ptr<Engine>> create_llama_engine(AbortHook on_abort) {
    SKL_TRY(check_cpu_baseline());
    EngineLog::install();
    hear_aborts(on_abort);
    llama_backend_init();
    return std::unique_ptr<Engine>(std::make_unique<LlamaEngine>());
}

}  // namespace skillet
