// SPDX-License-Identifier: Apache-2.0
#include <skillet/error.h>

#include "capi/boundary.h"

using namespace skillet;

const char *skl_status_name(skl_status status) {
    const skillet::CodeInfo &info = skillet::code_info(status);
    return info.code == status ? info.name : "unknown";
}

const char *skl_status_meaning(skl_status status) {
    const skillet::CodeInfo &info = skillet::code_info(status);
    return info.code == status ? info.meaning : "Not a code of this library.";
}

int skl_status_exit_code(skl_status status) { return skillet::code_info(status).exit_code; }

skl_retry skl_status_retry(skl_status status) { return skillet::code_info(status).retry; }

skl_status skl_error_code(skl_error error) {
    if (error.id == 0) return SKL_OK;
    const auto object = quiet_find(&Handles::errors, error.id);
    return object ? object->error.code : dead_handle();
}

// The texts stay where they are until the handle is freed, so the pointer outlives `object`.
const char *skl_error_message(skl_error error) {
    const auto object = quiet_find(&Handles::errors, error.id);
    return object ? object->error.message.c_str() : "";
}

const char *skl_error_subject(skl_error error) {
    const auto object = quiet_find(&Handles::errors, error.id);
    return object ? object->error.subject.c_str() : "";
}

const char *skl_error_hint(skl_error error) {
    const auto object = quiet_find(&Handles::errors, error.id);
    return object ? object->error.hint.c_str() : "";
}

const char *skl_error_json(skl_error error) {
    const auto object = quiet_find(&Handles::errors, error.id);
    return object ? object->json.c_str() : "";
}

void skl_error_free(skl_error error) { close(&Handles::errors, error.id); }
