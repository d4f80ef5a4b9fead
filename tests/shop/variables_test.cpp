// What a shop is told that it cannot use: it says where that stands, and ends with 2.

#include <regex>

#include "tests/shop/shop_test.hpp"

namespace shop::testing {
namespace {

class Variables : public ::testing::Test {
 protected:
  Finished shop(std::vector<std::string> arguments, const std::string& topology, Environment environment = {}) {
    write_text(folder_.path() / "topology.toml", topology);
    return run_to_end(shop_command(folder_.path(), std::move(arguments), std::move(environment)));
  }
  static void expect_refused(const Finished& finished, const std::string& beginning) {
    EXPECT_EQ(finished.exit.code, 2) << "signal " << finished.exit.signal << '\n' << finished.error;
    EXPECT_EQ(finished.error.substr(0, beginning.size()), beginning) << finished.error;
    EXPECT_EQ(finished.output.find("ready "), std::string::npos) << finished.output;
  }
  static std::string with_secret(const std::string& secret) { return "secret = " + secret + "\n" + monolith({}); }

  TemporaryFolder folder_;
};

TEST_F(Variables, OfATopologyAreTexts) {
  std::string topology = monolith({});
  topology.replace(topology.find("\"data\""), 6, "\"${D}\"");
  for (const auto& command : {std::vector<std::string>{"check", "--json", "topology.toml"},
                              std::vector<std::string>{"check", "topology.toml"},
                              std::vector<std::string>{"run", "--topology", "topology.toml"}}) {
    expect_refused(shop(command, topology, {{"D", "\xff"}}),
                   "topology.toml:2:8: the environment variable `D` holds octets that are not UTF-8; ");
  }
}

TEST_F(Variables, OfTheShopAreTexts) {
  for (const std::string name : {"SHOP_ADMIN_EMAIL", "SHOP_ADMIN_PASSWORD", "SHOP_TOKEN_KEY"}) {
    Environment environment = with_admin();
    std::erase_if(environment, [&](const auto& each) { return each.first == name; });
    environment.emplace_back(name, "admin\xff@shop.test");
    expect_refused(shop({"run", "--topology", "topology.toml"}, monolith({}), environment),
                   name + " holds octets that are not UTF-8");
  }
}

TEST_F(Variables, GuessableSecretsAreRefusedWithHowToMakeAnother) {
  for (const auto& command : {std::vector<std::string>{"check", "topology.toml"},
                              std::vector<std::string>{"run", "--topology", "topology.toml"}}) {
    const auto finished = shop(command, with_secret("\"${TROUPE_SECRET}\""), {{"TROUPE_SECRET", "c0ffee"}});
    expect_refused(finished, "topology.toml:1:10: `secret` has 3 octets, and needs 32; make one with `shop secret`");
  }
}

TEST_F(Variables, SecretsAreMadeByTheShop) {
  const auto one = shop({"secret"}, "");
  const auto other = shop({"secret"}, "");
  EXPECT_EQ(one.exit.code, 0) << one.error;
  EXPECT_TRUE(std::regex_match(one.output, std::regex("[A-Za-z0-9_-]{43}\n"))) << one.output;
  EXPECT_NE(one.output, other.output);
  const auto checked = shop({"check", "topology.toml"}, with_secret("[\"${NEW}\", \"${OLD}\"]"),
                            {{"NEW", one.output.substr(0, 43)}, {"OLD", other.output.substr(0, 43)}});
  EXPECT_EQ(checked.exit.code, 0) << checked.error;
}

TEST_F(Variables, NestNoDeeperThanTopologiesDo) {
  std::string key;
  for (int i = 0; i < 20'000; ++i) key += "a.";
  expect_refused(shop({"check", "topology.toml"}, monolith({}) + key + "b = 1\n"), "topology.toml:11:32: nested too");
}

}  // namespace
}  // namespace shop::testing
