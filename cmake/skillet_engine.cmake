# SPDX-License-Identifier: Apache-2.0
# The inference engine, as the interface target skillet_llama.
#
# 1. A fitting installed llama (find_package), if SKILLET_SYSTEM_LLAMA is on: static, and of the
#    version that this adapter was written for.
# 2. Otherwise the one tools/build_engine.sh made from SKILLET_ENGINE_DIR or the pinned npm package.
option(SKILLET_SYSTEM_LLAMA "Prefer an installed llama.cpp over our own pinned build" OFF)
set(skillet_engine_version 0.5)

if(SKILLET_SANITIZE MATCHES address)
  set(skillet_engine_variant asan-ubsan)
else()
  set(skillet_engine_variant release)
endif()
set(skillet_engine_prefix ${CMAKE_SOURCE_DIR}/.deps/engine/${skillet_engine_variant})

if(SKILLET_SYSTEM_LLAMA)
  find_package(llama ${skillet_engine_version} CONFIG QUIET)
  if(llama_FOUND AND LLAMA_SHARED_LIB)
    message(STATUS "the installed llama is a shared library: building our own, with hidden symbols")
    set(llama_FOUND FALSE)
  endif()
endif()
if(NOT llama_FOUND)
  execute_process(COMMAND ${CMAKE_SOURCE_DIR}/tools/build_engine.sh ${skillet_engine_variant}
                  COMMAND_ERROR_IS_FATAL ANY)
  find_package(llama REQUIRED CONFIG PATHS ${skillet_engine_prefix} NO_DEFAULT_PATH)
endif()

set(skillet_engine_commit unknown)
if(EXISTS ${skillet_engine_prefix}/commit)
  file(STRINGS ${skillet_engine_prefix}/commit skillet_engine_commit LIMIT_COUNT 1)
endif()

add_library(skillet_llama INTERFACE)
target_link_libraries(skillet_llama INTERFACE llama)
target_compile_definitions(skillet_llama INTERFACE
  SKILLET_ENGINE_BUILD="llama.cpp-${LLAMA_VERSION}+${skillet_engine_commit}")
