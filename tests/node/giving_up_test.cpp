// A real process whose worker crashes again and again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <optional>
#include <string>

#include <troupe/testing/temporary_folder.hpp>
#include "tests/http_client/connection.hpp"
#include "tests/process/child_process.hpp"

namespace troupe::node {
namespace {

class GivingUp : public ::testing::Test {
 protected:
  process::ChildProcess& start(const std::string& supervision) {
    std::ofstream(folder_.path() / "topology.toml")
        << "name = \"wheels\"\n[nodes.main]\nhosts = [\"gateway\", \"wheel\"]\nadmin = \"127.0.0.1:0\"\n"
        << "[gateway]\nlisten = \"127.0.0.1:0\"\n[settings.wheel]\nrattles = true\n"
        << supervision;
    process::Command program;
    program.arguments = {WHEEL_NODE, "run", "--topology", "topology.toml", "--log-format", "text"};
    program.folder = folder_.path();
    return node_.emplace(program);
  }

 private:
  testing::TemporaryFolder folder_;
  std::optional<process::ChildProcess> node_;
};

TEST_F(GivingUp, EndsTheProcessWith3WhereTheRootBearsItNoMore) {
  auto& node = start("");
  const auto exit = node.wait();
  ASSERT_TRUE(exit) << node.standard_error();
  EXPECT_EQ(exit->code, 3) << node.standard_error();
  node.wait_for_end_of_outputs();
  const std::string log = node.standard_error();
  EXPECT_THAT(log, ::testing::HasSubstr("it rattles"));
  EXPECT_THAT(log, ::testing::HasSubstr("reached_max_restart_intensity"));
  EXPECT_THAT(log, ::testing::HasSubstr("the supervisors of this node gave up: it ends"));
}

TEST_F(GivingUp, IsPutOffByABackoffOfTheTopology) {
  auto& node = start("[supervision.\"wheel/workers/turning\"]\nbackoff = \"1h..2h\"\n");
  const std::string ready = node.require_line("ready node=main ");
  const std::string admin = ready.substr(ready.find("admin=") + 6);
  const auto status = [&] {
    return http_client::Connection(admin.substr(0, admin.find(' '))).exchange({"GET", "/status", {}, {}}).body;
  };
  EXPECT_TRUE(process::eventually([&] {
    return status().find(R"("state":"backing_off","restarts":0,"last_reason":"it rattles")") != std::string::npos;
  })) << status();
  EXPECT_EQ(node.stop().code, 0) << node.standard_error();
}

}  // namespace
}  // namespace troupe::node
