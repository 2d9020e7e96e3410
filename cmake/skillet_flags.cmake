# SPDX-License-Identifier: Apache-2.0
# Compiler flags, once, as the interface target that every target of ours links.

add_library(skillet_flags INTERFACE)
target_compile_features(skillet_flags INTERFACE cxx_std_20)
target_compile_options(skillet_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wcast-align -Wimplicit-fallthrough
  $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor -Woverloaded-virtual -Wold-style-cast>
  $<$<BOOL:${SKILLET_WERROR}>:-Werror>
  -fno-omit-frame-pointer)
# At -O3 g++ 12 sees overlaps that cannot be in "literal" + string (GCC bug 105651).
target_compile_options(skillet_flags INTERFACE
  $<$<AND:$<CONFIG:Release>,$<COMPILE_LANG_AND_ID:CXX,GNU>>:-Wno-restrict>)
if(SKILLET_SANITIZE)
  # Instrumented code misleads g++ 12 about what is initialised, deep inside the standard library.
  target_compile_options(skillet_flags INTERFACE -fsanitize=${SKILLET_SANITIZE}
                         -fno-sanitize-recover=all
                         $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  target_link_options(skillet_flags INTERFACE -fsanitize=${SKILLET_SANITIZE})
endif()

if(SKILLET_STATIC)
  target_link_options(skillet_flags INTERFACE -static-libstdc++ -static-libgcc)
endif()

set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(SKILLET_CCACHE ccache)
if(SKILLET_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${SKILLET_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${SKILLET_CCACHE})
endif()
