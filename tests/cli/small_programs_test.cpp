// The programs of apps/ that have one domain each.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/shop/shop_process.hpp"
#include "tests/shop/temporary_folder.hpp"

namespace shop::testing {
namespace {

using ::testing::HasSubstr;

const std::filesystem::path topologies = std::filesystem::path(TROUPE_SOURCE_DIR) / "topology";
const std::filesystem::path programs = std::filesystem::path(shop_binary()).parent_path();
const std::vector<std::string> small_programs{SHOP_SMALL_PROGRAMS};

class SmallPrograms : public ::testing::Test {
 protected:
  Finished run(const std::string& program, std::vector<std::string> arguments) const {
    auto command = shop_command(folder_.path(), std::move(arguments));
    command.arguments[0] = programs / program;
    return run_to_end(command);
  }

  TemporaryFolder folder_;
};

TEST_F(SmallPrograms, HostTheirDomainOnly) {
  EXPECT_EQ(run("shop-gateway", {"hosts"}).output, "gateway\n");
  EXPECT_EQ(run("shop-product", {"hosts"}).output, "product\nproduct_idempotency\n");
  std::string together;
  for (const auto& program : small_programs) together += run(program, {"hosts"}).output;
  EXPECT_EQ(together, run("shop", {"hosts"}).output);
}

TEST_F(SmallPrograms, ReadEveryTopologyAsTheWholeShopDoes) {
  for (const auto& file : std::filesystem::directory_iterator(topologies)) {
    const auto whole = run("shop", {"check", file.path(), "--json"});
    ASSERT_EQ(whole.exit.code, 0) << whole.error;
    for (const auto& program : small_programs) {
      const auto small = run(program, {"check", file.path(), "--json"});
      EXPECT_EQ(small.exit.code, 0) << small.error;
      EXPECT_EQ(small.output, whole.output) << program << ' ' << file.path();
    }
  }
}

TEST_F(SmallPrograms, AskForHealth) {
  for (const auto& program : small_programs) {
    const auto asked = run(program, {"health", "--admin", "127.0.0.1:1"});
    EXPECT_EQ(asked.exit.code, 1) << program << asked.error;
    EXPECT_EQ(asked.output, "it can't be reached: Connection refused\n") << program;
  }
}

TEST_F(SmallPrograms, TellTheProtocolsOfTheirDomain) {
  const auto schema = run("shop-order", {"schema"}).output;
  EXPECT_THAT(schema, HasSubstr(R"("name":"order_idempotency")"));
  EXPECT_THAT(schema, ::testing::Not(HasSubstr(R"("name":"product")")));
}

TEST_F(SmallPrograms, RefuseANodeThatHostsWhatTheyLack) {
  write_text(folder_.path() / "topology.toml", monolith({}));
  const auto finished = run("shop-order", {"run", "--topology", "topology.toml"});
  EXPECT_EQ(finished.exit.code, 2);
  EXPECT_THAT(finished.error, HasSubstr("the node main hosts gateway, user, "));
  EXPECT_THAT(finished.error, HasSubstr("which shop-order does not have"));
  EXPECT_EQ(run("shop-order", {"up", "topology.toml"}).exit.code, 2);
}

TEST_F(SmallPrograms, LeaveANodeToTheProgramThatHasAllOfIt) {
  write_text(folder_.path() / "topology.toml", monolith({}));
  const auto command =
      shop_command(folder_.path(), {"up", "topology.toml", "--bin-dir", programs.string()}, with_admin());
  ChildProcess child(command);
  ASSERT_TRUE(child.wait_for_line("ready topology=test")) << child.standard_error();
  child.signal(SIGTERM);
  const auto exit = child.wait();
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->code, 0) << child.standard_error();
}

TEST_F(SmallPrograms, AreNotEnoughForANodeThatHostsMore) {
  write_text(folder_.path() / "topology.toml", monolith({}));
  std::filesystem::create_symlink(programs / "shop-order", folder_.path() / "shop-order");
  const auto finished = run("shop", {"up", "topology.toml", "--bin-dir", "."});
  EXPECT_EQ(finished.exit.code, 2);
  EXPECT_THAT(finished.error, HasSubstr("the node main: no program in . has all that it hosts"));
  const auto empty = run("shop", {"up", "topology.toml", "--bin-dir", "missing"});
  EXPECT_EQ(empty.exit.code, 2);
  EXPECT_THAT(empty.error, HasSubstr("missing"));
}

}  // namespace
}  // namespace shop::testing
