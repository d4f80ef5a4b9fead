// Nodes that run different builds of one program: with a field that is new, and with one whose type has changed.

#include <gtest/gtest.h>

#include "tests/cluster/node_process.hpp"
#include "tests/shop/session.hpp"
#include "tests/shop/temporary_folder.hpp"

namespace shop::testing {
namespace {

constexpr std::string_view refused = "a protocol is refused";

std::string a_note() { return "/notes/" + std::string(26, '1'); }
std::string a_bell() { return "/bells/" + std::string(26, '1'); }

/// A gateway of one build, and the entities in another.
struct TwoBuilds {
  TwoBuilds(const std::string& edge_program, const std::string& core_program) {
    write_text(folder.path() / "topology.toml", R"(name = "test"
data = "data"
[nodes.edge]
hosts = ["gateway"]
link = ")" + reserve_address() + R"("
admin = "127.0.0.1:0"
[nodes.core]
hosts = ["note", "bell"]
link = ")" + reserve_address() + R"("
admin = "127.0.0.1:0"
[gateway]
listen = "127.0.0.1:0"
)");
    core.emplace(folder.path(), "topology.toml", "core", core_program);
    edge.emplace(folder.path(), "topology.toml", "edge", edge_program);
    if (!core->ready() || !edge->ready()) throw std::runtime_error(core->log() + edge->log());
  }

  TemporaryFolder folder;
  std::optional<NodeProcess> core;
  std::optional<NodeProcess> edge;
};

std::size_t count(const std::string& text, std::string_view what) {
  std::size_t times = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++times;
  return times;
}

class CompatibleBuilds : public ::testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(CompatibleBuilds, Talk) {
  TwoBuilds nodes(GetParam().first, GetParam().second);
  Session client(nodes.edge->gateway());
  for (const char* text : {"first", "second"}) {
    ASSERT_EQ(client.put(a_note(), {{"text", text}}).status, 204) << nodes.edge->log() << nodes.core->log();
    const auto read = client.get(a_note());
    ASSERT_EQ(read.status, 200);
    EXPECT_NE(read.body.find(text), std::string::npos) << read.body;
  }
  EXPECT_EQ(count(nodes.edge->log() + nodes.core->log(), refused), 0U);
}

INSTANTIATE_TEST_SUITE_P(All, CompatibleBuilds,
                         ::testing::Values(std::pair(TROUPE_NOTES_OLD, TROUPE_NOTES_OLD),
                                           std::pair(TROUPE_NOTES_OLD, TROUPE_NOTES_ADDED),
                                           std::pair(TROUPE_NOTES_ADDED, TROUPE_NOTES_OLD)));

TEST(IncompatibleBuilds, RefuseTheProtocolAndSayWhyAndGoOnWithTheRest) {
  TwoBuilds nodes(TROUPE_NOTES_OLD, TROUPE_NOTES_CHANGED);
  Session client(nodes.edge->gateway());
  for (int i = 0; i < 5; ++i) {
    const auto answer = client.put(a_note(), {{"text", "first"}});
    EXPECT_EQ(answer.status, 503) << answer.body;
    EXPECT_NE(answer.body.find("\"urn:troupe:unavailable\""), std::string::npos) << answer.body;
    EXPECT_NE(answer.body.find("run versions that do not understand each other; nothing was done"), std::string::npos)
        << answer.body;
  }
  EXPECT_EQ(client.get(a_note()).status, 503);
  EXPECT_EQ(client.put(a_bell(), boost::json::object{}).status, 204) << "a protocol that both know alike";
  EXPECT_TRUE(nodes.edge->says("node core knows the protocol note by an incompatible schema")) << nodes.edge->log();
  EXPECT_TRUE(nodes.edge->says("Write.text changed from string to list<string>")) << nodes.edge->log();
  EXPECT_TRUE(nodes.core->says("node edge knows the protocol note by an incompatible schema")) << nodes.core->log();
  EXPECT_TRUE(nodes.core->says("Write.text changed from list<string> to string")) << nodes.core->log();
  EXPECT_EQ(count(nodes.edge->log(), refused), 1U) << nodes.edge->log();
  EXPECT_EQ(count(nodes.core->log(), refused), 1U) << nodes.core->log();
}

}  // namespace
}  // namespace shop::testing
