// SPDX-License-Identifier: Apache-2.0
#include <skillet/cancel.h>

#include "capi/boundary.h"

using namespace skillet;

skl_status skl_cancel_create(skl_cancel *out, skl_error *error) {
    return guard(error, [&]() -> Result<void> {
        SKL_TRY(require(out, "out"));
        out->id = handles().cancels.add(std::make_shared<CancelFlag>());
        return {};
    });
}

skl_status skl_cancel_trigger(skl_cancel cancel) {
    const auto flag = quiet_find(&Handles::cancels, cancel.id);
    if (!flag) return dead_handle();
    flag->cancel();
    return SKL_OK;
}

void skl_cancel_free(skl_cancel cancel) { close(&Handles::cancels, cancel.id); }
