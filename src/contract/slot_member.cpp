// SPDX-License-Identifier: Apache-2.0
#include "contract/slot_member.h"

#include <string>
#include <vector>

namespace skillet {
namespace {

constexpr int steps_max = 10'000;
constexpr int depth_max = 64;

// The names in a JSON pointer; none if it is not one.
std::vector<std::string> names_in(std::string_view pointer) {
    std::vector<std::string> names;
    for (size_t i = 0; i < pointer.size(); ++i) {
        if (pointer[i] == '/') {
            names.emplace_back();
        } else if (names.empty()) {
            return {};
        } else if (pointer[i] == '~' && i + 1 < pointer.size()) {
            names.back() += pointer[++i] == '1' ? '/' : '~';
        } else {
            names.back() += pointer[i];
        }
    }
    return names;
}

class Search {
public:
    Search(const json::Value &document, std::vector<std::string> names)
        : document_(document), names_(std::move(names)) {}

    // Whether `schema` names the members from number `next` on.
    bool names(const json::Value &schema, size_t next, int depth) {
        if (next == names_.size()) return true;
        const json::Object *members = schema.object();
        if (members == nullptr || depth == depth_max || ++steps_ > steps_max) return false;
        if (names_itself(*members, next, depth) || names_element(*members, next, depth))
            return true;
        for (const char *keyword : {"allOf", "anyOf", "oneOf"}) {
            const json::Value *list = members->find(keyword);
            if (list == nullptr || list->array() == nullptr) continue;
            for (const json::Value &part : *list->array())
                if (names(part, next, depth + 1)) return true;
        }
        for (const char *keyword : {"if", "then", "else"}) {
            const json::Value *part = members->find(keyword);
            if (part != nullptr && names(*part, next, depth + 1)) return true;
        }
        return refers_to_it(*members, next, depth);
    }

private:
    bool names_itself(const json::Object &members, size_t next, int depth) {
        const json::Value *properties = members.find("properties");
        if (properties == nullptr || properties->object() == nullptr) return false;
        const json::Value *member = properties->object()->find(names_[next]);
        return member != nullptr && names(*member, next + 1, depth + 1);
    }

    // Whether the next name is the number of an element that the schema speaks of.
    bool names_element(const json::Object &members, size_t next, int depth) {
        const std::string &name = names_[next];
        constexpr size_t digits_max = 6;
        if (name.empty() || name.size() > digits_max ||
            name.find_first_not_of("0123456789") != std::string::npos)
            return false;
        const auto index = static_cast<size_t>(std::stoul(name));
        const json::Value *first = members.find("prefixItems");
        const json::Array *elements = first != nullptr ? first->array() : nullptr;
        if (elements != nullptr && index < elements->size())
            return names((*elements)[index], next + 1, depth + 1);
        const json::Value *items = members.find("items");
        return items != nullptr && names(*items, next + 1, depth + 1);
    }

    bool refers_to_it(const json::Object &members, size_t next, int depth) {
        const json::Value *reference = members.find("$ref");
        const std::string *text = reference != nullptr ? reference->string() : nullptr;
        if (text == nullptr || !text->starts_with('#')) return false;
        const json::Value *target = json::resolve(document_, text->substr(1));
        return target != nullptr && names(*target, next, depth + 1);
    }

    const json::Value &document_;
    const std::vector<std::string> names_;
    int steps_ = 0;
};

}  // namespace

bool names_member(const json::Value &schema, std::string_view pointer) {
    std::vector<std::string> names = names_in(pointer);
    return !names.empty() && Search(schema, std::move(names)).names(schema, 0, 0);
}

}  // namespace skillet
