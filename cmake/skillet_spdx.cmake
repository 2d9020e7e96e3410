# SPDX-License-Identifier: Apache-2.0
# The names of SPDX's licence list as a C++ source, made from the two npm packages that carry them;
# third_party/README.md says which. The bootstrap puts them into .deps/.
find_path(SKILLET_SPDX_LISTS spdx-license-ids/index.json
          HINTS $ENV{SKILLET_SPDX_DIR} ${CMAKE_SOURCE_DIR}/.deps/spdx NO_DEFAULT_PATH)
if(NOT SKILLET_SPDX_LISTS)
  message(FATAL_ERROR "the SPDX licence list is missing: run tools/bootstrap.sh, or set "
                      "SKILLET_SPDX_DIR to a folder that holds spdx-license-ids/ and "
                      "spdx-exceptions/, such as a node_modules")
endif()

# Appends a table row for each name of a file that is one JSON array of names.
function(skillet_append_names rows file deprecated)
  set(path ${SKILLET_SPDX_LISTS}/${file})
  set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
  file(READ ${path} text)
  # What is left without the names must be the brackets and commas of an array.
  string(REGEX REPLACE "\"[A-Za-z0-9.+-]+\"" "" rest "${text}")
  if(NOT rest MATCHES "^[ \t\r\n]*\\[[, \t\r\n]*\\][ \t\r\n]*$")
    message(FATAL_ERROR "${path} is not a JSON array of SPDX identifiers")
  endif()
  string(REGEX MATCHALL "\"[^\"]+\"" names "${text}")
  set(lines "${${rows}}")
  foreach(name ${names})
    string(APPEND lines "    {${name}, ${deprecated}},\n")
  endforeach()
  set(${rows} "${lines}" PARENT_SCOPE)
endfunction()

skillet_append_names(spdx_licenses spdx-license-ids/index.json false)
skillet_append_names(spdx_licenses spdx-license-ids/deprecated.json true)
skillet_append_names(spdx_exceptions spdx-exceptions/index.json false)
skillet_append_names(spdx_exceptions spdx-exceptions/deprecated.json true)
set(SKILLET_SPDX_SOURCE ${CMAKE_BINARY_DIR}/generated/spdx_list.cpp)
configure_file(${CMAKE_SOURCE_DIR}/cmake/spdx_list.cpp.in ${SKILLET_SPDX_SOURCE} @ONLY)
