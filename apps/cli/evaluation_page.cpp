// SPDX-License-Identifier: Apache-2.0
#include "evaluation_page.h"

#include <map>

#include <fmt/format.h>

#include "charts.h"
#include "package_text.h"
#include "page.h"
#include "style.h"

namespace cli {
namespace {

// Of more labels a matrix is no longer readable: then the most frequent mistakes are listed.
constexpr size_t matrix_labels_max = 20;
constexpr size_t mistakes_max = 30;

std::string member(const Json &object, const char *name) { return escaped(text_of(object, name)); }

std::string row(std::string_view name, const std::string &value) {
    return fmt::format("<tr><td>{}</td><td>{}</td></tr>\n", name, value);
}

std::string figure(const Json &value) {
    return value.is_number() ? fmt::format("{:.4f}", value.get<double>()) : std::string("–");
}

std::string interval(const Json &pair) {
    return fmt::format("{} to {}", figure(pair[0]), figure(pair[1]));
}

std::string share(const Json &share) {
    if (share.is_null()) return "–";
    return fmt::format("{} ({} of {}; 95 %: {})", figure(share["value"]),
                       share["hits"].get<uint64_t>(), share["n"].get<uint64_t>(),
                       interval(share["interval"]));
}

std::string figures_of(const Json &document) {
    const Json &quality = document["quality"];
    const Json &abstention = document["abstention"];
    const Json &latency = document["latency"];
    const auto ms = [&](const char *name) { return latency[name].get<double>(); };
    std::string page = "<h2>Figures</h2>\n<table>\n";
    page += row("accuracy", share(quality["accuracy"]));
    page += row("baseline",
                fmt::format("{}, always <code>{}</code>", share(document["baseline"]["accuracy"]),
                            member(document["baseline"], "label")));
    page += row("calibration error",
                fmt::format("{} in {} bins (95 %: {})", figure(quality["ece"]),
                            quality["ece_bins"].get<int>(), interval(quality["ece_interval"])));
    page += row("Brier score", figure(quality["brier"]) + " (0 to 2)");
    page += row("log loss", figure(quality["log_loss"]));
    page += row("abstains below", figure(abstention["abstain_below"]));
    page += row("answered", figure(abstention["coverage"]));
    page += row("wrong answers", share(abstention["error"]));
    page += row("latency", fmt::format("p50 {:.2f} ms, p90 {:.2f} ms, p99 {:.2f} ms", ms("p50_ms"),
                                       ms("p90_ms"), ms("p99_ms")));
    page +=
        row("peak memory", short_bytes(document["memory"]["peak_resident_bytes"].get<uint64_t>()));
    return page + "</table>\n";
}

std::string claims_of(const Json &claims) {
    if (claims.empty()) return "<h2>Claims</h2>\n<p>The package claims no figures.</p>\n";
    std::string page =
        "<h2>What the package claims</h2>\n"
        "<table><tr><th>document<th>accuracy<th>calibration error<th>Brier<th>cases</tr>\n";
    for (const Json &claim : claims) {
        const bool same = claim["same_formulas"].get<bool>();
        page +=
            fmt::format("<tr><td>{}</td><td>{}</td><td>{}{}</td><td>{}{}</td><td>{}</td></tr>\n",
                        member(claim, "kind"), figure(claim["accuracy"]), figure(claim["ece"]),
                        same ? "" : " *", figure(claim["brier"]), same ? "" : " *",
                        claim["n"].is_number() ? claim["n"].dump() : "–");
    }
    return page +
           "</table>\n<p class=\"dim\">* by a formula that the document does not state: not to be "
           "compared with the figure above.</p>\n";
}

std::string mistakes_of(const Json &cells) {
    std::multimap<uint64_t, const Json *, std::greater<>> mistakes;
    for (const Json &cell : cells) {
        if (cell["truth"] != cell["answer"]) mistakes.emplace(cell["n"].get<uint64_t>(), &cell);
    }
    std::string page =
        "<h2>Most frequent mistakes</h2>\n<table><tr><th>truth<th>answer<th>cases</tr>\n";
    size_t listed = 0;
    for (const auto &[count, cell] : mistakes) {
        if (listed++ == mistakes_max) break;
        page += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td></tr>\n", member(*cell, "truth"),
                            member(*cell, "answer"), count);
    }
    return page + "</table>\n";
}

std::string confusion_of(const Json &document) {
    const Json &labels = document["labels"];
    if (labels.size() > matrix_labels_max) return mistakes_of(document["confusion"]);
    std::map<std::pair<std::string, std::string>, uint64_t> counts;
    for (const Json &cell : document["confusion"]) {
        counts[{cell["truth"].get<std::string>(), cell["answer"].get<std::string>()}] =
            cell["n"].get<uint64_t>();
    }
    std::string page = "<h2>Confusion matrix</h2>\n<table><tr><th>truth \\ answer";
    for (const Json &label : labels) {
        page += "<th>" + escaped(printable(label.get<std::string>()));
    }
    page += "</tr>\n";
    for (const Json &truth : labels) {
        page += "<tr><th>" + escaped(printable(truth.get<std::string>())) + "</th>";
        for (const Json &answer : labels) {
            const auto found = counts.find({truth.get<std::string>(), answer.get<std::string>()});
            page += fmt::format("<td{}>{}</td>", truth == answer ? " class=\"pass\"" : "",
                                found == counts.end() ? 0 : found->second);
        }
        page += "</tr>\n";
    }
    return page + "</table>\n";
}

std::string about(const Json &document) {
    std::string page = "<h2>What was measured, and on what</h2>\n<table>\n";
    page += row("cases",
                fmt::format("{} of <code>{}</code>", document["cases"]["count"].get<uint64_t>(),
                            member(document["cases"], "name")));
    const auto code = [&](const char *name, const std::string &text) {
        page += row(name, "<code>" + text + "</code>");
    };
    code("cases' digest", member(document["cases"], "digest"));
    code("package", member(document, "package"));
    code("artifact", member(document["subject"], "artifact"));
    code("contract", member(document["subject"], "contract"));
    code("calibration",
         document["calibration"].is_null() ? std::string("none") : member(document, "calibration"));
    for (const auto &[name, value] : document["environment"].items()) {
        page += row(escaped(printable(name)), escaped(printable(value.get<std::string>())));
    }
    return page + "</table>\n";
}

}  // namespace

std::string evaluation_page(const Json &document) {
    const std::string title =
        member(document["skill"], "id") + " " + member(document["skill"], "version");
    return page_of(
        title + ": evaluation",
        fmt::format("<h1>{}</h1>\n{}<div class=\"charts\">\n{}{}{}</div>\n{}{}{}", title,
                    figures_of(document), reliability_chart(document["quality"]["reliability"]),
                    risk_chart(document["abstention"]["curve"]),
                    latency_chart(document["latency"]["histogram"]), confusion_of(document),
                    claims_of(document["claims"]), about(document)));
}

}  // namespace cli
