// SPDX-License-Identifier: Apache-2.0
// A JSON document in memory: a plain value type, without any library behind it.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace skillet::json {

class Value;

using Array = std::vector<Value>;

// Members in the order they were written. Names are unique.
class Object {
public:
    using Member = std::pair<std::string, Value>;
    using Iterator = std::vector<Member>::const_iterator;

    Object() = default;
    Object(std::initializer_list<Member> members);

    [[nodiscard]] const Value *find(std::string_view name) const;
    [[nodiscard]] Value *find(std::string_view name);
    // Adds the member, or replaces its value in place. Linear: use append() while building.
    void set(std::string_view name, Value value);
    // REQUIRES: no member has this name yet.
    void append(std::string name, Value value);
    void erase(std::string_view name);

    [[nodiscard]] bool empty() const;
    [[nodiscard]] size_t size() const;
    [[nodiscard]] Iterator begin() const;
    [[nodiscard]] Iterator end() const;

    // The same members in the same order.
    bool operator==(const Object &other) const;

private:
    std::vector<Member> members_;
};

// null, true/false, integer (any int64), number (finite double), string (valid UTF-8), array,
// object.
class Value {
public:
    Value() = default;  // null
    Value(std::nullptr_t) {}
    Value(bool value) : data_(value) {}
    Value(int value) : data_(int64_t{value}) {}
    Value(int64_t value) : data_(value) {}
    // REQUIRES: value <= INT64_MAX.
    Value(uint64_t value);
    Value(uint32_t value) : data_(int64_t{value}) {}
    Value(double value) : data_(value) {}
    Value(const char *value) : data_(std::string(value)) {}
    Value(std::string_view value) : data_(std::string(value)) {}
    Value(std::string value) : data_(std::move(value)) {}
    Value(Array value) : data_(std::move(value)) {}
    Value(Object value) : data_(std::move(value)) {}

    [[nodiscard]] bool is_null() const { return data_.index() == 0; }
    // Pointers to the content, or null if the value is of another type.
    [[nodiscard]] const bool *boolean() const { return std::get_if<bool>(&data_); }
    [[nodiscard]] const int64_t *integer() const { return std::get_if<int64_t>(&data_); }
    [[nodiscard]] const double *real() const { return std::get_if<double>(&data_); }
    [[nodiscard]] const std::string *string() const { return std::get_if<std::string>(&data_); }
    [[nodiscard]] const Array *array() const { return std::get_if<Array>(&data_); }
    [[nodiscard]] const Object *object() const { return std::get_if<Object>(&data_); }
    [[nodiscard]] Array *array() { return std::get_if<Array>(&data_); }
    [[nodiscard]] Object *object() { return std::get_if<Object>(&data_); }
    // An integer or a real, as double.
    [[nodiscard]] bool is_number() const { return integer() != nullptr || real() != nullptr; }
    [[nodiscard]] double number() const;

    // "null", "boolean", "integer", "number", "string", "array" or "object".
    [[nodiscard]] const char *type_name() const;

    // Types and contents are the same: the integer 1 is not the real 1.0.
    bool operator==(const Value &) const = default;

private:
    std::variant<std::monostate, bool, int64_t, double, std::string, Array, Object> data_;
};

// Here, because a Member is incomplete until Value is not.
inline bool Object::empty() const { return members_.empty(); }
inline size_t Object::size() const { return members_.size(); }
inline Object::Iterator Object::begin() const { return members_.begin(); }
inline Object::Iterator Object::end() const { return members_.end(); }

// The value a JSON pointer (RFC 6901) names inside `root`, or null.
[[nodiscard]] const Value *resolve(const Value &root, std::string_view pointer);

// "/a/b" + "x~y" -> "/a/b/x~0y".
[[nodiscard]] std::string pointer_join(std::string_view pointer, std::string_view token);

}  // namespace skillet::json
