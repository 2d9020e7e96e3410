// SPDX-License-Identifier: Apache-2.0
// Whether an adapter belongs to a base, decided on the bytes of both. The engine asks only whether
// the shapes fit: it attaches an adapter to any model of the same size, and computes nonsense.
//
// An adapter attaches only where every component matches; a name or a family never decides.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/byte_source.h"
#include "base/digest.h"
#include "base/result.h"
#include "gguf/adapter.h"
#include "gguf/facts.h"
#include "gguf/file.h"
#include "gguf/tensor_values.h"
#include "manifest/adapter_member.h"
#include "manifest/skill.h"

namespace skillet {

// A model file that adapters may attach to, read but not necessarily runnable.
struct BaseModel {
    gguf::File file;
    gguf::Facts facts;
    Digest digest;
    Result<void> runnable;  // by this build

    // SKL_E_INCOMPATIBLE if the file is itself an adapter. `digest` is that of the bytes.
    static Result<BaseModel> read(const ByteSource &bytes, const Digest &digest);
};

// An adapter's file, with every value of it looked at.
struct AdapterFile {
    gguf::File file;
    gguf::Facts facts;
    gguf::AdapterFacts adapter;
    gguf::ValueScan values;
    Digest digest;

    // REQUIRES: the file says that it is an adapter.
    static Result<AdapterFile> read(const ByteSource &bytes, gguf::File file, const Digest &digest,
                                    Phase &phase);
};

// What a component says of a side that has no say in it.
inline constexpr std::string_view no_say = "–";

// One of the things that must match, as either side has it.
struct Component {
    std::string name;            // "base", "architecture", "tokenizer" …
    std::string adapter;         // for people
    std::string base;            // likewise, or no_say
    std::optional<Error> error;  // SKL_E_INCOMPATIBLE or SKL_E_MALFORMED_ARTIFACT

    [[nodiscard]] bool holds() const { return !error; }
};

// What a package says about the base of its adapter.
struct AdapterClaim {
    Digest base;
    std::string tokenizer;  // the text of its digest
    std::string abi;
    std::string scaling;
};
// REQUIRES: skill.adapter.
[[nodiscard]] AdapterClaim claim_of(const Skill &skill);

// Every component, in the order in which they count. Without a claim, nothing says which base the
// adapter was trained for, and "base" does not hold.
[[nodiscard]] std::vector<Component> compare_adapter(const AdapterFile &adapter,
                                                     const std::optional<AdapterClaim> &claim,
                                                     const BaseModel &base);

// The error of the first component that does not hold.
[[nodiscard]] Result<void> first_mismatch(std::vector<Component> components);

}  // namespace skillet
