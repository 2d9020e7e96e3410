# SPDX-License-Identifier: Apache-2.0
# The inference engine, as the interface target skillet_llama.
#
# 1. An installed llama.cpp, if it fits (below).
# 2. Otherwise what tools/build_engine.sh makes from SKILLET_ENGINE_DIR or the pinned source.
#
# Fitting means: the version this adapter was written for; static, so that its symbols can be
# hidden; built with the settings that results depend on: no OpenMP, not tuned to one machine.
if(SKILLET_SANITIZE MATCHES address)
  set(skillet_engine_variant asan-ubsan)
else()
  set(skillet_engine_variant release)
endif()
set(skillet_engine_prefix ${CMAKE_SOURCE_DIR}/.deps/engine/${skillet_engine_variant})

# Says why the package in `directory` does not fit; empty if it does. Only reads its files: loading
# a package that does not fit would define its targets for good.
function(skillet_engine_obstacle directory result)
  file(READ ${directory}/llama-config.cmake llama)
  set(ggml_config ${directory}/../ggml/ggml-config.cmake)
  set(ggml "")
  if(EXISTS ${ggml_config})
    file(READ ${ggml_config} ggml)
  endif()
  set(obstacle "")
  if(NOT llama MATCHES "set\\(LLAMA_VERSION +0\\.5\\.")
    set(obstacle "another version than 0.5")
  elseif(NOT llama MATCHES "set\\(LLAMA_SHARED_LIB +OFF\\)")
    set(obstacle "a shared library")
  elseif(NOT ggml MATCHES "set\\(GGML_OPENMP \"?OFF")
    set(obstacle "built with OpenMP")
  elseif(NOT ggml MATCHES "set\\(GGML_NATIVE \"?OFF")
    set(obstacle "tuned to the machine it was built on")
  endif()
  set(${result} "${obstacle}" PARENT_SCOPE)
endfunction()

set(skillet_engine_found FALSE)
if(skillet_engine_variant STREQUAL release)
  find_path(SKILLET_INSTALLED_LLAMA llama-config.cmake
            PATH_SUFFIXES lib/cmake/llama lib/${CMAKE_LIBRARY_ARCHITECTURE}/cmake/llama)
  if(SKILLET_INSTALLED_LLAMA)
    skillet_engine_obstacle(${SKILLET_INSTALLED_LLAMA} skillet_obstacle)
    if(skillet_obstacle STREQUAL "")
      set(skillet_engine_found TRUE)
      set(llama_DIR ${SKILLET_INSTALLED_LLAMA})
    else()
      message(STATUS "The installed llama.cpp does not fit (${skillet_obstacle}): building our own")
    endif()
  endif()
endif()
if(NOT skillet_engine_found)
  execute_process(COMMAND ${CMAKE_SOURCE_DIR}/tools/build_engine.sh ${skillet_engine_variant}
                  COMMAND_ERROR_IS_FATAL ANY)
  set(llama_DIR ${skillet_engine_prefix}/lib/cmake/llama)
  set(ggml_DIR ${skillet_engine_prefix}/lib/cmake/ggml)
endif()
find_package(llama REQUIRED CONFIG)

add_library(skillet_llama INTERFACE)
target_link_libraries(skillet_llama INTERFACE llama)
target_compile_definitions(skillet_llama INTERFACE
  SKILLET_ENGINE_BUILD="llama.cpp-${LLAMA_VERSION}+${LLAMA_BUILD_COMMIT}")
