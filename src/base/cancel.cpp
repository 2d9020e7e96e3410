// SPDX-License-Identifier: Apache-2.0
#include "base/cancel.h"

namespace skillet {

Result<void> StopSignal::check() const {
    if (flag && flag->cancelled()) return make_error(SKL_E_CANCELLED, "cancelled by the caller");
    if (deadline && SteadyClock::now() >= *deadline) {
        return make_error(SKL_E_DEADLINE_EXCEEDED, "the deadline passed", {},
                          "allow more time, or send less input");
    }
    return {};
}

}  // namespace skillet
