// SPDX-License-Identifier: Apache-2.0
#include "pattern/ecma.h"

#include <algorithm>
#include <optional>
#include <set>
#include <vector>

#include <fmt/format.h>

#include "pattern/property.h"

namespace skillet::pattern {
namespace {

// RE2 repeats nothing more often.
constexpr uint64_t repeats_max = 1000;
constexpr uint64_t number_max = 1'000'000'000;
constexpr uint32_t code_point_max = 0x10FFFF;

// What both call by other names, as items of a class.
constexpr std::string_view line_ends = "\\n\\r\\x{2028}\\x{2029}";
constexpr std::string_view spaces =
    "\\x{9}-\\x{D}\\x{20}\\x{A0}\\x{1680}\\x{2000}-\\x{200A}\\x{2028}\\x{2029}\\x{202F}\\x{205F}"
    "\\x{3000}\\x{FEFF}";
constexpr std::string_view no_spaces =
    "\\x{0}-\\x{8}\\x{E}-\\x{1F}\\x{21}-\\x{9F}\\x{A1}-\\x{167F}\\x{1681}-\\x{1FFF}"
    "\\x{200B}-\\x{2027}\\x{202A}-\\x{202E}\\x{2030}-\\x{205E}\\x{2060}-\\x{2FFF}"
    "\\x{3001}-\\x{FEFE}\\x{FF00}-\\x{10FFFF}";
constexpr std::string_view everything = "\\x{0}-\\x{10FFFF}";
constexpr std::string_view syntax_characters = "^$\\.*+?()[]{}|/";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_name_character(char c) { return is_letter(c) || is_digit(c) || c == '_'; }

// One character, or a set of them as items of a class.
struct Atom {
    std::optional<uint32_t> character;
    std::string items;
};

class Reader {
public:
    explicit Reader(std::string_view text) : text_(text) {}

    Reading read() {
        while (at_ < text_.size() && result_.malformed.empty()) read_next();
        if (!open_.empty()) malformed("a parenthesis is not closed");
        check_references();
        // Between the bytes of one character no word begins or ends; RE2 would look there, too.
        if (looks_between_) result_.re2 = "\\A(?s:.)*?(?:" + result_.re2 + ")";
        if (!result_.malformed.empty() || !result_.inexpressible.empty()) result_.re2.clear();
        return std::move(result_);
    }

private:
    // The first reason counts.
    void malformed(std::string why) {
        if (result_.malformed.empty()) result_.malformed = std::move(why);
    }
    void inexpressible(std::string why) {
        if (result_.inexpressible.empty()) result_.inexpressible = std::move(why);
    }

    [[nodiscard]] bool done() const { return at_ >= text_.size(); }
    [[nodiscard]] char peek() const { return done() ? '\0' : text_[at_]; }
    bool take(std::string_view wanted) {
        if (!text_.substr(at_).starts_with(wanted)) return false;
        at_ += wanted.size();
        return true;
    }

    // The next code point of valid UTF-8.
    uint32_t take_character() {
        const auto first = static_cast<unsigned char>(text_[at_++]);
        if (first < 0x80) return first;
        const int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
        uint32_t character = first & (0x3Fu >> more);
        for (int i = 0; i < more && !done(); ++i) {
            character = character << 6 | (static_cast<unsigned char>(text_[at_++]) & 0x3Fu);
        }
        return character;
    }

    void add(std::string_view re2, bool quantifiable) {
        result_.re2 += re2;
        quantifiable_ = quantifiable;
    }
    void add_character(uint32_t character) { add(fmt::format("\\x{{{:X}}}", character), true); }
    void add_set(std::string_view items) {
        // RE2 has a word for nothing, but no empty class.
        const bool nothing = items.empty();
        add(fmt::format("[{}{}]", nothing ? "^" : "", nothing ? everything : items), true);
    }

    void read_next() {
        const char next = peek();
        switch (next) {
            case '^': return ++at_, add("\\A", false);
            case '$': return ++at_, add("\\z", false);
            case '.': return ++at_, add(fmt::format("[^{}]", line_ends), true);
            case '|': return ++at_, add("|", false);
            case '*':
            case '+':
            case '?': return ++at_, quantify(std::string(1, next));
            case '{': return read_braces();
            case '(': return ++at_, open_group();
            case ')': return ++at_, close_group();
            case '[': return ++at_, read_class();
            case '\\': return ++at_, read_escape();
            case ']':
            case '}': return malformed(fmt::format("'{}' stands alone", next));
            default: return add_character(take_character());
        }
    }

    void quantify(const std::string &quantifier) {
        if (!quantifiable_) return malformed("there is nothing to repeat");
        add(quantifier, false);
        take("?");
    }

    std::optional<uint64_t> take_number() {
        if (!is_digit(peek())) return {};
        uint64_t number = 0;
        for (; is_digit(peek()); ++at_) {
            number = std::min(number * 10 + static_cast<uint64_t>(peek() - '0'), number_max);
        }
        return number;
    }

    void read_braces() {
        ++at_;
        const auto least = take_number();
        const bool open_ended = take(",");
        const auto most = open_ended ? take_number() : least;
        if (!least || !take("}")) return malformed("'{' begins no count");
        if (most && *most < *least) return malformed("a count's limits are out of order");
        if (std::max(*least, most.value_or(0)) > repeats_max) {
            inexpressible(fmt::format("repeats more than {} times", repeats_max));
        }
        const std::string limit = most ? std::to_string(*most) : "";
        quantify(open_ended ? fmt::format("{{{},{}}}", *least, limit)
                            : fmt::format("{{{}}}", *least));
    }

    enum class Group : uint8_t { plain, assertion };

    void open_group() {
        if (take("?=") || take("?!") || take("?<=") || take("?<!")) {
            inexpressible("looks ahead or behind");
            open_.push_back(Group::assertion);
        } else {
            if (take("?<")) {
                read_group_name();
            } else if (!take("?:")) {
                if (peek() == '?') return malformed("'(?' begins no group");
                ++groups_;
            }
            open_.push_back(Group::plain);
        }
        add("(?:", false);
    }

    void close_group() {
        if (open_.empty()) return malformed("a parenthesis is not opened");
        const bool quantifiable = open_.back() == Group::plain;
        open_.pop_back();
        add(")", quantifiable);
    }

    std::string take_name() {
        const size_t begin = at_;
        for (; !done() && peek() != '>'; ++at_) {
            const bool plain = is_letter(peek()) || peek() == '_' || peek() == '$' ||
                               (is_digit(peek()) && at_ > begin);
            if (peek() == '\\' || static_cast<unsigned char>(peek()) >= 0x80) {
                inexpressible("names a group with other letters than ASCII's");
            } else if (!plain) {
                malformed("a group's name has a character that no name has");
            }
        }
        if (at_ == begin || done()) malformed("a group's name is not closed");
        std::string name(text_.substr(begin, at_ - begin));
        take(">");
        return name;
    }

    void read_group_name() {
        ++groups_;
        if (!names_.insert(take_name()).second) malformed("two groups have the same name");
    }

    void check_references() {
        if (largest_reference_ > groups_) malformed("refers to a group that is not there");
        for (const std::string &name : named_references_) {
            if (!names_.contains(name)) malformed("refers to a group that is not there");
        }
    }

    void read_escape() {
        if (take("b")) return add("\\b", false);
        if (take("B")) {
            looks_between_ = true;
            return add("\\B", false);
        }
        if (take("k")) {
            if (!take("<")) return malformed("'\\k' names no group");
            named_references_.push_back(take_name());
            return read_back();
        }
        if (is_digit(peek()) && peek() != '0') {
            largest_reference_ = std::max(largest_reference_, *take_number());
            return read_back();
        }
        const Atom atom = take_escaped();
        if (atom.character) return add_character(*atom.character);
        add_set(atom.items);
    }

    void read_back() {
        inexpressible("refers back to a group");
        quantifiable_ = true;
    }

    // After the backslash: what stands for a character or a set, inside a class or not.
    Atom take_escaped() {
        if (done()) return malformed("ends in a backslash"), Atom{};
        const char kind = text_[at_];
        if (syntax_characters.find(kind) != std::string_view::npos) return ++at_, Atom{kind, {}};
        switch (++at_, kind) {
            case 'd': return {{}, "\\d"};
            case 'D': return {{}, "\\D"};
            case 'w': return {{}, "\\w"};
            case 'W': return {{}, "\\W"};
            case 's': return {{}, std::string(spaces)};
            case 'S': return {{}, std::string(no_spaces)};
            case 'p':
            case 'P': return take_property(kind == 'P');
            case 'f': return {'\f', {}};
            case 'n': return {'\n', {}};
            case 'r': return {'\r', {}};
            case 't': return {'\t', {}};
            case 'v': return {'\v', {}};
            case 'c': return take_control();
            case 'x': return take_hex(2, 2);
            case 'u': return take_unicode();
            case '0':
                if (is_digit(peek())) malformed("'\\0' before a digit");
                return {0, {}};
            default: malformed("a backslash before what needs none: leave it out"); return {};
        }
    }

    Atom take_property(bool negated) {
        if (!take("{")) return malformed("'\\p' without braces"), Atom{};
        const size_t begin = at_;
        while (is_name_character(peek()) || peek() == '=') ++at_;
        const auto name = text_.substr(begin, at_ - begin);
        if (!take("}")) return malformed("'\\p{' is not closed"), Atom{};
        PropertySet set = property_set(name, negated);
        if (!set.known) {
            malformed(fmt::format("there is no property \"{}\"", name.substr(0, 60)));
        } else if (set.items.empty()) {
            inexpressible(fmt::format("asks for the property \"{}\"", name.substr(0, 60)));
        }
        return {{}, std::move(set.items)};
    }

    Atom take_control() {
        if (!is_letter(peek())) return malformed("'\\c' before no letter"), Atom{};
        return {static_cast<uint32_t>(text_[at_++]) % 32, {}};
    }

    Atom take_hex(int least, int most) {
        uint32_t value = 0;
        int digits = 0;
        for (; digits < most && !done(); ++digits, ++at_) {
            const char c = peek();
            const char lower = static_cast<char>(c | 0x20);
            if (!is_digit(c) && !(lower >= 'a' && lower <= 'f')) break;
            const int digit = is_digit(c) ? c - '0' : lower - 'a' + 10;
            value = std::min(value * 16 + static_cast<uint32_t>(digit), code_point_max + 1);
        }
        if (digits < least) malformed("an escape lacks hexadecimal digits");
        return {value, {}};
    }

    Atom take_unicode() {
        if (take("{")) {
            const Atom atom = take_hex(1, static_cast<int>(text_.size() - at_));
            if (!take("}")) malformed("'\\u{' is not closed");
            if (*atom.character > code_point_max) malformed("an escape beyond U+10FFFF");
            return checked(*atom.character);
        }
        const uint32_t unit = *take_hex(4, 4).character;
        const size_t after = at_;
        if (unit >= 0xD800 && unit <= 0xDBFF && take("\\u") && peek() != '{') {
            const uint32_t low = *take_hex(4, 4).character;
            if (low >= 0xDC00 && low <= 0xDFFF) {
                return {0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00), {}};
            }
        }
        at_ = after;
        return checked(unit);
    }

    // No text in UTF-8 has half a character.
    Atom checked(uint32_t character) {
        if (character >= 0xD800 && character <= 0xDFFF) inexpressible("asks for a lone surrogate");
        return {character, {}};
    }

    // After the opening bracket.
    void read_class() {
        const bool negated = take("^");
        std::string items;
        while (!take("]")) {
            if (done()) return malformed("a class is not closed");
            read_class_item(items);
            if (!result_.malformed.empty()) return;
        }
        if (!negated) return add_set(items);
        if (items.empty()) return add_set(everything);
        add(fmt::format("[^{}]", items), true);
    }

    void read_class_item(std::string &items) {
        const Atom first = take_class_atom();
        if (peek() != '-' || text_.substr(at_).starts_with("-]")) return append(items, first);
        ++at_;
        if (done()) return malformed("a class is not closed");
        const Atom last = take_class_atom();
        if (!result_.malformed.empty()) return;
        if (!first.character || !last.character) {
            return malformed("a range of a class has a class at its end");
        }
        if (*first.character > *last.character) {
            return malformed("a range of a class is out of order");
        }
        items += fmt::format("\\x{{{:X}}}-\\x{{{:X}}}", *first.character, *last.character);
    }

    static void append(std::string &items, const Atom &atom) {
        items += atom.character ? fmt::format("\\x{{{:X}}}", *atom.character) : atom.items;
    }

    Atom take_class_atom() {
        if (!take("\\")) return {take_character(), {}};
        if (take("b")) return {'\b', {}};
        if (take("-")) return {'-', {}};
        return take_escaped();
    }

    std::string_view text_;
    size_t at_ = 0;
    Reading result_;
    bool quantifiable_ = false;
    bool looks_between_ = false;
    std::vector<Group> open_;
    uint64_t groups_ = 0;
    uint64_t largest_reference_ = 0;
    std::set<std::string> names_;
    std::vector<std::string> named_references_;
};

}  // namespace

Reading read_ecma(std::string_view text) { return Reader(text).read(); }

}  // namespace skillet::pattern
