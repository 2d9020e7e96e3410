// SPDX-License-Identifier: Apache-2.0
#include "gguf/vocabulary.h"

#include <algorithm>
#include <array>
#include <bit>
#include <bitset>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstring>

#include <fmt/format.h>

#include "base/utf8.h"
#include "gguf/refusal.h"
#include "gguf/rules.h"
#include "gguf/stored.h"
#include "gguf/text.h"
#include "gguf/token_hashes.h"

namespace skillet::gguf {
namespace {

constexpr const char *tokens_key = "tokenizer.ggml.tokens";
constexpr const char *kinds_key = "tokenizer.ggml.token_type";
constexpr const char *scores_key = "tokenizer.ggml.scores";
constexpr const char *merges_key = "tokenizer.ggml.merges";
constexpr uint64_t tokens_min = 3;
// Each text is searched for every one of these.
constexpr uint64_t searched_tokens_max = 16'384;

// As in the file.
enum TokenKind : uint32_t { normal = 1, unknown = 2, control = 3, user_defined = 4, byte = 6 };

// The engine chooses token attributes by the title of a model, and fails to load one that is named
// after phi-3 but lacks these.
constexpr std::array<std::string_view, 4> phi3_tokens = {"</s>", "<unk>", "<s>", "<|endoftext|>"};

bool is_titled_phi3(std::string title) {
    std::transform(title.begin(), title.end(), title.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return title.find("phi-3") != std::string::npos || title.find("phi3") != std::string::npos;
}

// The byte that "<0x0A>" spells.
std::optional<uint8_t> spelled_byte(std::string_view text) {
    if (text.size() != 6 || !text.starts_with("<0x") || text[5] != '>') return std::nullopt;
    const auto digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F'); };
    if (!digit(text[3]) || !digit(text[4])) return std::nullopt;
    uint8_t value = 0;
    std::from_chars(text.data() + 3, text.data() + 5, value, 16);
    return value;
}

// The byte below 0x80 that one character stands for: itself if it is printable, and U+0100 + byte
// if it is a control character or a space.
std::optional<uint8_t> character_byte(std::string_view text) {
    if (text.size() == 1 && text[0] > ' ' && text[0] < '\x7f') return static_cast<uint8_t>(text[0]);
    if (text.size() != 2 || text[0] != '\xc4') return std::nullopt;
    const auto low = static_cast<uint8_t>(text[1] & 0x3f);
    if (low <= 0x20) return low;
    return std::nullopt;
}

class Vocabulary {
public:
    Vocabulary(const ByteSource &source, const File &file, const Facts &facts,
               const TokenizerKind &kind)
        : source_(source), file_(file), facts_(facts), kind_(kind) {}

    Result<VocabularyFacts> run() {
        SKL_TRY(pre_tokenizer());
        SKL_TRY(choose_special_tokens());
        SKL_TRY(read_kinds());
        SKL_TRY(tokens());
        SKL_TRY(complete());
        SKL_TRY(scores());
        SKL_TRY(merges());
        return found_;
    }

private:
    // A special token that is used, or one whose text is given.
    struct Expected {
        const SpecialToken *rule;
        uint64_t id;
    };

    Result<void> pre_tokenizer();
    Result<void> choose_special_tokens();
    Result<void> read_kinds();
    Result<void> tokens();
    Result<void> token(std::string_view text, uint64_t id);
    Result<void> different(const ArrayValue &array, uint32_t one, uint32_t other) const;
    Result<void> token_kind(std::string_view text, uint64_t id);
    Result<void> expected_text(std::string_view text, uint64_t id) const;
    void note(std::string_view text);
    Result<void> complete() const;
    Result<void> scores() const;
    Result<void> merges() const;

    const ByteSource &source_;
    const File &file_;
    const Facts &facts_;
    const TokenizerKind &kind_;

    bool adds_bos_ = false;  // by the pre-tokenizer
    std::vector<Expected> expected_;
    std::string kinds_;       // of the tokens, four bytes each; empty if all are normal
    std::bitset<256> bytes_;  // that have a token
    std::bitset<phi3_tokens.size()> phi3_;
    uint64_t searched_ = 0;
    VocabularyFacts found_;
};

Result<void> Vocabulary::pre_tokenizer() {
    if (kind_.pre_tokenizers.empty()) return {};
    const Entry *entry = file_.find("tokenizer.ggml.pre");
    if (entry == nullptr) return {};  // as "default"
    const std::string &name = std::get<std::string>(entry->value);
    if (const PreTokenizer *known = find_pre_tokenizer(kind_, name)) {
        adds_bos_ = known->adds_bos;
        return {};
    }
    std::string names;
    for (const PreTokenizer &known : kind_.pre_tokenizers)
        names += (names.empty() ? "" : ", ") + std::string(known.name);
    return unsupported(fmt::format("a pre-tokenizer \"{}\" that nobody has vetted", name),
                       entry->key, "vetted are " + names);
}

Result<void> Vocabulary::choose_special_tokens() {
    for (const SpecialToken &rule : kind_.special_tokens) {
        const bool named = file_.find(rule.key) != nullptr;
        bool used = rule.used;
        if (rule.switch_key != nullptr) {
            const bool bos = std::string_view(rule.switch_key) == "tokenizer.ggml.add_bos_token";
            used = unsigned_value(file_, rule.switch_key, used || (bos && adds_bos_) ? 1 : 0) != 0;
        }
        if (!used && !(named && rule.text != nullptr)) continue;
        if (!named && !rule.default_id) {
            return malformed("the key is missing, and the engine would take another token",
                             rule.key, "convert the model anew with this key");
        }
        const uint64_t id = unsigned_value(file_, rule.key, rule.default_id.value_or(0));
        if (id >= facts_.vocabulary_size) {
            return malformed(
                fmt::format("the key is missing, and a vocabulary of {} has no token {}",
                            facts_.vocabulary_size, id),
                rule.key, "convert the model anew with this key");
        }
        expected_.push_back({&rule, id});
    }
    return {};
}

Result<void> Vocabulary::read_kinds() {
    const ArrayValue *kinds = array_value(file_, kinds_key);
    if (kinds == nullptr) return {};
    SKL_TRY_ASSIGN(bytes, read_stored(source_, kinds->place, kinds->count * 4));
    kinds_ = std::move(bytes);
    return {};
}

Result<void> Vocabulary::tokens() {
    const ArrayValue &array = *array_value(file_, tokens_key);
    if (array.count < tokens_min) {
        return malformed(
            fmt::format("{} tokens where at least {} are needed", array.count, tokens_min),
            tokens_key);
    }
    if (array.count > TokenHashes::tokens_max) {
        return unsupported(fmt::format("{} tokens where at most {} are vetted", array.count,
                                       TokenHashes::tokens_max),
                           tokens_key, "this build is for small models");
    }
    TokenHashes hashes(array.count);
    StringReader reader(source_, array);
    for (uint64_t id = 0; id < array.count; ++id) {
        SKL_TRY_ASSIGN(text, reader.next());
        SKL_TRY(token(text, id));
        hashes.add(text);
    }
    for (const auto &[one, other] : hashes.lookalikes()) SKL_TRY(different(array, one, other));
    return {};
}

// The engine stops the whole process on tokens that are the same.
Result<void> Vocabulary::different(const ArrayValue &array, uint32_t one, uint32_t other) const {
    SKL_TRY_ASSIGN(text, string_at(source_, array, one));
    SKL_TRY_ASSIGN(other_text, string_at(source_, array, other));
    if (text != other_text) return {};
    return malformed(fmt::format("the tokens {} and {} are the same, \"{}\"", one, other,
                                 is_one_line(text) ? text : "…"),
                     tokens_key);
}

Result<void> Vocabulary::token(std::string_view text, uint64_t id) {
    // The engine renames it to [EMPTY_5], which may then occur twice.
    if (text.empty()) return malformed(fmt::format("token {} is empty", id), tokens_key);
    if (!is_utf8(text)) return malformed(fmt::format("token {} is not UTF-8", id), tokens_key);
    if (kind_.byte_tokens == ByteTokens::none && text.size() > 2 && text.starts_with("##")) {
        return malformed(fmt::format("token {} is a raw WordPiece continuation", id), tokens_key,
                         "write \"##x\" as \"x\", and a token that starts a word with U+2581");
    }
    SKL_TRY(token_kind(text, id));
    SKL_TRY(expected_text(text, id));
    note(text);
    return {};
}

Result<void> Vocabulary::token_kind(std::string_view text, uint64_t id) {
    if (kinds_.empty()) return {};
    uint32_t kind = 0;
    for (size_t i = 4; i-- > 0;)
        kind = kind << 8 | static_cast<uint8_t>(kinds_[static_cast<size_t>(id) * 4 + i]);
    // The engine stops the whole process when it meets a byte in a vocabulary that has none, and
    // throws when it cannot read which byte it is.
    if (kind < TokenKind::normal || kind > kind_.token_kind_max ||
        (kind == TokenKind::byte && !spelled_byte(text))) {
        return malformed(fmt::format("token {} is of a kind that has no meaning here", id),
                         kinds_key);
    }
    if (kind != TokenKind::unknown && kind != TokenKind::control && kind != TokenKind::user_defined)
        return {};
    if (++searched_ <= searched_tokens_max) return {};
    return unsupported(fmt::format("more than {} tokens are unknown, control or user defined",
                                   searched_tokens_max),
                       kinds_key, "convert the model with its plain tokens as such");
}

Result<void> Vocabulary::expected_text(std::string_view text, uint64_t id) const {
    for (const Expected &expected : expected_) {
        if (expected.id != id || expected.rule->text == nullptr || expected.rule->text == text)
            continue;
        return malformed(fmt::format("token {} is \"{}\" where {} is due", id,
                                     is_one_line(text) ? text : "…", expected.rule->text),
                         expected.rule->key);
    }
    return {};
}

void Vocabulary::note(std::string_view text) {
    found_.longest_token_bytes = std::max<uint64_t>(found_.longest_token_bytes, text.size());
    if (kind_.byte_tokens == ByteTokens::spelled) {
        if (const auto byte = spelled_byte(text)) bytes_.set(*byte);
    } else if (kind_.byte_tokens == ByteTokens::characters) {
        if (const auto byte = character_byte(text)) bytes_.set(*byte);
    }
    for (size_t i = 0; i < phi3_tokens.size(); ++i)
        if (text == phi3_tokens[i]) phi3_.set(i);
}

Result<void> Vocabulary::complete() const {
    const bool spelled = kind_.byte_tokens == ByteTokens::spelled;
    const uint32_t first = spelled ? 0 : ' ';
    const uint32_t last = spelled ? 255 : '~';
    for (uint32_t byte = first; byte <= last && kind_.byte_tokens != ByteTokens::none; ++byte) {
        if (bytes_.test(byte)) continue;
        return malformed(fmt::format("no token stands for the byte 0x{:02X}", byte), tokens_key,
                         "convert the model anew with its whole vocabulary");
    }
    if (is_titled_phi3(facts_.name) && !phi3_.all()) {
        return unsupported("the engine takes the title for that of another model", "general.name",
                           "give the model a title without \"phi3\" and \"phi-3\"");
    }
    return {};
}

Result<void> Vocabulary::scores() const {
    const ArrayValue *array = array_value(file_, scores_key);
    if (array == nullptr) return {};
    uint64_t id = 0;
    // Pieces are of whole numbers: they have a multiple of four bytes, and so has the array.
    return read_in_pieces(
        source_, array->place, [&](std::span<const std::byte> bytes) -> Result<void> {
            for (size_t at = 0; at + 4 <= bytes.size(); at += 4, ++id) {
                uint32_t bits = 0;
                for (size_t i = 4; i-- > 0;)
                    bits = bits << 8 | std::to_integer<uint32_t>(bytes[at + i]);
                if (std::isfinite(std::bit_cast<float>(bits))) continue;
                return malformed(fmt::format("the score of token {} is not a finite number", id),
                                 scores_key);
            }
            return {};
        });
}

Result<void> Vocabulary::merges() const {
    const ArrayValue *array = array_value(file_, merges_key);
    if (array == nullptr) return {};
    StringReader reader(source_, *array);
    for (uint64_t i = 0; i < array->count; ++i) {
        SKL_TRY_ASSIGN(text, reader.next());
        if (text.find(' ', 1) == std::string_view::npos)
            return malformed(fmt::format("merge {} is not a pair of tokens", i), merges_key);
    }
    return {};
}

}  // namespace

Result<VocabularyFacts> check_vocabulary(const ByteSource &source, const File &file,
                                         const Facts &facts, const TokenizerKind &kind) {
    return Vocabulary(source, file, facts, kind).run();
}

}  // namespace skillet::gguf
