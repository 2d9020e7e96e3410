// SPDX-License-Identifier: Apache-2.0
// What the self-contained HTML pages have in common: no script, nothing fetched, readable on paper.
// Whatever comes from a package or a request goes through escaped().
#pragma once

#include <string>
#include <string_view>

namespace cli {

// For text and for attributes in double quotes.
std::string escaped(std::string_view text);

// A whole page. `title` is escaped already, `body` is HTML.
std::string page_of(std::string_view title, std::string_view body);

// Writes a page or a document; a file that is there stays whole until the new one is. Throws
// Failure.
void write_file(const std::string &path, const std::string &content);

}  // namespace cli
