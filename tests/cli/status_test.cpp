// `shop status` as a user runs it, of nodes that really run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <sstream>
#include <string>

#include "tests/shop/shop_test.hpp"

namespace shop::testing {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

class Status : public ::testing::Test {
 protected:
  Status() { write_text(shop_.folder() / "seen.toml", admins(admin_of("n0"), admin_of("n1"))); }

  /// What a topology says of the operations listeners: here, the ports that the system has chosen.
  static std::string admins(const std::string& first, const std::string& second) {
    return "[nodes.n0]\nadmin = \"" + first + "\"\n[nodes.n1]\nadmin = \"" + second + "\"\n";
  }
  std::string admin_of(const std::string& node) { return shop_.process().admin_of(node); }

  Finished status(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "status");
    return run_to_end(shop_command(shop_.folder(), std::move(arguments)));
  }

  RunningShop shop_{[] {
    ShopOptions options;
    options.placement = parse_placement("gateway user | product order");
    return options;
  }()};
};

TEST_F(Status, ShowsEveryNodeOfATopology) {
  const auto shown = status({"topology.toml", "seen.toml"});
  EXPECT_EQ(shown.exit.code, 0) << shown.error;
  EXPECT_THAT(shown.output, ContainsRegex("n0  +" + admin_of("n0") + "  +1 .* " + shop_.address() + " "));
  EXPECT_THAT(shown.output, ContainsRegex("n1  +" + admin_of("n1") + "  +1 "));
  EXPECT_THAT(shown.output, ContainsRegex("product +n1 +64 .* sqlite"));
  EXPECT_THAT(shown.output, ContainsRegex("user +n0 +64 .* sqlite"));
  EXPECT_THAT(shown.output, ContainsRegex("n0 +n1 +127.0.0.1:[0-9]+ +(up|idle)"));

  const auto named = status({"--topology", "topology.toml", "--topology", "seen.toml"});
  EXPECT_EQ(named.exit.code, 0) << named.error;
}

TEST_F(Status, WritesTheSameAsJson) {
  const auto shown = status({"topology.toml", "seen.toml", "--json"});
  ASSERT_EQ(shown.exit.code, 0) << shown.error;
  const auto nodes = elements(boost::json::parse(shown.output), "nodes");
  ASSERT_EQ(nodes.size(), 2u);
  EXPECT_EQ(text(nodes[1], "node"), "n1");
  EXPECT_EQ(text(nodes[1], "admin"), admin_of("n1"));
  EXPECT_TRUE(nodes[1].at("trouble").is_null());
  EXPECT_EQ(text(nodes[1].at("status"), "topology"), "test");
}

/// As `check --tree` prints it: each line its name, behind as many blanks as it is deep; shards with their number.
void add_lines(const boost::json::value& node, std::size_t depth, std::string& lines) {
  lines += std::string(2 * depth, ' ');
  const bool is_shard = text(node, "kind") == "shard";
  lines += is_shard ? std::to_string(node.at("count").to_number<int>()) + " shards" : text(node, "name");
  lines += '\n';
  for (const auto& child : elements(node, "children")) add_lines(child, depth + 1, lines);
}

TEST_F(Status, ShowsTheSupervisionTreeThatCheckPrints) {
  const auto shown = status({"topology.toml", "seen.toml", "--json"});
  ASSERT_EQ(shown.exit.code, 0) << shown.error;
  std::string running;
  for (const auto& node : elements(boost::json::parse(shown.output), "nodes")) {
    const auto& tree = node.at("status").at("tree");
    EXPECT_EQ(text(tree, "kind"), "supervisor");
    EXPECT_EQ(text(tree, "strategy"), "one_for_one");
    EXPECT_EQ(text(tree, "state"), "running");
    EXPECT_TRUE(tree.at("last_reason").is_null());
    add_lines(tree, 0, running);
  }
  const auto printed = run_to_end(shop_command(shop_.folder(), {"check", "--tree", "topology.toml"}));
  ASSERT_EQ(printed.exit.code, 0) << printed.error;
  std::string planned;
  std::istringstream lines(printed.output);
  for (std::string line; std::getline(lines, line);) {
    const auto shards = line.find(" shards");
    const auto name = line.find_first_not_of(' ');
    const auto what = shards == std::string::npos
                          ? line.substr(name, line.find(':') - name)
                          : line.substr(line.find(": ") + 2, shards - line.find(": ") - 2) + " shards";
    planned += std::string(name, ' ') + what + '\n';
  }
  EXPECT_EQ(running, planned);
  EXPECT_THAT(running, HasSubstr("\n  order\n    storage\n      order\n"));
  EXPECT_THAT(running, HasSubstr("\n    workers\n      outbox\n      provider\n      settling\n"));
}

TEST_F(Status, AsksTheNodeAtAnAddress) {
  const auto shown = status({"--admin", admin_of("n1")});
  EXPECT_EQ(shown.exit.code, 0) << shown.error;
  EXPECT_THAT(shown.output, ContainsRegex("n1  +" + admin_of("n1")));
  EXPECT_THAT(shown.output, Not(HasSubstr(admin_of("n0"))));
}

TEST_F(Status, SaysWhichNodesDoNotAnswer) {
  const auto gone = admin_of("n1");
  shop_.process().kill();
  const auto refuses = [&] { return status({"--admin", gone}).output.find("Connection refused") != std::string::npos; };
  ASSERT_TRUE(eventually(refuses)) << "nodes die a moment after `up`";
  const auto of_both = status({"topology.toml", "seen.toml"});
  EXPECT_EQ(of_both.exit.code, 1);
  EXPECT_THAT(of_both.output, ContainsRegex("n1  +" + gone + "  +it can't be reached: Connection refused"));
  const auto of_one = status({"--admin", gone, "--json"});
  EXPECT_EQ(of_one.exit.code, 1);
  EXPECT_THAT(of_one.output, HasSubstr(R"("trouble":"it can't be reached: Connection refused","status":null)"));
}

TEST_F(Status, TakesNobodyForTheNodeThatIsAskedFor) {
  write_text(shop_.folder() / "crossed.toml", admins(shop_.address(), admin_of("n0")));
  const auto shown = status({"topology.toml", "crossed.toml"});
  EXPECT_EQ(shown.exit.code, 1);
  EXPECT_THAT(shown.output, HasSubstr("it answered 404 Not Found"));
  EXPECT_THAT(shown.output, HasSubstr("the node n0 of the topology test answers there"));
}

TEST_F(Status, CannotAskWhereTheFileLeavesThePortOpen) {
  const auto shown = status({"topology.toml"});
  EXPECT_EQ(shown.exit.code, 1);
  EXPECT_THAT(shown.output, HasSubstr("its port is chosen by the system: ask by --admin"));
}

TEST_F(Status, OfHealthIsWhetherANodeIsReady) {
  const auto health = [&](const std::string& admin) {
    return run_to_end(shop_command(shop_.folder(), {"health", "--admin", admin}));
  };
  auto ready = health(admin_of("n0"));
  // Its look has a second, which a busy machine may need.
  EXPECT_TRUE(eventually([&] {
    if (ready.exit.code != 0) ready = health(admin_of("n0"));
    return ready.exit.code == 0;
  })) << ready.output
      << ready.error;
  EXPECT_THAT(ready.output, ContainsRegex("^ready[^\n]*\n$"));
  const auto elsewhere = health(shop_.address());
  EXPECT_EQ(elsewhere.exit.code, 1);
  EXPECT_THAT(elsewhere.output, HasSubstr("what answers there is no node: it says 404 Not Found"));
  const auto gone = admin_of("n0");
  EXPECT_EQ(shop_.process().stop().code, 0);
  const auto unreachable = health(gone);
  EXPECT_EQ(unreachable.exit.code, 1);
  EXPECT_EQ(unreachable.output, "it can't be reached: Connection refused\n");
  EXPECT_EQ(health("nowhere").exit.code, 2);
}

TEST(StatusCommand, RefusesWhatNamesNoNode) {
  const TemporaryFolder folder;
  const auto status = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "status");
    return run_to_end(shop_command(folder.path(), std::move(arguments)));
  };
  for (const auto* address : {"nowhere", "127.0.0.1:0", "127.0.0.1:x"}) {
    const auto refused = status({"--admin", address});
    EXPECT_EQ(refused.exit.code, 2) << address;
    EXPECT_THAT(refused.error, HasSubstr("is no address; it is HOST:PORT")) << address;
  }
  EXPECT_EQ(status({"missing.toml"}).exit.code, 2);
  EXPECT_EQ(status({"some.toml", "--admin", "127.0.0.1:9101"}).exit.code, 2);
}

}  // namespace
}  // namespace shop::testing
