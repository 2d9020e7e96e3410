// SPDX-License-Identifier: Apache-2.0
#include "remote/curl_library.h"

#include <dlfcn.h>

#include <fmt/format.h>

namespace skillet {
namespace {

constexpr const char *file_name = "libcurl.so.4";
constexpr unsigned oldest = 0x075500;  // 7.85: the first that takes protocols by name

Error refuse(std::string message) {
    return make_error(
        SKL_E_FORMAT_UNSUPPORTED, std::move(message), file_name,
        "install libcurl 7.85 or newer (Debian: libcurl4); only pull and push need it");
}

// Stays open for as long as the process lives: it may have threads and handlers of its own.
Result<CurlLibrary> open_library() {
    void *const file = ::dlopen(file_name, RTLD_NOW | RTLD_LOCAL);
    if (file == nullptr) {
        const char *why = ::dlerror();
        return refuse(fmt::format("libcurl cannot be opened: {}", why != nullptr ? why : "?"));
    }
    CurlLibrary library{};
    const char *missing = nullptr;
    const auto find = [&](auto &function, const char *name) {
        void *const address = ::dlsym(file, name);
        if (address == nullptr) missing = name;
        function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(address);
    };
    find(library.easy_init, "curl_easy_init");
    find(library.easy_setopt, "curl_easy_setopt");
    find(library.easy_cleanup, "curl_easy_cleanup");
    find(library.easy_reset, "curl_easy_reset");
    find(library.easy_strerror, "curl_easy_strerror");
    find(library.multi_init, "curl_multi_init");
    find(library.multi_add_handle, "curl_multi_add_handle");
    find(library.multi_remove_handle, "curl_multi_remove_handle");
    find(library.multi_perform, "curl_multi_perform");
    find(library.multi_poll, "curl_multi_poll");
    find(library.multi_info_read, "curl_multi_info_read");
    find(library.multi_cleanup, "curl_multi_cleanup");
    find(library.slist_append, "curl_slist_append");
    find(library.slist_free_all, "curl_slist_free_all");
    decltype(&::curl_global_init) global_init = nullptr;
    decltype(&::curl_version_info) version_info = nullptr;
    find(global_init, "curl_global_init");
    find(version_info, "curl_version_info");
    if (missing != nullptr) return refuse(fmt::format("libcurl has no {}", missing));
    const curl_version_info_data *version = version_info(CURLVERSION_NOW);
    if (version->version_num < oldest) {
        return refuse(fmt::format("libcurl {} is too old", version->version));
    }
    // Counted by libcurl, so it does not matter whether the program has done it too.
    if (global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return refuse("libcurl cannot be set up");
    return library;
}

}  // namespace

Result<const CurlLibrary *> CurlLibrary::get() {
    static const Result<CurlLibrary> library = open_library();
    if (!library) return library.error();
    return &*library;
}

}  // namespace skillet
