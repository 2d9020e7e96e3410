# SPDX-License-Identifier: Apache-2.0
# What skl_build_info() says, as the list of definitions skillet_build_facts.
string(TOLOWER "${CMAKE_SYSTEM_NAME}-${CMAKE_SYSTEM_PROCESSOR}" skillet_platform)
set(skillet_build_facts
  SKILLET_VERSION="${PROJECT_VERSION}"
  SKILLET_COMPILER="${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}"
  SKILLET_BUILD_TYPE="${CMAKE_BUILD_TYPE}"
  SKILLET_PLATFORM="${skillet_platform}")
if(SKILLET_ENGINE AND CMAKE_SYSTEM_PROCESSOR STREQUAL x86_64)
  # What tools/build_engine.sh compiles for, and src/engine_llama/cpu_baseline.cpp checks.
  list(APPEND skillet_build_facts SKILLET_CPU_BASELINE="x86-64-v3")
endif()

# The commit, for release builds of a checkout: configured again whenever HEAD moves. Other builds
# change between commits, where the name of one would mislead, and would be linked again at each.
function(skillet_find_commit result)
  set(${result} "" PARENT_SCOPE)
  execute_process(COMMAND git rev-parse --path-format=absolute --git-path logs/HEAD
                  WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
                  OUTPUT_VARIABLE moves OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  execute_process(COMMAND git describe --always --dirty --abbrev=40 --exclude=*
                  WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} RESULT_VARIABLE failed
                  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(failed)
    return()
  endif()
  if(EXISTS "${moves}")
    set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${moves})
  endif()
  set(${result} ${commit} PARENT_SCOPE)
endfunction()

if(CMAKE_BUILD_TYPE STREQUAL Release)
  skillet_find_commit(skillet_commit)
  if(skillet_commit)
    list(APPEND skillet_build_facts SKILLET_COMMIT="${skillet_commit}")
  endif()
endif()
