# CAF 0.17.6 as the distributions ship it: no CMake config, no pkg-config. Defines CAF::core.
# A build with its own CAF (the tsan preset) names its prefix in CAF_ROOT; then no other is accepted.
if(CAF_ROOT)
  set(caf_only_root NO_DEFAULT_PATH)
endif()
find_path(CAF_INCLUDE_DIR caf/all.hpp HINTS ${CAF_ROOT}/include ${caf_only_root})
find_library(CAF_CORE_LIBRARY caf_core HINTS ${CAF_ROOT}/lib ${caf_only_root})
unset(caf_only_root)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(CAF REQUIRED_VARS CAF_CORE_LIBRARY CAF_INCLUDE_DIR)
if(CAF_FOUND AND NOT TARGET CAF::core)
  add_library(CAF::core UNKNOWN IMPORTED)
  set_target_properties(CAF::core PROPERTIES IMPORTED_LOCATION ${CAF_CORE_LIBRARY}
                        INTERFACE_INCLUDE_DIRECTORIES ${CAF_INCLUDE_DIR})
endif()
