// Real nodes that must not talk to each other: both say why, by name.

#include <gtest/gtest.h>

#include "tests/cluster/node_process.hpp"
#include "tests/shop/temporary_folder.hpp"

namespace shop::testing {
namespace {

/// What two files may say differently.
struct File {
  std::string name = "test";
  std::string data = "data";
  std::string secret = std::string(43, 'A');
  std::string core_link;
  std::string rest = {};
};

class Refusals : public ::testing::Test {
 protected:
  std::string write(const std::string& file, const File& says) {
    write_text(
        folder_.path() / file,
        "name = \"" + says.name + "\"\ndata = \"" + says.data + "\"\nsecret = \"" + says.secret +
            "\"\n[nodes.edge]\nhosts = [\"gateway\"]\nlink = \"" + reserve_address() +
            "\"\nadmin = \"127.0.0.1:0\"\n[nodes.core]\nhosts = " + "[\"user\", \"product\", \"order\"]\nlink = \"" +
            says.core_link + "\"\nadmin = \"127.0.0.1:0\"\n[gateway]\nlisten = \"127.0.0.1:0\"\n" + says.rest);
    return file;
  }
  /// The core by one file, the edge by another; both logs must say this.
  void expect_refusal(const File& of_core, const File& of_edge, const std::string& at_core,
                      const std::string& at_edge) {
    NodeProcess core(folder_.path(), write("core.toml", of_core), "core");
    ASSERT_TRUE(core.ready()) << core.log();
    NodeProcess edge(folder_.path(), write("edge.toml", of_edge), "edge");
    EXPECT_TRUE(edge.says(at_edge)) << edge.log();
    EXPECT_TRUE(core.says(at_core)) << core.log();
  }
  const std::filesystem::path& folder() const { return folder_.path(); }

  const File same_{.core_link = reserve_address()};

 private:
  TemporaryFolder folder_;
};

TEST_F(Refusals, OfATopologyThatWasChangedOnOneNodeOnly) {
  File changed = same_;
  changed.rest = "[actors.order]\nshards = 32\n";
  expect_refusal(same_, changed, "differs: shards of order is \"64\" here, and \"32\" on edge",
                 "differs: shards of order is \"64\" here, and \"32\" on edge");
}

TEST_F(Refusals, OfAnotherCluster) {
  File other = same_;
  other.name = "prod";
  expect_refusal(same_, other, "wrong_cluster: one end belongs to \"test\", the other to \"prod\"",
                 "refused by the peer: wrong_cluster");
}

TEST_F(Refusals, OfAnotherSecret) {
  File other = same_;
  other.secret = std::string(43, 'Q');
  expect_refusal(same_, other, "wrong_secret: the secrets of the two ends differ", "refused by the peer: wrong_secret");
}

TEST_F(Refusals, OfAnotherDataFolderWhereTheTopologyHasNoSecret) {
  File here = same_;
  here.secret.clear();
  File other = here;
  other.data = "elsewhere";
  expect_refusal(here, other, "wrong_secret: the secrets of the two ends differ", "refused by the peer: wrong_secret");
}

TEST_F(Refusals, OfASecondProcessUnderANodesName) {
  NodeProcess core(folder(), write("core.toml", same_), "core");
  NodeProcess edge(folder(), write("edge.toml", same_), "edge");
  ASSERT_TRUE(core.ready()) << core.log();
  ASSERT_TRUE(edge.ready()) << edge.log();
  File second = same_;
  second.data = "second";
  NodeProcess impostor(folder(), write("second.toml", second), "edge");
  EXPECT_TRUE(impostor.says("duplicate_name: another process is up as node \"edge\"")) << impostor.log();
  EXPECT_TRUE(core.says("duplicate_name: another process is up as node \"edge\"")) << core.log();
}

TEST_F(Refusals, OfAPortThatIsTaken) {
  NodeProcess core(folder(), write("core.toml", same_), "core");
  ASSERT_TRUE(core.ready()) << core.log();
  File second = same_;
  second.data = "second";
  NodeProcess again(folder(), write("second.toml", second), "core");
  const auto exit = again.child().wait();
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->code, 1);
  again.child().wait_for_end_of_outputs();
  const std::string what = "cannot listen for links on " + same_.core_link + ": Address already in use";
  EXPECT_NE(again.log().find(what), std::string::npos) << again.log();
}

TEST_F(Refusals, OfANameThatDoesNotResolve) {
  File nowhere = same_;
  nowhere.core_link = "nowhere.invalid:7102";
  NodeProcess edge(folder(), write("edge.toml", nowhere), "edge");
  EXPECT_TRUE(edge.says("nowhere.invalid:7102: its name is not known")) << edge.log();
  NodeProcess core(folder(), write("core.toml", nowhere), "core");
  const auto exit = core.child().wait();
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->code, 1);
  core.child().wait_for_end_of_outputs();
  EXPECT_NE(core.log().find("cannot listen for links on nowhere.invalid:7102"), std::string::npos) << core.log();
}

}  // namespace
}  // namespace shop::testing
