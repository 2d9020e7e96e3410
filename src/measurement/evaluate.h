// SPDX-License-Identifier: Apache-2.0
// `skillet eval`: what a skill is worth on cases, beside a trivial baseline and what its package
// claims, as a document "skillet.evaluation/1", and the same as evidence.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "json/value.h"
#include "measurement/measured.h"
#include "package/package.h"

namespace skillet {

// On what it was measured: name and value, both texts.
using Environment = std::vector<std::pair<std::string, std::string>>;

// Machine, processor, cores, system; `engine` and `library` as their builds call themselves.
[[nodiscard]] Environment environment_here(const std::string &engine, const std::string &library);
[[nodiscard]] json::Value environment_json(const Environment &environment);

// REQUIRES: `measured` is of `file` and `package`.
[[nodiscard]] json::Value evaluation_document(const Package &package, const CaseFile &file,
                                              const Measured &measured,
                                              const Environment &environment);

// The evaluation as "skillet.evidence/2", of kind "evaluated". `by` says who, `at` when (a day).
[[nodiscard]] json::Value evaluation_evidence(const json::Value &evaluation, const std::string &by,
                                              const std::string &at);

}  // namespace skillet
