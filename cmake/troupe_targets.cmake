include(GoogleTest)

# troupe_precompile(troupe_x DEPENDS ... OPTIONS ... HEADERS <vector> ...): headers that are read once for all that reuse
# it, which must have the same flags. Headers of libraries only: of ours, each change would compile everything anew.
function(troupe_precompile name)
  cmake_parse_arguments(PRECOMPILE "" "" "DEPENDS;OPTIONS;HEADERS" ${ARGN})
  file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/generated/${name}.cpp CONTENT "")
  add_library(${name} STATIC ${CMAKE_BINARY_DIR}/generated/${name}.cpp)
  target_link_libraries(${name} PRIVATE troupe_flags ${PRECOMPILE_DEPENDS})
  target_compile_options(${name} PRIVATE ${PRECOMPILE_OPTIONS})
  target_precompile_headers(${name} PRIVATE ${PRECOMPILE_HEADERS})
  # What ccache takes for their content: changes with the compiler, which ccache knows, and what is said here.
  file(WRITE ${CMAKE_BINARY_DIR}/CMakeFiles/${name}.dir/cmake_pch.hxx.gch.sum
       "${CMAKE_CXX_COMPILER_VERSION} GTest ${GTest_VERSION}: ${PRECOMPILE_HEADERS}\n")
endfunction()

set(standard_headers <algorithm> <array> <atomic> <charconv> <chrono> <compare> <concepts> <coroutine> <cstddef> <cstdint>
    <cstring> <deque> <exception> <filesystem> <functional> <iterator> <limits> <map> <memory> <mutex> <optional> <set>
    <span> <stdexcept> <string> <string_view> <system_error> <tuple> <type_traits> <utility> <variant> <vector>)
troupe_precompile(troupe_precompiled DEPENDS troupe_hardening HEADERS ${standard_headers})
if(TROUPE_TESTS)
  troupe_precompile(troupe_precompiled_tests DEPENDS troupe_hardening GTest::gmock
                    OPTIONS $<$<CONFIG:RelWithDebInfo>:-O1>
                    HEADERS ${standard_headers} <gmock/gmock.h> <gtest/gtest.h>)
endif()

# What `./dev build` makes: every troupe_program outside tests/.
add_custom_target(programs)

# troupe_library(wire SOURCES json.cpp ... DEPENDS troupe::actor ... PRIVATE_DEPENDS PkgConfig::xxhash ... [UNHARDENED])
# One library per folder. Its headers are spelled as users of an installed Troupe spell them, <troupe/wire/json.hpp>
# for runtime/wire/json.hpp (include/troupe is a link to runtime); what is ours alone from the checkout's root.
function(troupe_library name)
  cmake_parse_arguments(LIB "UNHARDENED" "" "SOURCES;DEPENDS;PRIVATE_DEPENDS" ${ARGN})
  if(LIB_SOURCES)
    add_library(troupe_${name} STATIC ${LIB_SOURCES})
    set(scope PUBLIC)
    target_link_libraries(troupe_${name} PRIVATE troupe_flags ${LIB_PRIVATE_DEPENDS})
    if(NOT LIB_UNHARDENED)
      target_link_libraries(troupe_${name} PRIVATE troupe_hardening)
      target_precompile_headers(troupe_${name} REUSE_FROM troupe_precompiled)
    endif()
  else()
    add_library(troupe_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(troupe_${name} ${scope} ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/include)
  target_link_libraries(troupe_${name} ${scope} ${LIB_DEPENDS})
  add_library(troupe::${name} ALIAS troupe_${name})
endfunction()

# troupe_program(shop SOURCES main.cpp DEPENDS troupe::cli ...): an executable in build/<preset>/bin.
function(troupe_program name)
  cmake_parse_arguments(PROGRAM "" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${PROGRAM_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/include)
  target_link_libraries(${name} PRIVATE troupe_flags troupe_hardening ${PROGRAM_DEPENDS})
  target_precompile_headers(${name} REUSE_FROM troupe_precompiled)
  if(NOT TROUPE_PROGRAMS_ARE_TOOLS)
    add_dependencies(programs ${name})
  endif()
endfunction()

# troupe_test(wire_test SOURCES json_test.cpp ... DEPENDS troupe::wire ... [LABELS slow] [TIMEOUT 120])
# A GoogleTest program, each of whose tests CTest knows by name.
function(troupe_test name)
  cmake_parse_arguments(TEST "" "TIMEOUT" "SOURCES;DEPENDS;LABELS" ${ARGN})
  if(NOT TEST_TIMEOUT)
    set(TEST_TIMEOUT 120)
  endif()
  add_executable(${name} ${TEST_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/include)
  target_link_libraries(${name} PRIVATE troupe_flags troupe_hardening ${TEST_DEPENDS} GTest::gmock GTest::gtest_main)
  # A test is compiled more often than it runs.
  target_compile_options(${name} PRIVATE $<$<CONFIG:RelWithDebInfo>:-O1>)
  target_precompile_headers(${name} REUSE_FROM troupe_precompiled_tests)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  gtest_discover_tests(${name} NO_PRETTY_VALUES DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
                       PROPERTIES TIMEOUT ${TEST_TIMEOUT} LABELS "${TEST_LABELS}")
endfunction()

# troupe_fuzz(json SOURCES json_fuzz.cpp DEPENDS troupe::wire ...): a libFuzzer target, whose source defines
# LLVMFuzzerTestOneInput and whose seeds lie in corpus/json beside it. With TROUPE_FUZZ it becomes
# build/<preset>/fuzzers/json and fuzzes; otherwise the test fuzz.json replays the seeds and their mutations.
add_custom_target(fuzzers)
function(troupe_fuzz name)
  cmake_parse_arguments(FUZZ "" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name}_fuzz ${FUZZ_SOURCES})
  target_include_directories(${name}_fuzz PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/include)
  target_link_libraries(${name}_fuzz PRIVATE troupe_flags troupe_hardening ${FUZZ_DEPENDS})
  if(TROUPE_FUZZ)
    target_link_options(${name}_fuzz PRIVATE -fsanitize=fuzzer)
    set_target_properties(${name}_fuzz PROPERTIES OUTPUT_NAME ${name}
                          RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzzers)
    add_dependencies(fuzzers ${name}_fuzz)
  else()
    target_sources(${name}_fuzz PRIVATE ${CMAKE_SOURCE_DIR}/tests/fuzz/replay.cpp)
    set_target_properties(${name}_fuzz PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    add_test(NAME fuzz.${name} COMMAND ${name}_fuzz ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name})
    set_tests_properties(fuzz.${name} PROPERTIES TIMEOUT 120)
  endif()
endfunction()
