// When a node with a gateway says that it is ready.

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <csignal>

#include "tests/cluster/node_process.hpp"
#include "tests/cluster/running_cluster.hpp"
#include "tests/shop/answers.hpp"
#include "tests/shop/session.hpp"
#include "tests/shop/temporary_folder.hpp"

namespace shop::testing {
namespace {

/// Three nodes, to be started one by one.
class Readiness : public ::testing::Test {
 protected:
  Readiness() {
    write_text(folder_.path() / "topology.toml", R"(name = "test"
data = "data"
[nodes.edge]
hosts = ["gateway", "user"]
link = ")" + reserve_address() + R"("
admin = ")" + admin_ + R"("
[nodes.products]
hosts = ["product"]
link = ")" + reserve_address() + R"("
admin = "127.0.0.1:0"
[nodes.orders]
hosts = ["order"]
link = ")" + reserve_address() + R"("
admin = "127.0.0.1:0"
[gateway]
listen = "127.0.0.1:0"
)");
  }

  NodeProcess start(const std::string& node) { return {folder_.path(), "topology.toml", node}; }
  Answer ask() { return Session{admin_}.get("/readyz"); }
  static std::string state_of(const Answer& answer, std::string_view check) {
    return text(find(answer.json(), "checks", "name", check), "status");
  }

  TemporaryFolder folder_;
  std::string admin_ = reserve_address();
};

TEST_F(Readiness, OfAGatewayWaitsUntilEveryProtocolHasAnsweredOnce) {
  NodeProcess edge = start("edge");
  ASSERT_TRUE(edge.ready()) << edge.log();
  Answer alone;
  EXPECT_TRUE(eventually([&] { return state_of(alone = ask(), "protocol user") == "ok"; }));
  EXPECT_EQ(alone.status, 503);
  EXPECT_EQ(state_of(alone, "protocol product"), "failing") << describe(alone);
  EXPECT_EQ(state_of(alone, "protocol order"), "failing") << describe(alone);
  EXPECT_EQ(state_of(alone, "link products"), "degraded") << describe(alone);

  NodeProcess products = start("products");
  NodeProcess orders = start("orders");
  ASSERT_TRUE(products.ready()) << products.log();
  ASSERT_TRUE(orders.ready()) << orders.log();
  EXPECT_TRUE(eventually([&] { return ask().status == 200; })) << describe(ask());

  products.child().signal(SIGKILL);
  ASSERT_TRUE(products.child().wait());
  EXPECT_TRUE(eventually([&] { return state_of(ask(), "link products") == "degraded"; }));
  const Answer later = ask();
  EXPECT_EQ(later.status, 200) << "a link that is lost later is told of, not waited for: " << describe(later);
  EXPECT_EQ(state_of(later, "protocol product"), "ok");
}

TEST_F(Readiness, OfANodeWithoutAGatewayWaitsForNobody) {
  NodeProcess products = start("products");
  ASSERT_TRUE(products.ready()) << products.log();
  const std::string output = products.child().standard_output();
  const auto at = output.find("admin=") + 6;
  const Answer answer = Session{output.substr(at, output.find_first_of(" \n", at) - at)}.get("/readyz");
  EXPECT_EQ(answer.status, 200) << describe(answer);
}

}  // namespace
}  // namespace shop::testing
