// SPDX-License-Identifier: Apache-2.0
// Any bytes as an OCI manifest, index or layout file. What is accepted must survive being written
// and read again unchanged.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "store/oci.h"

namespace {

template <typename Document>
void round_trip(std::string_view text) {
    const auto first = Document::parse(text);
    if (!first) return;
    const std::string written = first->to_json();
    const auto second = Document::parse(written);
    // Canonical text can be longer than what was read, and so exceed the limit.
    if (!second && written.size() <= skillet::document_bytes_max) std::abort();
    if (second && second->to_json() != written) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const std::string text(data, data + size);
    round_trip<skillet::OciManifest>(text);
    round_trip<skillet::OciIndex>(text);
    (void)skillet::check_oci_layout(text).has_value();
    return 0;
}
