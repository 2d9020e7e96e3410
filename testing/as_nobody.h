// SPDX-License-Identifier: Apache-2.0
// Permissions bind everybody but root, whom tests are often run by.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace skillet::testing {

// The process acts as another user while this lives, if it acted as root before.
class AsNobody {
public:
    AsNobody() {
        if (before_ == 0 && ::seteuid(nobody) != 0) throw std::runtime_error("seteuid failed");
    }
    ~AsNobody() {
        if (before_ == 0 && ::seteuid(before_) != 0) std::abort();
    }
    AsNobody(const AsNobody &) = delete;
    AsNobody &operator=(const AsNobody &) = delete;

private:
    static constexpr uid_t nobody = 65534;
    const uid_t before_ = ::geteuid();
};

// The folder and all that is in it can be read by everybody and changed by nobody.
inline void make_read_only(const std::string &folder) {
    using std::filesystem::perms;
    for (const auto &entry : std::filesystem::recursive_directory_iterator(folder)) {
        std::filesystem::permissions(entry.path(), perms(entry.is_directory() ? 0555 : 0444));
    }
    std::filesystem::permissions(folder, perms(0555));
}

}  // namespace skillet::testing
