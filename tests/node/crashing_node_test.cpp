// A real process whose actors crash, or whose store can't be opened.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <string>

#include <troupe/loop/throw_trace.hpp>
#include <troupe/wire/id.hpp>
#include "tests/http_client/connection.hpp"
#include "tests/node/wheel_process.hpp"

namespace troupe::node {
namespace {

class GivingUp : public AWheelNode {
 protected:
  process::ChildProcess& start_rattling(const std::string& supervision) {
    return start("[settings.wheel]\nrattles = true\n" + supervision);
  }
};

TEST_F(GivingUp, EndsTheProcessWith3WhereTheRootBearsItNoMore) {
  auto& node = start_rattling("");
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
  auto& node = start_rattling("[supervision.\"wheel/workers/turning\"]\nbackoff = \"1h..2h\"\n");
  const std::string ready = node.require_line("ready node=main ");
  http_client::Connection admin(address(ready, "admin"));
  const auto status = [&] { return admin.exchange({"GET", "/status", {}, {}}).body; };
  EXPECT_TRUE(process::eventually([&] {
    return status().find(R"("state":"backing_off","restarts":0,"last_reason":"it rattles")") != std::string::npos;
  })) << status();
  const auto readiness = admin.exchange({"GET", "/readyz", {}, {}});
  EXPECT_EQ(readiness.status, 200) << "what is asked of its entities is answered";
  EXPECT_THAT(readiness.body, ::testing::HasSubstr("wheel/workers/turning/turning is backing_off (it rattles)"));
  EXPECT_EQ(node.stop().code, 0) << node.standard_error();
}

TEST_F(AWheelNode, DoesNotStartOnAStoreThatCannotBeOpened) {
  auto& sound = start("");
  sound.require_line("ready node=main ");
  ASSERT_EQ(sound.stop().code, 0);
  for (const auto* name : {"wheel.db", "wheel.db-wal"}) {
    std::ofstream(folder_.path() / "data/wheels/main" / name, std::ios::trunc) << std::string(8192, 'x');
  }
  auto& node = start("");
  const auto exit = node.wait();
  ASSERT_TRUE(exit) << node.standard_error();
  EXPECT_EQ(exit->code, 1) << node.standard_error();
  node.wait_for_end_of_outputs();
  EXPECT_THAT(node.standard_error(), ::testing::HasSubstr("wheel.db"));
}

TEST_F(AWheelNode, TellsWhereACrashWasThrown) {
  if (!loop::records_throws()) GTEST_SKIP() << "the sanitizer of this build has the hook that tells of throws";
  auto& node = start("");
  http_client::Connection gateway(address(node.require_line("ready node=main "), "gateway"));
  const std::string wheel = "/wheels/" + to_text(Uuid{0x0198'0000'0000'7000ULL, 0x8000'0000'0000'0001ULL}) + "/break";
  const auto answer = gateway.exchange({"PUT", wheel, "{}", {{"Content-Type", "application/json"}}});
  EXPECT_EQ(answer.status, 500) << answer.body;
  const std::string report = "an actor crashed and starts anew";
  ASSERT_TRUE(process::eventually([&] { return node.standard_error().find(report) != std::string::npos; }));
  const std::string log = node.standard_error();
  const std::string line = log.substr(log.find(report), log.find('\n', log.find(report)) - log.find(report));
  EXPECT_THAT(line, ::testing::HasSubstr("message=Break"));
  EXPECT_THAT(line, ::testing::HasSubstr("what=\"a spoke broke\""));
  EXPECT_THAT(line, ::testing::MatchesRegex(".*stack=\"wheel_node[+]0x[0-9a-f]+ < wheel_node[+]0x.*"));
  EXPECT_EQ(node.stop().code, 0);
}

}  // namespace
}  // namespace troupe::node
