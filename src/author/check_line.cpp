// SPDX-License-Identifier: Apache-2.0
#include "author/check_line.h"

#include <fmt/format.h>

#include "json/error_json.h"
#include "json/parse.h"
#include "schema/schema.h"

namespace skillet {
namespace {

using json::Value;

constexpr const char *members_hint =
    R"(a line is one object: {"id": …, "schema": …, "instance": …})";

struct Line {
    Value id;
    Value schema;
    Value instance;
};

Result<Line> read_line(std::string_view text) {
    // What a member may hold alone, it may hold here, one level deeper.
    json::ParseLimits limits;
    ++limits.depth_max;
    SKL_TRY_ASSIGN(document, json::parse(text, SKL_E_INPUT_SYNTAX, "", limits));
    json::Object *members = document.object();
    if (members == nullptr) {
        return make_error(SKL_E_INPUT_SCHEMA,
                          fmt::format("expected object, found {}", document.type_name()), "",
                          members_hint);
    }
    Line line;
    for (const auto &[name, target] :
         {std::pair("id", &line.id), {"schema", &line.schema}, {"instance", &line.instance}}) {
        Value *member = members->find(name);
        if (member == nullptr) {
            return make_error(SKL_E_INPUT_SCHEMA, fmt::format("missing member \"{}\"", name), "",
                              members_hint);
        }
        *target = std::move(*member);
    }
    if (members->size() > 3) {
        return make_error(SKL_E_INPUT_SCHEMA, "more members than these three", "", members_hint);
    }
    return line;
}

Value unreadable(const Error &error) {
    return json::Object{{"id", nullptr},
                        {"schema", nullptr},
                        {"valid", nullptr},
                        {"error", json::error_members(error)}};
}

}  // namespace

Value check_line(std::string_view text) {
    auto line = read_line(text);
    if (!line) return unreadable(line.error());
    const auto schema = Schema::compile(line->schema, "");
    if (!schema) {
        return json::Object{{"id", std::move(line->id)},
                            {"schema", "refused"},
                            {"pointer", schema.error().subject},
                            {"valid", nullptr}};
    }
    json::Object said{{"id", std::move(line->id)}, {"schema", "ok"}};
    const auto valid = schema->validate(line->instance, SKL_E_INPUT_SCHEMA);
    if (!valid) said.append("pointer", valid.error().subject);
    said.append("valid", valid.has_value());
    return said;
}

}  // namespace skillet
