// SPDX-License-Identifier: Apache-2.0
#include "json/value.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <limits>

namespace skillet::json {
namespace {

template <typename Members>
auto find_member(Members &members, std::string_view name) {
    return std::find_if(members.begin(), members.end(),
                        [name](const Object::Member &member) { return member.first == name; });
}

// "~0" and "~1" decoded; false for any other use of '~'.
bool decode_token(std::string_view token, std::string &out) {
    out.clear();
    for (size_t i = 0; i < token.size(); ++i) {
        if (token[i] != '~') {
            out.push_back(token[i]);
            continue;
        }
        if (++i == token.size() || (token[i] != '0' && token[i] != '1')) return false;
        out.push_back(token[i] == '0' ? '~' : '/');
    }
    return true;
}

const Value *find_element(const Array &array, std::string_view token) {
    if (token.empty() || (token.size() > 1 && token[0] == '0')) return nullptr;
    size_t index = 0;
    const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
    if (error != std::errc() || end != token.data() + token.size()) return nullptr;
    return index < array.size() ? &array[index] : nullptr;
}

}  // namespace

Object::Object(std::initializer_list<Member> members) : members_(members) {}

bool Object::operator==(const Object &other) const { return members_ == other.members_; }

const Value *Object::find(std::string_view name) const {
    const auto found = find_member(members_, name);
    return found != members_.end() ? &found->second : nullptr;
}

Value *Object::find(std::string_view name) {
    const auto found = find_member(members_, name);
    return found != members_.end() ? &found->second : nullptr;
}

void Object::set(std::string_view name, Value value) {
    if (Value *present = find(name)) {
        *present = std::move(value);
    } else {
        append(std::string(name), std::move(value));
    }
}

void Object::append(std::string name, Value value) {
    members_.emplace_back(std::move(name), std::move(value));
}

void Object::erase(std::string_view name) {
    const auto found = find_member(members_, name);
    if (found != members_.end()) members_.erase(found);
}

Value::Value(uint64_t value) : data_(static_cast<int64_t>(value)) {
    assert(value <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max()));
}

double Value::number() const {
    assert(is_number());
    if (const int64_t *value = integer()) return static_cast<double>(*value);
    return *real();
}

const char *Value::type_name() const {
    static constexpr const char *names[] = {"null",   "boolean", "integer", "number",
                                            "string", "array",   "object"};
    return names[data_.index()];
}

const Value *resolve(const Value &root, std::string_view pointer) {
    const Value *value = &root;
    std::string name;
    while (value != nullptr && !pointer.empty()) {
        if (pointer.front() != '/') return nullptr;
        pointer.remove_prefix(1);
        const std::string_view token = pointer.substr(0, pointer.find('/'));
        pointer.remove_prefix(token.size());
        if (const Array *array = value->array()) {
            value = find_element(*array, token);
        } else if (const Object *object = value->object(); object && decode_token(token, name)) {
            value = object->find(name);
        } else {
            value = nullptr;
        }
    }
    return value;
}

std::string pointer_join(std::string_view pointer, std::string_view token) {
    std::string joined(pointer);
    joined.reserve(pointer.size() + 1 + token.size());
    joined.push_back('/');
    for (const char byte : token) {
        if (byte == '~') {
            joined += "~0";
        } else if (byte == '/') {
            joined += "~1";
        } else {
            joined.push_back(byte);
        }
    }
    return joined;
}

}  // namespace skillet::json
