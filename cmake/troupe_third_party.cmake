# Every third-party library under the name that our targets use for it.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(CAF REQUIRED)
find_package(Boost 1.81 CONFIG REQUIRED COMPONENTS json)
find_package(OpenSSL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(CLI11 REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(utf8proc REQUIRED IMPORTED_TARGET libutf8proc)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)

# Asio and Beast are compiled once, in troupe_asio; everyone else sees declarations.
file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/generated/boost_asio.cpp CONTENT "#include <boost/asio/impl/src.hpp>\n")
file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/generated/boost_beast.cpp CONTENT "#include <boost/beast/src.hpp>\n")
add_library(troupe_asio STATIC ${CMAKE_BINARY_DIR}/generated/boost_asio.cpp ${CMAKE_BINARY_DIR}/generated/boost_beast.cpp)
set_target_properties(troupe_asio PROPERTIES UNITY_BUILD OFF)
target_compile_definitions(troupe_asio PUBLIC BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
                           BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_COROUTINE)
target_link_libraries(troupe_asio PUBLIC Boost::headers Threads::Threads)
target_include_directories(troupe_asio SYSTEM PUBLIC ${Boost_INCLUDE_DIRS})
if(TROUPE_SANITIZE)
  target_compile_options(troupe_asio PRIVATE -fsanitize=${TROUPE_SANITIZE})
endif()
if(TROUPE_SANITIZE MATCHES thread)
  # TSan does not know fences, and g++ refuses them; Asio's are beside the locks that order its queues.
  target_compile_definitions(troupe_asio PUBLIC BOOST_ASIO_DISABLE_FENCED_BLOCK)
endif()
add_library(troupe::asio ALIAS troupe_asio)

# Debian 12's msgpack-cxx package excludes Boost 1.81, though its headers work with it: ./dev unpacks them into the
# build tree; elsewhere the package is installed.
find_path(MSGPACK_INCLUDE_DIR msgpack.hpp HINTS ${CMAKE_SOURCE_DIR}/build/third_party/msgpack/usr/include REQUIRED)
add_library(troupe_msgpack INTERFACE)
target_include_directories(troupe_msgpack SYSTEM INTERFACE ${MSGPACK_INCLUDE_DIR})
target_link_libraries(troupe_msgpack INTERFACE Boost::headers)
add_library(troupe::msgpack ALIAS troupe_msgpack)

# toml++ is used header-only: one translation unit includes it.
find_path(TOMLPLUSPLUS_INCLUDE_DIR toml++/toml.h REQUIRED)
add_library(troupe_toml INTERFACE)
target_include_directories(troupe_toml SYSTEM INTERFACE ${TOMLPLUSPLUS_INCLUDE_DIR})
target_compile_definitions(troupe_toml INTERFACE TOML_HEADER_ONLY=1)
add_library(troupe::toml ALIAS troupe_toml)

if(TROUPE_TESTS)
  find_package(GTest REQUIRED)
  find_path(RAPIDCHECK_INCLUDE_DIR rapidcheck.h REQUIRED)
  find_library(RAPIDCHECK_LIBRARY rapidcheck REQUIRED)
  add_library(troupe_rapidcheck INTERFACE)
  target_include_directories(troupe_rapidcheck SYSTEM INTERFACE ${RAPIDCHECK_INCLUDE_DIR})
  target_link_libraries(troupe_rapidcheck INTERFACE ${RAPIDCHECK_LIBRARY})
  add_library(troupe::rapidcheck ALIAS troupe_rapidcheck)
endif()
