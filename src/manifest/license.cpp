// SPDX-License-Identifier: Apache-2.0
// Reads by precedence (Dijkstra's shunting yard): no recursion, so no input reaches the stack's
// end.
#include "manifest/license.h"

#include <algorithm>

#include <fmt/format.h>

#include "manifest/spdx_list.h"

namespace skillet {
namespace {

constexpr size_t text_bytes_max = 1024;
constexpr size_t depth_max = 32;
constexpr std::string_view license_ref = "LicenseRef-";
constexpr std::string_view document_ref = "DocumentRef-";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_name_byte(char c) {
    return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') || c == '-' || c == '.';
}

bool is_idstring(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, is_name_byte);
}

const SpdxName *find_name(std::span<const SpdxName> list, std::string_view name) {
    const auto found = std::ranges::find_if(
        list, [&](const SpdxName &known) { return same_license_name(known.id, name); });
    return found != list.end() ? &*found : nullptr;
}

// "LicenseRef-…" or "DocumentRef-…:LicenseRef-…".
bool is_reference(std::string_view name) {
    if (name.starts_with(document_ref)) {
        const size_t colon = name.find(':');
        if (colon == std::string_view::npos) return false;
        if (!is_idstring(name.substr(document_ref.size(), colon - document_ref.size()))) {
            return false;
        }
        name.remove_prefix(colon + 1);
    }
    return name.starts_with(license_ref) && is_idstring(name.substr(license_ref.size()));
}

enum class Kind { name, open, close, with, all_of, any_of, end };

struct Token {
    Kind kind = Kind::end;
    std::string_view text;
    size_t offset = 0;
};

Error refuse(const Token &token, std::string_view reason, std::string hint = {}) {
    if (hint.empty()) hint = "write it as in \"MIT OR (Apache-2.0 AND LicenseRef-my-terms)\"";
    return make_error(SKL_E_INVALID_ARGUMENT,
                      token.kind == Kind::end
                          ? fmt::format("{} at the end", reason)
                          : fmt::format("{} at \"{}\" (byte {})", reason, token.text, token.offset),
                      std::string(token.text), std::move(hint));
}

Kind kind_of(std::string_view word) {
    if (word == "(") return Kind::open;
    if (word == ")") return Kind::close;
    if (word == "AND") return Kind::all_of;
    if (word == "OR") return Kind::any_of;
    return word == "WITH" ? Kind::with : Kind::name;
}

class Reader {
public:
    explicit Reader(std::string_view text) : text_(text) {}

    Token next() {
        const size_t begin = std::min(text_.find_first_not_of(' ', offset_), text_.size());
        if (begin == text_.size()) return {Kind::end, "", begin};
        size_t end = begin + 1;
        if (text_[begin] != '(' && text_[begin] != ')') {
            end = std::min(text_.find_first_of(" ()", begin), text_.size());
        }
        offset_ = end;
        const std::string_view word = text_.substr(begin, end - begin);
        return {kind_of(word), word, begin};
    }

private:
    std::string_view text_;
    size_t offset_ = 0;
};

Result<LicenseTerm> parse_license(const Token &token) {
    LicenseTerm term;
    if (is_reference(token.text)) {
        term.license = token.text;
        term.is_reference = true;
        return term;
    }
    // In some releases of the list there are deprecated names that end in '+' themselves.
    std::string_view name = token.text;
    const SpdxName *known = find_name(spdx_licenses(), name);
    if (known == nullptr && name.ends_with('+')) {
        term.or_later = true;
        name.remove_suffix(1);
        known = find_name(spdx_licenses(), name);
    }
    if (known == nullptr) {
        const bool is_operator = same_license_name(name, "and") || same_license_name(name, "or") ||
                                 same_license_name(name, "with");
        return refuse(
            token,
            is_operator ? "an operator that is not in capitals"
                        : "not an identifier of SPDX's licence list",
            is_operator ? "write AND, OR, WITH" : "terms of your own are called LicenseRef-NAME");
    }
    term.license = known->id;
    term.deprecated = known->deprecated;
    return term;
}

Result<void> name_exception(LicenseTerm &term, const Token &token) {
    const SpdxName *known =
        token.kind == Kind::name ? find_name(spdx_exceptions(), token.text) : nullptr;
    if (known == nullptr) return refuse(token, "WITH needs an exception of SPDX's list");
    term.exception = known->id;
    term.deprecated = term.deprecated || known->deprecated;
    return {};
}

// Builds the steps while reading. Operators wait until what they join is complete.
class Builder {
public:
    using Step = LicenseExpression::Step;
    using Operator = LicenseExpression::Operator;

    Result<void> add(const Token &license) {
        SKL_TRY_ASSIGN(term, parse_license(license));
        append(term.text());
        steps.push_back({Operator::term, std::move(term)});
        return {};
    }
    // To the license that was added last.
    Result<void> add_exception(const Token &exception) {
        LicenseTerm &term = steps.back().term;
        SKL_TRY(name_exception(term, exception));
        append("WITH");
        append(term.exception);
        return {};
    }
    Result<void> open(const Token &token) {
        if (depth_ == depth_max) {
            return refuse(token,
                          fmt::format("more than {} parentheses inside each other", depth_max));
        }
        ++depth_;
        waiting_.push_back(Kind::open);
        append("(");
        return {};
    }
    Result<void> close(const Token &token) {
        complete(Kind::any_of);
        if (waiting_.empty()) return refuse(token, "a parenthesis that nothing opened");
        waiting_.pop_back();
        --depth_;
        text += ')';
        return {};
    }
    void join(const Token &token) {
        complete(token.kind);
        waiting_.push_back(token.kind);
        append(token.text);
    }
    Result<void> finish(const Token &end) {
        complete(Kind::any_of);
        return waiting_.empty() ? Result<void>() : refuse(end, "a parenthesis is not closed");
    }

    std::string text;
    std::vector<Step> steps;

private:
    // AND binds more tightly than OR: takes what waits and binds no less tightly than `kind`.
    void complete(Kind kind) {
        while (!waiting_.empty() && waiting_.back() != Kind::open &&
               (waiting_.back() == Kind::all_of || kind == Kind::any_of)) {
            const bool all = waiting_.back() == Kind::all_of;
            steps.push_back({all ? Operator::all_of : Operator::any_of, {}});
            waiting_.pop_back();
        }
    }
    void append(std::string_view word) {
        if (!text.empty() && !text.ends_with('(')) text += ' ';
        text += word;
    }

    std::vector<Kind> waiting_;
    size_t depth_ = 0;
};

}  // namespace

bool same_license_name(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, {}, lower, lower);
}

std::string LicenseTerm::text() const {
    return license + (or_later ? "+" : "") + (exception.empty() ? "" : " WITH " + exception);
}

Result<LicenseExpression> LicenseExpression::parse(std::string_view text) {
    if (text.size() > text_bytes_max) {
        return make_error(SKL_E_INVALID_ARGUMENT,
                          fmt::format("a licence expression of {} bytes; at most {} are read",
                                      text.size(), text_bytes_max));
    }
    Reader reader(text);
    Builder builder;
    Token token;
    for (Kind before = Kind::open; before != Kind::end; before = token.kind) {
        token = reader.next();
        const bool needs_term =
            before == Kind::open || before == Kind::all_of || before == Kind::any_of;
        const bool begins_term = token.kind == Kind::name || token.kind == Kind::open;
        if (needs_term && !begins_term) return refuse(token, "a licence is missing");
        if (!needs_term && begins_term) return refuse(token, "AND or OR is missing");
        switch (token.kind) {
            case Kind::name: SKL_TRY(builder.add(token)); break;
            case Kind::open: SKL_TRY(builder.open(token)); break;
            case Kind::close: SKL_TRY(builder.close(token)); break;
            case Kind::with:
                if (before != Kind::name) return refuse(token, "WITH does not follow a licence");
                SKL_TRY(builder.add_exception(reader.next()));
                break;
            case Kind::all_of:
            case Kind::any_of: builder.join(token); break;
            case Kind::end: SKL_TRY(builder.finish(token)); break;
        }
    }
    LicenseExpression expression;
    expression.text_ = std::move(builder.text);
    expression.steps_ = std::move(builder.steps);
    return expression;
}

}  // namespace skillet
