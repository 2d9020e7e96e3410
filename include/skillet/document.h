/* SPDX-License-Identifier: Apache-2.0 */
/** Documents: JSON texts that the library owns until the caller frees them. */
#ifndef SKILLET_DOCUMENT_H
#define SKILLET_DOCUMENT_H

#include <stddef.h>
#include <stdint.h>

#include <skillet/error.h>
#include <skillet/version.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Immutable JSON text. Free with skl_document_free. */
typedef struct skl_document {
    uint64_t id;
} skl_document;

/** The text, on one line. Borrowed; NULL if the handle is stale. */
SKL_API const char *skl_document_text(skl_document document);

/** Bytes of the text, without its NUL; 0 if the handle is stale. */
SKL_API size_t skl_document_size(skl_document document);

/** Frees the document. {0} and freed documents are ignored. */
SKL_API void skl_document_free(skl_document document);

#ifdef __cplusplus
}
#endif

#endif
