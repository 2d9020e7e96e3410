// SPDX-License-Identifier: Apache-2.0
#include "report_page.h"

#include <fmt/format.h>

#include "package_text.h"

namespace cli {
namespace {

constexpr const char *style_sheet = R"(
:root{color-scheme:light dark;--line:#8884;--dim:#777;--pass:#1a7f37;--fail:#cf222e;--note:#9a6700}
body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .4rem}
code{font:13px/1.4 ui-monospace,monospace;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.25rem .6rem .25rem 0}
td{border-top:1px solid var(--line)}
th{font-weight:600}td:first-child{white-space:nowrap;width:7rem}
.verdict{font-size:1.1rem;margin:.3rem 0 1rem}.pass{color:var(--pass)}.fail{color:var(--fail)}
.note,.estimated,.reported{color:var(--note)}.not-checked,.dim{color:var(--dim)}
@media print{body{margin:0}h2{break-after:avoid}tr{break-inside:avoid}}
)";

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            default: out += c;
        }
    }
    return out;
}

std::string member(const Json &object, const char *name) { return escaped(text_of(object, name)); }

// "org.example.a 1.0.0", or what is known of a package whose documents cannot be read.
std::string title_of(const Json &report) {
    if (report["id"].is_null()) return "unreadable package";
    return member(report, "id") + " " + member(report, "version");
}

std::string verdict_of(const Json &report) {
    const Json &counts = report["counts"];
    const bool holds = report["verified"].get<bool>();
    return fmt::format(
        "<p class=\"verdict\"><strong class=\"{}\">{}</strong>; evidence: {}; {}</p>\n"
        "<p class=\"dim\">{} passed, {} failed, {} not checked, {} notes</p>\n",
        holds ? "pass" : "fail", holds ? "Verified" : "Not verified",
        member(report, "evidence_status"), report["signed"].get<bool>() ? "signed" : "unsigned",
        counts["pass"].get<int>(), counts["fail"].get<int>(), counts["not-checked"].get<int>(),
        counts["note"].get<int>());
}

std::string check_row(const Json &check) {
    const std::string result = member(check, "result");
    std::string finding = member(check, "finding");
    if (!text_of(check, "hint").empty()) {
        finding += fmt::format(" <span class=\"dim\">{}</span>", member(check, "hint"));
    }
    if (!text_of(check, "subject").empty()) {
        finding += fmt::format("<br><code class=\"dim\">{}</code>", member(check, "subject"));
    }
    const std::string basis = member(check, "basis");
    return fmt::format(
        "<tr><td class=\"{0}\">{0}</td><td><code>{1}</code></td>"
        "<td class=\"{2}\">{2}</td><td>{3}</td></tr>\n",
        result, member(check, "check"), basis, finding);
}

std::string checks_of(const Json &report) {
    std::string page;
    std::string group;
    for (const Json &check : report["checks"]) {
        const std::string its_group = member(check, "group");
        if (its_group != group) {
            if (!group.empty()) page += "</table>\n";
            page += fmt::format(
                "<h2>{}</h2>\n<table><tr><th>result<th>check<th>basis<th>finding</tr>\n",
                its_group);
            group = its_group;
        }
        page += check_row(check);
    }
    return page + "</table>\n";
}

std::string facts_table(const char *heading, const Json &list, const char *name, const char *text) {
    std::string page = fmt::format("<h2>{}</h2>\n<table>\n", heading);
    for (const Json &row : list) {
        page +=
            fmt::format("<tr><td>{}</td><td>{}</td></tr>\n", member(row, name), member(row, text));
    }
    return page + "</table>\n";
}

std::string reviewed_of(const Json &reviewed) {
    std::string page = "<h2>What was reviewed</h2>\n<table>\n";
    const auto row = [&](std::string_view name, const Json &value) {
        if (value.is_null()) return;
        const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
        page += fmt::format("<tr><td>{}</td><td><code>{}</code></td></tr>\n", escaped(name),
                            escaped(text));
    };
    for (const auto &[name, value] : reviewed.items()) {
        if (!value.is_object()) {
            row(name, value);
            continue;
        }
        for (const auto &[part, inner] : value.items()) row(name + " " + part, inner);
    }
    return page + "</table>\n";
}

}  // namespace

std::string report_page(const Json &report) {
    const std::string title = title_of(report);
    return fmt::format(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width\">\n"
        "<title>{0}: verification</title>\n<style>{1}</style>\n<h1>{0}</h1>\n"
        "<code class=\"dim\">{2}</code>\n{3}{4}{5}{6}{7}</html>\n",
        title, style_sheet, member(report, "digest"), verdict_of(report), checks_of(report),
        reviewed_of(report["reviewed"]),
        facts_table("Assumptions that could change the result", report["assumptions"], "about",
                    "assumption"),
        facts_table("To keep, so that others can come to the same conclusion", report["retain"],
                    "what", "identity"));
}

}  // namespace cli
