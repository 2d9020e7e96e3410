// SPDX-License-Identifier: Apache-2.0
// The member `adapter` of skill.json: which base an adapter was trained for, and what it does to
// it. All of it is derived from the bytes of both, but for the id and the version of the base,
// which say where to find it. Members: docs/formats/skill-json.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "gguf/adapter.h"
#include "gguf/facts.h"
#include "json/value.h"
#include "manifest/semver.h"

namespace skillet {

// How an adapter and a base are put together by our engine interface.
inline constexpr std::string_view adapter_abi = "skillet.adapter/1";
// The base stays as it is, and the adapter's product is added while computing.
inline constexpr std::string_view adapter_merge = "overlay";

struct AdapterMember {
    std::string base_id;
    Semver base_version;
    Digest base_digest;  // of the base's model file: this alone identifies it
    std::vector<std::string> target_modules;
    Digest tensors_digest;
    int64_t rank = 0;
    double alpha = 0;
    std::string scaling;
    std::string precision;
    std::string merge;
    std::string abi;

    // Checks types only; the values are compared with the bytes. SKL_E_MANIFEST_INVALID with a
    // pointer below "/adapter".
    static Result<AdapterMember> parse(const json::Value &value);
};

// What the members of an adapter's skill.json follow from, beside the facts of its own file.
struct AdapterBasis {
    gguf::AdapterFacts adapter;
    gguf::Facts base;
    Digest base_digest;
    std::string base_id;  // as the author says, not derived
    std::string base_version;
};

[[nodiscard]] json::Value derive_adapter_member(const AdapterBasis &basis);

}  // namespace skillet
