// SPDX-License-Identifier: Apache-2.0
#include "assembly/settings.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <iterator>
#include <limits>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "assembly/state_directory.h"
#include "base/byte_source.h"
#include "json/members.h"
#include "json/parse.h"

namespace skillet {
namespace {

constexpr uint64_t file_bytes_max = 64 * 1024;
constexpr Code wrong = SKL_E_INVALID_ARGUMENT;

// The variable's value; empty counts as unset, as the XDG specification asks.
std::string environment(const char *name) {
    const char *value = std::getenv(name);
    return value != nullptr ? value : "";
}

Result<std::string> default_root() {
    const std::string data = xdg_directory("XDG_DATA_HOME", "/.local/share");
    if (!data.empty()) return data + "/skillet";
    return make_error(wrong, "there is no HOME to keep skills in", "HOME",
                      "name a directory with --root or SKILLET_ROOT");
}

struct LevelName {
    const char *name;
    skl_log_level level;
};
constexpr LevelName level_names[] = {{"off", SKL_LOG_OFF},
                                     {"error", SKL_LOG_ERROR},
                                     {"warning", SKL_LOG_WARNING},
                                     {"info", SKL_LOG_INFO},
                                     {"debug", SKL_LOG_DEBUG}};

Result<skl_log_level> parse_level(std::string_view text) {
    for (const LevelName &known : level_names) {
        if (text == known.name) return known.level;
    }
    return make_error(wrong, "not a log level", std::string(text),
                      "one of off, error, warning, info, debug");
}

Result<Sealing> parse_sealing(std::string_view text) {
    if (text == "auto") return Sealing::automatic;
    if (text == "always") return Sealing::always;
    if (text == "never") return Sealing::never;
    return make_error(wrong, "neither auto nor always nor never", std::string(text));
}

Result<bool> parse_switch(std::string_view text) {
    if (text == "on") return true;
    if (text == "off") return false;
    return make_error(wrong, "neither on nor off", std::string(text));
}

Result<EvictionRule> parse_eviction(std::string_view text) {
    if (const auto rule = parse_eviction_rule(text)) return *rule;
    return make_error(wrong, "no eviction policy", std::string(text), "cost-aware, lru or lfu");
}

constexpr uint32_t stay_ms_max = 24 * 3600 * 1000;

Result<uint32_t> parse_milliseconds(std::string_view text) {
    uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc() && end == text.data() + text.size() && value <= stay_ms_max) {
        return value;
    }
    return make_error(wrong, fmt::format("not a number of milliseconds up to {}", stay_ms_max),
                      std::string(text));
}

// What the settings file says; empty members are not set by it.
struct File {
    std::string root;
    std::string state;
    std::string budget;
    std::string log;
    std::string log_format;
    std::string license_allow;
    std::string license_deny;
    std::string load_sealed;
    std::string memory_eviction;
    std::string memory_parking;
    std::string memory_stay_ms;
};

// The texts of an optional list as the environment writes them, separated by commas.
Result<std::string> list_or_empty(json::MemberReader &reader, std::string_view name) {
    if (reader.optional(name) == nullptr) return std::string();
    SKL_TRY_ASSIGN(texts, reader.strings(name));
    // An empty list might be meant as "nothing" or as "everything".
    if (texts.empty()) return reader.refuse(name, "an empty list; leave it out instead");
    return fmt::format("{}", fmt::join(texts, ", "));
}

Result<void> parse_license(const json::Value &value, File &file) {
    json::MemberReader reader(value, "/license", wrong);
    SKL_TRY_ASSIGN(allow, list_or_empty(reader, "allow"));
    SKL_TRY_ASSIGN(deny, list_or_empty(reader, "deny"));
    file.license_allow = std::move(allow);
    file.license_deny = std::move(deny);
    return reader.done();
}

Result<void> parse_load(const json::Value &value, File &file) {
    json::MemberReader reader(value, "/load", wrong);
    SKL_TRY_ASSIGN(sealed, reader.string_or("sealed", ""));
    file.load_sealed = sealed;
    return reader.done();
}

Result<void> parse_memory(const json::Value &value, File &file) {
    json::MemberReader reader(value, "/memory", wrong);
    SKL_TRY_ASSIGN(eviction, reader.string_or("eviction", ""));
    SKL_TRY_ASSIGN(parking, reader.string_or("parking", ""));
    SKL_TRY_ASSIGN(stay, reader.string_or("stay_ms", ""));
    file.memory_eviction = eviction;
    file.memory_parking = parking;
    file.memory_stay_ms = stay;
    return reader.done();
}

Result<File> parse_file(std::string_view text) {
    SKL_TRY_ASSIGN(value, json::parse(text, wrong, ""));
    json::MemberReader reader(value, "", wrong);
    SKL_TRY_ASSIGN(schema, reader.string("schema"));
    if (schema != "skillet.config/1") return reader.refuse("schema", "expected skillet.config/1");
    SKL_TRY_ASSIGN(root, reader.string_or("root", ""));
    SKL_TRY_ASSIGN(state, reader.string_or("state", ""));
    SKL_TRY_ASSIGN(budget, reader.string_or("budget", ""));
    SKL_TRY_ASSIGN(log, reader.string_or("log", ""));
    SKL_TRY_ASSIGN(log_format, reader.string_or("log_format", ""));
    File file{root, state, budget, log, log_format, {}, {}, {}, {}, {}, {}};
    if (const json::Value *license = reader.optional("license")) {
        SKL_TRY(parse_license(*license, file));
    }
    if (const json::Value *load = reader.optional("load")) SKL_TRY(parse_load(*load, file));
    if (const json::Value *memory = reader.optional("memory")) {
        SKL_TRY(parse_memory(*memory, file));
    }
    SKL_TRY(reader.done());
    // What a relative one would mean depends on where the program was started.
    for (const auto &[name, path] : {std::pair("root", root), std::pair("state", state)}) {
        if (!path.empty() && !path.starts_with('/')) {
            return reader.refuse(name, "needs an absolute path");
        }
    }
    return file;
}

// The file's path, and whether somebody asked for this very file.
struct FilePath {
    std::string path;
    bool named = true;
};

FilePath file_path(const SettingOptions &options) {
    if (!options.config.empty()) return {options.config};
    if (std::string path = environment("SKILLET_CONFIG"); !path.empty()) return {path};
    const std::string directory = xdg_directory("XDG_CONFIG_HOME", "/.config");
    return {directory.empty() ? directory : directory + "/skillet/config.json", false};
}

// Nothing if there is no file and nobody named one.
Result<std::optional<File>> read_file(const FilePath &where) {
    if (where.path.empty()) return std::optional<File>();
    const auto source = FileSlice::open(where.path);
    if (!source) {
        if (!where.named && source.error().code == SKL_E_NOT_FOUND) return std::optional<File>();
        return source.error();
    }
    SKL_TRY_ASSIGN(text, read_all(*source, file_bytes_max));
    auto file = parse_file(text);
    if (!file) {
        Error error = std::move(file).error();
        error.subject = where.path + (error.subject.empty() ? "" : "#" + error.subject);
        return error;
    }
    return std::optional(*std::move(file));
}

// What a setting is, and who says so.
struct Choice {
    std::string text;
    const char *source;
};

// The first place that says something.
Choice choose(std::string option, const char *variable, std::string file, std::string otherwise) {
    if (!option.empty()) return {std::move(option), "option"};
    if (std::string value = environment(variable); !value.empty()) {
        return {std::move(value), "environment"};
    }
    if (!file.empty()) return {std::move(file), "file"};
    return {std::move(otherwise), "default"};
}

Result<Choice> choose_root(const SettingOptions &options, const File &file) {
    Choice choice = choose(options.root, "SKILLET_ROOT", file.root, "");
    if (choice.text.empty()) {
        SKL_TRY_ASSIGN(path, default_root());
        choice.text = std::move(path);
    }
    return choice;
}

Choice choose_budget(const SettingOptions &options, const File &file) {
    return choose(options.budget_bytes != 0 ? std::to_string(options.budget_bytes) : "",
                  "SKILLET_BUDGET", file.budget, std::to_string(physical_memory_bytes() / 2));
}

Result<Choice> choose_level(const SettingOptions &options, const File &file) {
    const char *asked = "";
    if (options.log_level != SKL_LOG_DEFAULT) asked = name_of(options.log_level);
    if (asked == nullptr) {
        return make_error(wrong, fmt::format("{} is no log level", options.log_level), "log_level");
    }
    return choose(asked, "SKILLET_LOG", file.log, "error");
}

// The error of a value, with who said it.
Error said_by(Error error, const char *name, const Choice &choice) {
    error.message = fmt::format("{} ({}): {}", name, choice.source, error.message);
    return error;
}

// The texts between commas, without the space around them.
std::vector<std::string> split(std::string_view list) {
    std::vector<std::string> texts;
    while (!list.empty()) {
        const size_t comma = std::min(list.find(','), list.size());
        std::string_view text = list.substr(0, comma);
        list.remove_prefix(std::min(comma + 1, list.size()));
        text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
        text = text.substr(0, text.find_last_not_of(' ') + 1);
        texts.emplace_back(text);
    }
    return texts;
}

// Both lists are read by themselves first, so that an error says whose entry is wrong.
Result<LicensePolicy> choose_licenses(const Choice &allow, const Choice &deny) {
    const std::vector<std::string> allowed = split(allow.text);
    const std::vector<std::string> denied = split(deny.text);
    if (auto policy = LicensePolicy::parse(allowed, {}); !policy) {
        return said_by(std::move(policy).error(), "license.allow", allow);
    }
    if (auto policy = LicensePolicy::parse({}, denied); !policy) {
        return said_by(std::move(policy).error(), "license.deny", deny);
    }
    return LicensePolicy::parse(allowed, denied);
}

// The value of a setting that is written as text.
template <typename Parse>
auto read_choice(const char *name, const Choice &choice, Parse parse)
    -> decltype(parse(std::string_view())) {
    auto value = parse(choice.text);
    if (!value) return said_by(std::move(value).error(), name, choice);
    return value;
}

Result<MemorySettings> choose_memory(const File &file, std::vector<Setting> &explained) {
    const Choice eviction =
        choose("", "SKILLET_MEMORY_EVICTION", file.memory_eviction, "cost-aware");
    const Choice parking = choose("", "SKILLET_MEMORY_PARKING", file.memory_parking, "on");
    const Choice stay = choose("", "SKILLET_MEMORY_STAY_MS", file.memory_stay_ms, "0");
    SKL_TRY_ASSIGN(rule, read_choice("memory.eviction", eviction, parse_eviction));
    SKL_TRY_ASSIGN(parks, read_choice("memory.parking", parking, parse_switch));
    SKL_TRY_ASSIGN(stay_ms, read_choice("memory.stay_ms", stay, parse_milliseconds));
    explained.push_back({"memory.eviction", eviction.text, eviction.source});
    explained.push_back({"memory.parking", parking.text, parking.source});
    explained.push_back({"memory.stay_ms", stay.text, stay.source});
    return MemorySettings{rule, parks, stay_ms};
}

}  // namespace

Result<Settings> Settings::resolve(const SettingOptions &options) {
    const FilePath where = file_path(options);
    SKL_TRY_ASSIGN(found, read_file(where));
    const File file = found.value_or(File());
    SKL_TRY_ASSIGN(root, choose_root(options, file));
    const Choice state =
        choose("", "SKILLET_STATE", file.state, default_state_directory(root.text));
    const Choice budget = choose_budget(options, file);
    SKL_TRY_ASSIGN(bytes, read_choice("budget", budget, parse_bytes));
    SKL_TRY_ASSIGN(log, choose_level(options, file));
    SKL_TRY_ASSIGN(level, read_choice("log", log, parse_level));
    const Choice format = choose("", "SKILLET_LOG_FORMAT", file.log_format, "text");
    if (format.text != "text" && format.text != "json") {
        return said_by(make_error(wrong, "neither text nor json", format.text), "log_format",
                       format);
    }
    const Choice allow = choose("", "SKILLET_LICENSE_ALLOW", file.license_allow, "");
    const Choice deny = choose("", "SKILLET_LICENSE_DENY", file.license_deny, "");
    SKL_TRY_ASSIGN(licenses, choose_licenses(allow, deny));
    const Choice sealed = choose("", "SKILLET_LOAD_SEALED", file.load_sealed, "auto");
    SKL_TRY_ASSIGN(sealing, read_choice("load.sealed", sealed, parse_sealing));
    std::vector<Setting> explained = {{"root", root.text, root.source},
                                      {"state", state.text, state.source},
                                      {"budget", std::to_string(bytes), budget.source},
                                      {"log", log.text, log.source},
                                      {"log_format", format.text, format.source},
                                      {"license.allow", allow.text, allow.source},
                                      {"license.deny", deny.text, deny.source},
                                      {"load.sealed", sealed.text, sealed.source}};
    SKL_TRY_ASSIGN(memory, choose_memory(file, explained));
    return Settings{root.text,           state.text, bytes,  level,
                    std::move(licenses), sealing,    memory, found ? where.path : std::string(),
                    std::move(explained)};
}

const char *name_of(skl_log_level level) {
    const auto *row = std::find_if(std::begin(level_names), std::end(level_names),
                                   [=](const LevelName &known) { return known.level == level; });
    return row != std::end(level_names) ? row->name : nullptr;
}

uint64_t physical_memory_bytes() {
    const auto pages = static_cast<uint64_t>(::sysconf(_SC_PHYS_PAGES));
    return pages * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

Result<uint64_t> parse_bytes(std::string_view text) {
    const auto refuse = [text] {
        return make_error(SKL_E_INVALID_ARGUMENT, "not a number of bytes", std::string(text),
                          "write bytes, or a number with K, M or G, such as 512M");
    };
    uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const std::string_view unit(end, static_cast<size_t>(text.data() + text.size() - end));
    if (error != std::errc() || value == 0 || unit.size() > 1) return refuse();
    unsigned shift = 0;
    if (!unit.empty()) {
        const size_t place = std::string_view("KMG").find(unit[0]);
        if (place == std::string_view::npos) return refuse();
        shift = 10 * static_cast<unsigned>(place + 1);
    }
    if (value > (std::numeric_limits<uint64_t>::max() >> shift)) return refuse();
    return value << shift;
}

std::string user_name() {
    passwd entry{};
    passwd *found = nullptr;
    std::vector<char> buffer(16 * 1024);
    if (::getpwuid_r(::geteuid(), &entry, buffer.data(), buffer.size(), &found) == 0 &&
        found != nullptr) {
        return found->pw_name;
    }
    return std::to_string(::geteuid());
}

}  // namespace skillet
