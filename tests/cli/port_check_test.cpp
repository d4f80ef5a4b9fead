#include <troupe/cli/up/port_check.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::cli {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

topology::Node node_at(std::string name, std::uint16_t admin) {
  topology::Node node;
  node.name = std::move(name);
  node.admin = {"127.0.0.1", admin};
  return node;
}

TEST(PortCheck, HoldsWhatItTakes) {
  PortCheck ports;
  const auto port = ports.choose({"127.0.0.1", 0});
  EXPECT_GT(port, 0);
  PortCheck others;
  EXPECT_EQ(others.take({"127.0.0.1", port}), "Address already in use");
  EXPECT_EQ(others.take({"localhost", port}), "Address already in use");
}

TEST(PortCheck, LetsGoInTheEnd) {
  std::uint16_t port = 0;
  {
    PortCheck ports;
    port = ports.choose({"127.0.0.1", 0});
  }
  EXPECT_EQ(PortCheck().take({"127.0.0.1", port}), "");
}

TEST(PortCheck, ChoosesBelowThePortsOfOutgoingConnections) {
  PortCheck ports;
  for (int i = 0; i < 20; ++i) EXPECT_LT(ports.choose({"127.0.0.1", 0}), 32'768);
}

TEST(PortCheck, TellsOfAnAddressThatIsNotThisMachines) {
  EXPECT_NE(PortCheck().take({"192.0.2.1", 7101}), "");
  EXPECT_NE(PortCheck().take({"no-such-host.invalid", 7101}), "");
}

TEST(PortCheck, NamesNodeAndKeyOfEachAddressInUse) {
  PortCheck holder;
  const auto taken = holder.choose({"127.0.0.1", 0});
  auto edge = node_at("edge", 0);
  edge.gateway = topology::Address{"127.0.0.1", taken};
  auto orders = node_at("orders", taken);
  orders.link = topology::Address{"127.0.0.1", taken};
  PortCheck ports;
  EXPECT_THAT(busy_addresses(ports, {&edge, &orders}),
              ElementsAre(AllOf(HasSubstr("edge"), HasSubstr("gateway.listen"), HasSubstr(std::to_string(taken))),
                          AllOf(HasSubstr("orders"), HasSubstr("link"), HasSubstr("Address already in use")),
                          AllOf(HasSubstr("orders"), HasSubstr("admin"))));
}

TEST(PortCheck, FindsTwoNodesOnOneAddress) {
  std::uint16_t port = 0;
  {
    PortCheck finder;
    port = finder.choose({"127.0.0.1", 0});
  }
  const auto one = node_at("one", port);
  auto two = node_at("two", port);
  two.admin.host = "0.0.0.0";
  PortCheck ports;
  EXPECT_THAT(busy_addresses(ports, {&one, &two}), ElementsAre(HasSubstr("the node two")));
}

TEST(PortCheck, LeavesOpenPortsToTheSystem) {
  const auto node = node_at("one", 0);
  PortCheck ports;
  EXPECT_THAT(busy_addresses(ports, {&node, &node}), IsEmpty());
}

}  // namespace
}  // namespace troupe::cli
