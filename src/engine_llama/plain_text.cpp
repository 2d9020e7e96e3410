// SPDX-License-Identifier: Apache-2.0
#include "engine_llama/plain_text.h"

#include <llama.h>

#include <limits>

#include <fmt/format.h>

namespace skillet {
namespace {

constexpr int control_or_own = LLAMA_TOKEN_ATTR_CONTROL | LLAMA_TOKEN_ATTR_USER_DEFINED;

// The engine now and then takes a token's attribute away; what begins and ends texts stays known.
bool is_text(const llama_vocab &vocabulary, TokenId token) {
    const int attributes = llama_vocab_get_attr(&vocabulary, token);
    return (attributes & (control_or_own | LLAMA_TOKEN_ATTR_UNKNOWN)) == 0 &&
           !llama_vocab_is_eog(&vocabulary, token) && token != llama_vocab_bos(&vocabulary) &&
           token != llama_vocab_eos(&vocabulary);
}

Result<std::vector<TokenId>> tokens_of(const llama_vocab &vocabulary, std::string_view text) {
    const auto length = static_cast<int32_t>(text.size());
    std::vector<TokenId> tokens(text.size() / 2 + 16);
    const auto attempt = [&] {
        return llama_tokenize(&vocabulary, text.data(), length, tokens.data(),
                              static_cast<int32_t>(tokens.size()), /*add_special=*/false,
                              /*parse_special=*/false);
    };
    int32_t count = attempt();
    if (count < 0 && count != std::numeric_limits<int32_t>::min()) {
        tokens.resize(static_cast<size_t>(-count));
        count = attempt();
    }
    if (count < 0) return make_error(SKL_E_ENGINE_FAULT, "the tokenizer failed");
    tokens.resize(static_cast<size_t>(count));
    return tokens;
}

}  // namespace

Result<std::vector<TokenId>> plain_tokens(const llama_vocab &vocabulary, std::string_view text) {
    // The engine counts text in int32; contracts cap it far below.
    if (text.size() > static_cast<size_t>(std::numeric_limits<int32_t>::max()) / 2) {
        return make_error(SKL_E_INPUT_TOO_LARGE, "the text is too long for the tokenizer");
    }
    SKL_TRY_ASSIGN(tokens, tokens_of(vocabulary, text));
    if (llama_vocab_type(&vocabulary) == LLAMA_VOCAB_TYPE_WPM) return std::move(tokens);
    for (const TokenId token : tokens) {
        if (is_text(vocabulary, token)) continue;
        return make_error(SKL_E_INPUT_SCHEMA,
                          fmt::format("the text holds \"{}\", which the model reads as more than "
                                      "text",
                                      llama_vocab_get_text(&vocabulary, token)),
                          "", "take it out, or put a space inside");
    }
    return std::move(tokens);
}

Result<TokenId> find_control_token(const llama_vocab &vocabulary, std::string_view text) {
    const int32_t count = llama_vocab_n_tokens(&vocabulary);
    for (TokenId token = 0; token < count; ++token) {
        if ((llama_vocab_get_attr(&vocabulary, token) & control_or_own) == 0) continue;
        if (text == llama_vocab_get_text(&vocabulary, token)) return token;
    }
    return make_error(SKL_E_NOT_FOUND,
                      fmt::format("the vocabulary has no control token \"{}\"", text));
}

}  // namespace skillet
