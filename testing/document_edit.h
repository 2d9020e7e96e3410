// SPDX-License-Identifier: Apache-2.0
// Changes to one member of a JSON document, by JSON pointer. They throw std::runtime_error if the
// document has no such place: a test that changes nothing proves nothing.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "json/parse.h"
#include "json/value.h"

namespace skillet::testing {

// A document written down in a test.
inline json::Value json_of(std::string_view text) {
    auto value = json::parse(text, SKL_E_INVALID_ARGUMENT, text);
    if (!value) throw std::runtime_error(value.error().subject + ": " + value.error().message);
    return *std::move(value);
}

// What the pointer names, to be changed.
inline json::Value &member_at(json::Value &document, std::string_view pointer) {
    const json::Value *found = json::resolve(document, pointer);
    if (found == nullptr) throw std::runtime_error("no member " + std::string(pointer));
    return const_cast<json::Value &>(*found);
}

// The object that holds the member, and the member's name in it. Names with '~' are not decoded.
inline std::pair<json::Object *, std::string_view> holder_of(json::Value &document,
                                                             std::string_view pointer) {
    const size_t slash = pointer.rfind('/');
    json::Object *holder = member_at(document, pointer.substr(0, slash)).object();
    if (holder == nullptr) throw std::runtime_error("no object holds " + std::string(pointer));
    return {holder, pointer.substr(slash + 1)};
}

// Adds the member or replaces its value.
inline void set_member(json::Value &document, std::string_view pointer, json::Value value) {
    const auto [holder, name] = holder_of(document, pointer);
    holder->set(name, std::move(value));
}

inline void erase_member(json::Value &document, std::string_view pointer) {
    member_at(document, pointer);
    const auto [holder, name] = holder_of(document, pointer);
    holder->erase(name);
}

}  // namespace skillet::testing
