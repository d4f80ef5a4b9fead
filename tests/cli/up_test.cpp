// `shop up` as a user runs it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <string>

#include "tests/shop/session.hpp"
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

TEST_F(Up, EndsWhereTheEnvironmentIsWrongForEveryStart) {
  write(monolith({}));
  Environment environment = with_admin();
  environment.emplace_back("SHOP_TOKEN_KEY", "hush-hush");
  const auto ended = run_to_end(shop_command(folder_.path(), {"up", "topology.toml"}, environment));
  EXPECT_EQ(ended.exit.code, 2) << ended.error;
  EXPECT_THAT(ended.error, HasSubstr("SHOP_TOKEN_KEY"));
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
  std::ifstream children("/proc/" + std::to_string(child.pid()) + "/task/" + std::to_string(child.pid()) + "/children");
  pid_t node = 0;
  if (!(children >> node)) GTEST_SKIP() << "the kernel does not list the children of a process";
  ::kill(node, SIGKILL);
  const auto ready_twice = [&] {
    const auto output = child.standard_output();
    const auto first = output.find("ready node=main");
    return output.find("ready node=main", first + 1) != std::string::npos;
  };
  EXPECT_TRUE(eventually(ready_twice)) << child.standard_error();
  const auto told = [&] { return child.standard_error().find("main ended by signal 9") != std::string::npos; };
  EXPECT_TRUE(eventually(told)) << child.standard_error();
  child.signal(SIGTERM);
  const auto exit = child.wait();
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->code, 0);
}

/// Every domain in a process of its own, on ports that are free.
constexpr const char* all_split = R"(
name = "split"
data = "data"
[nodes.edge]
hosts = ["gateway"]
link = "127.0.0.1:0"
admin = "127.0.0.1:0"
[nodes.users]
hosts = ["user"]
link = "127.0.0.1:0"
admin = "127.0.0.1:0"
[nodes.products]
hosts = ["product"]
link = "127.0.0.1:0"
admin = "127.0.0.1:0"
[nodes.orders]
hosts = ["order"]
link = ["127.0.0.1:0", "127.0.0.1:0"]
admin = ["127.0.0.1:0", "127.0.0.1:0"]
[gateway]
listen = "127.0.0.1:0"
)";

std::string gateway_of(ChildProcess& child) {
  const auto line = child.wait_for_line("ready node=edge ").value_or("");
  const auto start = line.find("gateway=") + 8;
  return line.substr(start, line.find(' ', start) - start);
}

void expect_orderly_end(ChildProcess& child) {
  child.signal(SIGTERM);
  const auto exit = child.wait();
  ASSERT_TRUE(exit) << child.standard_error();
  EXPECT_EQ(exit->code, 0) << child.standard_error();
}

TEST_F(Up, RunsEveryNodeOfASplit) {
  write(all_split);
  const auto programs = std::filesystem::path(shop_binary()).parent_path().string();
  for (const auto& arguments : {std::vector<std::string>{"topology.toml"}, {"topology.toml", "--bin-dir", programs}}) {
    ChildProcess child(command(arguments));
    ASSERT_TRUE(child.wait_for_line("ready topology=split")) << child.standard_error();
    const auto gateway = gateway_of(child);
    auto admin = sign_in(gateway, admin_email, admin_password);
    auto user = sign_up(gateway);
    EXPECT_FALSE(place(user.session, {{create_product(admin), 1}}).empty()) << child.standard_error();
    expect_orderly_end(child);
  }
}

TEST_F(Up, RunsTheNodesThatItIsToldOnly) {
  write(all_split);
  ChildProcess child(command({"topology.toml", "--only", "users,orders"}));
  ASSERT_TRUE(child.wait_for_line("ready topology=split")) << child.standard_error();
  const auto output = child.standard_output();
  for (const auto* node : {"users", "orders-0", "orders-1"})
    EXPECT_THAT(output, HasSubstr(std::string("node=") + node));
  EXPECT_THAT(output, Not(HasSubstr("node=edge")));
  EXPECT_THAT(output, Not(HasSubstr("node=products")));
  expect_orderly_end(child);
}

TEST_F(Up, ReadsOneFileOverTheOther) {
  write(all_split);
  write_text(folder_.path() / "over.toml", "name = \"over\"\n");
  ChildProcess child(command({"--topology", "topology.toml", "--topology", "over.toml", "--only", "products"}));
  EXPECT_TRUE(child.wait_for_line("ready topology=over")) << child.standard_error();
  expect_orderly_end(child);
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
