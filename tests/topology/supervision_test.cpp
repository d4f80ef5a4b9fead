#include <troupe/topology/loader.hpp>

#include <gtest/gtest.h>

#include "tests/topology/shop_catalog.hpp"

namespace troupe::topology {
namespace {

const std::string unsupervised =
    "name = \"t\"\n[nodes.main]\nhosts = [\"gateway\", \"user\", \"product\", \"order\"]\n";

TEST(Topology, SetsSupervisorsByTheirPath) {
  const auto parsed = parse(unsupervised + R"(
[actors.payment]
supervision = { intensity = 7, period = "1m" }
[supervision.order]
strategy = "rest_for_one"
[supervision."order/payment"]
backoff = "100ms..10s"
[supervision."order/storage"]
intensity = 3
[supervision."order/storage/payment"]
period = "2m"
[supervision."order/workers"]
intensity = 0
[supervision."order/workers/settling"]
period = "30s"
)",
                            "t.toml", shop_catalog(), environment());
  ASSERT_TRUE(parsed.value) << to_string(parsed.faults.at(0));
  const Topology& topology = *parsed.value;
  EXPECT_EQ(topology.supervision_of("order")->strategy, Strategy::rest_for_one);
  const auto payment = topology.supervision_of("order/payment");
  EXPECT_EQ(payment->intensity, 7U) << "what [actors] says of it holds, too";
  EXPECT_EQ(payment->period, std::chrono::minutes(1));
  ASSERT_TRUE(payment->backoff);
  EXPECT_EQ(topology.supervision_of("order/storage")->intensity, 3U);
  EXPECT_EQ(topology.supervision_of("order/storage/payment")->period, std::chrono::minutes(2));
  EXPECT_EQ(topology.supervision_of("order/storage/payment")->intensity, 1U) << "[actors] speaks of shards";
  EXPECT_FALSE(topology.supervision_of("order/storage/order"));
  EXPECT_EQ(topology.supervision_of("order/workers")->intensity, 0U);
  EXPECT_EQ(topology.supervision_of("order/workers/settling")->period, std::chrono::seconds(30));
  EXPECT_EQ(topology.supervision_of("order/order"), SupervisionPolicy{});
  EXPECT_FALSE(topology.supervision_of("")) << "the root has OTP's defaults";
  EXPECT_FALSE(topology.supervision_of("user"));
}

TEST(Topology, LetsWorkersPassOfDomainsThatTheProgramLacks) {
  Catalog catalog = shop_catalog();
  catalog.domains[2].workers.reset();
  const std::string text = unsupervised + "[supervision.\"order/workers/whatever\"]\nintensity = 2\n";
  EXPECT_TRUE(parse(text, "t.toml", catalog, environment()).value);
}

}  // namespace
}  // namespace troupe::topology
