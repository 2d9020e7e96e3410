// SPDX-License-Identifier: Apache-2.0
// A verification report as one self-contained HTML page: no script, nothing fetched, readable on
// paper. Whatever a package says is escaped.
#pragma once

#include <string>

#include "session.h"

namespace cli {

// `report` is a document "skillet.verification/2".
std::string report_page(const Json &report);

}  // namespace cli
