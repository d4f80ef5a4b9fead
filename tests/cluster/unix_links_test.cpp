// Nodes that are linked by Unix sockets, as their topology says.

#include <gtest/gtest.h>

#include <csignal>

#include "tests/cluster/node_process.hpp"
#include "tests/shop/session.hpp"
#include "tests/shop/temporary_folder.hpp"

namespace shop::testing {
namespace {

class UnixLinks : public ::testing::Test {
 protected:
  UnixLinks() {
    write_text(folder_.path() / "topology.toml", R"(name = "test"
data = "data"
[nodes.edge]
hosts = ["gateway"]
link = "unix:edge.sock"
admin = "127.0.0.1:0"
[nodes.core]
hosts = ["user", "product", "order"]
link = "unix:core.sock"
admin = "127.0.0.1:0"
[gateway]
listen = "127.0.0.1:0"
)");
  }
  NodeProcess start(const std::string& node) { return {folder(), "topology.toml", node}; }
  const std::filesystem::path& folder() const { return folder_.path(); }

 private:
  TemporaryFolder folder_;
};

TEST_F(UnixLinks, CarryAsks) {
  NodeProcess core = start("core");
  NodeProcess edge = start("edge");
  ASSERT_TRUE(core.ready()) << core.log();
  ASSERT_TRUE(edge.ready()) << edge.log();
  EXPECT_NE(core.child().standard_output().find("link=unix:core.sock"), std::string::npos);
  EXPECT_TRUE(std::filesystem::is_socket(folder() / "core.sock"));
  EXPECT_EQ(Session{edge.gateway()}.get("/products").status, 200);
}

TEST_F(UnixLinks, AreThereAgainAfterAKill) {
  NodeProcess edge = start("edge");
  {
    NodeProcess core = start("core");
    ASSERT_TRUE(core.ready()) << core.log();
    ASSERT_TRUE(edge.ready()) << edge.log();
    core.child().signal(SIGKILL);
    core.child().wait();
    EXPECT_TRUE(std::filesystem::is_socket(folder() / "core.sock")) << "its file is still there";
  }
  NodeProcess core = start("core");
  ASSERT_TRUE(core.ready()) << core.log();
  EXPECT_TRUE(eventually([&] { return Session{edge.gateway()}.get("/products").status == 200; })) << edge.log();
}

TEST_F(UnixLinks, AreShownByTheCheckAndServedByUp) {
  const auto checked = run_to_end(shop_command(folder(), {"check", "topology.toml"}));
  EXPECT_EQ(checked.exit.code, 0) << checked.error;
  EXPECT_NE(checked.output.find("unix:core.sock"), std::string::npos) << checked.output;
  ChildProcess up(shop_command(folder(), {"up", "topology.toml"}));
  ASSERT_TRUE(up.wait_for_line("ready topology=")) << up.standard_error();
  const auto second = run_to_end(shop_command(folder(), {"up", "topology.toml"}));
  EXPECT_EQ(second.exit.code, 1);
  EXPECT_NE(second.error.find("link = unix:core.sock cannot be used: Address already in use"), std::string::npos)
      << second.error;
  up.signal(SIGTERM);
  EXPECT_EQ(up.wait().value_or(Exit{}).code, 0) << up.standard_error();
}

}  // namespace
}  // namespace shop::testing
