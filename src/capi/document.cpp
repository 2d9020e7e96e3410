// SPDX-License-Identifier: Apache-2.0
#include <skillet/document.h>

#include "capi/boundary.h"

using skillet::handles;

const char *skl_document_text(skl_document document) {
    const auto text = handles().documents.find(document.id);
    return text ? text->c_str() : nullptr;
}

size_t skl_document_size(skl_document document) {
    const auto text = handles().documents.find(document.id);
    return text ? text->size() : 0;
}

void skl_document_free(skl_document document) { handles().documents.remove(document.id); }
