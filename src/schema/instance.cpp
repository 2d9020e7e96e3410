// SPDX-License-Identifier: Apache-2.0
#include "schema/instance.h"

#include <algorithm>
#include <utility>

#include "json/number.h"
#include "schema/node.h"
#include "schema/text.h"

namespace skillet::schema {

using json::Value;

std::string pointer_to(const Place &place) {
    if (place.parent == nullptr) return "";
    const std::string token = place.in_array ? std::to_string(place.index) : shown(place.name);
    return json::pointer_join(pointer_to(*place.parent), token);
}

uint8_t type_bits(const Value &value) {
    if (value.is_null()) return null_bit;
    if (value.boolean()) return boolean_bit;
    if (value.is_number()) return json::is_integral(value) ? integer_bit : number_bit;
    if (value.string()) return string_bit;
    return value.array() ? array_bit : object_bit;
}

std::string type_names(uint8_t bits) {
    static constexpr std::pair<uint8_t, const char *> names[] = {
        {null_bit, "null"},       {boolean_bit, "boolean"}, {number_bit, "number"},
        {integer_bit, "integer"}, {string_bit, "string"},   {array_bit, "array"},
        {object_bit, "object"}};
    std::string text;
    if (bits & number_bit) bits = static_cast<uint8_t>(bits & ~integer_bit);
    for (const auto &[bit, name] : names) {
        if ((bits & bit) == 0) continue;
        if (!text.empty()) text += " or ";
        text += name;
    }
    return text;
}

Names::Names(const json::Object &object) {
    names_.reserve(object.size());
    for (const auto &[name, value] : object) names_.push_back(name);
    std::sort(names_.begin(), names_.end());
}

bool Names::has(std::string_view name) const {
    return std::binary_search(names_.begin(), names_.end(), name);
}

uint64_t names_weight(const json::Object &object) {
    uint64_t bytes = 0;
    for (const auto &[name, value] : object) bytes += name.size();
    return object.size() + bytes / bytes_per_step;
}

void Evaluated::add(const Evaluated &others) {
    for (size_t i = 0; i < seen_.size(); ++i) {
        if (others.seen_[i]) seen_[i] = true;
    }
}

size_t part_count(const Value &value) {
    if (const json::Array *array = value.array()) return array->size();
    const json::Object *object = value.object();
    return object != nullptr ? object->size() : 0;
}

}  // namespace skillet::schema
