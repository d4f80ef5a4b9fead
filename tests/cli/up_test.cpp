// `shop up` as a user runs it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <regex>
#include <string>

#include "tests/shop/shop_process.hpp"
#include "tests/shop/temporary_folder.hpp"

namespace shop::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Up : public ::testing::Test {
 protected:
  Command command(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "up");
    return shop_command(folder_.path(), std::move(arguments), with_admin());
  }
  Finished up(std::vector<std::string> arguments) const { return run_to_end(command(std::move(arguments))); }
  void write(const std::string& text) const { write_text(folder_.path() / "topology.toml", text); }

  TemporaryFolder folder_;
};

TEST_F(Up, RunsATopologyOfOneNode) {
  write(monolith({}));
  for (const auto& arguments : {std::vector<std::string>{"topology.toml"}, {"--topology", "topology.toml"}}) {
    ChildProcess child(command(arguments));
    ASSERT_TRUE(child.wait_for_line("ready topology=test")) << child.standard_error();
    EXPECT_TRUE(std::regex_search(child.standard_output(),
                                  std::regex(R"(ready node=main gateway=127\.0\.0\.1:\d+ admin=127\.0\.0\.1:\d+\n)")));
    child.signal(SIGTERM);
    const auto exit = child.wait();
    ASSERT_TRUE(exit);
    EXPECT_EQ(exit->code, 0) << child.standard_error();
    child.wait_for_end_of_outputs();
    EXPECT_THAT(child.standard_error(), HasSubstr("main | {"));
  }
}

TEST_F(Up, KeepsANodesLogAsAFile) {
  write(monolith({}));
  ChildProcess child(command({"topology.toml", "--node-logs", "logs"}));
  ASSERT_TRUE(child.wait_for_line("ready topology=test")) << child.standard_error();
  child.signal(SIGINT);
  ASSERT_TRUE(child.wait());
  std::ifstream log(folder_.path() / "logs" / "main.log");
  std::string line;
  ASSERT_TRUE(std::getline(log, line));
  EXPECT_EQ(line.front(), '{') << line;
}

TEST_F(Up, StartsANodeAgainThatWasKilled) {
  write(monolith({}));
  ChildProcess child(command({"topology.toml"}));
  ASSERT_TRUE(child.wait_for_line("ready topology=test")) << child.standard_error();
  std::ifstream children("/proc/" + std::to_string(child.id()) + "/task/" + std::to_string(child.id()) + "/children");
  pid_t node = 0;
  if (!(children >> node)) GTEST_SKIP() << "the kernel does not list the children of a process";
  ::kill(node, SIGKILL);
  const auto ready_twice = [&] {
    const auto output = child.standard_output();
    const auto first = output.find("ready node=main");
    return output.find("ready node=main", first + 1) != std::string::npos;
  };
  EXPECT_TRUE(eventually(ready_twice)) << child.standard_error();
  EXPECT_THAT(child.standard_error(), HasSubstr("main ended by signal 9"));
  child.signal(SIGTERM);
  const auto exit = child.wait();
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->code, 0);
}

TEST_F(Up, RefusesAnInvalidTopologyAsRunDoes) {
  write(monolith({}) + "[nonsense]\n");
  const auto finished = up({"topology.toml"});
  EXPECT_EQ(finished.exit.code, 2);
  EXPECT_THAT(finished.error, HasSubstr("topology.toml:"));
  EXPECT_EQ(up({"missing.toml"}).exit.code, 2);
  EXPECT_EQ(up({"topology.toml", "--topology", "topology.toml"}).exit.code, 2);
}

TEST_F(Up, RefusesANodeThatTheTopologyLacks) {
  write(monolith({}));
  const auto finished = up({"topology.toml", "--only", "main,orders"});
  EXPECT_EQ(finished.exit.code, 2);
  EXPECT_THAT(finished.error, HasSubstr("no node 'orders'; it has: main"));
}

TEST_F(Up, ChecksPortsBeforeItStartsAnything) {
  write(monolith({}));
  ShopProcess other(folder_.path());
  ShopOptions options;
  options.gateway = other.gateway();
  write(monolith(options));
  const auto finished = up({"topology.toml"});
  EXPECT_EQ(finished.exit.code, 1);
  EXPECT_THAT(finished.error, HasSubstr("the node main: gateway.listen = " + other.gateway() + " cannot be used"));
  EXPECT_THAT(finished.error, Not(HasSubstr("main | ")));
}

}  // namespace
}  // namespace shop::testing
