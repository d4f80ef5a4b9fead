// A node stands still under load for longer than a link goes without a word: it lives, so its links do.

#include "tests/cluster/running_cluster.hpp"
#include "tests/crash/workload.hpp"

namespace shop::testing {
namespace {

constexpr std::chrono::minutes patience{1};

bool is_silent(RunningCluster& cluster, const std::string& at, const std::string& peer) {
  return find(status_of(cluster, at), "links", "peer", peer).at("silent").is_string();
}

TEST(SilentNode, KeepsItsLinks) {
  RunningCluster cluster("gateway user | product | order");
  Workload workload{cluster, test_seed()};
  workload.start(cluster.address());
  const auto goes_on = [&] {
    const auto enough = workload.acknowledged() + 50;
    return eventually([&] { return workload.acknowledged() >= enough; }, patience);
  };
  ASSERT_TRUE(goes_on());
  {
    const Standstill standstill(cluster, "n1");
    for (const std::string at : {"n0", "n2"}) {
      ASSERT_TRUE(eventually([&] { return is_silent(cluster, at, "n1"); }, patience)) << at;
      EXPECT_EQ(text(find(status_of(cluster, at), "links", "peer", "n1"), "state"), "up");
      const auto metrics = expecting(200, Session{cluster.process().admin_of(at)}.get("/metrics")).body;
      EXPECT_NE(metrics.find("\ntroupe_link_silent_seconds{peer=\"n1\"} "), std::string::npos);
      EXPECT_EQ(metrics.find("\ntroupe_link_silent_seconds{peer=\"n1\"} 0\n"), std::string::npos);
    }
  }
  ASSERT_TRUE(goes_on()) << "calls succeed again";
  workload.stop();
  EXPECT_TRUE(eventually([&] { return !is_silent(cluster, "n0", "n1") && !is_silent(cluster, "n2", "n1"); }));
  for (const auto& [node, process] : cluster.nodes()) {
    for (const auto& link : elements(status_of(cluster, node), "links")) {
      EXPECT_EQ(text(link, "state"), "up") << node;
      EXPECT_EQ(number(link, "reconnects"), 0) << node;
    }
  }
  EXPECT_EQ(cluster.process().child().standard_error().find("a link is gone"), std::string::npos);
}

}  // namespace
}  // namespace shop::testing
