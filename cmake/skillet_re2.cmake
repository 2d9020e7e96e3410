# SPDX-License-Identifier: Apache-2.0
# RE2 from its source, which the bootstrap puts into .deps/: the archive of a distribution cannot be
# linked into a library that others load, and each version judges by another Unicode.
find_path(SKILLET_RE2_SOURCE re2/re2.cc
          HINTS $ENV{SKILLET_RE2_DIR} ${CMAKE_SOURCE_DIR}/.deps/re2 NO_DEFAULT_PATH)
if(NOT SKILLET_RE2_SOURCE)
  message(FATAL_ERROR "RE2's source is missing: run tools/bootstrap.sh, or set SKILLET_RE2_DIR to "
                      "a checkout of 2022 or early 2023")
endif()
set(skillet_re2_sources util/rune.cc util/strutil.cc)
foreach(name bitstate compile dfa nfa onepass parse perl_groups prog re2 regexp simplify stringpiece
             tostring unicode_casefold unicode_groups)
  list(APPEND skillet_re2_sources re2/${name}.cc)
endforeach()
list(TRANSFORM skillet_re2_sources PREPEND ${SKILLET_RE2_SOURCE}/)
add_library(skillet_re2 STATIC ${skillet_re2_sources})
target_compile_features(skillet_re2 PRIVATE cxx_std_17)
target_compile_options(skillet_re2 PRIVATE -w)
target_include_directories(skillet_re2 SYSTEM PUBLIC ${SKILLET_RE2_SOURCE})
target_link_libraries(skillet_re2 PUBLIC Threads::Threads)
