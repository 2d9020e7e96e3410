// SPDX-License-Identifier: Apache-2.0
#include "json/write.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include "json/number.h"

namespace skillet::json {
namespace {

enum class Layout { canonical, compact, pretty };

// Places a byte of UTF-8 in the order of UTF-16: there, the surrogate pairs of code points from
// U+10000 (lead bytes from F0) come before U+E000..U+FFFF (lead bytes EE and EF).
unsigned utf16_rank(char byte) {
    const auto value = static_cast<unsigned char>(byte);
    if (value >= 0xF0) return value - 2u;
    return value >= 0xEE ? value + 0x10u : value;
}

bool utf16_less(std::string_view left, std::string_view right) {
    return std::lexicographical_compare(
        left.begin(), left.end(), right.begin(), right.end(),
        [](char a, char b) { return utf16_rank(a) < utf16_rank(b); });
}

void append_string(std::string &out, std::string_view text) {
    static constexpr std::string_view hex = "0123456789abcdef";
    out.push_back('"');
    for (const char byte : text) {
        switch (byte) {
            case '"': out += "\\\""; break;
            case '\\': out += "\\\\"; break;
            case '\b': out += "\\b"; break;
            case '\f': out += "\\f"; break;
            case '\n': out += "\\n"; break;
            case '\r': out += "\\r"; break;
            case '\t': out += "\\t"; break;
            default:
                if (const auto value = static_cast<unsigned char>(byte); value < 0x20) {
                    out.append("\\u00").push_back(hex[value >> 4]);
                    out.push_back(hex[value & 15]);
                } else {
                    out.push_back(byte);
                }
        }
    }
    out.push_back('"');
}

class Writer {
public:
    explicit Writer(Layout layout) : layout_(layout) {}

    void write(const Value &value) {
        if (const bool *boolean = value.boolean()) {
            out_ += *boolean ? "true" : "false";
        } else if (const int64_t *integer = value.integer()) {
            out_ += std::to_string(*integer);
        } else if (const double *real = value.real()) {
            append_number(out_, *real);
        } else if (const std::string *string = value.string()) {
            append_string(out_, *string);
        } else if (const Array *array = value.array()) {
            write_array(*array);
        } else if (const Object *object = value.object()) {
            write_object(*object);
        } else {
            out_ += "null";
        }
    }

    std::string take() { return std::move(out_); }

private:
    void write_array(const Array &array) {
        out_.push_back('[');
        ++depth_;
        for (size_t i = 0; i < array.size(); ++i) {
            begin_item(i == 0);
            write(array[i]);
        }
        --depth_;
        end_items(array.empty());
        out_.push_back(']');
    }

    void write_object(const Object &object) {
        out_.push_back('{');
        ++depth_;
        bool first = true;
        for (const Object::Member *member : ordered(object)) {
            begin_item(first);
            first = false;
            append_string(out_, member->first);
            out_ += layout_ == Layout::pretty ? ": " : ":";
            write(member->second);
        }
        --depth_;
        end_items(object.empty());
        out_.push_back('}');
    }

    [[nodiscard]] std::vector<const Object::Member *> ordered(const Object &object) const {
        std::vector<const Object::Member *> members;
        members.reserve(object.size());
        for (const Object::Member &member : object) members.push_back(&member);
        if (layout_ == Layout::canonical) {
            std::sort(members.begin(), members.end(), [](const auto *left, const auto *right) {
                return utf16_less(left->first, right->first);
            });
        }
        return members;
    }

    void begin_item(bool first) {
        if (!first) out_.push_back(',');
        if (layout_ == Layout::pretty) new_line();
    }

    void end_items(bool none) {
        if (layout_ == Layout::pretty && !none) new_line();
    }

    void new_line() { out_.append("\n").append(2 * depth_, ' '); }

    Layout layout_;
    size_t depth_ = 0;
    std::string out_;
};

std::string written(const Value &value, Layout layout) {
    Writer writer(layout);
    writer.write(value);
    return writer.take();
}

}  // namespace

std::string canonical(const Value &value) { return written(value, Layout::canonical); }

std::string compact(const Value &value) { return written(value, Layout::compact); }

std::string pretty(const Value &value) { return written(value, Layout::pretty); }

}  // namespace skillet::json
