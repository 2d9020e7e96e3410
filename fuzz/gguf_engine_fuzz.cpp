// SPDX-License-Identifier: Apache-2.0
// Our judgement of a file against what the engine does with it. What is vetted gives a model or a
// clean refusal; if its values are finite, a model, which takes a text apart and computes.
#include <llama.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmath>
#include <memory>
#include <span>
#include <vector>

#include "fuzz/gguf_target.h"
#include "gguf/facts.h"
#include "gguf/tensor_values.h"

namespace {

using ModelPointer = std::unique_ptr<llama_model, decltype(&llama_model_free)>;
using ContextPointer = std::unique_ptr<llama_context, decltype(&llama_free)>;

constexpr uint32_t context_tokens = 16;

// The bytes as a file that has a path.
class File {
public:
    File(const uint8_t *data, size_t size) : fd_(::memfd_create("model", MFD_CLOEXEC)) {
        require(fd_ >= 0);
        require(::write(fd_, data, size) == static_cast<ssize_t>(size));
    }
    ~File() { ::close(fd_); }
    File(const File &) = delete;
    File &operator=(const File &) = delete;

    [[nodiscard]] std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

private:
    int fd_;
};

ModelPointer load(const File &file, bool vocabulary_only) {
    llama_model_params params = llama_model_default_params();
    params.vocab_only = vocabulary_only;
    params.use_extra_bufts = false;
    params.check_tensors = true;
    return {llama_model_load_from_file(file.path().c_str(), params), &llama_model_free};
}

std::vector<llama_token> tokenize(const llama_model &model) {
    constexpr std::string_view text = "ab, <s>[CLS] \xc3\xa9\xff\n 12";
    std::vector<llama_token> tokens(64);
    const int32_t count = llama_tokenize(llama_model_get_vocab(&model), text.data(),
                                         static_cast<int32_t>(text.size()), tokens.data(),
                                         static_cast<int32_t>(tokens.size()), true, true);
    require(count >= 0);
    tokens.resize(std::min<size_t>(static_cast<size_t>(count), context_tokens));
    for (const llama_token token : tokens)
        require(token >= 0 && token < llama_vocab_n_tokens(llama_model_get_vocab(&model)));
    return tokens;
}

// Whether nothing overflows on the way: finite weights can be so large that scores become NaN, on
// which a build of the engine with assertions stops.
bool is_tame(const skillet::ByteSource &source, const skillet::gguf::File &file) {
    for (const auto &tensor : file.tensors) {
        const std::string_view type = skillet::gguf::tensor_type(tensor.type)->name;
        if (type == "BF16" || type == "MXFP4") return false;
        if (type != "F32") continue;
        std::vector<float> values(tensor.elements());
        require(source
                    .read_at(file.data_offset + tensor.offset,
                             std::as_writable_bytes(std::span(values)))
                    .has_value());
        for (const float value : values)
            if (std::abs(value) > 1e3f) return false;
    }
    return true;
}

void compute(llama_model &model, uint32_t context_length, bool encoder) {
    llama_context_params params = llama_context_default_params();
    params.n_ctx = params.n_batch = params.n_ubatch = context_tokens;
    params.n_threads = params.n_threads_batch = 1;
    params.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
    params.embeddings = encoder;
    const ContextPointer context(llama_init_from_model(&model, params), &llama_free);
    require(context != nullptr);
    auto tokens = tokenize(model);
    tokens.resize(std::min<size_t>(tokens.size(), context_length));
    if (tokens.empty()) return;
    const llama_batch batch =
        llama_batch_get_one(tokens.data(), static_cast<int32_t>(tokens.size()));
    require((encoder ? llama_encode(context.get(), batch) : llama_decode(context.get(), batch)) ==
            0);
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int * /*argc*/, char *** /*argv*/) {
    llama_log_set([](ggml_log_level, const char *, void *) {}, nullptr);
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const skillet::MemorySource source(std::string(reinterpret_cast<const char *>(data), size),
                                       "fuzz");
    const auto read = skillet::gguf::read(source);
    if (!read) return 0;
    const auto facts = skillet::gguf::derive_facts(source, *read);
    if (!facts || !skillet::gguf::check_vetted(source, *read, *facts)) return 0;
    const File file(data, size);
    const bool has_weights = !read->tensors.empty();
    const ModelPointer model = load(file, !has_weights);
    if (!has_weights) {
        require(model != nullptr);
        (void)tokenize(*model);
        require(load(file, false) == nullptr);
        return 0;
    }
    skillet::Phase phase;
    const bool finite = skillet::gguf::scan_values(source, *read, phase)->finite();
    require((model != nullptr) == finite);
    if (model == nullptr) return 0;
    (void)tokenize(*model);
    if (is_tame(source, *read))
        compute(*model, facts->context_length, facts->architecture == "bert");
    return 0;
}
