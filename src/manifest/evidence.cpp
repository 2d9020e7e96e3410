// SPDX-License-Identifier: Apache-2.0
#include "manifest/evidence.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "json/members.h"
#include "json/parse.h"

namespace skillet {
namespace {

constexpr Code invalid = SKL_E_MANIFEST_INVALID;
constexpr size_t text_bytes_max = 4096;
constexpr size_t environment_max = 64;

constexpr std::array kinds{EvidenceKind::smoke, EvidenceKind::evaluated, EvidenceKind::reproduced,
                           EvidenceKind::released};

bool needs_cases(EvidenceKind kind) { return kind != EvidenceKind::released; }
bool rests_on_another(EvidenceKind kind) { return kind >= EvidenceKind::reproduced; }

Result<Digest> read_digest(json::MemberReader &reader, std::string_view name) {
    SKL_TRY_ASSIGN(text, reader.string(name));
    auto digest = Digest::parse(text);
    if (!digest) return reader.refuse(name, digest.error().message);
    return digest;
}

Result<std::string> read_text(json::MemberReader &reader, std::string_view name) {
    SKL_TRY_ASSIGN(text, reader.string(name));
    if (text.empty() || text.size() > text_bytes_max) {
        return reader.refuse(name, fmt::format("must have 1 to {} bytes", text_bytes_max));
    }
    return std::move(text);
}

Result<void> read_subject(const json::Value &value, bool strict, Evidence &evidence) {
    json::MemberReader reader(value, "/subject", invalid);
    SKL_TRY_ASSIGN(artifact, read_digest(reader, "artifact"));
    SKL_TRY_ASSIGN(contract, read_digest(reader, "contract"));
    evidence.artifact = artifact;
    evidence.contract = contract;
    return strict ? reader.done() : Result<void>();
}

Result<EvidenceKind> read_kind(json::MemberReader &reader) {
    SKL_TRY_ASSIGN(text, reader.string("kind"));
    const auto *found = std::find_if(kinds.begin(), kinds.end(),
                                     [&](EvidenceKind kind) { return text == name_of(kind); });
    if (found == kinds.end()) {
        return reader.refuse("kind", "expected smoke, evaluated, reproduced or released");
    }
    return *found;
}

// "2026-11-23": digits and hyphens where they belong. Which days a month has is the author's care.
bool is_date(std::string_view text) {
    if (text.size() != 10) return false;
    for (size_t i = 0; i < text.size(); ++i) {
        const bool hyphen = i == 4 || i == 7;
        if (hyphen ? text[i] != '-' : (text[i] < '0' || text[i] > '9')) return false;
    }
    return true;
}

Result<void> read_environment(const json::Object &object, Evidence &evidence) {
    if (object.size() == 0 || object.size() > environment_max) {
        return make_error(invalid, fmt::format("must have 1 to {} members", environment_max),
                          "/environment", "say on what it was measured");
    }
    for (const auto &[name, value] : object) {
        const std::string *text = value.string();
        if (text == nullptr || text->size() > text_bytes_max) {
            return make_error(invalid, "must be a string",
                              json::pointer_join("/environment", name));
        }
        evidence.environment.emplace(name, *text);
    }
    return {};
}

// Figures are reported values: only which cases they are about is read.
Result<void> check_cases(const json::Value &value) {
    json::MemberReader reader(value, "/cases", invalid);
    SKL_TRY(read_text(reader, "name"));
    SKL_TRY(reader.integer("count", 1, INT64_MAX));
    if (reader.optional("digest") != nullptr) SKL_TRY(read_digest(reader, "digest"));
    return reader.done();
}

Result<void> read_members(json::MemberReader &reader, Evidence &evidence) {
    SKL_TRY_ASSIGN(kind, read_kind(reader));
    evidence.kind = kind;
    SKL_TRY_ASSIGN(method, read_text(reader, "method"));
    SKL_TRY_ASSIGN(by, read_text(reader, "by"));
    SKL_TRY_ASSIGN(at, reader.string("at"));
    if (!is_date(at)) return reader.refuse("at", "must be a day such as \"2026-11-23\"");
    evidence.method = std::move(method);
    evidence.by = std::move(by);
    evidence.at = std::move(at);
    SKL_TRY_ASSIGN(environment, reader.object("environment"));
    SKL_TRY(read_environment(*environment, evidence));
    if (needs_cases(kind)) {
        SKL_TRY_ASSIGN(cases, reader.any("cases"));
        SKL_TRY(check_cases(*cases));
    }
    if (rests_on_another(kind)) {
        SKL_TRY_ASSIGN(basis, read_digest(reader, "basis"));
        evidence.basis = basis;
    }
    SKL_TRY(reader.object("results"));
    return reader.done();
}

// Whether a document of `kind` is there, resting on one of `below`; of those which are, the
// digests.
std::vector<Digest> rung(std::span<const Evidence> documents, EvidenceKind kind,
                         std::span<const Digest> below) {
    std::vector<Digest> held;
    for (const Evidence &document : documents) {
        const bool rests = !document.basis ||
                           std::find(below.begin(), below.end(), *document.basis) != below.end();
        if (document.kind == kind && rests) held.push_back(document.digest);
    }
    return held;
}

}  // namespace

const char *name_of(EvidenceKind kind) {
    switch (kind) {
        case EvidenceKind::smoke: return "smoke";
        case EvidenceKind::evaluated: return "evaluated";
        case EvidenceKind::reproduced: return "reproduced";
        case EvidenceKind::released: return "released";
    }
    return "unknown";
}

const char *name_of(EvidenceStatus status) {
    switch (status) {
        case EvidenceStatus::none: return "none";
        case EvidenceStatus::structural: return "structural";
        case EvidenceStatus::smoke: return "smoke";
        case EvidenceStatus::evaluated: return "evaluated";
        case EvidenceStatus::reproduced: return "reproduced";
        case EvidenceStatus::released: return "released";
    }
    return "unknown";
}

Result<Evidence> Evidence::parse(std::string_view text) {
    SKL_TRY_ASSIGN(value, json::parse(text, invalid, "evidence"));
    json::MemberReader reader(value, "", invalid);
    SKL_TRY_ASSIGN(schema, reader.string("schema"));
    const bool first = schema == "skillet.evidence/1";
    if (!first && schema != "skillet.evidence/2") {
        return make_error(SKL_E_FORMAT_UNSUPPORTED, "not evidence this version reads", "/schema",
                          "expected \"skillet.evidence/2\"");
    }
    Evidence evidence;
    SKL_TRY_ASSIGN(subject, reader.any("subject"));
    SKL_TRY(read_subject(*subject, !first, evidence));
    if (first) {
        evidence.kind = EvidenceKind::evaluated;
    } else {
        SKL_TRY(read_members(reader, evidence));
    }
    evidence.digest = sha256(text);
    evidence.json = std::move(value);
    return evidence;
}

EvidenceStatus evidence_status(std::span<const Evidence> documents) {
    const auto evaluated = rung(documents, EvidenceKind::evaluated, {});
    const auto reproduced = rung(documents, EvidenceKind::reproduced, evaluated);
    if (!rung(documents, EvidenceKind::released, reproduced).empty()) {
        return EvidenceStatus::released;
    }
    if (!reproduced.empty()) return EvidenceStatus::reproduced;
    if (!evaluated.empty()) return EvidenceStatus::evaluated;
    const bool smoke = !rung(documents, EvidenceKind::smoke, {}).empty();
    return smoke ? EvidenceStatus::smoke : EvidenceStatus::structural;
}

}  // namespace skillet
