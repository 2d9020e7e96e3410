# SPDX-License-Identifier: Apache-2.0
# The Debian packages: libskillet0, libskillet-dev and skillet, one per component of the
# installation. tools/dist.sh makes them with `cpack -G DEB`.
set(CPACK_PACKAGE_CONTACT "The Skillet developers <skillet@localhost>")
set(CPACK_PACKAGE_VENDOR "Skillet")
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGING_INSTALL_PREFIX ${CMAKE_INSTALL_PREFIX})
set(CPACK_COMPONENTS_ALL library headers program)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_ENABLE_COMPONENT_DEPENDS ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${CMAKE_BINARY_DIR}/src)

set(skillet_package_library libskillet${PROJECT_VERSION_MAJOR})
set(skillet_package_headers libskillet-dev)
set(skillet_package_program skillet)

set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME ${skillet_package_library})
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_RECOMMENDS libcurl4)  # opened by pull and push
set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA ${CMAKE_SOURCE_DIR}/packaging/triggers)
set(CPACK_DEBIAN_LIBRARY_DESCRIPTION
"tiny models as dependable functions - library
Packages, verifies and runs tiny GGUF models by contract: typed input and
output, calibrated confidence, stable errors and one memory budget for many
models, behind a small C interface.

Answers need a processor of the level x86-64-v3 (2013 or later).")

set(CPACK_DEBIAN_HEADERS_PACKAGE_NAME ${skillet_package_headers})
set(CPACK_DEBIAN_HEADERS_PACKAGE_SECTION libdevel)
set(CPACK_COMPONENT_HEADERS_DEPENDS library)
set(CPACK_DEBIAN_HEADERS_DESCRIPTION
"tiny models as dependable functions - headers
The headers of libskillet for C and C++, and its files for pkg-config and
CMake.")

set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME ${skillet_package_program})
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SHLIBDEPS ON)
set(CPACK_COMPONENT_PROGRAM_DEPENDS library)
set(CPACK_DEBIAN_PROGRAM_DESCRIPTION
"tiny models as dependable functions - program
Installs, verifies and runs packages of tiny GGUF models on the command
line, and makes them. A spam filter and a language detector are included;
try `skillet demo`.")

# Debian wants manual pages compressed, and has another folder for what packages give to zsh.
set(skillet_share_layout
    COMMAND gzip -9nr ${skillet_share}/man
    COMMAND ${CMAKE_COMMAND} -E rename ${skillet_share}/zsh/site-functions
            ${skillet_share}/zsh/vendor-completions)

# It wants a compressed changelog and the licence under each package's own name. The date is
# SOURCE_DATE_EPOCH where that is set.
string(TIMESTAMP skillet_build_date "%a, %d %b %Y %H:%M:%S +0000" UTC)
configure_file(packaging/changelog.in changelog.Debian @ONLY)
execute_process(COMMAND gzip -9nfk changelog.Debian
                WORKING_DIRECTORY ${CMAKE_BINARY_DIR} COMMAND_ERROR_IS_FATAL ANY)
foreach(component ${CPACK_COMPONENTS_ALL})
  install(FILES packaging/copyright ${CMAKE_BINARY_DIR}/changelog.Debian.gz
          DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${skillet_package_${component}}
          COMPONENT ${component})
endforeach()
include(CPack)
