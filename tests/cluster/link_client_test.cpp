// The wire as docs/wire.md tells it, spoken by a program in another language.

#include <boost/json.hpp>

#include "tests/cluster/running_cluster.hpp"

namespace shop::testing {
namespace {

constexpr const char* placement = "gateway user order | product";

/// The secret of a topology without one.
Environment with_secret_of(RunningCluster& cluster) {
  return {{"TROUPE_SECRET_FILE", (cluster.folder() / "data" / "shared" / "links").string()}};
}

Finished ask_as_client(const std::string& address, const std::string& cluster, std::vector<std::string> ask,
                       Environment environment) {
  Command command;
  command.arguments = {"/usr/bin/env", "python3", TROUPE_LINK_CLIENT, address, cluster};
  command.arguments.insert(command.arguments.end(), ask.begin(), ask.end());
  command.environment = std::move(environment);
  command.folder = std::filesystem::temp_directory_path();
  return run_to_end(command);
}

TEST(LinkClient, AsksAnActorThroughALink) {
  RunningCluster cluster(placement);
  auto admin = cluster.admin();
  const auto product = create_product(admin, {.name = "Lamp", .price = 1999, .stock = 7});
  const auto answered =
      ask_as_client(cluster.process().link_of("n1"), "test", {"product", "Get", product}, with_secret_of(cluster));
  ASSERT_EQ(answered.exit.code, 0) << answered.error << answered.output;
  const auto reply = boost::json::parse(answered.output);
  EXPECT_EQ(reply.at("name").as_string(), "Lamp");
  EXPECT_EQ(reply.at("stock").as_int64(), 7);
  EXPECT_EQ(reply.at("price").at("amount").as_int64(), 1999);
}

TEST(LinkClient, HearsWhyAnAskHasNoReply) {
  RunningCluster cluster(placement);
  const std::string nobody(26, '1');
  const auto ask = [&](std::vector<std::string> what) {
    return ask_as_client(cluster.process().link_of("n1"), "test", std::move(what), with_secret_of(cluster));
  };
  const auto missing = ask({"product", "Get", nobody});
  EXPECT_EQ(missing.exit.code, 1) << missing.error;
  EXPECT_EQ(boost::json::parse(missing.output).at("code").as_string(), "not_found");
  const auto elsewhere = ask({"order", "Get", nobody});
  EXPECT_EQ(elsewhere.exit.code, 1) << elsewhere.error;
  EXPECT_EQ(boost::json::parse(elsewhere.output).at("code").as_string(), "unavailable");
  EXPECT_EQ(boost::json::parse(elsewhere.output).at("kind").as_string(), "not_executed");
  const auto wrong = ask({"product", "Reserve", nobody, "{}"});
  EXPECT_EQ(wrong.exit.code, 1) << wrong.error;
  EXPECT_NE(wrong.output.find("order"), std::string::npos) << "names the field that is not there: " << wrong.output;
}

TEST(LinkClient, IsRefusedByAnotherCluster) {
  RunningCluster cluster(placement);
  const auto refused = ask_as_client(cluster.process().link_of("n1"), "another",
                                     {"product", "Get", std::string(26, '1')}, with_secret_of(cluster));
  EXPECT_EQ(refused.exit.code, 2);
  EXPECT_NE(refused.error.find("wrong_cluster"), std::string::npos) << refused.error;
}

TEST(LinkClient, IsRefusedOnTheSameMachineWithoutTheSecretOfTheDataFolder) {
  RunningCluster cluster(placement);
  const std::string address = cluster.process().link_of("n1");
  const auto refused = ask_as_client(address, "test", {"product", "Get", std::string(26, '1')}, {});
  EXPECT_EQ(refused.exit.code, 2);
  EXPECT_NE(refused.error.find("wrong_secret"), std::string::npos) << refused.error;
  const auto file = cluster.folder() / "data" / "shared" / "links";
  const auto rights = std::filesystem::status(file).permissions();
  EXPECT_EQ(rights & (std::filesystem::perms::group_all | std::filesystem::perms::others_all),
            std::filesystem::perms::none)
      << "nobody else on the machine can read it";
}

TEST(LinkClient, IsRefusedWithoutTheSecret) {
  const std::string secret = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
  RunningCluster cluster(placement, secret);
  const std::string address = cluster.process().link_of("n1");
  const std::vector<std::string> ask{"product", "Get", std::string(26, '1')};
  const auto refused = ask_as_client(address, "test", ask, {{"TROUPE_SECRET", std::string(64, 'a')}});
  EXPECT_EQ(refused.exit.code, 2);
  EXPECT_NE(refused.error.find("wrong_secret"), std::string::npos) << refused.error;
  EXPECT_EQ(ask_as_client(address, "test", ask, {{"TROUPE_SECRET", secret}}).exit.code, 1);
}

}  // namespace
}  // namespace shop::testing
