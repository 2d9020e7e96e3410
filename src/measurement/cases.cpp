// SPDX-License-Identifier: Apache-2.0
#include "measurement/cases.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/byte_source.h"
#include "json/members.h"
#include "json/parse.h"
#include "json/write.h"

namespace skillet {
namespace {

constexpr size_t name_bytes_max = 256;  // of a split

using LabelIndex = std::map<std::string, size_t, std::less<>>;

Result<Case> parse_case(std::string_view text, const LabelIndex &labels) {
    SKL_TRY_ASSIGN(value, json::parse(text, SKL_E_INPUT_SYNTAX, "", {cases_bytes_max}));
    // Authors keep more with a case (an id, where it is from): done() is not asked.
    json::MemberReader reader(value, "", SKL_E_INPUT_SCHEMA);
    SKL_TRY_ASSIGN(input, reader.any("input"));
    SKL_TRY_ASSIGN(name, reader.string("label"));
    SKL_TRY_ASSIGN(split, reader.string_or("split", ""));
    if (split.size() > name_bytes_max) {
        return reader.refuse("split", fmt::format("has more than {} bytes", name_bytes_max));
    }
    const auto label = labels.find(name);
    if (label == labels.end()) {
        return make_error(SKL_E_INPUT_SCHEMA,
                          fmt::format("{} is no label of this skill",
                                      json::compact(name.substr(0, name_bytes_max))),
                          "/label", "`skillet show` lists the labels");
    }
    return Case{0, json::canonical(*input), label->second, std::move(split)};
}

}  // namespace

Error in_line(Error error, const std::string &path, size_t line) {
    error.message = error.subject.empty()
                        ? fmt::format("line {}: {}", line, error.message)
                        : fmt::format("line {}, {}: {}", line, error.subject, error.message);
    error.subject = fmt::format("{}:{}", path, line);
    return error;
}

Result<std::vector<Case>> parse_cases(std::string_view text, const std::string &path,
                                      const std::vector<std::string> &labels) {
    LabelIndex index;
    for (size_t i = 0; i < labels.size(); ++i) index.emplace(labels[i], i);
    std::vector<Case> cases;
    for (size_t at = 0, line = 1; at < text.size(); ++line) {
        const size_t end = std::min(text.find('\n', at), text.size());
        if (line > cases_max) {
            return make_error(SKL_E_INPUT_TOO_LARGE, fmt::format("more than {} cases", cases_max),
                              path, "measure on a part of them");
        }
        auto read = parse_case(text.substr(at, end - at), index);
        if (!read) return in_line(std::move(read).error(), path, line);
        read->line = line;
        cases.push_back(*std::move(read));
        at = end + 1;
    }
    if (cases.empty()) {
        return make_error(SKL_E_INPUT_SCHEMA, "holds no case", path,
                          R"(give one a line: {"input": {…}, "label": "…"})");
    }
    return cases;
}

Result<CaseFile> read_cases(const std::string &path, const std::vector<std::string> &labels) {
    SKL_TRY_ASSIGN(file, FileSlice::open(path));
    if (file.size() > cases_bytes_max) {
        return make_error(SKL_E_INPUT_TOO_LARGE,
                          fmt::format("the cases have {} bytes; at most {} are read", file.size(),
                                      cases_bytes_max),
                          path, "measure on a part of them");
    }
    SKL_TRY_ASSIGN(text, read_all(file, cases_bytes_max));
    SKL_TRY_ASSIGN(cases, parse_cases(text, path, labels));
    return CaseFile{path.substr(path.rfind('/') + 1), sha256(text), std::move(cases)};
}

}  // namespace skillet
