// SPDX-License-Identifier: Apache-2.0
#include "marker/strikes.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "json/members.h"
#include "json/parse.h"
#include "json/write.h"

namespace skillet {
namespace {

constexpr std::string_view schema = "skillet.strikes/1";
constexpr std::string_view suffix = ".json";
constexpr uint64_t document_bytes_max = 64 * 1024;
constexpr size_t listed_max = 16;  // no package gets far beyond two

json::Value to_json(const Digest &package, const Strikes &strikes) {
    json::Array list;
    for (const Strike &strike : strikes) {
        list.push_back(json::Object{{"at", strike.at},
                                    {"death", strike.death},
                                    {"spot", name_of(strike.spot)},
                                    {"message", strike.message}});
    }
    return json::Object{
        {"schema", schema}, {"package", package.to_string()}, {"strikes", std::move(list)}};
}

Result<Strike> parse_strike(const json::Value &value, const std::string &pointer) {
    json::MemberReader reader(value, pointer, SKL_E_STORE_CORRUPT);
    SKL_TRY_ASSIGN(at, reader.string("at"));
    SKL_TRY_ASSIGN(death, reader.string("death"));
    SKL_TRY_ASSIGN(spot, reader.string("spot"));
    SKL_TRY_ASSIGN(message, reader.string("message"));
    SKL_TRY(reader.done());
    for (const Spot known : {Spot::load, Spot::compute}) {
        if (spot == name_of(known)) return Strike{at, death, known, message};
    }
    return reader.refuse("spot", "neither load nor compute");
}

Result<Strikes> parse(std::string_view text, const Digest &package) {
    SKL_TRY_ASSIGN(value, json::parse(text, SKL_E_STORE_CORRUPT, ""));
    json::MemberReader reader(value, "", SKL_E_STORE_CORRUPT);
    SKL_TRY_ASSIGN(found_schema, reader.string("schema"));
    if (found_schema != schema) return reader.refuse("schema", "another schema");
    SKL_TRY_ASSIGN(found_package, reader.string("package"));
    if (found_package != package.to_string()) return reader.refuse("package", "another package");
    SKL_TRY_ASSIGN(list, reader.array("strikes"));
    SKL_TRY(reader.done());
    if (list->size() > listed_max) return reader.refuse("strikes", "too many");
    Strikes strikes;
    for (size_t i = 0; i < list->size(); ++i) {
        SKL_TRY_ASSIGN(strike, parse_strike((*list)[i], fmt::format("/strikes/{}", i)));
        strikes.push_back(std::move(strike));
    }
    return strikes;
}

}  // namespace

bool add_strike(Strikes &strikes, const Death &death, const Suspect &suspect,
                const std::string &found_at) {
    const bool known = std::any_of(strikes.begin(), strikes.end(), [&](const Strike &strike) {
        return strike.death == death.name;
    });
    if (known || strikes.size() == listed_max) return false;
    if (suspect.message.empty()) {
        const bool same_time = !strikes.empty() && death.started_at < strikes.back().at;
        if (same_time || !death.this_boot) return false;
    }
    strikes.push_back({found_at, death.name, suspect.spot, suspect.message});
    return true;
}

bool forget_uncertain(Strikes &strikes) {
    return std::erase_if(strikes, [](const Strike &strike) { return !strike.certain(); }) > 0;
}

std::string sentence_of(const Strikes &strikes) {
    std::string text = fmt::format("{} process{} ended while the engine was at this package",
                                   strikes.size(), strikes.size() == 1 ? "" : "es");
    for (const Strike &strike : strikes) {
        text += fmt::format("; in {}, found at {}: {}", name_of(strike.spot), strike.at,
                            strike.certain() ? strike.message : "a fault, or killed from outside");
    }
    return text;
}

std::string StrikeBook::path_of(const Digest &package) const {
    return fmt::format("{}/{}{}", directory_, package.hex(), suffix);
}

Result<Strikes> StrikeBook::strikes_of(const Digest &package) const {
    const auto file = files_.open(path_of(package));
    if (!file) {
        if (file.error().code == SKL_E_NOT_FOUND) return Strikes();
        return file.error();
    }
    auto text = read_all(*file, document_bytes_max);
    auto strikes = text ? parse(*text, package) : Result<Strikes>(std::move(text).error());
    if (strikes) return strikes;
    return make_error(SKL_E_STORE_CORRUPT, strikes.error().message,
                      path_of(package) + "#" + strikes.error().subject, "delete it");
}

Result<void> StrikeBook::write(const Digest &package, const Strikes &strikes) {
    if (strikes.empty()) return files_.remove(path_of(package));
    SKL_TRY(files_.make_directories(directory_));
    return write_atomically(files_, path_of(package), json::pretty(to_json(package, strikes)));
}

Result<std::vector<Digest>> StrikeBook::packages() const {
    std::vector<Digest> packages;
    const auto names = files_.list(directory_);
    if (!names && names.error().code == SKL_E_NOT_FOUND) return packages;
    if (!names) return names.error();
    for (const std::string &name : *names) {
        if (!name.ends_with(suffix)) continue;
        const auto digest = Digest::parse("sha256:" + name.substr(0, name.size() - suffix.size()));
        if (digest) packages.push_back(*digest);
    }
    return packages;
}

}  // namespace skillet
