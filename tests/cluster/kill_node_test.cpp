// One node of several dies under load: the others say what is unavailable, and all is well again when it is back.

#include "tests/cluster/running_cluster.hpp"
#include "tests/crash/workload.hpp"

namespace shop::testing {
namespace {

/// Kills one node after another in the middle of the calls; each comes back by itself.
void kill_nodes_under_load(std::string_view placement) {
  RunningCluster cluster(placement);
  const auto seed = test_seed();
  Workload workload{cluster, seed};
  workload.start(cluster.address());
  for (const auto& [name, process] : cluster.nodes()) {
    SCOPED_TRACE(name);
    if (name == "n0") continue;  // the clients' own connections end there
    const auto before = workload.acknowledged() + 50;
    ASSERT_TRUE(eventually([&] { return workload.acknowledged() >= before; }, std::chrono::minutes{1}));
    cluster.kill_node(name);
    const auto after = workload.acknowledged() + 50;
    ASSERT_TRUE(eventually([&] { return workload.acknowledged() >= after; }, std::chrono::minutes{1}))
        << "calls succeed again";
  }
  workload.stop();
  workload.repeat_unanswered(cluster.address());
  Session admin{cluster.address(), workload.admin_token()};
  // The node killed last may still be starting: others have answered meanwhile, and a page takes all of them.
  ASSERT_TRUE(eventually([&] { return admin.get("/orders").status == 200; }, std::chrono::minutes{1}));
  auto result = ::testing::AssertionFailure() << "never looked";
  EXPECT_TRUE(
      eventually([&] { return static_cast<bool>(result = workload.ledger().matches(admin)); }, std::chrono::minutes{1}))
      << result.message();
  EXPECT_EQ(cluster.process().stop().code, 0) << cluster.process().child().standard_error();
}

TEST(KillNode, OfDomainsThatStandAloneCostsOnlyErrors) { kill_nodes_under_load("gateway | user | product | order"); }

TEST(KillNode, OfAGroupCostsOnlyErrors) { kill_nodes_under_load("gateway user product | order*3"); }

TEST(KillNode, LeavesTheOthersServing) {
  RunningCluster cluster("gateway | user order | product");
  auto admin = cluster.admin();
  const auto product = create_product(admin, {.stock = 3});
  ::kill(cluster.nodes().at("n1"), SIGKILL);
  EXPECT_EQ(cluster.anyone().get("/products/" + product).status, 200) << "products live elsewhere";
  EXPECT_TRUE(eventually([&] { return cluster.anyone().get("/products").status == 200; }));
  EXPECT_TRUE(eventually([&] { return admin.get("/orders").status == 200; })) << "and the node comes back";
}

}  // namespace
}  // namespace shop::testing
