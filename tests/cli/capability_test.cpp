#include <troupe/cli/up/capability.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

topology::Node node_with(std::vector<std::string> hosts) {
  topology::Node node;
  node.name = "orders";
  node.hosts = std::move(hosts);
  return node;
}

TEST(Capability, LacksWhatANodeHostsBeyondIt) {
  auto node = node_with({"order", "payment"});
  EXPECT_THAT(lacking(node, {"payment", "order", "user"}), IsEmpty());
  EXPECT_THAT(lacking(node, {"order"}), ElementsAre("payment"));
  node.gateway.emplace();
  EXPECT_THAT(lacking(node, {"order", "payment"}), ElementsAre("gateway"));
  const auto why = refusal(node, {"gateway", "payment"}, "shop-user");
  EXPECT_THAT(why, HasSubstr("the node orders hosts gateway, payment, which shop-user does not have"));
}

TEST(Capability, OfTheSmallestBinaryIsEnough) {
  const std::vector<Binary> binaries{
      {"shop", {"gateway", "user", "order"}}, {"shop-gateway", {"gateway"}}, {"shop-order", {"order"}}};
  EXPECT_EQ(smallest_for(node_with({"order"}), binaries)->path, "shop-order");
  EXPECT_EQ(smallest_for(node_with({"user"}), binaries)->path, "shop");
  EXPECT_EQ(smallest_for(node_with({"product"}), binaries), nullptr);
}

TEST(Capability, IsNotLookedForWhereThereIsNoFolder) {
  EXPECT_THROW(find_binaries("/no/such/folder", "shop"), std::invalid_argument);
  EXPECT_THROW(find_binaries("/proc/self/fdinfo", "shop"), std::invalid_argument);
}

}  // namespace
}  // namespace troupe::cli
