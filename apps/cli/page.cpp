// SPDX-License-Identifier: Apache-2.0
#include "page.h"

#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "session.h"

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
.charts{display:flex;flex-wrap:wrap;gap:2rem}figure{margin:0}figcaption{max-width:24rem}
svg text{font:11px system-ui,sans-serif;fill:currentColor}.axis{stroke:currentColor;fill:none}
.grid{stroke:var(--line);fill:none}.bar{fill:#4078c0}.gap{fill:#cf222e55}.curve{stroke:#4078c0;fill:none;stroke-width:2}
@media print{body{margin:0}h2{break-after:avoid}tr{break-inside:avoid}}
)";

}  // namespace

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

std::string page_of(std::string_view title, std::string_view body) {
    return fmt::format(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width\">\n"
        "<title>{}</title>\n<style>{}</style>\n{}</html>\n",
        title, style_sheet, body);
}

void write_file(const std::string &path, const std::string &content) {
    const std::string part = path + ".part";
    std::ofstream file(part, std::ios::binary);
    file << content;
    file.close();
    std::error_code error;
    if (file) std::filesystem::rename(part, path, error);
    if (file && !error) return;
    std::filesystem::remove(part, error);
    throw Failure{SKL_E_IO, "cannot write the file", path, "name a folder that can be written", {}};
}

}  // namespace cli
