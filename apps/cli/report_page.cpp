// SPDX-License-Identifier: Apache-2.0
#include "report_page.h"

#include <fmt/format.h>

#include "package_text.h"
#include "page.h"

namespace cli {
namespace {

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
    return page_of(
        title + ": verification",
        fmt::format("<h1>{}</h1>\n<code class=\"dim\">{}</code>\n{}{}{}{}{}", title,
                    member(report, "digest"), verdict_of(report), checks_of(report),
                    reviewed_of(report["reviewed"]),
                    facts_table("Assumptions that could change the result", report["assumptions"],
                                "about", "assumption"),
                    facts_table("To keep, so that others can come to the same conclusion",
                                report["retain"], "what", "identity")));
}

}  // namespace cli
