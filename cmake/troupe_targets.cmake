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
  if(TROUPE_PROGRAMS_ARE_TOOLS AND TROUPE_TESTS_OF)
    set_target_properties(troupe_${name} PROPERTIES EXCLUDE_FROM_ALL ON)
  endif()
endfunction()

# troupe_domain(order PROTOCOLS declaration.cpp ... ROUTES routes.cpp ENTITIES order.cpp ... PRIVATE_DEPENDS fmt::fmt)
# A domain of actors/, in three libraries, so that a program links no more than it has of it: troupe::order_protocols,
# for who names the domain; troupe::order_routes, for a gateway that serves it; troupe::order, with its entities.
# Programs find the names of all domains in the global property TROUPE_DOMAINS.
function(troupe_domain name)
  cmake_parse_arguments(DOMAIN "" "" "PROTOCOLS;ROUTES;ENTITIES;PRIVATE_DEPENDS" ${ARGN})
  troupe_library(${name}_protocols SOURCES ${DOMAIN_PROTOCOLS} DEPENDS troupe::actor)
  troupe_library(${name}_routes SOURCES ${DOMAIN_ROUTES} DEPENDS troupe::${name}_protocols troupe::gateway)
  troupe_library(${name}
    SOURCES ${DOMAIN_ENTITIES}
    DEPENDS troupe::${name}_routes
    PRIVATE_DEPENDS ${DOMAIN_PRIVATE_DEPENDS})
  set_property(GLOBAL APPEND PROPERTY TROUPE_DOMAINS ${name})
endfunction()

# troupe_program(shop SOURCES main.cpp DEPENDS troupe::cli ...): an executable in build/<preset>/bin.
function(troupe_program name)
  cmake_parse_arguments(PROGRAM "" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${PROGRAM_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/include)
  target_link_libraries(${name} PRIVATE troupe_flags troupe_hardening ${PROGRAM_DEPENDS})
  target_precompile_headers(${name} REUSE_FROM troupe_precompiled)
  if(TROUPE_PROGRAMS_ARE_TOOLS)
    if(TROUPE_TESTS_OF)
      set_target_properties(${name} PROPERTIES EXCLUDE_FROM_ALL ON)
    endif()
  else()
    add_dependencies(programs ${name})
    if(TROUPE_TESTS_OF STREQUAL asan)
      set_target_properties(${name} PROPERTIES EXCLUDE_FROM_ALL ON) # the tests there depend on the one they run
    endif()
  endif()
endfunction()

# troupe_test(wire_test SOURCES json_test.cpp ... DEPENDS troupe::wire ... [RUNS_IN release asan] [ONLY_IN_ASAN Kill.*]
#             [LABELS slow] [TIMEOUT 120])
# A GoogleTest program, each of whose tests CTest knows by name, with the program's name among its labels.
# Where each test is one run in one preset (TROUPE_TESTS_OF), a program belongs to asan unless RUNS_IN says otherwise;
# ONLY_IN_ASAN says which of its tests run there.
function(troupe_test name)
  cmake_parse_arguments(TEST "" "TIMEOUT;ONLY_IN_ASAN" "SOURCES;DEPENDS;RUNS_IN;LABELS" ${ARGN})
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
  troupe_test_list(${name} PROGRAMS ${name} RUNS_IN ${TEST_RUNS_IN} SOURCES ${TEST_SOURCES})
  troupe_runs_here(here ${TEST_RUNS_IN})
  if(NOT here)
    set_target_properties(${name} PROPERTIES EXCLUDE_FROM_ALL ON)
    return()
  endif()
  set(filter)
  if(TROUPE_TESTS_OF STREQUAL asan AND TEST_ONLY_IN_ASAN)
    set(filter TEST_FILTER ${TEST_ONLY_IN_ASAN})
  endif()
  # Longer ones start first.
  gtest_discover_tests(${name} NO_PRETTY_VALUES DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60 ${filter}
                       PROPERTIES TIMEOUT ${TEST_TIMEOUT} COST ${TEST_TIMEOUT})
  # gtest_discover_tests loses all but the first label of a list.
  set(labels ${CMAKE_CURRENT_BINARY_DIR}/${name}_labels.cmake)
  file(WRITE ${labels}
"if(${name}_TESTS)
  set_tests_properties(\${${name}_TESTS} PROPERTIES LABELS \"${name};${TEST_LABELS}\")
endif()
")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${labels})
endfunction()

# troupe_command_test(fuzz.json PROGRAMS json_fuzz COMMAND json_fuzz corpus/json [RUNS_IN ...] [GROUP refusals]
#                     [ENVIRONMENT ...] [LABELS ...] [TIMEOUT 120])
# A test that is a command. GROUP is the name by which ./dev test takes several of them together.
function(troupe_command_test name)
  cmake_parse_arguments(TEST "" "TIMEOUT;GROUP;ENVIRONMENT" "PROGRAMS;COMMAND;RUNS_IN;LABELS" ${ARGN})
  if(NOT TEST_TIMEOUT)
    set(TEST_TIMEOUT 120)
  endif()
  if(NOT TEST_GROUP)
    set(TEST_GROUP ${name})
  endif()
  troupe_test_list(${TEST_GROUP} PROGRAMS ${TEST_PROGRAMS} RUNS_IN ${TEST_RUNS_IN} COMMAND_TEST ${name})
  troupe_runs_here(here ${TEST_RUNS_IN})
  if(here)
    add_test(NAME ${name} COMMAND ${TEST_COMMAND})
    set_tests_properties(${name} PROPERTIES TIMEOUT ${TEST_TIMEOUT} COST ${TEST_TIMEOUT} ENVIRONMENT "${TEST_ENVIRONMENT}"
                         LABELS "${TEST_GROUP};${TEST_LABELS}")
  endif()
endfunction()

# Whether tests that RUNS_IN names run in this build: all do where TROUPE_TESTS_OF is empty.
function(troupe_runs_here result)
  set(presets ${ARGN})
  if(NOT presets)
    set(presets asan)
  endif()
  if(NOT TROUPE_TESTS_OF OR TROUPE_TESTS_OF IN_LIST presets)
    set(${result} ON PARENT_SCOPE)
  else()
    set(${result} OFF PARENT_SCOPE)
  endif()
endfunction()

# Adds lines to build/<preset>/tests.txt, from which ./dev test knows what to build for a test's name: group, presets,
# programs, and a source with tests or, with "=" before it, the name of a test.
function(troupe_test_list group)
  cmake_parse_arguments(LIST "" "COMMAND_TEST" "PROGRAMS;RUNS_IN;SOURCES" ${ARGN})
  if(NOT LIST_RUNS_IN)
    set(LIST_RUNS_IN asan)
  endif()
  list(JOIN LIST_RUNS_IN "," presets)
  list(JOIN LIST_PROGRAMS "," programs)
  foreach(source IN LISTS LIST_SOURCES)
    cmake_path(ABSOLUTE_PATH source NORMALIZE)
    set_property(GLOBAL APPEND PROPERTY troupe_test_lines "${group}|${presets}|${programs}|${source}")
  endforeach()
  if(LIST_COMMAND_TEST)
    set_property(GLOBAL APPEND PROPERTY troupe_test_lines "${group}|${presets}|${programs}|=${LIST_COMMAND_TEST}")
  endif()
endfunction()

function(troupe_write_test_list)
  get_property(lines GLOBAL PROPERTY troupe_test_lines)
  list(JOIN lines "\n" text)
  file(WRITE ${CMAKE_BINARY_DIR}/tests.txt "${text}\n")
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
    troupe_command_test(fuzz.${name} PROGRAMS ${name}_fuzz
                        COMMAND ${name}_fuzz ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name})
    troupe_runs_here(here)
    if(NOT here)
      set_target_properties(${name}_fuzz PROPERTIES EXCLUDE_FROM_ALL ON)
    endif()
  endif()
endfunction()
