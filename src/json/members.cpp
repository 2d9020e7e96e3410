// SPDX-License-Identifier: Apache-2.0
#include "json/members.h"

#include <fmt/format.h>

namespace skillet::json {

MemberReader::MemberReader(const Value &value, std::string pointer, Code code)
    : object_(value.object()), pointer_(std::move(pointer)), code_(code) {}

Result<const Value *> MemberReader::any(std::string_view name) {
    if (object_ == nullptr) return make_error(code_, "expected an object", pointer_);
    const Value *value = optional(name);
    if (value == nullptr) return refuse(name, fmt::format("missing member \"{}\"", name));
    return value;
}

const Value *MemberReader::optional(std::string_view name) {
    read_.emplace(name);
    return object_ != nullptr ? object_->find(name) : nullptr;
}

Result<std::string> MemberReader::string(std::string_view name) {
    SKL_TRY_ASSIGN(value, any(name));
    if (const std::string *string = value->string()) return *string;
    return refuse(name, fmt::format("expected a string, found {}", value->type_name()));
}

Result<std::string> MemberReader::string_or(std::string_view name, std::string_view otherwise) {
    if (optional(name) == nullptr) return std::string(otherwise);
    return string(name);
}

Result<int64_t> MemberReader::integer(std::string_view name, int64_t min, int64_t max) {
    SKL_TRY_ASSIGN(value, any(name));
    const int64_t *integer = value->integer();
    if (integer == nullptr) {
        return refuse(name, fmt::format("expected an integer, found {}", value->type_name()));
    }
    if (*integer < min || *integer > max) {
        return refuse(name, fmt::format("{} is outside {}..{}", *integer, min, max));
    }
    return *integer;
}

Result<double> MemberReader::number(std::string_view name, double min, double max) {
    SKL_TRY_ASSIGN(value, any(name));
    if (!value->is_number()) {
        return refuse(name, fmt::format("expected a number, found {}", value->type_name()));
    }
    const double number = value->number();
    if (number < min || number > max) {
        return refuse(name, fmt::format("{} is outside {}..{}", number, min, max));
    }
    return number;
}

Result<bool> MemberReader::boolean(std::string_view name) {
    SKL_TRY_ASSIGN(value, any(name));
    if (const bool *boolean = value->boolean()) return *boolean;
    return refuse(name, fmt::format("expected a boolean, found {}", value->type_name()));
}

Result<std::vector<std::string>> MemberReader::strings(std::string_view name) {
    SKL_TRY_ASSIGN(elements, array(name));
    std::vector<std::string> strings;
    strings.reserve(elements->size());
    for (const Value &element : *elements) {
        const std::string *string = element.string();
        if (string == nullptr) {
            return make_error(code_,
                              fmt::format("expected a string, found {}", element.type_name()),
                              pointer_join(pointer(name), std::to_string(strings.size())));
        }
        strings.push_back(*string);
    }
    return strings;
}

Result<const Object *> MemberReader::object(std::string_view name) {
    SKL_TRY_ASSIGN(value, any(name));
    if (const Object *object = value->object()) return object;
    return refuse(name, fmt::format("expected an object, found {}", value->type_name()));
}

Result<const Array *> MemberReader::array(std::string_view name) {
    SKL_TRY_ASSIGN(value, any(name));
    if (const Array *array = value->array()) return array;
    return refuse(name, fmt::format("expected an array, found {}", value->type_name()));
}

Result<void> MemberReader::done() const {
    if (object_ == nullptr) return make_error(code_, "expected an object", pointer_);
    for (const auto &[name, value] : *object_) {
        if (!read_.contains(name)) return refuse(name, "unknown member");
    }
    return {};
}

std::string MemberReader::pointer(std::string_view name) const {
    return pointer_join(pointer_, name);
}

Error MemberReader::refuse(std::string_view name, std::string_view message) const {
    return make_error(code_, std::string(message), pointer(name));
}

}  // namespace skillet::json
