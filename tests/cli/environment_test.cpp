#include <troupe/cli/environment.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include <troupe/testing/temporary_folder.hpp>

namespace troupe::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::StrEq;

class EnvironmentVariables : public ::testing::Test {
 protected:
  ~EnvironmentVariables() override {
    for (const auto& name : set_) unsetenv(name.c_str());
  }
  void set(const std::string& name, const std::string& value) {
    setenv(name.c_str(), value.c_str(), 1);
    set_.push_back(name);
  }
  std::string file(const std::string& text) {
    const auto path = folder_.path() / "secret";
    std::ofstream(path, std::ios::binary) << text;
    std::filesystem::permissions(path, std::filesystem::perms(0644));  // whatever the umask
    return path;
  }
  static std::string fault_of(const char* name) {
    try {
      environment(name);
    } catch (const UnusableVariable& e) {
      return e.what();
    }
    return "none";
  }

  troupe::testing::TemporaryFolder folder_;
  std::vector<std::string> set_;
};

TEST_F(EnvironmentVariables, AreTakenAsTheyAre) {
  EXPECT_EQ(environment("SHOP_TEST_VALUE"), std::nullopt);
  set("SHOP_TEST_VALUE", "a\n");
  EXPECT_EQ(environment("SHOP_TEST_VALUE"), "a\n");
}

TEST_F(EnvironmentVariables, MayStandInAFileWhoseLastLineEndsOrNot) {
  for (const auto* text : {"a secret", "a secret\n", "a secret\r\n"}) {
    set("SHOP_TEST_VALUE_FILE", file(text));
    EXPECT_EQ(environment("SHOP_TEST_VALUE"), "a secret");
  }
  set("SHOP_TEST_VALUE_FILE", file("two\n\n"));
  EXPECT_EQ(environment("SHOP_TEST_VALUE"), "two\n");
  set("SHOP_TEST_VALUE_FILE", file(""));
  EXPECT_EQ(environment("SHOP_TEST_VALUE"), "");
}

TEST_F(EnvironmentVariables, AreAsIfTheirFileWereNotSetWhereItsNameIsEmpty) {
  set("SHOP_TEST_VALUE_FILE", "");
  EXPECT_EQ(environment("SHOP_TEST_VALUE"), std::nullopt);
  EXPECT_EQ(unusable_variables("SHOP_TEST_"), "");
  set("SHOP_TEST_VALUE", "a");
  EXPECT_EQ(environment("SHOP_TEST_VALUE"), "a");
}

TEST_F(EnvironmentVariables, HaveNoFileWhereTheyAreNotThisProgramsOwn) {
  set("SHOP_TEST_VALUE_FILE", "/nowhere/at all");
  EXPECT_EQ(plain_environment("SHOP_TEST_VALUE"), std::nullopt);
  set("SHOP_TEST_VALUE", "");
  EXPECT_EQ(plain_environment("SHOP_TEST_VALUE"), "");
}

TEST_F(EnvironmentVariables, AreRefusedByNameWhereTheFileIsOfNoUse) {
  set("SHOP_TEST_VALUE_FILE", "/nowhere/at all");
  EXPECT_THAT(fault_of("SHOP_TEST_VALUE"),
              StrEq("SHOP_TEST_VALUE_FILE: '/nowhere/at all' can't be read: No such file or directory\n"));
  set("SHOP_TEST_VALUE_FILE", folder_.path());
  EXPECT_THAT(fault_of("SHOP_TEST_VALUE"), HasSubstr("can't be read"));
  set("SHOP_TEST_VALUE_FILE", file(std::string(64 * 1024 + 1, 'x')));
  EXPECT_THAT(fault_of("SHOP_TEST_VALUE"), HasSubstr("is longer than 64 KiB"));
  set("SHOP_TEST_VALUE_FILE", file(std::string("a\0b", 3)));
  EXPECT_THAT(fault_of("SHOP_TEST_VALUE"), HasSubstr("holds a zero octet"));
  set("SHOP_TEST_VALUE_FILE", file("a"));
  set("SHOP_TEST_VALUE", "b");
  EXPECT_THAT(fault_of("SHOP_TEST_VALUE"), StrEq("SHOP_TEST_VALUE and SHOP_TEST_VALUE_FILE are both set: unset one\n"));
}

TEST_F(EnvironmentVariables, AreLookedOverByTheirPrefix) {
  set("SHOP_TEST_A_FILE", "/nowhere/a");
  set("SHOP_TEST_B_FILE", "/nowhere/b");
  set("SHOP_TEST_C_FILE", file("c"));
  set("OTHER_TEST_FILE", "/nowhere/d");
  set("SHOP_TEST_FILE", "/nowhere/e");  // of SHOP_TEST, which does not begin so
  const auto faults = unusable_variables("SHOP_TEST_");
  EXPECT_THAT(faults, HasSubstr("SHOP_TEST_A_FILE: '/nowhere/a' can't be read"));
  EXPECT_THAT(faults, HasSubstr("SHOP_TEST_B_FILE: '/nowhere/b' can't be read"));
  EXPECT_THAT(faults, ::testing::Not(HasSubstr("OTHER")));
  EXPECT_THAT(faults, ::testing::Not(HasSubstr("SHOP_TEST_FILE")));
  EXPECT_THAT(faults, ::testing::Not(HasSubstr("SHOP_TEST_C")));
}

TEST_F(EnvironmentVariables, AreRefusedByNameWhereTheyAreNoText) {
  set("SHOP_TEST_A", "\xff");
  set("SHOP_TEST_B_FILE", file("\xc3\x28"));
  set("SHOP_TEST_C", "\xc3\xa9");
  EXPECT_THAT(unusable_variables("SHOP_TEST_"),
              ::testing::AllOf(HasSubstr("SHOP_TEST_A holds octets that are not UTF-8"),
                               HasSubstr("SHOP_TEST_B_FILE holds octets that are not UTF-8"),
                               ::testing::Not(HasSubstr("SHOP_TEST_C")), ::testing::Not(HasSubstr("\xff"))));
}

TEST_F(EnvironmentVariables, AreNotTakenFromAFileThatOthersMayWrite) {
  const auto path = file("a secret");
  std::filesystem::permissions(path, std::filesystem::perms(0666));
  set("SHOP_TEST_VALUE_FILE", path);
  EXPECT_THAT(fault_of("SHOP_TEST_VALUE"), HasSubstr("run: chmod go-w '" + path + "'"));
  std::filesystem::permissions(path, std::filesystem::perms(0444));
  EXPECT_EQ(environment("SHOP_TEST_VALUE"), "a secret");
}

}  // namespace
}  // namespace troupe::cli
