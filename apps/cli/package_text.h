// SPDX-License-Identifier: Apache-2.0
// Packages in words: what `show` and `inspect` print for people.
#pragma once

#include <string>

#include "session.h"

namespace cli {

// A member that is a string, for printing: without control characters.
std::string text_of(const Json &object, const char *member);

// "ham, spam"; "-" for none.
std::string joined(const Json &texts);

// The document "skillet.package/1".
void print_package(const Json &document);

}  // namespace cli
