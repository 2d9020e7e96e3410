/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The schemas of contracts, and values held against them as a request's input and output are.
 * EXPERIMENTAL: outside the ABI's promises, may change in any release. Conventions:
 * <skillet/skillet.h>. No model, no root and no network are touched.
 */
#ifndef SKILLET_AUTHORING_CONTRACT_H
#define SKILLET_AUTHORING_CONTRACT_H

#include <stddef.h>
#include <stdint.h>

#include <skillet/document.h>
#include <skillet/error.h>
#include <skillet/version.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A compiled JSON Schema. Immutable, for any thread. Free with skl_schema_free. */
typedef struct skl_schema {
    uint64_t id;
} skl_schema;

/** Compiles a schema: `size` bytes of JSON. SKL_E_INPUT_SYNTAX if that is no strict JSON (subject
 * "schema"); SKL_E_SCHEMA_REFUSED if it holds a keyword that would not be enforced: the subject is
 * its JSON pointer. */
SKL_API skl_status skl_schema_compile(const char *text, size_t size, skl_schema *out,
                                      skl_error *error);

/** Holds a value, `size` bytes of JSON, against the schema. SKL_E_INPUT_SYNTAX if it is no strict
 * JSON (subject "instance"); SKL_E_INPUT_SCHEMA if it is not valid: the subject is the JSON pointer
 * of what is wrong. */
SKL_API skl_status skl_schema_check(skl_schema schema, const char *text, size_t size,
                                    skl_error *error);

/** Frees the schema. {0} and freed schemas are ignored. */
SKL_API void skl_schema_free(skl_schema schema);

/** Both in one for a line of JSON Lines, {"id", "schema", "instance"}. The document says how it
 * went, whatever the line holds; docs/formats/contract-check-line.schema.json describes it. SKL_OK
 * unless the document could not be made. */
SKL_API skl_status skl_schema_check_line(const char *line, size_t size, skl_document *out,
                                         skl_error *error);

#ifdef __cplusplus
}
#endif

#endif
