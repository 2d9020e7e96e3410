// SPDX-License-Identifier: Apache-2.0
#include "manifest/skill.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "json/members.h"
#include "json/parse.h"
#include "json/write.h"

namespace skillet {
namespace {

constexpr Code invalid = SKL_E_MANIFEST_INVALID;
constexpr size_t text_bytes_max = 4096;
constexpr size_t extensions_max = 64;

Result<std::string> short_text(json::MemberReader &reader, std::string_view name) {
    SKL_TRY_ASSIGN(text, reader.string(name));
    if (text.empty() || text.size() > text_bytes_max) {
        return reader.refuse(name, fmt::format("must have 1 to {} bytes", text_bytes_max));
    }
    return std::move(text);
}

Result<Digest> read_digest(json::MemberReader &reader, std::string_view name) {
    SKL_TRY_ASSIGN(text, reader.string(name));
    auto digest = Digest::parse(text);
    if (!digest) return reader.refuse(name, digest.error().message);
    return digest;
}

Result<Source> read_source(json::MemberReader &skill) {
    SKL_TRY_ASSIGN(value, skill.any("source"));
    json::MemberReader reader(*value, skill.pointer("source"), invalid);
    SKL_TRY_ASSIGN(url, short_text(reader, "url"));
    SKL_TRY_ASSIGN(revision, short_text(reader, "revision"));
    Source source{std::move(url), std::move(revision), {}};
    if (reader.optional("digest") != nullptr) {
        SKL_TRY_ASSIGN(digest, read_digest(reader, "digest"));
        source.digest = digest;
    }
    SKL_TRY(reader.done());
    return source;
}

// Members of others. What is in them is theirs, but for `critical`: whoever does not know such an
// extension would misunderstand the skill. This version knows none.
Result<void> check_extensions(json::MemberReader &skill) {
    if (skill.optional("extensions") == nullptr) return {};
    SKL_TRY_ASSIGN(extensions, skill.object("extensions"));
    if (extensions->size() > extensions_max) {
        return skill.refuse("extensions", fmt::format("{} extensions; at most {} are read",
                                                      extensions->size(), extensions_max));
    }
    for (const auto &[name, extension] : *extensions) {
        const std::string pointer = json::pointer_join(skill.pointer("extensions"), name);
        if (!is_skill_id(name)) {
            return make_error(invalid, "an extension has a reverse-DNS name", pointer,
                              "call it \"org.example.my-extension\"");
        }
        json::MemberReader reader(extension, pointer, invalid);
        SKL_TRY_ASSIGN(critical, reader.boolean("critical"));
        if (critical) {
            return make_error(SKL_E_FORMAT_UNSUPPORTED,
                              fmt::format("the extension {} is critical, and this version does "
                                          "not know it",
                                          name),
                              pointer, "use a runtime that knows the extension");
        }
    }
    return {};
}

// Every x-skillet-class inside a schema.
void collect_classes(const json::Value &schema, std::set<std::string> &classes) {
    if (const json::Object *object = schema.object()) {
        for (const auto &[name, member] : *object) {
            const std::string *text = member.string();
            if (name == "x-skillet-class" && text != nullptr) classes.insert(*text);
            collect_classes(member, classes);
        }
    } else if (const json::Array *array = schema.array()) {
        for (const json::Value &element : *array) collect_classes(element, classes);
    }
}

// What a skill reads and emits is what its schemas are marked with, neither more nor less.
Result<void> check_authority(const json::Value &value, const json::Value &contract) {
    json::MemberReader reader(value, "/authority", invalid);
    for (const auto &[member, schema] : {std::pair{"reads", "/input"}, {"emits", "/output"}}) {
        SKL_TRY_ASSIGN(listed, reader.strings(member));
        std::set<std::string> used;
        if (const json::Value *found = json::resolve(contract, schema))
            collect_classes(*found, used);
        const std::set<std::string> distinct(listed.begin(), listed.end());
        if (distinct != used || distinct.size() != listed.size()) {
            return reader.refuse(
                member, fmt::format("lists [{}], but the x-skillet-class values of /contract{} are "
                                    "[{}], each to be listed once",
                                    fmt::join(listed, ", "), schema, fmt::join(used, ", ")));
        }
    }
    SKL_TRY_ASSIGN(requests, reader.strings("requests"));
    if (!requests.empty()) {
        return make_error(SKL_E_FORMAT_UNSUPPORTED, "effects are not run by this version",
                          "/authority/requests", "leave the list empty");
    }
    return reader.done();
}

struct ArtifactClaim {
    bool is_adapter;
    Digest digest;
    uint64_t bytes;
};

Result<ArtifactClaim> read_artifact(const json::Value &value) {
    json::MemberReader reader(value, "/artifact", invalid);
    SKL_TRY_ASSIGN(role, reader.string("role"));
    if (role != "model" && role != "adapter") {
        return make_error(SKL_E_FORMAT_UNSUPPORTED, fmt::format("role \"{}\" is not known", role),
                          "/artifact/role", "an artifact is a \"model\" or an \"adapter\"");
    }
    SKL_TRY_ASSIGN(digest, read_digest(reader, "digest"));
    SKL_TRY_ASSIGN(bytes, reader.integer("bytes", 1, INT64_MAX));
    for (const char *member : {"format", "family"}) SKL_TRY(reader.string(member));
    SKL_TRY(reader.integer("format_version", 1, 1000));
    SKL_TRY(reader.integer("parameters", 0, INT64_MAX));
    SKL_TRY_ASSIGN(quantization, reader.any("quantization"));
    json::MemberReader quantization_reader(*quantization, "/artifact/quantization", invalid);
    for (const char *member : {"label", "tensor_types_digest"}) {
        SKL_TRY(quantization_reader.string(member));
    }
    SKL_TRY(quantization_reader.done());
    SKL_TRY(reader.done());
    return ArtifactClaim{role == "adapter", digest, static_cast<uint64_t>(bytes)};
}

// Adds a claim per member below `pointer`; a list counts as one.
void compare(const json::Value &claimed, const json::Value &observed, const std::string &pointer,
             std::vector<DerivedClaim> &claims) {
    const json::Object *members = claimed.object();
    const json::Object *facts = observed.object();
    if (members == nullptr || facts == nullptr) {
        claims.push_back({pointer, json::canonical(claimed), json::canonical(observed), {}});
        if (claims.back().claimed == claims.back().observed) return;
        claims.back().error =
            make_error(invalid,
                       fmt::format("claims {}, but the model's bytes say {}",
                                   json::compact(claimed), json::compact(observed)),
                       pointer, "leave the member out: `skillet pack` derives it from the model");
        return;
    }
    for (const auto &[name, fact] : *facts) {
        const json::Value *member = members->find(name);
        compare(member != nullptr ? *member : json::Value(), fact,
                json::pointer_join(pointer, name), claims);
    }
    for (const auto &[name, member] : *members) {
        if (facts->find(name) != nullptr) continue;
        const std::string surplus = json::pointer_join(pointer, name);
        claims.push_back(
            {surplus, json::canonical(member), "",
             make_error(
                 invalid,
                 fmt::format("claims {}, which the model does not have", json::compact(member)),
                 surplus, "leave the member out: `skillet pack` derives what there is")});
    }
}

DerivedClaim labels_claim(const std::vector<std::string> &claimed,
                          const std::vector<std::string> &observed) {
    constexpr const char *pointer = "/contract/labels";
    DerivedClaim claim{pointer,
                       fmt::format("{}", fmt::join(claimed, ", ")),
                       fmt::format("{}", fmt::join(observed, ", ")),
                       {}};
    if (claimed == observed) return claim;
    claim.error = make_error(invalid,
                             fmt::format("claims the labels {}, but the model's head has {}",
                                         claim.claimed, claim.observed),
                             pointer, "name the labels of the model, in its order");
    return claim;
}

// A decoder says what its contract asks for: the tokens that are named must be in its vocabulary.
std::vector<DerivedClaim> decoder_claims(const Contract &contract, const gguf::Facts &model) {
    std::vector<DerivedClaim> claims;
    const auto claim = [&](const std::string &token, std::string pointer) {
        const auto is_it = [&](const gguf::ControlToken &one) { return one.text == token; };
        const bool found =
            std::any_of(model.control_tokens.begin(), model.control_tokens.end(), is_it);
        claims.push_back({pointer, token, found ? token : "no such control token", {}});
        if (found) return;
        claims.back().error = make_error(
            invalid,
            fmt::format("names the control token \"{}\", which the model does not have", token),
            std::move(pointer), "`skillet init` names those that begin and end a text");
    };
    claim(contract.continuation()->end, "/contract/continuation/end");
    for (size_t i = 0; i < contract.prompt().size(); ++i) {
        const PromptSegment &segment = contract.prompt()[i];
        if (segment.kind == PromptSegment::control)
            claim(segment.text, fmt::format("/contract/prompt/{}/control", i));
    }
    return claims;
}

// Answers come through a head or by continuation, and the model decides which.
DerivedClaim answer_claim(const Contract &contract, const gguf::Facts &model) {
    constexpr const char *pointer = "/contract/continuation";
    const bool has_head = !model.labels.empty();
    DerivedClaim claim{pointer,
                       contract.continuation() ? "answers by continuation" : "answers by a head",
                       has_head ? "has a head" : "has no head",
                       {}};
    if (contract.continuation().has_value() != has_head) return claim;
    claim.error = make_error(
        invalid,
        has_head ? "the model has a head, and is not asked for a continuation"
                 : "the model has no head: its contract must say how it continues with a label",
        pointer, has_head ? "leave the member out" : "name what ends a label: {\"end\": …}");
    return claim;
}

DerivedClaim context_claim(const Contract &contract, uint32_t offered) {
    const uint32_t needed = contract.context_tokens();
    const char *pointer =
        contract.continuation() ? "/contract/limits/context_tokens" : "/contract/prepare";
    DerivedClaim claim{pointer,
                       fmt::format("{} tokens in one call", needed),
                       fmt::format("at most {} tokens", offered),
                       {}};
    if (needed <= offered) return claim;
    claim.error =
        make_error(invalid,
                   fmt::format("one call may carry {} tokens, but the model reads at most {}",
                               needed, offered),
                   pointer,
                   contract.continuation() ? "use a smaller context"
                                           : "use a smaller window or fewer input_tokens");
    return claim;
}

}  // namespace

bool is_skill_id(std::string_view text) {
    if (text.empty() || text.size() > 128) return false;
    size_t labels = 1;
    char before = '.';
    for (const char c : text) {
        const bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!word && c != '-' && c != '.') return false;
        // A label neither starts nor ends with a hyphen, and is not empty.
        if ((before == '.' && !word) || (before == '-' && c == '.')) return false;
        labels += c == '.';
        before = c;
    }
    return before != '.' && before != '-' && labels >= 2 && labels <= 8;
}

Result<Skill> Skill::parse(std::string_view text) {
    SKL_TRY_ASSIGN(document, json::parse(text, invalid, "skill.json"));
    if (json::canonical(document) != text) {
        return make_error(invalid, "the document is not in canonical form (RFC 8785)", "skill.json",
                          "pack it with `skillet pack`");
    }
    return from_json(document);
}

Result<Skill> Skill::from_json(const json::Value &document) {
    json::MemberReader reader(document, "", invalid);
    SKL_TRY_ASSIGN(schema, reader.integer("schema", 0, INT32_MAX));
    if (schema != skill_schema_version) {
        return make_error(SKL_E_FORMAT_UNSUPPORTED,
                          fmt::format("skill.json of schema {}; this version reads {}", schema,
                                      skill_schema_version),
                          "/schema");
    }
    SKL_TRY_ASSIGN(id, reader.string("id"));
    if (!is_skill_id(id)) {
        return reader.refuse("id", "must be a reverse-DNS name such as \"org.example.my-skill\"");
    }
    SKL_TRY_ASSIGN(version_text, reader.string("version"));
    auto version = Semver::parse(version_text);
    if (!version) return reader.refuse("version", version.error().message);
    SKL_TRY_ASSIGN(title, short_text(reader, "title"));
    SKL_TRY_ASSIGN(description, short_text(reader, "description"));
    SKL_TRY_ASSIGN(authors, reader.strings("authors"));
    std::string owner;
    if (reader.optional("owner") != nullptr) {
        SKL_TRY_ASSIGN(text, short_text(reader, "owner"));
        owner = std::move(text);
    }
    SKL_TRY_ASSIGN(license, short_text(reader, "license"));
    auto expression = LicenseExpression::parse(license);
    if (!expression) return reader.refuse("license", expression.error().message);
    SKL_TRY_ASSIGN(source, read_source(reader));
    SKL_TRY_ASSIGN(relations, read_relations(reader, id, invalid));
    SKL_TRY(check_extensions(reader));

    SKL_TRY_ASSIGN(artifact_value, reader.any("artifact"));
    SKL_TRY_ASSIGN(artifact, read_artifact(*artifact_value));
    std::optional<AdapterMember> adapter;
    if (artifact.is_adapter) {
        SKL_TRY_ASSIGN(adapter_value, reader.any("adapter"));
        SKL_TRY_ASSIGN(member, AdapterMember::parse(*adapter_value));
        adapter = std::move(member);
    }
    for (const char *derived : {"tokenizer", "engine", "resources"}) {
        SKL_TRY(reader.object(derived));  // compared member by member in check_against()
    }
    SKL_TRY_ASSIGN(contract_value, reader.any("contract"));
    SKL_TRY_ASSIGN(contract, Contract::parse(*contract_value, "/contract"));
    SKL_TRY_ASSIGN(authority, reader.any("authority"));
    SKL_TRY(check_authority(*authority, *contract_value));
    SKL_TRY(reader.done());
    return Skill{.id = std::move(id),
                 .version = *std::move(version),
                 .title = std::move(title),
                 .description = std::move(description),
                 .authors = std::move(authors),
                 .owner = std::move(owner),
                 .license = std::move(license),
                 .license_expression = *std::move(expression),
                 .source = std::move(source),
                 .relations = std::move(relations),
                 .artifact_digest = artifact.digest,
                 .artifact_bytes = artifact.bytes,
                 .contract = std::move(contract),
                 .adapter = std::move(adapter),
                 .json = document};
}

std::vector<DerivedClaim> Skill::compare_with(const gguf::Facts &facts, const Digest &digest,
                                              uint64_t bytes, const AdapterBasis *basis) const {
    const DerivedMembers observed =
        derive_members(facts, digest, bytes, contract.context_tokens(), basis);
    const gguf::Facts &model = basis != nullptr ? basis->base : facts;
    const json::Object &members = *json.object();
    std::vector<DerivedClaim> claims;
    compare(*members.find("artifact"), observed.artifact, "/artifact", claims);
    compare(*members.find("tokenizer"), observed.tokenizer, "/tokenizer", claims);
    compare(*members.find("engine"), observed.engine, "/engine", claims);
    compare(*members.find("resources"), observed.resources, "/resources", claims);
    if (adapter && observed.adapter) {
        compare(*members.find("adapter"), *observed.adapter, "/adapter", claims);
    }
    DerivedClaim answers = answer_claim(contract, model);
    if (answers.error || contract.continuation()) claims.push_back(std::move(answers));
    if (contract.continuation()) {
        for (DerivedClaim &claim : decoder_claims(contract, model))
            claims.push_back(std::move(claim));
    } else {
        claims.push_back(labels_claim(contract.labels(), model.labels));
    }
    claims.push_back(context_claim(contract, model.context_length));
    return claims;
}

Result<void> Skill::check_against(const gguf::Facts &facts, const Digest &digest, uint64_t bytes,
                                  const AdapterBasis *basis) const {
    for (DerivedClaim &claim : compare_with(facts, digest, bytes, basis)) {
        if (claim.error) return *std::move(claim.error);
    }
    return {};
}

DerivedMembers derive_members(const gguf::Facts &facts, const Digest &digest, uint64_t bytes,
                              uint32_t context_tokens, const AdapterBasis *basis) {
    const bool is_adapter = basis != nullptr;
    const gguf::Facts &model = is_adapter ? basis->base : facts;
    DerivedMembers derived;
    derived.artifact =
        json::Object{{"role", is_adapter ? "adapter" : "model"},
                     {"digest", digest.to_string()},
                     {"bytes", bytes},
                     {"format", "gguf"},
                     {"format_version", facts.format_version},
                     {"family", facts.architecture},
                     {"quantization",
                      json::Object{{"label", facts.quantization_label},
                                   {"tensor_types_digest", facts.tensor_types_digest.to_string()}}},
                     {"parameters", facts.parameters}};
    json::Object tokenizer{{"id", model.tokenizer_id},
                           {"digest", model.tokenizer_digest.to_string()}};
    if (model.chat_template_digest) {
        tokenizer.append("chat_template_digest", model.chat_template_digest->to_string());
    }
    derived.tokenizer = std::move(tokenizer);
    const bool has_head = !model.labels.empty();
    json::Array features{has_head ? "classify-head" : "continuation"};
    if (is_adapter) features.emplace_back("lora");
    derived.engine = json::Object{{"abi", engine_abi},
                                  {"architecture", facts.architecture},
                                  {"features", std::move(features)}};
    const MemoryEstimate memory = is_adapter ? estimate_memory(*basis, bytes, context_tokens)
                                             : estimate_memory(facts, bytes, context_tokens);
    derived.resources =
        json::Object{{"estimate", json::Object{{"formula", is_adapter ? "lora/1"
                                                           : has_head ? "encoder/1"
                                                                      : "decoder/1"},
                                               {"weights_bytes", memory.weights_bytes},
                                               {"vocabulary_bytes", memory.vocabulary_bytes},
                                               {"context_bytes", memory.context_bytes}}}};
    if (is_adapter) derived.adapter = derive_adapter_member(*basis);
    return derived;
}

namespace {

constexpr uint64_t token_table_bytes = 150;
constexpr uint64_t context_base_bytes = 1u << 20;

// Formula "decoder/1", for a state of n cells, which the engine rounds up to 256: keys and values
// of each block in F16; then, for the 64 tokens of one call, activations and attention as for an
// encoder, and the scores of all tokens behind 32 of them, as computed and as handed out.
MemoryEstimate estimate_decoder(const gguf::Facts &facts, uint64_t model_bytes,
                                uint32_t context_tokens) {
    constexpr uint64_t cell_step = 256;
    constexpr uint64_t call_tokens = 64;
    constexpr uint64_t scored_tokens = 32;
    const uint64_t n = (context_tokens / cell_step + 1) * cell_step;
    const uint64_t state = 2 * 2 * n * facts.block_count * facts.key_value_length;
    const uint64_t activations =
        4 * call_tokens *
        (uint64_t{facts.feed_forward_length} * 2 + uint64_t{facts.embedding_length} * 6);
    const uint64_t attention = 4 * call_tokens * n * (uint64_t{facts.head_count} * 2 + 1);
    const uint64_t scores = 4 * 2 * scored_tokens * facts.vocabulary_size;
    return {model_bytes, token_table_bytes * facts.vocabulary_size,
            context_base_bytes + state + activations + attention + scores};
}

}  // namespace

// Formula "encoder/1", for one context of n tokens: the file is mapped whole; a token costs about
// 150 bytes in the engine's tables; the scratch holds, per token, the widest pair of activations
// (feed-forward in and out, queries, keys, values) in F32 and one attention row per head.
MemoryEstimate estimate_memory(const gguf::Facts &facts, uint64_t model_bytes,
                               uint32_t context_tokens) {
    if (facts.labels.empty()) return estimate_decoder(facts, model_bytes, context_tokens);
    const uint64_t n = context_tokens;
    const uint64_t activations =
        4 * n * (uint64_t{facts.feed_forward_length} * 2 + uint64_t{facts.embedding_length} * 6);
    const uint64_t attention = 4 * n * n * (uint64_t{facts.head_count} * 2 + 1);
    return {model_bytes, token_table_bytes * facts.vocabulary_size,
            context_base_bytes + activations + attention};
}

// Formula "lora/1": the file is read into memory; the vocabulary is the base's; the context is one
// of the base, and per token one vector of the rank and one of the widest output in F32.
MemoryEstimate estimate_memory(const AdapterBasis &basis, uint64_t adapter_bytes,
                               uint32_t context_tokens) {
    uint64_t widest = 0;
    for (const gguf::AdapterPair &pair : basis.adapter.pairs) {
        widest = std::max(widest, pair.outputs);
    }
    const uint64_t base = estimate_memory(basis.base, 0, context_tokens).context_bytes;
    return {adapter_bytes, 0, base + 4 * uint64_t{context_tokens} * (basis.adapter.rank + widest)};
}

}  // namespace skillet
