// SPDX-License-Identifier: Apache-2.0
#include "prepare/prepare.h"

#include <set>

#include <fmt/format.h>

#include "json/members.h"

namespace skillet {
namespace {

constexpr std::string_view strip_html_name = "strip-html@1";
constexpr std::string_view truncate_name = "truncate@1";
constexpr std::string_view window_name = "window@1";
constexpr std::string_view combine_mean = "mean-logits";

constexpr size_t members_max = 16;
constexpr int64_t truncate_max = 1048576;
constexpr int64_t window_size_min = 3;
constexpr int64_t window_size_max = 65536;
constexpr int64_t window_count_max = 64;

Error invalid(std::string message, std::string pointer, std::string hint = {}) {
    return make_error(SKL_E_MANIFEST_INVALID, std::move(message), std::move(pointer),
                      std::move(hint));
}

// RFC 6901: "" or "/token/...", where '~' only stands in "~0" and "~1".
bool is_pointer(std::string_view text) {
    if (!text.empty() && text.front() != '/') return false;
    for (size_t i = text.find('~'); i != std::string_view::npos; i = text.find('~', i + 1)) {
        if (i + 1 == text.size() || (text[i + 1] != '0' && text[i + 1] != '1')) return false;
    }
    return true;
}

Result<void> read_strip_html(json::MemberReader &reader, PrepareSpec &spec) {
    SKL_TRY_ASSIGN(members, reader.strings("members"));
    if (members.empty() || members.size() > members_max) {
        return reader.refuse(
            "members", fmt::format("{} members, expected 1 to {}", members.size(), members_max));
    }
    std::set<std::string_view> seen;
    for (const std::string &member : members) {
        const auto at = json::pointer_join(reader.pointer("members"), std::to_string(seen.size()));
        if (!is_pointer(member)) {
            return invalid("not a JSON pointer", at, "write it as \"/member\"");
        }
        if (!seen.insert(member).second) return invalid("this member is named twice", at);
    }
    spec.strip_html = std::move(members);
    return {};
}

Result<void> read_truncate(json::MemberReader &reader, PrepareSpec &spec) {
    SKL_TRY_ASSIGN(tokens, reader.integer("tokens", 1, truncate_max));
    spec.truncate_tokens = static_cast<uint32_t>(tokens);
    return {};
}

Result<void> read_window(json::MemberReader &reader, PrepareSpec &spec) {
    SKL_TRY_ASSIGN(size, reader.integer("size", window_size_min, window_size_max));
    SKL_TRY_ASSIGN(stride, reader.integer("stride", 1, size - 2));
    SKL_TRY_ASSIGN(max, reader.integer("max", 1, window_count_max));
    SKL_TRY_ASSIGN(combine, reader.string("combine"));
    if (combine != combine_mean) {
        return reader.refuse("combine", fmt::format("must be \"{}\"", combine_mean));
    }
    spec.window = WindowStep{static_cast<uint32_t>(size), static_cast<uint32_t>(stride),
                             static_cast<uint32_t>(max)};
    return {};
}

// The steps, in the order in which they run.
struct StepRow {
    std::string_view name;
    Result<void> (*read)(json::MemberReader &, PrepareSpec &);
};

constexpr StepRow step_rows[] = {
    {strip_html_name, read_strip_html},
    {truncate_name, read_truncate},
    {window_name, read_window},
};

// The position of a step in the table; also refuses one that is not after `previous`.
Result<size_t> find_step(const std::string &name, std::optional<size_t> previous,
                         const std::string &pointer) {
    size_t row = 0;
    while (row < std::size(step_rows) && step_rows[row].name != name) ++row;
    if (row == std::size(step_rows)) {
        return invalid("unknown step", pointer,
                       "the steps are strip-html@1, truncate@1 and window@1");
    }
    if (previous && row <= *previous) {
        return invalid(
            "steps must stand in the order strip-html, truncate, window, each at most "
            "once",
            pointer);
    }
    return row;
}

}  // namespace

Result<PrepareSpec> PrepareSpec::parse(const json::Value &steps, std::string_view pointer) {
    const json::Array *array = steps.array();
    if (array == nullptr) {
        return invalid(fmt::format("expected an array of steps, found {}", steps.type_name()),
                       std::string(pointer));
    }
    PrepareSpec spec;
    std::optional<size_t> previous;
    for (size_t i = 0; i < array->size(); ++i) {
        json::MemberReader reader((*array)[i], json::pointer_join(pointer, std::to_string(i)),
                                  SKL_E_MANIFEST_INVALID);
        SKL_TRY_ASSIGN(name, reader.string("step"));
        SKL_TRY_ASSIGN(row, find_step(name, previous, reader.pointer("step")));
        SKL_TRY(step_rows[row].read(reader, spec));
        SKL_TRY(reader.done());
        previous = row;
    }
    return spec;
}

json::Value PrepareSpec::to_json() const {
    json::Array steps;
    if (!strip_html.empty()) {
        json::Array members(strip_html.begin(), strip_html.end());
        steps.push_back(json::Object{{"step", strip_html_name}, {"members", std::move(members)}});
    }
    if (truncate_tokens) {
        steps.push_back(json::Object{{"step", truncate_name}, {"tokens", *truncate_tokens}});
    }
    if (window) {
        steps.push_back(json::Object{{"step", window_name},
                                     {"size", window->size},
                                     {"stride", window->stride},
                                     {"max", window->max},
                                     {"combine", combine_mean}});
    }
    return steps;
}

}  // namespace skillet
