/* SPDX-License-Identifier: Apache-2.0 */
/** Schemas through the authoring interface: no root, no runtime. */
#include <string.h>

#include <skillet/authoring/contract.h>

#include "check.h"

static const char schema_text[] = "{\"type\": \"string\", \"pattern\": \"^a+$\"}";

static skl_status compile(const char *text, skl_schema *out) {
    return skl_schema_compile(text, strlen(text), out, &error);
}

static void check_wrong_arguments(skl_schema schema) {
    skl_schema out = {0};
    skl_document document = {0};
    REFUSED(SKL_E_INVALID_ARGUMENT, out, skl_schema_compile(NULL, 1, &out, &error));
    REFUSED_PLAIN(SKL_E_INVALID_ARGUMENT, skl_schema_compile("true", 4, NULL, &error));
    REFUSED_PLAIN(SKL_E_INVALID_ARGUMENT, skl_schema_check(schema, NULL, 1, &error));
    REFUSED(SKL_E_INVALID_ARGUMENT, document, skl_schema_check_line(NULL, 1, &document, &error));
    REFUSED_PLAIN(SKL_E_INVALID_ARGUMENT, skl_schema_check_line("", 0, NULL, &error));
    const skl_schema foreign[] = {{0}, {1}, {UINT64_MAX}};
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; ++i) {
        REFUSED_PLAIN(SKL_E_STALE, skl_schema_check(foreign[i], "1", 1, &error));
        skl_schema_free(foreign[i]);
    }
}

void check_schemas(void) {
    skl_schema schema = {0};
    REFUSED(SKL_E_INPUT_SYNTAX, schema, skl_schema_compile(NULL, 0, &schema, &error));
    REFUSED(SKL_E_INPUT_SYNTAX, schema, compile("{", &schema));
    REFUSED(SKL_E_SCHEMA_REFUSED, schema, compile("{\"pattern\": \"(?=a)\"}", &schema));
    SUCCEEDS(compile(schema_text, &schema));
    SUCCEEDS(skl_schema_check(schema, "\"aa\"", 4, &error));
    REFUSED_PLAIN(SKL_E_INPUT_SCHEMA, skl_schema_check(schema, "\"ab\"", 4, &error));
    REFUSED_PLAIN(SKL_E_INPUT_SYNTAX, skl_schema_check(schema, "\"a", 2, &error));
    check_wrong_arguments(schema);
    skl_schema_free(schema);
    skl_schema_free(schema);
    REFUSED_PLAIN(SKL_E_STALE, skl_schema_check(schema, "\"aa\"", 4, &error));

    skl_document document = {0};
    SUCCEEDS(skl_schema_check_line("garbage", 7, &document, &error));
    CHECK(strstr(skl_document_text(document), "\"valid\":null") != NULL);
    skl_document_free(document);
}
