// SPDX-License-Identifier: Apache-2.0
// An evaluation as one self-contained HTML page, with its figures as pictures.
#pragma once

#include <string>

#include "session.h"

namespace cli {

// `evaluation` is a document "skillet.evaluation/1".
std::string evaluation_page(const Json &evaluation);

}  // namespace cli
