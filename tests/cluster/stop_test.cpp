// A node that is told to stop: while it still starts, and while a peer does not answer.

#include <gtest/gtest.h>

#include <csignal>
#include <exception>
#include <optional>

#include "tests/cluster/node_process.hpp"
#include "tests/shop/background.hpp"
#include "tests/shop/session.hpp"
#include "tests/shop/temporary_folder.hpp"

namespace shop::testing {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// Two nodes; users, the first admin among them, are on the second.
struct EdgeAndCore {
  EdgeAndCore() {
    write_text(folder.path() / "topology.toml", R"(name = "test"
data = "data"
[nodes.edge]
hosts = ["gateway"]
link = ")" + reserve_address() + R"("
admin = ")" + admin + R"("
[nodes.core]
hosts = ["user", "product", "order"]
link = ")" + reserve_address() + R"("
admin = "127.0.0.1:0"
[gateway]
listen = "127.0.0.1:0"
drain = "3s"
)");
  }
  TemporaryFolder folder;
  std::string admin = reserve_address();
};

class StopWhileStarting : public ::testing::TestWithParam<int> {};

TEST_P(StopWhileStarting, EndsSoonAndInOrder) {
  const EdgeAndCore topology;
  NodeProcess edge(topology.folder.path(), "topology.toml", "edge");
  ASSERT_TRUE(edge.says("Connection refused")) << edge.log();
  const auto told = Clock::now();
  edge.child().signal(GetParam());
  const auto exit = edge.child().wait();
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->code, 0) << edge.log();
  EXPECT_LT(Clock::now() - told, 25s) << "of the 30 seconds that it waits for its peers";
  edge.child().wait_for_end_of_outputs();
  EXPECT_NE(edge.log().find("stopping"), std::string::npos) << edge.log();
  EXPECT_EQ(edge.child().standard_output().find("ready"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Signals, StopWhileStarting, ::testing::Values(SIGTERM, SIGINT));

TEST(Stop, TakesOneDrainLimitForAllThatIsUnderWay) {
  EdgeAndCore topology;
  NodeProcess core(topology.folder.path(), "topology.toml", "core");
  NodeProcess edge(topology.folder.path(), "topology.toml", "edge");
  ASSERT_TRUE(core.ready()) << core.log();
  ASSERT_TRUE(edge.ready()) << edge.log();
  const std::string gateway = edge.gateway();
  ASSERT_EQ(Session{gateway}.get("/products").status, 200);
  core.child().signal(SIGSTOP);
  const auto stopped = Clock::now();
  // What it asks for never comes: its connection is cut, or it hears so first where the link was found silent in time.
  std::optional<int> heard;
  Background waiting([&] {
    try {
      heard = Session{gateway}.get("/products").status;
    } catch (const std::exception&) {
      heard.reset();
    }
  });
  ASSERT_TRUE(eventually([&] {
    return Session{topology.admin}.get("/status").body.find("\"requests\":2") != std::string::npos;
  })) << Session{topology.admin}.get("/status").body;
  const auto told = Clock::now();
  edge.child().signal(SIGTERM);
  const auto exit = edge.child().wait();
  const auto took = Clock::now() - told;
  core.child().signal(SIGCONT);
  waiting.wait();
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->code, 0) << edge.log();
  EXPECT_GE(heard.value_or(503), 503);
  EXPECT_GE(told + took - stopped, 2s) << "something was under way";
  EXPECT_LT(took, 5900ms) << "requests, links and entities share the three seconds";
}

}  // namespace
}  // namespace shop::testing
