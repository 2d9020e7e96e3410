// SPDX-License-Identifier: Apache-2.0
// A "skillet.gguf/1" document for people.
#pragma once

#include "session.h"

namespace cli {

void print_gguf(const Json &facts);

}  // namespace cli
