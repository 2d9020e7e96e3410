// SPDX-License-Identifier: Apache-2.0
#include "assembly/settings.h"

#include <pwd.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <limits>
#include <string_view>
#include <vector>

namespace skillet {
namespace {

// The variable's value; empty counts as unset, as the XDG specification asks.
std::string environment(const char *name) {
    const char *value = std::getenv(name);
    return value != nullptr ? value : "";
}

}  // namespace

Result<std::string> default_root() {
    if (std::string root = environment("SKILLET_ROOT"); !root.empty()) return root;
    // A relative one is to be ignored, says the XDG specification.
    if (std::string data = environment("XDG_DATA_HOME"); data.starts_with('/')) {
        return data + "/skillet";
    }
    if (std::string home = environment("HOME"); !home.empty()) {
        return home + "/.local/share/skillet";
    }
    return make_error(SKL_E_INVALID_ARGUMENT, "there is no HOME to keep skills in", "HOME",
                      "name a directory with --root or SKILLET_ROOT");
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

Result<uint64_t> default_budget_bytes() {
    if (const std::string budget = environment("SKILLET_BUDGET"); !budget.empty()) {
        return parse_bytes(budget);
    }
    const auto pages = static_cast<uint64_t>(::sysconf(_SC_PHYS_PAGES));
    const auto page_bytes = static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
    return pages * page_bytes / 2;
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
