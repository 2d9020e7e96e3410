// SPDX-License-Identifier: Apache-2.0
// Any bytes: reading them, deriving facts and judging them must neither crash nor accept a tensor
// that lies outside the file or over another one, and each level must contain the next.
#include "fuzz/gguf_target.h"
#include "gguf/adapter.h"
#include "gguf/facts.h"
#include "gguf/tensor_values.h"

namespace {

using skillet::gguf::File;

void check_layout(const File &file) {
    require(file.data_offset <= file.file_bytes);
    uint64_t end = 0;
    for (const auto &tensor : file.tensors) {
        require(tensor.offset >= end);
        require(tensor.offset % file.alignment == 0);
        require(tensor.bytes > 0);
        require(tensor.bytes <= file.file_bytes - file.data_offset - tensor.offset);
        end = tensor.offset + tensor.bytes;
        require(file.find_tensor(tensor.name) == &tensor);
    }
    for (const auto &entry : file.entries) require(file.find(entry.key) == &entry);
}

void check_refusal(const skillet::Result<void> &outcome) {
    require(outcome.has_value() ||
            (!outcome.error().message.empty() && !outcome.error().hint.empty()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const skillet::MemorySource source(std::string(reinterpret_cast<const char *>(data), size),
                                       "fuzz");
    const auto file = skillet::gguf::read(source);
    if (!file) return 0;
    check_layout(*file);
    skillet::Phase phase;
    require(skillet::gguf::scan_values(source, *file, phase).has_value());
    if (skillet::gguf::is_adapter(*file)) {
        const auto adapter = skillet::gguf::derive_adapter_facts(*file);
        require(!adapter || (adapter->rank > 0 && !adapter->pairs.empty()));
    }
    const auto facts = skillet::gguf::derive_facts(source, *file);
    if (!facts) return 0;
    const auto vetted = skillet::gguf::check_vetted(source, *file, *facts);
    const auto runnable = skillet::gguf::check_runnable(source, *file, *facts);
    check_refusal(vetted);
    check_refusal(runnable);
    require(vetted.has_value() || !runnable.has_value());
    return 0;
}
