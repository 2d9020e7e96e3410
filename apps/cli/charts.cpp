// SPDX-License-Identifier: Apache-2.0
#include "charts.h"

#include <algorithm>

#include <fmt/format.h>

namespace cli {
namespace {

// The plot inside its picture, in the picture's own units; y grows downwards.
constexpr double left = 46;
constexpr double top = 10;
constexpr double side = 280;
constexpr double bottom = top + side;
constexpr const char *frame =
    "<figure><svg viewBox=\"0 0 340 330\" width=\"340\" height=\"330\" role=\"img\" "
    "aria-label=\"{}\">\n{}</svg><figcaption class=\"dim\">{}</figcaption></figure>\n";

double x_of(double share) { return left + share * side; }
double y_of(double share) { return bottom - share * side; }

// Both axes, with lines at quarters; the y axis ends at `y_max`.
std::string axes(const char *x_name, const char *y_name, double y_max) {
    std::string out;
    for (int i = 0; i <= 4; ++i) {
        const double share = i / 4.0;
        out += fmt::format(
            "<path class=\"grid\" d=\"M{:.1f} {:.1f}H{:.1f}\"/>"
            "<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{:.3g}</text>"
            "<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{:.3g}</text>\n",
            left, y_of(share), left + side, left - 5, y_of(share) + 4, share * y_max, x_of(share),
            bottom + 15, share);
    }
    return out + fmt::format(
                     "<path class=\"axis\" d=\"M{0} {1}V{2}H{3}\"/>"
                     "<text x=\"{4}\" y=\"{5}\" text-anchor=\"middle\">{6}</text>"
                     "<text transform=\"translate(11 {7}) rotate(-90)\" "
                     "text-anchor=\"middle\">{8}</text>\n",
                     left, top, bottom, left + side, left + side / 2, bottom + 32, x_name,
                     top + side / 2, y_name);
}

std::string box(const char *kind, double x, double width, double low, double high,
                const std::string &title) {
    return fmt::format(
        "<rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\">"
        "<title>{}</title></rect>\n",
        kind, x, y_of(high), width, (high - low) * side, title);
}

double number(const Json &object, const char *name) { return object[name].get<double>(); }

}  // namespace

std::string reliability_chart(const Json &bins) {
    std::string marks;
    const double width = side / static_cast<double>(std::max<size_t>(bins.size(), 1));
    double x = left;
    for (const Json &bin : bins) {
        const auto count = bin["n"].get<uint64_t>();
        const double accuracy = number(bin, "accuracy");
        const double confidence = number(bin, "confidence");
        if (count > 0) {
            const std::string title = fmt::format("{} answers, confidence {:.3f}, right {:.3f}",
                                                  count, confidence, accuracy);
            marks += box("bar", x + 1, width - 2, 0, accuracy, title);
            marks += box("gap", x + 1, width - 2, std::min(accuracy, confidence),
                         std::max(accuracy, confidence), title);
        }
        x += width;
    }
    marks += fmt::format("<path class=\"axis\" stroke-dasharray=\"4 4\" d=\"M{} {}L{} {}\"/>\n",
                         left, bottom, left + side, top);
    return fmt::format(frame, "reliability diagram",
                       axes("confidence", "share that is right", 1) + marks,
                       "Reliability: blue, how often answers of a confidence are right; red, how "
                       "far that is from the confidence. Good answers follow the dashed line.");
}

std::string risk_chart(const Json &curve) {
    double highest = 0;
    for (const Json &point : curve) {
        if (point["risk"].is_number()) highest = std::max(highest, number(point, "risk"));
    }
    // A flat line at 0 needs an axis too.
    const double y_max = highest > 0 ? highest : 0.01;
    std::string path;
    for (const Json &point : curve) {
        if (!point["risk"].is_number()) continue;
        path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L",
                            x_of(number(point, "coverage")), y_of(number(point, "risk") / y_max));
    }
    return fmt::format(frame, "risk-coverage curve",
                       axes("share that is answered", "wrong among the answers", y_max) +
                           fmt::format("<path class=\"curve\" d=\"{}\"/>\n", path),
                       "Risk and coverage: how often answers are wrong if only the most confident "
                       "are given.");
}

std::string latency_chart(const Json &histogram) {
    uint64_t most = 1;
    for (const Json &column : histogram) most = std::max(most, column["n"].get<uint64_t>());
    const double width = side / static_cast<double>(std::max<size_t>(histogram.size(), 1));
    std::string marks;
    double x = left;
    for (const Json &column : histogram) {
        const auto count = column["n"].get<uint64_t>();
        const std::string end = column["up_to_ms"].is_null()
                                    ? std::string("more")
                                    : fmt::format("{:g}", number(column, "up_to_ms"));
        marks +=
            box("bar", x + 1, width - 2, 0, static_cast<double>(count) / static_cast<double>(most),
                fmt::format("up to {} ms: {} requests", end, count));
        marks += fmt::format(
            "<text transform=\"translate({:.1f} {}) rotate(-60)\" text-anchor=\"end\">{}</text>\n",
            x + width / 2 + 4, bottom + 10, end);
        x += width;
    }
    marks += fmt::format("<path class=\"axis\" d=\"M{0} {1}V{2}H{3}\"/>", left, top, bottom,
                         left + side);
    marks += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\n", left - 5,
                         top + 8, most);
    return fmt::format(frame, "latency histogram", marks,
                       "Latency: how many requests took up to so many milliseconds.");
}

}  // namespace cli
