# SPDX-License-Identifier: Apache-2.0
# Libraries from the system's packages; third_party/README.md says why each is here.
find_package(Threads REQUIRED)
if(SKILLET_STATIC)
  set(OPENSSL_USE_STATIC_LIBS ON)
  find_library(SQLite3_LIBRARY libsqlite3.a REQUIRED)
endif()
find_package(OpenSSL 3 REQUIRED COMPONENTS Crypto)
find_package(SQLite3 3.37 REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(CLI11 2.1 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)

# What is released has fmt inside: distributions have no static library of it, and each of its
# versions has another shared one. Other builds link it, which compiles faster.
add_library(skillet_fmt INTERFACE)
if(CMAKE_BUILD_TYPE STREQUAL Release)
  target_link_libraries(skillet_fmt INTERFACE fmt::fmt-header-only)
else()
  target_link_libraries(skillet_fmt INTERFACE fmt::fmt)
endif()

# Header-only. The bootstrap puts it into .deps/ where the system has no package of it.
find_path(SKILLET_JSONCONS_INCLUDE jsoncons/json.hpp
          HINTS $ENV{SKILLET_JSONCONS_DIR} $ENV{SKILLET_JSONCONS_DIR}/include
                ${CMAKE_SOURCE_DIR}/.deps/jsoncons/usr/include)
if(NOT SKILLET_JSONCONS_INCLUDE)
  message(FATAL_ERROR "jsoncons is missing: run tools/bootstrap.sh, or set SKILLET_JSONCONS_DIR "
                      "to a folder that holds jsoncons/json.hpp")
endif()
add_library(skillet_jsoncons INTERFACE)
target_include_directories(skillet_jsoncons SYSTEM INTERFACE ${SKILLET_JSONCONS_INCLUDE})

# Only its headers: the library is opened when the first transfer needs it (src/remote).
find_path(SKILLET_CURL_INCLUDE curl/curl.h REQUIRED)
add_library(skillet_curl INTERFACE)
target_include_directories(skillet_curl SYSTEM INTERFACE ${SKILLET_CURL_INCLUDE})
target_link_libraries(skillet_curl INTERFACE ${CMAKE_DL_LIBS})

if(SKILLET_TESTS)
  find_package(GTest REQUIRED)
endif()
