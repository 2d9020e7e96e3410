// SPDX-License-Identifier: Apache-2.0
// jsoncons does the lexing; this file builds the values and closes what jsoncons leaves open:
// duplicate names, unpaired surrogate escapes, a comma after a top-level number, and reals, which
// are read here from their digits so that every build rounds them alike.
#include "json/parse.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cmath>
#include <exception>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <jsoncons/json_parser.hpp>

#include "json/number.h"

namespace skillet::json {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr size_t name_shown_bytes = 100;
// Values are destroyed recursively, so no caller may ask for much more than the default.
constexpr uint32_t depth_ceiling = 1024;

// What is wrong, and at which byte of the text.
struct Fault {
    size_t offset = 0;
    std::string message;
};

// Cut at a character boundary, since messages must stay valid UTF-8.
std::string_view shown(std::string_view name) {
    if (name.size() <= name_shown_bytes) return name;
    size_t end = name_shown_bytes;
    while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80) --end;
    return name.substr(0, end);
}

// The code unit of "\uXXXX" at `offset`, if that is what stands there.
std::optional<unsigned> unicode_escape(std::string_view text, size_t offset) {
    if (text.size() < 6 || offset > text.size() - 6) return {};
    if (text[offset] != '\\' || text[offset + 1] != 'u') return {};
    unsigned unit = 0;
    const char *digits = text.data() + offset + 2;
    const auto [end, error] = std::from_chars(digits, digits + 4, unit, 16);
    if (error != std::errc() || end != digits + 4) return {};
    return unit;
}

// The first surrogate escape that is not half of a pair. jsoncons joins a high surrogate with
// whatever escape follows. A backslash outside a string is left for it to refuse.
std::optional<size_t> lone_surrogate(std::string_view text) {
    for (size_t i = text.find('\\'); i != std::string_view::npos; i = text.find('\\', i)) {
        const auto unit = unicode_escape(text, i);
        if (!unit) {
            i += 2;
            continue;
        }
        if (*unit >= 0xDC00 && *unit <= 0xDFFF) return i;
        if (*unit >= 0xD800 && *unit <= 0xDBFF) {
            const auto low = unicode_escape(text, i + 6);
            if (!low || *low < 0xDC00 || *low > 0xDFFF) return i;
            i += 6;
        }
        i += 6;
    }
    return {};
}

// Builds a Value from the parser's events; stops the parser by setting the error code.
class Builder final : public jsoncons::default_json_visitor {
public:
    [[nodiscard]] const std::optional<Fault> &fault() const { return fault_; }
    [[nodiscard]] Value take() { return std::move(root_); }
    // What building threw while jsoncons was not to see it.
    void rethrow() const {
        if (escaped_) std::rethrow_exception(escaped_);
    }

private:
    using Context = jsoncons::ser_context;
    using Tag = jsoncons::semantic_tag;
    using View = jsoncons::string_view;

    // A container that is not closed yet.
    struct Frame {
        Value container;
        std::string name;                  // of the member whose value comes next
        std::vector<size_t> name_offsets;  // of all members so far
    };

    // jsoncons' macro: void or bool, by version.
    using Returned = JSONCONS_VISITOR_RETURN_TYPE;

    Returned visit_begin_object(Tag, const Context &, std::error_code &) override {
        frames_.push_back({Value(Object()), {}, {}});
        JSONCONS_VISITOR_RETURN;
    }
    Returned visit_end_object(const Context &, std::error_code &code) override {
        check_names(frames_.back(), code);
        if (!code) close();
        JSONCONS_VISITOR_RETURN;
    }
    Returned visit_begin_array(Tag, const Context &, std::error_code &) override {
        frames_.push_back({Value(Array()), {}, {}});
        JSONCONS_VISITOR_RETURN;
    }
    Returned visit_end_array(const Context &, std::error_code &) override {
        close();
        JSONCONS_VISITOR_RETURN;
    }
    Returned visit_key(const View &name, const Context &context, std::error_code &) override {
        frames_.back().name.assign(name.data(), name.size());
        frames_.back().name_offsets.push_back(context.begin_position());
        JSONCONS_VISITOR_RETURN;
    }
    Returned visit_null(Tag, const Context &, std::error_code &) override {
        add(Value());
        JSONCONS_VISITOR_RETURN;
    }
    Returned visit_bool(bool value, Tag, const Context &, std::error_code &) override {
        add(value);
        JSONCONS_VISITOR_RETURN;
    }
    Returned visit_int64(int64_t value, Tag, const Context &, std::error_code &) override {
        add(value);
        JSONCONS_VISITOR_RETURN;
    }
    Returned visit_uint64(uint64_t value, Tag, const Context &context,
                          std::error_code &code) override {
        if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
            add_large_integer(std::to_string(value), context, code);
        } else {
            add(value);
        }
        JSONCONS_VISITOR_RETURN;
    }
    // Numbers that are no 64-bit integers come as text: reals because of the option
    // lossless_number, larger integers always.
    Returned visit_string(const View &text, Tag tag, const Context &context,
                          std::error_code &code) override {
        // jsoncons takes any exception here for a malformed number: it must not see one.
        try {
            add_text({text.data(), text.size()}, tag, context, code);
        } catch (...) {
            escaped_ = std::current_exception();
            code = jsoncons::json_errc::invalid_number;
        }
        JSONCONS_VISITOR_RETURN;
    }

    void add_text(std::string_view text, Tag tag, const Context &context, std::error_code &code) {
        switch (tag) {
            case Tag::bigint: return add_large_integer(text, context, code);
            case Tag::bigdec: return add_real(text, context, code);
            default: return add(std::string(text));
        }
    }

    void add_real(std::string_view text, const Context &context, std::error_code &code) {
        double value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error == std::errc::result_out_of_range) {
            return refuse("the number is outside the range of a double", context, code);
        }
        assert(error == std::errc() && end == text.data() + text.size());
        add(value);
    }

    // Reals from 2^63 to 10^21 are written without a point, and must be read back.
    void add_large_integer(std::string_view text, const Context &context, std::error_code &code) {
        double value = 0;
        std::string spelling;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error == std::errc()) append_number(spelling, value);
        if (spelling != text) {
            return refuse("the integer is outside the range of 64 bits", context, code);
        }
        add(value);
    }

    void refuse(const char *message, const Context &context, std::error_code &code) {
        fault_ = Fault{context.begin_position(), message};
        code = jsoncons::json_errc::invalid_number;
    }

    void add(Value value) {
        if (frames_.empty()) {
            root_ = std::move(value);
            return;
        }
        Frame &frame = frames_.back();
        if (Array *array = frame.container.array()) {
            array->push_back(std::move(value));
        } else {
            frame.container.object()->append(std::move(frame.name), std::move(value));
        }
    }

    void close() {
        Value value = std::move(frames_.back().container);
        frames_.pop_back();
        add(std::move(value));
    }

    // Sorting instead of hashing: nobody can choose names that make it slow.
    void check_names(const Frame &frame, std::error_code &code) {
        struct Name {
            std::string_view text;
            size_t offset;
            auto operator<=>(const Name &) const = default;
        };
        std::vector<Name> names;
        names.reserve(frame.name_offsets.size());
        for (const auto &[name, value] : *frame.container.object()) {
            names.push_back({name, frame.name_offsets[names.size()]});
        }
        std::sort(names.begin(), names.end());
        const auto twice = std::adjacent_find(
            names.begin(), names.end(),
            [](const Name &left, const Name &right) { return left.text == right.text; });
        if (twice == names.end()) return;
        const Name &second = *(twice + 1);
        fault_ = Fault{second.offset, fmt::format("duplicate member \"{}\"", shown(second.text))};
        code = jsoncons::json_errc::syntax_error;
    }

    std::vector<Frame> frames_;
    Value root_;
    std::optional<Fault> fault_;
    std::exception_ptr escaped_;
};

std::string describe(std::error_code error, uint32_t depth_max) {
    if (error == jsoncons::json_errc::max_nesting_depth_exceeded) {
        return fmt::format("nested deeper than the limit of {}", depth_max);
    }
    if (error == jsoncons::json_errc::unexpected_eof) return "the text ends too early";
    if (error == jsoncons::json_errc::extra_character) return "bytes after the end of the document";
    std::string message = error.message();
    if (!message.empty() && message[0] >= 'A' && message[0] <= 'Z') message[0] += 'a' - 'A';
    return message;
}

// A top-level number takes one comma with it, unseen by check_done().
bool ends_in_comma(std::string_view text) {
    const size_t last = text.find_last_not_of(" \t\r\n");
    return last != std::string_view::npos && text[last] == ',';
}

std::optional<Fault> build(std::string_view text, uint32_t depth_max, Builder &builder) {
    jsoncons::json_options options;
    options.max_nesting_depth(static_cast<int>(depth_max));
    options.lossless_number(true);
    options.allow_comments(false);
    jsoncons::json_parser parser(options, jsoncons::strict_json_parsing());
    parser.update(text.data(), text.size());
    std::error_code error;
    while (!error && !parser.stopped()) parser.parse_some(builder, error);
    if (!error) parser.check_done(error);
    builder.rethrow();
    if (builder.fault()) return builder.fault();
    if (error) return Fault{parser.offset(), describe(error, depth_max)};
    if (ends_in_comma(text)) return Fault{text.rfind(','), "bytes after the end of the document"};
    return {};
}

std::optional<Fault> check_bytes(std::string_view text) {
    if (text.starts_with(byte_order_mark)) return Fault{0, "a byte order mark is not allowed"};
    if (const auto offset = lone_surrogate(text)) return Fault{*offset, "a lone surrogate escape"};
    return {};
}

// Lines and columns start at 1; a column counts characters, not bytes.
Error locate(const Fault &fault, std::string_view text, Code code, std::string_view subject) {
    const std::string_view before = text.substr(0, fault.offset);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const std::string_view in_line = before.substr(before.rfind('\n') + 1);
    const auto column = 1 + std::count_if(in_line.begin(), in_line.end(), [](char byte) {
                            return (static_cast<unsigned char>(byte) & 0xC0) != 0x80;
                        });
    return make_error(code, fmt::format("line {}, column {}: {}", line, column, fault.message),
                      std::string(subject), "the text must be one strict JSON document in UTF-8");
}

}  // namespace

Result<Value> parse(std::string_view text, Code code, std::string_view subject,
                    const ParseLimits &limits) {
    assert(limits.depth_max <= depth_ceiling);
    if (text.size() > limits.bytes_max) {
        Error error = make_error(code,
                                 fmt::format("the text has {} bytes, more than the limit of {}",
                                             text.size(), limits.bytes_max),
                                 std::string(subject), "send a smaller document");
        error.required_bytes = text.size();
        error.available_bytes = limits.bytes_max;
        return error;
    }
    if (const auto fault = check_bytes(text)) return locate(*fault, text, code, subject);
    Builder builder;
    if (const auto fault = build(text, limits.depth_max, builder)) {
        return locate(*fault, text, code, subject);
    }
    return builder.take();
}

}  // namespace skillet::json
