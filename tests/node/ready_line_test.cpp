// What a real process says when it is ready.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/http_client/connection.hpp"
#include "tests/node/wheel_process.hpp"

namespace troupe::node {
namespace {

using ::testing::EndsWith;
using ::testing::Not;
using ::testing::StartsWith;

using TheReadyLine = AWheelNode;

TEST_F(TheReadyLine, NamesWhereOthersReachTheNodeAndNotTheInterfaceThatItListensOn) {
  auto& node = start("", "admin = \"localhost:0\"\nbind = \"0.0.0.0\"\n");
  const auto admin = address(node.require_line("ready node=main "), "admin");
  EXPECT_THAT(admin, StartsWith("localhost:"));
  EXPECT_THAT(admin, Not(EndsWith(":0")));
  http_client::Connection operations("127.0.0.1" + admin.substr(admin.find(':')));
  EXPECT_EQ(operations.exchange({"GET", "/livez", {}, {}}).status, 200);
}

TEST_F(TheReadyLine, ComesWhateverFilesVariablesOfOtherProgramsName) {
  auto& node =
      start("", "admin = \"127.0.0.1:0\"\n", {{"NO_COLOR_FILE", "/nowhere/at all"}, {"WHEELS_FILE", "/nowhere"}});
  node.require_line("ready node=main ");
  EXPECT_EQ(node.stop().code, 0) << node.standard_error();
}

}  // namespace
}  // namespace troupe::node
