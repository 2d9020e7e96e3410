// SPDX-License-Identifier: Apache-2.0
#include <skillet/authoring/contract.h>

#include "author/check_line.h"
#include "capi/boundary.h"
#include "json/parse.h"
#include "schema/schema.h"

using namespace skillet;

namespace {

Result<std::string_view> bytes_of(const char *text, size_t size, const char *name) {
    if (size > 0) SKL_TRY(require(text, name));
    return std::string_view(text, size);
}

}  // namespace

skl_status skl_schema_compile(const char *text, size_t size, skl_schema *out, skl_error *error) {
    return guard(error, [&]() -> Result<void> {
        SKL_TRY(require(out, "out"));
        SKL_TRY_ASSIGN(bytes, bytes_of(text, size, "text"));
        SKL_TRY_ASSIGN(document, json::parse(bytes, SKL_E_INPUT_SYNTAX, "schema"));
        SKL_TRY_ASSIGN(schema, Schema::compile(document, ""));
        out->id = handles().schemas.add(std::make_shared<const Schema>(std::move(schema)));
        return {};
    });
}

skl_status skl_schema_check(skl_schema schema, const char *text, size_t size, skl_error *error) {
    return guard(error, [&]() -> Result<void> {
        SKL_TRY_ASSIGN(object, find(schema));
        SKL_TRY_ASSIGN(bytes, bytes_of(text, size, "text"));
        SKL_TRY_ASSIGN(instance, json::parse(bytes, SKL_E_INPUT_SYNTAX, "instance"));
        return object->validate(instance, SKL_E_INPUT_SCHEMA);
    });
}

void skl_schema_free(skl_schema schema) { close(&Handles::schemas, schema.id); }

skl_status skl_schema_check_line(const char *line, size_t size, skl_document *out,
                                 skl_error *error) {
    return guard(error, [&]() -> Result<void> {
        SKL_TRY(require(out, "out"));
        SKL_TRY_ASSIGN(bytes, bytes_of(line, size, "line"));
        *out = make_document(check_line(bytes));
        return {};
    });
}
