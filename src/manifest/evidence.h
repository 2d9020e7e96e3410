// SPDX-License-Identifier: Apache-2.0
// Evidence: what somebody found out about one artifact under one contract, as a document of its
// own. It is bound to both digests; about any other pair it says nothing. What status a package has
// is computed from the documents that are there, and written down nowhere. Format:
// docs/formats/evidence.md.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/result.h"
#include "json/value.h"

namespace skillet {

enum class EvidenceKind : uint8_t {
    smoke,       // it ran, and answered in its own form
    evaluated,   // measured on stated cases
    reproduced,  // measured again elsewhere, with the same outcome
    released     // somebody answers for its use
};
[[nodiscard]] const char *name_of(EvidenceKind kind);

// The ladder. A rung above evaluated rests on a document of the rung below.
enum class EvidenceStatus : uint8_t { none, structural, smoke, evaluated, reproduced, released };
[[nodiscard]] const char *name_of(EvidenceStatus status);

struct Evidence {
    Digest digest;    // of the document itself
    Digest artifact;  // subject: the model's bytes
    Digest contract;  // subject: Contract::core_digest()
    EvidenceKind kind = EvidenceKind::smoke;
    std::string method;  // what was done, so that a reader can do it again
    std::string by;      // who says so
    std::string at;      // the day, "2026-11-23"
    std::map<std::string, std::string> environment;
    std::optional<Digest> basis;  // the document that a reproduction or a release rests on
    json::Value json;

    // Strict; SKL_E_MANIFEST_INVALID with a JSON pointer. Documents of version 1 said nothing but
    // their subject: they count as evaluated, by a method that is not recorded.
    static Result<Evidence> parse(std::string_view text);
};

// The highest rung that these documents hold together; they are all about the same package.
[[nodiscard]] EvidenceStatus evidence_status(std::span<const Evidence> documents);

}  // namespace skillet
