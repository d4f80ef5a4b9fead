#include <troupe/cli/up/link_ports.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace troupe::cli {
namespace {

topology::Topology three_nodes() {
  topology::Topology topology;
  for (const auto* name : {"edge", "orders-0", "orders-1"}) {
    topology::Node node;
    node.name = name;
    node.link = topology::Address{"127.0.0.1", 0};
    topology.nodes.push_back(node);
  }
  topology.nodes[0].link->port = 7101;
  return topology;
}

TEST(LinkPorts, ReachEveryNodeWhoseFileLeavesThemOpen) {
  auto parent = three_nodes();
  std::uint16_t next = 20'000;
  const auto links = choose_link_ports(parent, [&](const topology::Address&) { return next++; });
  EXPECT_EQ(links, "orders-0=127.0.0.1:20000,orders-1=127.0.0.1:20001");
  auto child = three_nodes();
  EXPECT_EQ(take_link_ports(child, links), "");
  EXPECT_EQ(child.nodes, parent.nodes);
}

TEST(LinkPorts, AreChosenWhereTheNodeListens) {
  auto topology = three_nodes();
  topology.nodes[1].link->host = "orders";
  topology.nodes[1].bind = "10.0.0.1";
  std::vector<std::string> asked;
  const auto links = choose_link_ports(topology, [&](const topology::Address& address) -> std::uint16_t {
    asked.push_back(address.host);
    return 20'000;
  });
  EXPECT_EQ(asked, (std::vector<std::string>{"10.0.0.1", "127.0.0.1"}));
  EXPECT_EQ(links, "orders-0=orders:20000,orders-1=127.0.0.1:20000");
}

TEST(LinkPorts, NeedNoVariableWhereTheFileNamesThem) {
  auto topology = three_nodes();
  topology.nodes.resize(1);
  EXPECT_EQ(choose_link_ports(topology, [](const topology::Address&) -> std::uint16_t { return 1; }), "");
}

TEST(LinkPorts, OfTheFileStand) {
  auto topology = three_nodes();
  EXPECT_EQ(take_link_ports(topology, "edge=127.0.0.1:9,orders-0=127.0.0.1:1,orders-1=127.0.0.1:2"), "");
  EXPECT_EQ(topology.nodes[0].link->port, 7101);
}

TEST(LinkPorts, AreRefusedWhereTheyCannotBeRead) {
  for (const auto* links : {"edge", "edge=", "edge=7101", "edge=127.0.0.1:x", "edge=127.0.0.1:1,,"}) {
    auto topology = three_nodes();
    EXPECT_NE(take_link_ports(topology, links).find("TROUPE_LINKS holds"), std::string::npos) << links;
  }
}

TEST(LinkPorts, MayNotStayOpenWherePeersMustKnowThem) {
  auto topology = three_nodes();
  const auto why = take_link_ports(topology, "orders-0=127.0.0.1:1");
  EXPECT_NE(why.find("orders-1"), std::string::npos) << why;
  EXPECT_NE(why.find("127.0.0.1:0"), std::string::npos) << why;
}

TEST(LinkPorts, MayStayOpenOnANodeThatIsAlone) {
  auto topology = three_nodes();
  topology.nodes.erase(topology.nodes.begin(), topology.nodes.begin() + 2);
  EXPECT_EQ(take_link_ports(topology, ""), "");
}

}  // namespace
}  // namespace troupe::cli
