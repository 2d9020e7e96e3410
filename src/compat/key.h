// SPDX-License-Identifier: Apache-2.0
// The compatibility key: a canonical document of all that decides whether one artifact can stand
// where another stands, and its digest. Equal keys mean that an engine treats both alike; nothing
// else does, least of all a name or a family. Format: docs/formats/compatibility-key.md.
#pragma once

#include "base/digest.h"
#include "gguf/facts.h"
#include "json/value.h"
#include "manifest/adapter_member.h"
#include "manifest/skill.h"

namespace skillet {

struct CompatibilityKey {
    json::Value document;
    Digest digest;  // SHA-256 of the document's canonical form
};

// Of an independent model, by its bytes.
[[nodiscard]] CompatibilityKey key_of(const gguf::Facts &model);
// Of an adapter and the base it is for, by the bytes of both.
[[nodiscard]] CompatibilityKey key_of(const AdapterBasis &adapter);
// Of either, as skill.json claims it: true once the package is verified.
[[nodiscard]] CompatibilityKey key_of(const Skill &skill);

}  // namespace skillet
