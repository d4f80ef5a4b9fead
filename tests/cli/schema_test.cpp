// `shop schema` as a user runs it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "tests/shop/shop_process.hpp"
#include "tests/shop/temporary_folder.hpp"

namespace shop::testing {
namespace {

using ::testing::HasSubstr;

class Schema : public ::testing::Test {
 protected:
  Finished schema(std::vector<std::string> arguments = {}) const {
    arguments.insert(arguments.begin(), "schema");
    return run_to_end(shop_command(folder_.path(), std::move(arguments)));
  }
  /// What `schema` says against this version with one text in it replaced.
  Finished against(const std::string& what, const std::string& by) const {
    std::string old = schema().output;
    const auto at = old.find(what);
    if (at == std::string::npos) throw std::runtime_error("the schema does not hold " + what);
    write_text(folder_.path() / "old.json", old.replace(at, what.size(), by));
    return schema({"--against", "old.json"});
  }

  TemporaryFolder folder_;
};

TEST_F(Schema, PrintsEveryProtocol) {
  const auto finished = schema();
  ASSERT_EQ(finished.exit.code, 0) << finished.error;
  for (const auto* protocol : {"user", "product", "order", "payment", "order_idempotency"}) {
    EXPECT_THAT(finished.output, HasSubstr("\n{\"name\":\"" + std::string(protocol) + "\",\"messages\":["));
  }
  EXPECT_THAT(
      finished.output,
      HasSubstr(R"({"name":"Reserve","effect":"idempotent","scope":"entity","fields":[{"name":"order","type":"id"})"));
  EXPECT_EQ(schema().output, finished.output);
}

TEST_F(Schema, FindsNoChangeInItself) {
  const auto finished = against("{\"application\"", "{\"application\"");
  EXPECT_EQ(finished.exit.code, 0) << finished.error;
  EXPECT_EQ(finished.output, "no changes\n");
}

TEST_F(Schema, TellsACompatibleChange) {
  const auto finished = against(R"("fields":[],)", R"("fields":[{"name":"old","type":"optional<u8>"}],)");
  EXPECT_EQ(finished.exit.code, 0) << finished.error;
  EXPECT_THAT(finished.output, HasSubstr("compatible  "));
  EXPECT_THAT(finished.output, HasSubstr(".old was removed, and is optional\n"));
}

TEST_F(Schema, EndsWithOneWhereAChangeBreaks) {
  const auto finished = against(R"("fields":[],)", R"("fields":[{"name":"old","type":"u8"}],)");
  EXPECT_EQ(finished.exit.code, 1) << finished.error;
  EXPECT_THAT(finished.output, HasSubstr("breaking    "));
  EXPECT_THAT(finished.output, HasSubstr(".old was removed, and is not optional\n"));
}

TEST_F(Schema, EndsWithTwoWhereTheOldOneCannotBeRead) {
  EXPECT_EQ(against("{", "[").exit.code, 2);
  EXPECT_EQ(schema({"--against", "missing.json"}).exit.code, 2);
  EXPECT_EQ(schema({"--against", "."}).exit.code, 2);
}

}  // namespace
}  // namespace shop::testing
