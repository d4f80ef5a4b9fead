// `shop check` as a user runs it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/shop/shop_process.hpp"
#include "tests/shop/temporary_folder.hpp"

namespace shop::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

const std::filesystem::path shipped = std::filesystem::path(TROUPE_SOURCE_DIR) / "topology";

class Check : public ::testing::Test {
 protected:
  Finished check(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "check");
    return run_to_end(shop_command(folder_.path(), std::move(arguments)));
  }

  Finished check_text(std::string_view text) const {
    const auto file = folder_.path() / "written.toml";
    std::ofstream(file) << text;
    return check({file.string()});
  }

  TemporaryFolder folder_;
};

TEST_F(Check, AcceptsEveryShippedTopology) {
  for (const auto& file : std::filesystem::directory_iterator(shipped)) {
    const auto finished = check({file.path().string()});
    EXPECT_EQ(finished.exit.code, 0) << finished.error;
    EXPECT_EQ(finished.error, "") << "all that it sets has an effect";
    EXPECT_THAT(finished.output, HasSubstr("topology " + file.path().stem().string() + ": "));
  }
}

TEST_F(Check, RefusesWhatThisBuildCannotRun) {
  write_text(folder_.path() / "topology.toml",
             "name = \"test\"\n[nodes.main]\nhosts = [\"gateway\", \"user\", \"product\", \"order\"]\n"
             "[storage]\ndefault = \"postgresql://shop:secret@db/shop\"\n");
  const auto finished = check({"topology.toml"});
  EXPECT_EQ(finished.exit.code, 2) << finished.output;
  EXPECT_THAT(finished.error, HasSubstr("topology.toml: the topology `test` keeps data in PostgreSQL"));
  EXPECT_EQ(finished.error.find("secret"), std::string::npos) << finished.error;
}

TEST_F(Check, TellsOfEachEdgeWhetherItIsRemote) {
  const auto three = check({(shipped / "three-nodes.toml").string(), "--json"});
  ASSERT_EQ(three.exit.code, 0) << three.error;
  EXPECT_THAT(three.output, HasSubstr(R"({"from":"gateway","to":"order","reach":"remote"})"));
  EXPECT_THAT(three.output, HasSubstr(R"({"from":"order","to":"product","reach":"remote"})"));
  EXPECT_THAT(check({(shipped / "two-nodes.toml").string(), "--json"}).output,
              HasSubstr(R"({"from":"order","to":"product","reach":"local"})"));
}

TEST_F(Check, TellsOfEveryProtocolOfADomain) {
  const auto file = (shipped / "three-nodes.toml").string();
  const auto json = check({file, "--json"}).output;
  EXPECT_THAT(json, HasSubstr(R"({"from":"order","to":"payment","reach":"local"})"));
  EXPECT_THAT(json, HasSubstr(R"({"from":"user","to":"email","reach":"local"})"));
  EXPECT_THAT(json, HasSubstr(R"({"from":"gateway","to":"order_idempotency","reach":"remote"})"));
  EXPECT_THAT(json, HasSubstr(R"({"from":"customer","to":"order","reach":"local"})"));
  EXPECT_THAT(json, HasSubstr(R"({"from":"user","to":"customer","reach":"remote"})")) << "what is only sent, too";
  const auto text = check({file}).output;
  EXPECT_THAT(text, HasSubstr("  order with payment, sandbox, shipping, customer, order_idempotency\n")) << text;
  EXPECT_THAT(text, HasSubstr("  user with email, admins, user_idempotency\n"));
}

TEST_F(Check, TellsNoEdgeThatNoEntityDeclares) {
  const auto json = check({(shipped / "three-nodes.toml").string(), "--json"}).output;
  for (const auto* pair : {R"("from":"product","to":")", R"("from":"customer","to":"product")",
                           R"("from":"order","to":"user")", R"("from":"email","to":"admins")"}) {
    EXPECT_EQ(json.find(pair), std::string::npos) << pair;
  }
  const auto refused =
      check_text("name = \"t\"\n[nodes.main]\nhosts = [\"gateway\"]\n[calls.\"product -> order\"]\ntimeout = \"1s\"\n");
  EXPECT_EQ(refused.exit.code, 2);
  EXPECT_THAT(refused.error, HasSubstr("`product` never asks `order`"));
}

TEST_F(Check, LetsDomainsThatAFileNamesNowhereStandWithTheGateway) {
  const auto checked = check_text(
      "name = \"t\"\n[nodes.edge]\nhosts = [\"gateway\"]\nlink = \"127.0.0.1:7101\"\n"
      "[nodes.core]\nhosts = [\"user\", \"product\"]\nlink = \"127.0.0.1:7102\"\n");
  EXPECT_EQ(checked.exit.code, 0) << checked.error;
  const auto edge = checked.output.substr(0, checked.output.find("node core"));
  EXPECT_THAT(edge, HasSubstr("hosts    order ")) << checked.output;
}

TEST(CommandLine, NamesASubcommandThatThereIsNot) {
  const TemporaryFolder folder;
  const auto finished = run_to_end(shop_command(folder.path(), {"chekc", "topology.toml"}));
  EXPECT_EQ(finished.exit.code, 2);
  EXPECT_THAT(finished.error, HasSubstr("there is no subcommand 'chekc'"));
  EXPECT_THAT(run_to_end(shop_command(folder.path(), {"data", "mvoe"})).error,
              HasSubstr("there is no subcommand 'mvoe'"));
}

TEST_F(Check, TellsTheFaultsOfSettingsWithAllOthers) {
  const auto checked = check_text(
      "name = \"t\"\nhsh = 1\n[nodes.main]\nhosts = [\"gateway\", \"user\", \"product\", \"order\"]\n"
      "[settings.order]\nunpaid_aftr = \"1m\"\nunpaid_after = \"${NOT_SET_ANYWHERE}\"\n[gateway]\nlisten = 1\n");
  EXPECT_EQ(checked.exit.code, 2);
  EXPECT_THAT(checked.error,
              MatchesRegex(".*:2:1: unknown key `hsh`.*\n.*:6:1: unknown key `unpaid_aftr` in "
                           ".settings.order.*\n.*:7:16: the environment variable .*\n.*:9:10: `listen`.*\n"))
      << checked.error;
}

}  // namespace
}  // namespace shop::testing
