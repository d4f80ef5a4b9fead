# Flags that every one of our targets shares: language, warnings, sanitizers, linker, compiler cache.
option(TROUPE_TESTS "Build the tests" ON)
option(TROUPE_WERROR "Treat warnings in our code as errors" ON)
option(TROUPE_FUZZ "Build the fuzz targets with libFuzzer instead of replaying their corpus (needs clang)" OFF)
option(TROUPE_UNITY "Compile each target's sources together: fewer passes over the same headers and templates" OFF)
set(TROUPE_TESTS_OF "" CACHE STRING "Build only the tests that run in this preset, release or asan (see RUNS_IN); empty: all")
set(TROUPE_SANITIZE "" CACHE STRING "Sanitizers, as in -fsanitize=: address,undefined or thread")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
# -g1 keeps line numbers for backtraces at a fraction of the size and link time of full debug information.
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1")
set(CMAKE_UNITY_BUILD ${TROUPE_UNITY})
set(CMAKE_UNITY_BUILD_BATCH_SIZE 0)
# Full debug information costs a quarter of the compile time. Instrumented code takes g++ twice as long with -O1 and is
# hardly faster.
set(TROUPE_DEBUG_FLAGS "-Og -g1" CACHE STRING "Flags of the presets debug, asan and tsan; \"-O0 -g\" for a debugger")
set(CMAKE_CXX_FLAGS_DEBUG ${TROUPE_DEBUG_FLAGS})

find_program(TROUPE_CCACHE ccache)
if(TROUPE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Paths relative to the checkout let clones share the cache. Precompiled headers are known to it by the small file
  # that troupe_precompile writes beside each: their own content differs each time, and takes half a second to hash.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 CCACHE_PCH_EXTSUM=1
      CCACHE_SLOPPINESS=pch_defines,time_macros ${TROUPE_CCACHE})
endif()

find_program(TROUPE_MOLD mold)
find_program(TROUPE_LLD NAMES ld.lld ld.lld-19)

add_library(troupe_flags INTERFACE)
target_compile_options(troupe_flags INTERFACE -Wall -Wextra -Wpedantic -Wnon-virtual-dtor -Woverloaded-virtual
                       -fno-omit-frame-pointer)
if(TROUPE_WERROR)
  target_compile_options(troupe_flags INTERFACE -Werror)
endif()
if(TROUPE_MOLD)
  target_link_options(troupe_flags INTERFACE -fuse-ld=mold)
elseif(TROUPE_LLD)
  target_link_options(troupe_flags INTERFACE -fuse-ld=lld)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # False positives of g++ 12 on inlined standard containers and coroutine frames.
  target_compile_options(troupe_flags INTERFACE -Wno-maybe-uninitialized -Wno-restrict -Wno-stringop-overflow
                         -Wno-array-bounds -Wno-dangling-pointer -Wno-mismatched-new-delete)
endif()
if(TROUPE_UNITY AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Meant for headers; here what has internal linkage is used by sources that are included into one.
  target_compile_options(troupe_flags INTERFACE -Wno-subobject-linkage)
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  # libstdc++ 12's own std::stable_sort calls what it deprecates.
  target_compile_options(troupe_flags INTERFACE -Wno-deprecated-declarations)
endif()
if(TROUPE_SANITIZE)
  target_compile_options(troupe_flags INTERFACE -fsanitize=${TROUPE_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(troupe_flags INTERFACE -fsanitize=${TROUPE_SANITIZE})
endif()
if(TROUPE_FUZZ)
  # Coverage for the code under test; the fuzz targets themselves add the driver.
  target_compile_options(troupe_flags INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(troupe_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
# Programs that leave this checkout make less of a memory error for whoever finds one: addresses are drawn anew at each
# start, tables of functions are read-only, and a return or call that goes astray ends the process. tests/shop looks.
set(TROUPE_HARDENED OFF)
if(CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo" AND NOT TROUPE_SANITIZE AND NOT TROUPE_FUZZ)
  set(TROUPE_HARDENED ON)
  include(CheckCXXCompilerFlag)
  check_cxx_compiler_flag(-fcf-protection=full TROUPE_HAS_CONTROL_FLOW_PROTECTION) # of x86 only
  # Some distributions' compilers define it by themselves, at another level.
  target_compile_options(troupe_flags INTERFACE -fPIE -fstack-protector-strong -fstack-clash-protection
                         -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
                         $<$<BOOL:${TROUPE_HAS_CONTROL_FLOW_PROTECTION}>:-fcf-protection=full>)
  target_link_options(troupe_flags INTERFACE -pie -Wl,-z,relro,-z,now,-z,noexecstack)
endif()
# CAF 0.17.6 headers dereference a null shared_ptr on purpose, so runtime/engine goes without these assertions.
add_library(troupe_hardening INTERFACE)
target_compile_definitions(troupe_hardening INTERFACE _GLIBCXX_ASSERTIONS)
