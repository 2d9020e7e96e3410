// SPDX-License-Identifier: Apache-2.0
#include "manifest/adapter_member.h"

#include <limits>

#include "json/members.h"
#include "manifest/skill.h"

namespace skillet {
namespace {

constexpr Code invalid = SKL_E_MANIFEST_INVALID;

Result<Digest> read_digest(json::MemberReader &reader, std::string_view name) {
    SKL_TRY_ASSIGN(text, reader.string(name));
    auto digest = Digest::parse(text);
    if (!digest) return reader.refuse(name, digest.error().message);
    return digest;
}

Result<void> read_base(const json::Value &value, AdapterMember &member) {
    json::MemberReader reader(value, "/adapter/base", invalid);
    SKL_TRY_ASSIGN(id, reader.string("id"));
    if (!is_skill_id(id)) {
        return reader.refuse("id", "must be a reverse-DNS name such as \"org.example.my-skill\"");
    }
    SKL_TRY_ASSIGN(version_text, reader.string("version"));
    auto version = Semver::parse(version_text);
    if (!version) return reader.refuse("version", version.error().message);
    SKL_TRY_ASSIGN(digest, read_digest(reader, "digest"));
    SKL_TRY(reader.done());
    member.base_id = std::move(id);
    member.base_version = *std::move(version);
    member.base_digest = digest;
    return {};
}

}  // namespace

Result<AdapterMember> AdapterMember::parse(const json::Value &value) {
    AdapterMember member;
    json::MemberReader reader(value, "/adapter", invalid);
    SKL_TRY_ASSIGN(base, reader.any("base"));
    SKL_TRY(read_base(*base, member));
    SKL_TRY_ASSIGN(modules, reader.strings("target_modules"));
    SKL_TRY_ASSIGN(tensors, read_digest(reader, "tensors_digest"));
    SKL_TRY_ASSIGN(rank, reader.integer("rank", 1, INT32_MAX));
    constexpr double alpha_max = std::numeric_limits<float>::max();
    SKL_TRY_ASSIGN(alpha, reader.number("alpha", 0, alpha_max));
    member.target_modules = std::move(modules);
    member.tensors_digest = tensors;
    member.rank = rank;
    member.alpha = alpha;
    for (const auto &[name, text] :
         {std::pair{"scaling", &member.scaling}, std::pair{"precision", &member.precision},
          std::pair{"merge", &member.merge}, std::pair{"abi", &member.abi}}) {
        SKL_TRY_ASSIGN(read, reader.string(name));
        *text = std::move(read);
    }
    SKL_TRY(reader.done());
    return member;
}

json::Value derive_adapter_member(const AdapterBasis &basis) {
    const gguf::AdapterFacts &facts = basis.adapter;
    return json::Object{
        {"base", json::Object{{"id", basis.base_id},
                              {"version", basis.base_version},
                              {"digest", basis.base_digest.to_string()}}},
        {"target_modules", json::Array(facts.target_modules.begin(), facts.target_modules.end())},
        {"tensors_digest", facts.tensors_digest.to_string()},
        {"rank", facts.rank},
        {"alpha", facts.alpha},
        {"scaling", gguf::lora_scaling},
        {"precision", facts.precision},
        {"merge", adapter_merge},
        {"abi", adapter_abi}};
}

}  // namespace skillet
