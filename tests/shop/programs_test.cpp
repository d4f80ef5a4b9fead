// What programs for others were built with, as `readelf` and `objdump` of the compiler's own tools tell.

#include <gmock/gmock.h>

#include <filesystem>

#include "tests/shop/shop_test.hpp"

namespace shop::testing {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

#ifdef TROUPE_HARDENED
std::string told_by(std::vector<std::string> arguments) {
  const auto finished =
      run_to_end({.arguments = std::move(arguments), .folder = std::filesystem::temp_directory_path()});
  EXPECT_EQ(finished.exit.code, 0) << finished.error;
  return finished.output;
}

TEST(Programs, AreHardened) {
  const auto program = std::filesystem::absolute(shop_binary()).string();
  const auto elf = told_by(
      {"/usr/bin/env", "readelf", "--wide", "--file-header", "--program-headers", "--dynamic", "--dyn-syms", program});
  EXPECT_THAT(elf, ContainsRegex("Type: +DYN")) << "its addresses are drawn anew at each start";
  EXPECT_THAT(elf, HasSubstr("GNU_RELRO"));
  EXPECT_THAT(elf, AllOf(HasSubstr("BIND_NOW"), ContainsRegex("FLAGS_1.*NOW.*PIE"))) << "no table stays writable";
  EXPECT_THAT(elf, Not(ContainsRegex("GNU_STACK.*RWE")));
  EXPECT_THAT(elf, HasSubstr("__stack_chk_fail"));
  EXPECT_THAT(elf, ContainsRegex("__(memcpy|memmove|memset|snprintf|read|strcpy)_chk")) << "-D_FORTIFY_SOURCE";
#ifdef TROUPE_HAS_CONTROL_FLOW_PROTECTION
  EXPECT_THAT(told_by({"/usr/bin/env", "objdump", "--disassemble=main", "--no-show-raw-insn", program}),
              HasSubstr("endbr"))
      << "-fcf-protection";
#endif
}
#endif

}  // namespace
}  // namespace shop::testing
