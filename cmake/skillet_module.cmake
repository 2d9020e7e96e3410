# SPDX-License-Identifier: Apache-2.0
# skillet_module(NAME SOURCES a.cpp ... [TESTS a_test.cpp ...] [LIBRARIES lib ...])
#
# One module of src/: its objects go into the library, its tests into one program NAME_test.
# What a module may include is said by the order in src/CMakeLists.txt and checked by tools/tidy.py.
function(skillet_module name)
  cmake_parse_arguments(PARSE_ARGV 1 module "" "" "SOURCES;TESTS;LIBRARIES")
  add_library(skillet_${name} OBJECT ${module_SOURCES})
  target_include_directories(skillet_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src
                                                    ${CMAKE_SOURCE_DIR}/include)
  target_compile_definitions(skillet_${name} PRIVATE SKL_BUILDING)
  target_link_libraries(skillet_${name} PRIVATE skillet_flags skillet_fmt
                        ${module_LIBRARIES})
  set_property(GLOBAL APPEND PROPERTY SKILLET_OBJECTS $<TARGET_OBJECTS:skillet_${name}>)
  set_property(GLOBAL APPEND PROPERTY SKILLET_LIBRARIES ${module_LIBRARIES})
  if(SKILLET_TESTS AND module_TESTS)
    skillet_test(${name}_test SOURCES ${module_TESTS})
  endif()
endfunction()

# A test program over the internal modules (skillet_core) and the shared fakes.
function(skillet_test name)
  cmake_parse_arguments(PARSE_ARGV 1 test "" "" "SOURCES;LIBRARIES")
  add_executable(${name} ${test_SOURCES})
  target_link_libraries(${name} PRIVATE skillet_core skillet_testing skillet_flags
                        skillet_fmt GTest::gtest_main ${test_LIBRARIES})
  # Tests are compiled more often than they are run, and run from the top of the sources.
  target_compile_options(${name} PRIVATE -O0)
  target_compile_definitions(${name} PRIVATE SKILLET_SOURCE_DIR=".")
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set(seconds 300)
  if(SKILLET_SANITIZE)  # several times as slow
    set(seconds 1200)
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${seconds}
    ENVIRONMENT "GGML_NO_BACKTRACE=1;ASAN_OPTIONS=detect_leaks=1")
endfunction()
