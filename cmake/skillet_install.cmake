# SPDX-License-Identifier: Apache-2.0
# Library, headers, program, shipped skills, manual pages, completions; found again through
# pkg-config and find_package(skillet). The components are the packages of skillet_debian.cmake.
include(CMakePackageConfigHelpers)

install(TARGETS skillet EXPORT skillet_targets
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library NAMELINK_COMPONENT headers)
install(TARGETS skillet_cli DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
file(RELATIVE_PATH skillet_bin_to_lib /prefix/${CMAKE_INSTALL_BINDIR}
     /prefix/${CMAKE_INSTALL_LIBDIR})
set_target_properties(skillet_cli PROPERTIES INSTALL_RPATH "$ORIGIN/${skillet_bin_to_lib}")
install(DIRECTORY include/skillet DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT headers)

# The skills that ship. apps/cli/CMakeLists.txt tells the program where that of the demo lies.
foreach(skill spam-filter language-id)
  set(skillet_skill ${CMAKE_INSTALL_DATADIR}/skillet/skills/${skill})
  file(GLOB skillet_packages CONFIGURE_DEPENDS skills/${skill}/*.skill)
  install(FILES ${skillet_packages} DESTINATION ${skillet_skill} COMPONENT program)
  install(DIRECTORY skills/${skill}/samples DESTINATION ${skillet_skill} COMPONENT program)
endforeach()

set(skillet_share ${CMAKE_BINARY_DIR}/share)
if(SKILLET_DEBIAN)
  include(skillet_debian)
else()
  install(FILES LICENSE packaging/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR})
endif()

# Manual pages and completions: the program writes what it knows about its own commands.
if(NOT CMAKE_CROSSCOMPILING)
  add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/share.stamp
    COMMAND ${CMAKE_COMMAND} -E rm -rf ${skillet_share}
    COMMAND skillet_cli share ${skillet_share}
    ${skillet_share_layout}
    COMMAND ${CMAKE_COMMAND} -E touch ${CMAKE_BINARY_DIR}/share.stamp
    DEPENDS skillet_cli COMMENT "Writing manual pages and completions" VERBATIM)
  add_custom_target(skillet_share ALL DEPENDS ${CMAKE_BINARY_DIR}/share.stamp)
  install(DIRECTORY ${skillet_share}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR} COMPONENT program)
  install(DIRECTORY ${skillet_share}/ DESTINATION ${CMAKE_INSTALL_DATADIR} COMPONENT program
          PATTERN man EXCLUDE)
endif()

# Relative to itself, so that an installation can be moved.
file(RELATIVE_PATH skillet_pc_to_prefix /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
configure_file(cmake/skillet.pc.in skillet.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/skillet.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig
        COMPONENT headers)

set(skillet_config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/skillet)
install(EXPORT skillet_targets NAMESPACE skillet:: DESTINATION ${skillet_config_dir}
        COMPONENT headers)
file(WRITE ${CMAKE_BINARY_DIR}/skillet-config.cmake
     "include(\${CMAKE_CURRENT_LIST_DIR}/skillet_targets.cmake)\n")
write_basic_package_version_file(${CMAKE_BINARY_DIR}/skillet-config-version.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/skillet-config.cmake
              ${CMAKE_BINARY_DIR}/skillet-config-version.cmake
        DESTINATION ${skillet_config_dir} COMPONENT headers)
