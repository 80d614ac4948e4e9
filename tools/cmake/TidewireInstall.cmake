# cmake --install: libraries, public headers, the schema compiler with its CMake function, and the package config, so that
# find_package(tidewire) gives the same names as add_subdirectory.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/tidewire)
get_property(rooms GLOBAL PROPERTY TIDEWIRE_ROOMS)
install(TARGETS ${rooms} tidewire-schemac EXPORT tidewire-targets FILE_SET HEADERS)
install(EXPORT tidewire-targets NAMESPACE tidewire:: DESTINATION ${package_dir})
install(FILES ${tidewire_SOURCE_DIR}/sdk/schema/tidewire.fbs DESTINATION ${CMAKE_INSTALL_DATADIR}/tidewire/schema)
install(FILES ${tidewire_SOURCE_DIR}/sdk/PROTOCOL.md ${tidewire_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/tidewire-config.cmake.in ${CMAKE_BINARY_DIR}/tidewire-config.cmake
    INSTALL_DESTINATION ${package_dir}
    PATH_VARS CMAKE_INSTALL_DATADIR)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/tidewire-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/tidewire-config.cmake ${CMAKE_BINARY_DIR}/tidewire-config-version.cmake
    ${CMAKE_CURRENT_LIST_DIR}/TidewireSchema.cmake DESTINATION ${package_dir})
