// SPDX-License-Identifier: Apache-2.0
// skill.json: what a skill says it is. Strict in both directions: unknown members are refused, the
// packed document is in canonical form (RFC 8785), and every derived member is compared with the
// bytes it describes. Members: docs/formats/skill-json.md.
//
// A Skill is an immutable value once parsed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "contract/contract.h"
#include "gguf/facts.h"
#include "json/value.h"
#include "manifest/license.h"
#include "manifest/relation.h"
#include "manifest/semver.h"

namespace skillet {

// Our engine interface, which a package names as what it needs.
inline constexpr std::string_view engine_abi = "skillet.engine/1";
// The version of the document; another major is refused.
inline constexpr int64_t skill_schema_version = 1;

// The members of skill.json that are derived from the model's bytes.
struct DerivedMembers {
    json::Value artifact;
    json::Value tokenizer;
    json::Value engine;
    json::Value resources;
};

// One derived member, or what the contract says about the model: claimed and observed.
struct DerivedClaim {
    std::string pointer;
    std::string claimed;  // as JSON or in words; for people
    std::string observed;
    std::optional<Error> error;  // SKL_E_MANIFEST_INVALID if they differ
};

// Where the model comes from.
struct Source {
    std::string url;
    std::string revision;
    std::optional<Digest> digest;
};

struct Skill {
    std::string id;  // reverse-DNS
    Semver version;
    std::string title;
    std::string description;
    std::vector<std::string> authors;
    std::string owner;    // who answers for it; empty: nobody said
    std::string license;  // as it is written
    LicenseExpression license_expression;
    Source source;
    Relations relations;
    Digest artifact_digest;
    uint64_t artifact_bytes = 0;
    Contract contract;
    json::Value json;  // the whole document

    // Reads a packed document: `text` must be its own canonical form, with every member.
    static Result<Skill> parse(std::string_view text);
    // Reads a document that an author laid out freely; every member must be there.
    static Result<Skill> from_json(const json::Value &document);

    // Every claim about the model beside what its bytes say, whether they agree or not.
    [[nodiscard]] std::vector<DerivedClaim> compare_with(const gguf::Facts &facts,
                                                         const Digest &digest,
                                                         uint64_t bytes) const;
    // The error of the first claim that does not hold: it names the member, what it claims and what
    // the bytes say.
    [[nodiscard]] Result<void> check_against(const gguf::Facts &facts, const Digest &digest,
                                             uint64_t bytes) const;
};

// What the bytes of a model say, as members of skill.json.
[[nodiscard]] DerivedMembers derive_members(const gguf::Facts &facts, const Digest &digest,
                                            uint64_t bytes, uint32_t context_tokens);

// An estimate of the memory of a resident skill, by component. An estimate, never a measurement.
struct MemoryEstimate {
    uint64_t weights_bytes = 0;     // the model file, mapped
    uint64_t vocabulary_bytes = 0;  // the engine's token tables
    uint64_t context_bytes = 0;     // activations and scratch of one context
    [[nodiscard]] uint64_t total() const {
        return weights_bytes + vocabulary_bytes + context_bytes;
    }
};
[[nodiscard]] MemoryEstimate estimate_memory(const gguf::Facts &facts, uint64_t model_bytes,
                                             uint32_t context_tokens);

// "org.skillet.spam-filter": 2 to 8 dot-separated labels of [a-z0-9-], at most 128 bytes.
[[nodiscard]] bool is_skill_id(std::string_view text);

}  // namespace skillet
