# `cmake --install` makes a relocatable tree: programs, data, and (component "bundle") the libraries and fonts that a server may lack.
# The .tar.gz is that tree; the .deb leaves the bundle out and depends on the distribution's packages instead.
set(FUSELINE_DATA_DIR ${CMAKE_INSTALL_DATADIR}/fuseline)
# DT_RPATH instead of DT_RUNPATH: it also serves the libraries that carried libraries need.
set(FUSELINE_PROGRAMS fuseline)
if(TARGET fuseline-worker)
  list(APPEND FUSELINE_PROGRAMS fuseline-worker)
endif()
if(TARGET fuseline-gui)
  list(APPEND FUSELINE_PROGRAMS fuseline-gui)
  install(FILES assets/fuseline-gui.desktop DESTINATION ${CMAKE_INSTALL_DATADIR}/applications COMPONENT programs)
  install(FILES assets/icons/fuseline.svg DESTINATION ${CMAKE_INSTALL_DATADIR}/icons/hicolor/scalable/apps COMPONENT programs)
  install(FILES ${FUSELINE_FONT_MONO} DESTINATION ${FUSELINE_DATA_DIR}/fonts COMPONENT bundle)
endif()
foreach(program ${FUSELINE_PROGRAMS})
  target_link_options(${program} PRIVATE -Wl,--disable-new-dtags)
endforeach()
# Pictures are drawn without a display too, by a library that wants X11's all the same.
set(headless ${FUSELINE_PROGRAMS})
list(REMOVE_ITEM headless fuseline-gui)
set_target_properties(${headless} PROPERTIES INSTALL_RPATH "${CMAKE_INSTALL_RPATH};${CMAKE_INSTALL_RPATH}/x11")

install(TARGETS ${FUSELINE_PROGRAMS} RUNTIME_DEPENDENCY_SET fuseline_libraries RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT programs)
install(DIRECTORY kernels presets DESTINATION ${FUSELINE_DATA_DIR} COMPONENT programs PATTERN README.md EXCLUDE)
install(DIRECTORY assets/schemas assets/package assets/package_cpp assets/reference assets/triton DESTINATION ${FUSELINE_DATA_DIR}/assets COMPONENT programs PATTERN README.md EXCLUDE PATTERN __pycache__ EXCLUDE)
# What the user's compiler makes programs of kernels for the CPU with (fuseline check --host).
install(FILES ${FUSELINE_HOST_OBJECT} DESTINATION ${CMAKE_INSTALL_LIBDIR}/fuseline COMPONENT programs)
install(DIRECTORY profiler/host/shim DESTINATION ${FUSELINE_DATA_DIR}/profiler/host COMPONENT programs)
# Man pages and completions are made by the program from its own help. A home by name keeps the builder's out of them.
if((NOT CMAKE_CROSSCOMPILING OR CMAKE_CROSSCOMPILING_EMULATOR) AND NOT FUSELINE_SANITIZE AND NOT FUSELINE_COVERAGE)
  set(FUSELINE_PAGES ${CMAKE_BINARY_DIR}/pages)
  add_custom_command(OUTPUT ${FUSELINE_PAGES}.made
                     COMMAND ${CMAKE_COMMAND} -E rm -rf ${FUSELINE_PAGES}
                     COMMAND ${CMAKE_COMMAND} -E env --unset=XDG_DATA_HOME HOME=/home/NAME ${CMAKE_CROSSCOMPILING_EMULATOR} $<TARGET_FILE:fuseline> pages ${FUSELINE_PAGES}
                     COMMAND ${CMAKE_COMMAND} -E touch ${FUSELINE_PAGES}.made
                     DEPENDS fuseline COMMENT "Man pages and completions" VERBATIM)
  add_custom_target(fuseline_pages ALL DEPENDS ${FUSELINE_PAGES}.made)
  install(DIRECTORY ${FUSELINE_PAGES}/ DESTINATION ${CMAKE_INSTALL_DATADIR} COMPONENT programs PATTERN zsh EXCLUDE)
  # Debian's zsh looks for what packages bring elsewhere than anybody else's.
  install(DIRECTORY ${FUSELINE_PAGES}/zsh DESTINATION ${CMAKE_INSTALL_DATADIR} COMPONENT bundle)
  install(DIRECTORY ${FUSELINE_PAGES}/zsh/site-functions/ DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions COMPONENT debian EXCLUDE_FROM_ALL)
endif()
install(FILES README.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT programs)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright COMPONENT debian EXCLUDE_FROM_ALL)

install(RUNTIME_DEPENDENCY_SET fuseline_libraries DESTINATION ${CMAKE_INSTALL_LIBDIR}/fuseline COMPONENT bundle
        # What every glibc system with a C++ runtime has, and what must match the running kernel or loader.
        PRE_EXCLUDE_REGEXES [[^(libc|libm|libdl|libpthread|librt|libresolv|libstdc\+\+|libgcc_s|ld-linux-x86-64|ld-linux-aarch64)\.so]]
        # OpenGL's loader goes with the graphics driver, and X11's libraries with both.
        # libexpat of Debian 12 is the one library that needs more than glibc 2.35; every system with fonts or Python has it.
        POST_EXCLUDE_REGEXES [[/(libc|libm|libstdc\+\+|libgcc_s|ld-linux-x86-64|ld-linux-aarch64|libGL|libGLX|libGLdispatch|libX11|libxcb|libexpat)\.so]])
# Where there is no X11. The window does not look there, since it needs the display's own.
install(CODE "
  file(GET_RUNTIME_DEPENDENCIES EXECUTABLES $<TARGET_FILE:fuseline> RESOLVED_DEPENDENCIES_VAR found UNRESOLVED_DEPENDENCIES_VAR missing)
  list(FILTER found INCLUDE REGEX \"/(libX11|libxcb|libXau|libXdmcp|libbsd|libmd)[.]so\")
  file(INSTALL \${found} DESTINATION \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_LIBDIR}/fuseline/x11\" FOLLOW_SYMLINK_CHAIN)" COMPONENT bundle)
install(FILES ${FUSELINE_FONT} ${FUSELINE_FONT_BOLD} DESTINATION ${FUSELINE_DATA_DIR}/fonts COMPONENT bundle)

set(CPACK_PACKAGE_NAME fuseline)
set(CPACK_PACKAGE_VENDOR "The Fuseline developers")
# Debian's Maintainer field wants an address, and we have none: the domain .invalid (RFC 2606) can never be somebody
# else's. Whoever packages Fuseline for others gives theirs.
set(CPACK_PACKAGE_CONTACT "The Fuseline developers <maintainers@fuseline.invalid>" CACHE STRING
    "The .deb's maintainer, as NAME <ADDRESS>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY ${PROJECT_DESCRIPTION})
set(CPACK_RESOURCE_FILE_LICENSE ${CMAKE_SOURCE_DIR}/LICENSE)
set(CPACK_GENERATOR "DEB;TGZ")
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL programs bundle debian)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_ARCHIVE_COMPONENT_INSTALL ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS fonts-dejavu-core)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS g++)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
# Else it is that of the machine that packs.
if(CMAKE_CROSSCOMPILING AND CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
  set(CPACK_DEBIAN_PACKAGE_ARCHITECTURE arm64)
endif()
# Every release of Debian has a package of its own, since their libraries differ. Versions rise with the releases, so that
# whoever upgrades the system gets the next one's.
cmake_host_system_information(RESULT distribution QUERY DISTRIB_INFO)
set(package_release 1)
if(distribution_ID STREQUAL "debian" AND distribution_VERSION_ID)
  set(package_release "1~deb${distribution_VERSION_ID}")
endif()
set(CPACK_DEBIAN_PACKAGE_RELEASE ${package_release} CACHE STRING "What follows the version of the .deb")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
configure_file(${CMAKE_SOURCE_DIR}/cmake/cpack_generator.cmake.in ${CMAKE_BINARY_DIR}/cpack_generator.cmake @ONLY)
set(CPACK_PROJECT_CONFIG_FILE ${CMAKE_BINARY_DIR}/cpack_generator.cmake)
include(CPack)
