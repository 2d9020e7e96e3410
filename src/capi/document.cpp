// SPDX-License-Identifier: Apache-2.0
#include <skillet/document.h>

#include "capi/boundary.h"

using namespace skillet;

const char *skl_document_text(skl_document document) {
    const auto text = quiet_find(&Handles::documents, document.id);
    return text ? text->c_str() : nullptr;
}

size_t skl_document_size(skl_document document) {
    const auto text = quiet_find(&Handles::documents, document.id);
    return text ? text->size() : 0;
}

void skl_document_free(skl_document document) { close(&Handles::documents, document.id); }
