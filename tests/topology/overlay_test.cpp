#include <troupe/topology/loader.hpp>
#include <troupe/topology/settings.hpp>

#include "tests/topology/shop_catalog.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>

namespace troupe::topology {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

const std::string secret_line = "secret = \"" + std::string(43, 'A') + "\"";

constexpr const char* base =
    "name = \"t\"\n"
    "secret = \"${BASE_SECRET}\"\n"
    "[nodes.main]\n"
    "hosts = [\"gateway\", \"user\", \"product\", \"order\"]\n"
    "admin = \"127.0.0.1:9101\"\n"
    "[gateway]\n"
    "listen = \"127.0.0.1:8080\"\n"
    "drain = \"5s\"\n"
    "[settings.order]\n"
    "unpaid_after = \"15m\"\n"
    "limit = 3\n";

Checked<Topology> overlaid(std::string over, const Environment& variables = environment()) {
  return parse({{"base.toml", base}, {"env.toml", std::move(over)}}, shop_catalog(), variables);
}

std::vector<std::string> overlay_faults(std::string over) {
  std::vector<std::string> lines;
  for (const auto& fault : overlaid(std::move(over)).faults) lines.push_back(to_string(fault));
  return lines;
}

TEST(Overlay, ChangesWhatItNamesAndLeavesTheRest) {
  const auto loaded = overlaid(secret_line + "\n[gateway]\nlisten = \"127.0.0.1:80\"\n[nodes.main]\nloops = 4\n");
  ASSERT_TRUE(loaded) << to_string(loaded.faults.at(0));
  const Topology& topology = *loaded.value;
  EXPECT_EQ(topology.file, "base.toml");
  EXPECT_THAT(topology.secrets, ElementsAre(std::string(32, '\0')));
  EXPECT_EQ(topology.gateway.drain, 5s);
  EXPECT_EQ(topology.nodes[0].gateway, (Address{"127.0.0.1", 80}));
  EXPECT_EQ(topology.nodes[0].admin, (Address{"127.0.0.1", 9101}));
  EXPECT_EQ(topology.nodes[0].loops, 4u);
}

TEST(Overlay, ReplacesAListWhole) {
  const auto loaded = overlaid(secret_line +
                               "\n[nodes.main]\nhosts = [\"gateway\", \"user\", \"product\"]\nlink = \"127.0.0.1:1\"\n"
                               "[nodes.orders]\nhosts = [\"order\"]\nlink = [\"127.0.0.1:2\", \"127.0.0.1:3\"]\n");
  ASSERT_TRUE(loaded) << to_string(loaded.faults.at(0));
  std::vector<std::string> names;
  for (const Node& node : loaded.value->nodes) names.push_back(node.name);
  EXPECT_THAT(names, ElementsAre("main", "orders-0", "orders-1"));
}

TEST(Overlay, MayLeaveAVariableOfTheBaseUnset) {
  EXPECT_TRUE(overlaid(secret_line + "\n"));
  EXPECT_THAT(overlay_faults("[gateway]\ndrain = \"1s\"\n"),
              ElementsAre(testing::HasSubstr("base.toml:2:10: the environment variable `BASE_SECRET` is not set")));
}

TEST(Overlay, IsNamedByItsOwnFaults) {
  EXPECT_THAT(overlay_faults(secret_line + "\n[gateway]\nlistn = \"127.0.0.1:80\"\n[nodes.main]\nadmin = 7\n"),
              ElementsAre(testing::HasSubstr("env.toml:3:1: unknown key `listn` in [gateway]; did you mean `listen`?"),
                          testing::StartsWith("env.toml:5:9: ")));
  EXPECT_THAT(overlay_faults("secret = \"s\n"), ElementsAre(testing::StartsWith("env.toml:1:")));
}

TEST(Overlay, ListsTheFaultsOfTheBaseFirst) {
  EXPECT_THAT(overlay_faults("[gateway]\ndrain = \"soon\"\n"),
              ElementsAre(testing::StartsWith("base.toml:2:10: "), testing::StartsWith("env.toml:2:9: ")));
}

TEST(Overlay, TellsTheRightFileOfASetting) {
  struct Settings {
    Duration unpaid_after{};
    std::uint32_t limit = 0;
  };
  const auto loaded = overlaid(secret_line + "\n\n[settings.order]\nlimit = -1\n");
  ASSERT_TRUE(loaded);
  const auto bound = bind<Settings>(loaded.value->settings_of("order"));
  ASSERT_EQ(bound.faults.size(), 1u);
  EXPECT_THAT(to_string(bound.faults[0]), testing::StartsWith("env.toml:4:9: "));
}

TEST(Overlay, OfAMissingFileIsAFault) {
  const auto folder = std::filesystem::path(testing::TempDir());
  std::ofstream(folder / "overlay_base.toml") << base;
  const auto loaded =
      load(std::vector{folder / "overlay_base.toml", folder / "no_such_overlay.toml"}, shop_catalog(), environment());
  ASSERT_EQ(loaded.faults.size(), 1u);
  EXPECT_THAT(loaded.faults[0].file, testing::HasSubstr("no_such_overlay.toml"));
  std::filesystem::remove(folder / "overlay_base.toml");
}

}  // namespace
}  // namespace troupe::topology
