// SPDX-License-Identifier: Apache-2.0
// A verification report as the document "skillet.verification/2". Beside the checks it answers what
// a reader asks of a review: what exactly was looked at and where, which assumptions could change
// the outcome, and what must be kept so that somebody else can come to it again.
#pragma once

#include <string>

#include "json/value.h"
#include "package/verification.h"

namespace skillet {

// Where and with what the package was examined; not part of what was found.
struct Circumstances {
    std::string engine;   // the backend's build, such as "llama.cpp-0.5.0+de3ff81"
    std::string library;  // version and commit of this library
    std::string system;   // kernel, machine, processors
    std::string at;       // UTC, RFC 3339
    bool deep = false;    // whether tensor values were asked for
    std::string state;    // in the registry, after the checks; empty for a file
};

[[nodiscard]] json::Value verification_document(const Report &report,
                                                const Circumstances &circumstances);

}  // namespace skillet
