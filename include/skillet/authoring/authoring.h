/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Making packages: init, pack, inspect. EXPERIMENTAL: outside the ABI's promises, may change in any
 * release. Conventions: <skillet/skillet.h>.
 */
#ifndef SKILLET_AUTHORING_AUTHORING_H
#define SKILLET_AUTHORING_AUTHORING_H

#include <stddef.h>
#include <stdint.h>

#include <skillet/document.h>
#include <skillet/error.h>
#include <skillet/runtime.h>
#include <skillet/version.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A first skill.json for a GGUF model, with every derived member filled in from its bytes.
 * `version` may be NULL ("0.1.0"). SKL_E_FORMAT_UNSUPPORTED says what would make a model fit. */
SKL_API skl_status skl_author_init(const char *model_path, const char *id, const char *version,
                                   skl_document *out, skl_error *error);

typedef struct skl_pack_options {
    uint32_t struct_size;           /**< sizeof(skl_pack_options) */
    uint32_t flags;                 /**< none yet: 0 */
    const char *skill_path;         /**< the author's skill.json */
    const char *model_path;         /**< the GGUF */
    const char *output_path;        /**< the .skill file to write; replaced atomically */
    const char *const *documents;   /**< files for people, such as README.md and LICENSE */
    size_t document_count;          /**< entries of `documents` */
    const char *const *attachments; /**< calibration and evidence documents */
    size_t attachment_count;        /**< entries of `attachments` */
} skl_pack_options;

/** Packs a skill after checking all that verification checks ("skillet.packed/1"). Equal inputs
 * give equal bytes. */
SKL_API skl_status skl_author_pack(const skl_pack_options *options, skl_document *out,
                                   skl_error *error);

/** The model that an adapter was trained for: it attaches to this one and to no other. */
typedef struct skl_base_options {
    uint32_t struct_size; /**< sizeof(skl_base_options) */
    uint32_t flags;       /**< none yet: 0 */
    skl_runtime runtime;  /**< where references are looked up; {0} if `base` is a path */
    const char *base;     /**< a reference, or the path of a .skill or .gguf file */
    const char *id;       /**< what to call it; NULL: as its package is called */
    const char *version;  /**< likewise */
} skl_base_options;

/** Like skl_author_init, for a LoRA adapter and its base. SKL_E_INCOMPATIBLE says why the adapter
 * cannot have been trained for it. */
SKL_API skl_status skl_author_init_adapter(const char *adapter_path, const char *id,
                                           const char *version, const skl_base_options *base,
                                           skl_document *out, skl_error *error);

/** Like skl_author_pack, for a LoRA adapter and its base; model_path is the adapter's. */
SKL_API skl_status skl_author_pack_adapter(const skl_pack_options *options,
                                           const skl_base_options *base, skl_document *out,
                                           skl_error *error);

/** What a GGUF ("skillet.gguf/1") or .skill file ("skillet.package/1") says it is. */
SKL_API skl_status skl_author_inspect(const char *path, skl_document *out, skl_error *error);

#ifdef __cplusplus
}
#endif

#endif
