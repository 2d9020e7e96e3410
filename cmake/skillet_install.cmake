# SPDX-License-Identifier: Apache-2.0
# Library, headers, program, demo, manual pages, completions; found again through
# pkg-config and find_package(skillet).
include(CMakePackageConfigHelpers)

install(TARGETS skillet EXPORT skillet_targets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS skillet_cli DESTINATION ${CMAKE_INSTALL_BINDIR})
set_target_properties(skillet_cli PROPERTIES INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")
install(DIRECTORY include/skillet DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY skills/spam-filter/samples DESTINATION ${CMAKE_INSTALL_DATADIR}/skillet/demo)
install(DIRECTORY skills/spam-filter/ DESTINATION ${CMAKE_INSTALL_DATADIR}/skillet/demo
        FILES_MATCHING PATTERN "*.skill" PATTERN "samples" EXCLUDE PATTERN "reference" EXCLUDE)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
if(SKILLET_ENGINE AND EXISTS ${skillet_engine_prefix}/LICENSE)
  install(FILES ${skillet_engine_prefix}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR}
          RENAME LICENSE.llama.cpp)
endif()

# Manual pages and completions: the program writes what it knows about its own commands.
if(NOT CMAKE_CROSSCOMPILING)
  set(skillet_share ${CMAKE_BINARY_DIR}/share)
  add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/share.stamp
    COMMAND ${CMAKE_COMMAND} -E rm -rf ${skillet_share}
    COMMAND skillet_cli share ${skillet_share}
    COMMAND ${CMAKE_COMMAND} -E touch ${CMAKE_BINARY_DIR}/share.stamp
    DEPENDS skillet_cli COMMENT "Writing manual pages and completions" VERBATIM)
  add_custom_target(skillet_share ALL DEPENDS ${CMAKE_BINARY_DIR}/share.stamp)
  install(DIRECTORY ${skillet_share}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR})
  install(DIRECTORY ${skillet_share}/ DESTINATION ${CMAKE_INSTALL_DATADIR}
          PATTERN man EXCLUDE)
endif()

# Relative to itself, so that an installation can be moved.
file(RELATIVE_PATH skillet_pc_to_prefix /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
configure_file(cmake/skillet.pc.in skillet.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/skillet.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

set(skillet_config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/skillet)
install(EXPORT skillet_targets NAMESPACE skillet:: DESTINATION ${skillet_config_dir})
file(WRITE ${CMAKE_BINARY_DIR}/skillet-config.cmake
     "include(\${CMAKE_CURRENT_LIST_DIR}/skillet_targets.cmake)\n")
write_basic_package_version_file(${CMAKE_BINARY_DIR}/skillet-config-version.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/skillet-config.cmake
              ${CMAKE_BINARY_DIR}/skillet-config-version.cmake
        DESTINATION ${skillet_config_dir})
