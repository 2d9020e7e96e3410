// SPDX-License-Identifier: Apache-2.0
// Charts of an evaluation as inline SVG. Each is a <figure> with a caption.
#pragma once

#include <string>

#include "session.h"

namespace cli {

// Of each bin of confidence: how often such answers are right, and how far that is from what they
// say. `bins` is quality.reliability of "skillet.evaluation/1".
std::string reliability_chart(const Json &bins);

// The error among the answers, by the share that is answered. `curve` is abstention.curve.
std::string risk_chart(const Json &curve);

// `histogram` is latency.histogram.
std::string latency_chart(const Json &histogram);

}  // namespace cli
