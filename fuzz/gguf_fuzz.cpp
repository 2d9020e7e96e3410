// SPDX-License-Identifier: Apache-2.0
// Any bytes: reading them, deriving facts and judging them must neither crash nor accept a tensor
// that lies outside the file or over another one.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "gguf/facts.h"
#include "gguf/file.h"

namespace {

using skillet::gguf::File;

void require(bool condition) {
    if (!condition) std::abort();
}

void check_layout(const File &file) {
    require(file.data_offset <= file.file_bytes);
    uint64_t end = 0;
    for (const auto &tensor : file.tensors) {
        require(tensor.offset >= end);
        require(tensor.offset % file.alignment == 0);
        require(tensor.bytes > 0);
        require(tensor.bytes <= file.file_bytes - file.data_offset - tensor.offset);
        end = tensor.offset + tensor.bytes;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const skillet::MemorySource source(std::string(reinterpret_cast<const char *>(data), size),
                                       "fuzz");
    const auto file = skillet::gguf::read(source);
    if (!file) return 0;
    check_layout(*file);
    const auto facts = skillet::gguf::derive_facts(source, *file);
    if (!facts) return 0;
    const auto runnable = skillet::gguf::check_runnable(source, *file, *facts);
    require(runnable.has_value() || !runnable.error().hint.empty());
    return 0;
}
