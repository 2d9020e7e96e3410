// SPDX-License-Identifier: Apache-2.0
#include "remote/credentials.h"

#include <cstdlib>

#include <fmt/format.h>

#include "base/byte_source.h"
#include "json/parse.h"
#include "remote/base64.h"

namespace skillet {
namespace {

constexpr uint64_t config_bytes_max = 1u << 20;
constexpr const char *subject = "docker's config.json";

// Keys are hosts, or addresses of older registries: https://index.docker.io/v1/.
std::string_view host_of_key(std::string_view key) {
    for (const std::string_view scheme : {"https://", "http://"}) {
        if (key.starts_with(scheme)) key.remove_prefix(scheme.size());
    }
    return key.substr(0, key.find('/'));
}

const json::Value *entry_of(const json::Value &document, const char *member,
                            std::string_view host) {
    const json::Value *entries = json::resolve(document, member);
    if (entries == nullptr || entries->object() == nullptr) return nullptr;
    for (const auto &[key, value] : *entries->object()) {
        const std::string_view known = host_of_key(key);
        if (known == host || (known == "index.docker.io" && host == "docker.io")) return &value;
    }
    return nullptr;
}

std::string text_at(const json::Value &value, const char *pointer) {
    const json::Value *found = json::resolve(value, pointer);
    const std::string *text = found != nullptr ? found->string() : nullptr;
    return text != nullptr ? *text : std::string();
}

Result<std::optional<Credentials>> read_entry(const json::Value &entry, std::string_view host) {
    Credentials found{text_at(entry, "/username"), text_at(entry, "/password")};
    if (!found.user.empty()) return std::optional(std::move(found));
    const std::string encoded = text_at(entry, "/auth");
    if (encoded.empty()) {
        if (text_at(entry, "/identitytoken").empty()) return std::optional<Credentials>();
        return make_error(
            SKL_E_REMOTE_DENIED,
            fmt::format("an identity token is kept for {}, which is not supported", host), subject,
            "log in with name and password or an access token");
    }
    const auto decoded = base64_decode(encoded);
    const size_t colon = decoded ? decoded->find(':') : std::string::npos;
    if (colon == std::string::npos) {
        return make_error(SKL_E_REMOTE_DENIED,
                          fmt::format("\"auth\" of {} is not the base64 of NAME:PASSWORD", host),
                          subject, "log in again with `docker login`");
    }
    return std::optional(Credentials{decoded->substr(0, colon), decoded->substr(colon + 1)});
}

std::string default_path() {
    const auto variable = [](const char *name) {
        const char *value = std::getenv(name);
        return value != nullptr ? std::string(value) : std::string();
    };
    if (const std::string folder = variable("DOCKER_CONFIG"); !folder.empty()) {
        return folder + "/config.json";
    }
    const std::string home = variable("HOME");
    return home.empty() ? std::string() : home + "/.docker/config.json";
}

}  // namespace

Result<std::optional<Credentials>> credentials_in(std::string_view config_text,
                                                  std::string_view host) {
    const auto document = json::parse(config_text, SKL_E_REMOTE_DENIED, subject);
    // Where the document is wrong, its text is not repeated: it may hold a password.
    if (!document) {
        return make_error(SKL_E_REMOTE_DENIED, "the file of credentials is not strict JSON",
                          subject, "log in again with `docker login`");
    }
    if (const json::Value *entry = entry_of(*document, "/auths", host)) {
        SKL_TRY_ASSIGN(found, read_entry(*entry, host));
        if (found) return std::move(found);
    }
    const json::Value *helper = entry_of(*document, "/credHelpers", host);
    const std::string name = helper != nullptr && helper->string() != nullptr
                                 ? *helper->string()
                                 : text_at(*document, "/credsStore");
    if (name.empty()) return std::optional<Credentials>();
    return make_error(
        SKL_E_REMOTE_DENIED,
        fmt::format("the credentials of {} are kept by the program docker-credential-{}", host,
                    name),
        subject,
        "we start no programs: give a file with {\"auths\": {\"HOST\": {\"auth\": …}}} instead");
}

Result<std::optional<Credentials>> find_credentials(const std::string &path,
                                                    std::string_view host) {
    const std::string file_path = path.empty() ? default_path() : path;
    if (file_path.empty()) return std::optional<Credentials>();
    auto file = FileSlice::open(file_path);
    if (!file) {
        const bool may_be_missing = path.empty() && file.error().code == SKL_E_NOT_FOUND;
        if (may_be_missing) return std::optional<Credentials>();
        return std::move(file).error();
    }
    SKL_TRY_ASSIGN(text, read_all(*file, config_bytes_max));
    auto found = credentials_in(text, host);
    if (!found) found.error().subject = file_path;
    return found;
}

}  // namespace skillet
