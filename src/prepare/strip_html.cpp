// SPDX-License-Identifier: Apache-2.0
// One pass from left to right; the grammar is in docs/formats/prepare.md. What cannot be closed any
// more is remembered, so that a text full of openings is not searched again for each of them.
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

#include "prepare/prepare.h"

namespace skillet {
namespace {

constexpr size_t none = std::string_view::npos;

struct NamedCharacter {
    std::string_view name;
    char character;
};

constexpr auto named_characters = std::to_array<NamedCharacter>({
    {"amp", '&'},
    {"lt", '<'},
    {"gt", '>'},
    {"quot", '"'},
    {"apos", '\''},
    {"nbsp", ' '},
});

// The locale must not matter, so <cctype> is no choice.
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_hex_digit(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
constexpr bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// `lowercase` is in lower case already.
bool equals_ignoring_case(std::string_view text, std::string_view lowercase) {
    if (text.size() != lowercase.size()) return false;
    for (size_t i = 0; i < text.size(); ++i) {
        if (lower(text[i]) != lowercase[i]) return false;
    }
    return true;
}

void append_utf8(std::string &out, uint32_t code_point) {
    const auto byte = [&out](uint32_t value) { out.push_back(static_cast<char>(value)); };
    const auto continuation = [&byte](uint32_t bits) { byte(0x80 | (bits & 0x3F)); };
    if (code_point < 0x80) {
        byte(code_point);
    } else if (code_point < 0x800) {
        byte(0xC0 | (code_point >> 6));
        continuation(code_point);
    } else if (code_point < 0x10000) {
        byte(0xE0 | (code_point >> 12));
        continuation(code_point >> 6);
        continuation(code_point);
    } else {
        byte(0xF0 | (code_point >> 18));
        continuation(code_point >> 12);
        continuation(code_point >> 6);
        continuation(code_point);
    }
}

// What a numeric reference to `number` stands for.
uint32_t referenced_code_point(uint32_t number) {
    constexpr uint32_t no_break_space = 0xA0;
    constexpr uint32_t replacement = 0xFFFD;
    const bool surrogate = number >= 0xD800 && number <= 0xDFFF;
    if (number == 0 || surrogate || number > 0x10FFFF) return replacement;
    return number == no_break_space ? ' ' : number;
}

class Stripper {
public:
    explicit Stripper(std::string_view text) : text_(text) { out_.reserve(text.size()); }

    std::string run() {
        while (at_ < text_.size()) {
            const size_t special = std::min(text_.find_first_of("<&", at_), text_.size());
            out_.append(text_, at_, special - at_);
            at_ = special;
            if (at_ == text_.size()) break;
            if (text_[at_] == '<' ? take_markup() : take_reference()) continue;
            out_.push_back(text_[at_++]);
        }
        return std::move(out_);
    }

private:
    // A search for fixed bytes that never looks twice for what is not there.
    struct Ending {
        std::string_view bytes;
        size_t absent_from = none;  // the bytes do not begin here or later

        // Where the first occurrence from `from` on ends.
        size_t find_end(std::string_view text, size_t from) {
            if (from >= absent_from) return none;
            const size_t found = text.find(bytes, from);
            if (found != none) return found + bytes.size();
            absent_from = from;
            return none;
        }
    };

    struct RawElement {
        std::string_view name;
        bool unclosed = false;  // no closing tag follows any more
    };

    // Each take_... consumes one construct and is true, or is false and consumes nothing.
    bool take_markup() {
        if (text_.substr(at_).starts_with("<!--")) {
            return replace_through(comment_end_.find_end(text_, at_ + 4));
        }
        const size_t next = at_ + 1;
        if (next < text_.size() && (text_[next] == '!' || text_[next] == '?')) {
            const bool declaration = next + 1 < text_.size() && is_letter(text_[next + 1]);
            return declaration && replace_through(tag_end_.find_end(text_, next));
        }
        return take_tag();
    }

    bool take_tag() {
        const bool closing = at_ + 1 < text_.size() && text_[at_ + 1] == '/';
        const size_t begin = at_ + (closing ? 2 : 1);
        if (begin >= text_.size() || !is_letter(text_[begin])) return false;
        size_t end = begin;
        while (end < text_.size() && (is_letter(text_[end]) || is_digit(text_[end]))) ++end;
        if (end == text_.size()) return false;
        if (text_[end] != '>' && text_[end] != '/' && !is_space(text_[end])) return false;
        if (!replace_through(tag_end_.find_end(text_, end))) return false;
        if (!closing) skip_raw_content(text_.substr(begin, end - begin));
        return true;
    }

    void skip_raw_content(std::string_view name) {
        for (RawElement &element : raw_elements_) {
            if (!equals_ignoring_case(name, element.name)) continue;
            if (const auto end = find_closing_end(element)) at_ = *end;
        }
    }

    // The end of the next closing tag of the element. One whose '>' is missing counts as missing
    // itself: no later one can have a '>' either.
    std::optional<size_t> find_closing_end(RawElement &element) {
        if (element.unclosed) return {};
        size_t open = text_.find("</", at_);
        while (open != none &&
               !equals_ignoring_case(text_.substr(open + 2, element.name.size()), element.name)) {
            open = text_.find("</", open + 2);
        }
        const size_t end = open == none ? none : tag_end_.find_end(text_, open);
        element.unclosed = end == none;
        if (element.unclosed) return {};
        return end;
    }

    bool replace_through(size_t end) {
        if (end == none) return false;
        out_.push_back(' ');
        at_ = end;
        return true;
    }

    bool take_reference() {
        if (at_ + 1 < text_.size() && text_[at_ + 1] == '#') return take_numeric_reference();
        for (const NamedCharacter &named : named_characters) {
            const size_t end = at_ + 1 + named.name.size();
            if (end >= text_.size() || text_[end] != ';') continue;
            if (text_.substr(at_ + 1, named.name.size()) != named.name) continue;
            out_.push_back(named.character);
            at_ = end + 1;
            return true;
        }
        return false;
    }

    bool take_numeric_reference() {
        size_t begin = at_ + 2;
        const bool hex = begin < text_.size() && (text_[begin] == 'x' || text_[begin] == 'X');
        if (hex) ++begin;
        const size_t limit = std::min(text_.size(), begin + (hex ? 6 : 7));
        size_t end = begin;
        while (end < limit && (hex ? is_hex_digit(text_[end]) : is_digit(text_[end]))) ++end;
        if (end == begin || end == text_.size() || text_[end] != ';') return false;
        uint32_t number = 0;
        std::from_chars(text_.data() + begin, text_.data() + end, number, hex ? 16 : 10);
        append_utf8(out_, referenced_code_point(number));
        at_ = end + 1;
        return true;
    }

    std::string_view text_;
    size_t at_ = 0;
    std::string out_;
    Ending comment_end_{"-->"};
    Ending tag_end_{">"};
    std::array<RawElement, 2> raw_elements_{{{"script"}, {"style"}}};
};

}  // namespace

std::string strip_html(std::string_view text) { return Stripper(text).run(); }

}  // namespace skillet
