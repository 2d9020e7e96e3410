// SPDX-License-Identifier: Apache-2.0
// All that may happen to a file while somebody has it open and mapped.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace skillet::testing {

struct FileChange {
    const char *name;
    void (*apply)(const std::string &path);
    bool spoils;  // what has it open sees other bytes
};

// Changes the byte at `offset` from the end, in place; 0 of `difference` writes it as it is.
inline void touch_byte(const std::string &path, int64_t offset, char difference) {
    std::filesystem::permissions(path, std::filesystem::perms(0644));
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(-offset, std::ios::end);
    const auto byte = static_cast<char>(file.get() ^ difference);
    file.seekp(-offset, std::ios::end);
    file.put(byte);
}

inline void resize(const std::string &path, uintmax_t bytes) {
    std::filesystem::resize_file(path, bytes);
}

inline const FileChange file_changes[] = {
    {"overwritten", [](const std::string &path) { touch_byte(path, 1, 0x55); }, true},
    {"shortened", [](const std::string &path) { resize(path, 3); }, true},
    {"emptied", [](const std::string &path) { resize(path, 0); }, true},
    {"made longer",
     [](const std::string &path) { resize(path, std::filesystem::file_size(path) + 99); }, false},
    {"overwritten with the same", [](const std::string &path) { touch_byte(path, 1, 0); }, false},
    {"replaced",
     [](const std::string &path) {
         std::ofstream(path + ".new") << "others";
         std::filesystem::rename(path + ".new", path);
     },
     false},
    {"removed", [](const std::string &path) { std::filesystem::remove(path); }, false},
    {"locked", [](const std::string &path) { std::filesystem::permissions(path, {}); }, false},
};

}  // namespace skillet::testing
