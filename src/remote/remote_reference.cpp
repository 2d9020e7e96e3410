// SPDX-License-Identifier: Apache-2.0
#include "remote/remote_reference.h"

#include <algorithm>

#include "remote/url.h"

namespace skillet {
namespace {

constexpr const char *forms = "write HOST/NAME, HOST:PORT/NAME:TAG or HOST/NAME@sha256:…";
constexpr size_t name_bytes_max = 255;
constexpr size_t tag_bytes_max = 128;

bool is_lower(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool is_tag_byte(char c) {
    return is_lower(c) || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' || c == '-';
}

// Runs of letters and digits, with '.', '_', "__" or any number of '-' between them.
bool is_name_part(std::string_view part) {
    bool wants_letter = true;
    for (size_t at = 0; at < part.size();) {
        if (is_lower(part[at])) {
            ++at;
            wants_letter = false;
            continue;
        }
        const size_t end = std::min(part.find_first_not_of(part[at], at), part.size());
        const size_t length = end - at;
        const bool separates =
            part[at] == '-' || (part[at] == '_' && length <= 2) || (part[at] == '.' && length == 1);
        if (wants_letter || !separates) return false;
        wants_letter = true;
        at = end;
    }
    return !wants_letter;
}

bool is_name(std::string_view name) {
    if (name.size() > name_bytes_max) return false;
    for (;;) {
        const size_t slash = name.find('/');
        if (!is_name_part(name.substr(0, slash))) return false;
        if (slash == std::string_view::npos) return true;
        name.remove_prefix(slash + 1);
    }
}

bool is_tag(std::string_view tag) {
    return !tag.empty() && tag.size() <= tag_bytes_max && tag[0] != '.' && tag[0] != '-' &&
           std::all_of(tag.begin(), tag.end(), is_tag_byte);
}

}  // namespace

Result<RemoteReference> RemoteReference::parse(std::string_view text) {
    const auto refuse = [text](const char *message) {
        return make_error(SKL_E_INVALID_ARGUMENT, message, std::string(text), forms);
    };
    const size_t slash = text.find('/');
    if (slash == std::string_view::npos) return refuse("names no registry");
    RemoteReference reference;
    reference.host = text.substr(0, slash);
    // "library/image" of a registry that everybody knows: we know none.
    const bool is_host =
        reference.host.find_first_of(".:") != std::string::npos || reference.host == "localhost";
    if (!is_host || !Url::of_host(reference.host, false)) return refuse("names no registry");
    std::string_view rest = text.substr(slash + 1);
    if (const size_t at = rest.find('@'); at != std::string_view::npos) {
        const auto digest = Digest::parse(rest.substr(at + 1));
        if (!digest) return refuse("the digest is not \"sha256:\" and 64 lowercase hex digits");
        reference.digest = *digest;
        rest = rest.substr(0, at);
    } else if (const size_t colon = rest.find(':'); colon != std::string_view::npos) {
        reference.tag = rest.substr(colon + 1);
        if (!is_tag(reference.tag)) return refuse("not a tag of 1 to 128 of A-Z a-z 0-9 _ . -");
        rest = rest.substr(0, colon);
    }
    reference.name = rest;
    if (!is_name(reference.name)) return refuse("not a name of lowercase letters and digits");
    return reference;
}

std::string RemoteReference::text() const {
    std::string text = host + "/" + name;
    if (digest) return text + "@" + digest->to_string();
    return tag.empty() ? text : text + ":" + tag;
}

std::string tag_of_version(std::string_view version) {
    std::string tag(version);
    std::replace_if(
        tag.begin(), tag.end(), [](char c) { return !is_tag_byte(c); }, '_');
    return tag;
}

std::string referrers_tag(const Digest &subject) { return "sha256-" + subject.hex(); }

}  // namespace skillet
