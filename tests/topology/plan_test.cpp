#include <troupe/topology/plan.hpp>

#include <troupe/topology/loader.hpp>
#include "tests/topology/shop_catalog.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::topology {
namespace {

constexpr std::string_view scaled = R"(
name = "scaled"
[nodes.front]
hosts = ["gateway", "user", "product"]
link = "127.0.0.1:7001"
loops = 2
[nodes.orders]
hosts = ["order"]
link = ["127.0.0.1:7002", "127.0.0.1:7003", "127.0.0.1:7004"]
[storage]
user = "postgresql://shop:secret@db/shop"
)";

Catalog catalog_with_edges() {
  Catalog catalog = shop_catalog();
  catalog.edges = {{"gateway", "user"}, {"gateway", "order"}, {"order", "product"}, {"order", "payment"}};
  return catalog;
}

Plan plan_of(std::string_view text, const Catalog& catalog) {
  const auto parsed = parse(text, "t.toml", catalog, environment());
  EXPECT_TRUE(parsed);
  return make_plan(parsed.value.value_or(Topology{}), catalog);
}

TEST(Plan, TellsWhatEachNodeHostsAndWhichEdgesAreRemote) {
  EXPECT_EQ(to_text(plan_of(scaled, catalog_with_edges())), R"(topology scaled: 4 nodes, data in data/scaled

node front
  gateway  http://127.0.0.1:8080
  admin    http://127.0.0.1:9101
  link     127.0.0.1:7001
  loops    2
  hosts    user     64 shards  postgresql
  hosts    email    64 shards  sqlite:data/scaled/front/email.db
  hosts    product  64 shards  sqlite:data/scaled/front/product.db

node orders-0
  admin    http://127.0.0.1:9102
  link     127.0.0.1:7002
  loops    one per core
  hosts    order     22 of 64 shards  sqlite:data/scaled/orders-0/order.db
  hosts    payment   22 of 64 shards  sqlite:data/scaled/orders-0/payment.db
  hosts    shipping  22 of 64 shards  sqlite:data/scaled/orders-0/shipping.db

node orders-1
  admin    http://127.0.0.1:9103
  link     127.0.0.1:7003
  loops    one per core
  hosts    order     21 of 64 shards  sqlite:data/scaled/orders-1/order.db
  hosts    payment   21 of 64 shards  sqlite:data/scaled/orders-1/payment.db
  hosts    shipping  21 of 64 shards  sqlite:data/scaled/orders-1/shipping.db

node orders-2
  admin    http://127.0.0.1:9104
  link     127.0.0.1:7004
  loops    one per core
  hosts    order     21 of 64 shards  sqlite:data/scaled/orders-2/order.db
  hosts    payment   21 of 64 shards  sqlite:data/scaled/orders-2/payment.db
  hosts    shipping  21 of 64 shards  sqlite:data/scaled/orders-2/shipping.db

edges
  gateway -> user   local
  gateway -> order  remote
  order -> product  remote
  order -> order    local or remote, by shard

shown as one above, for they stand together
  order with payment, shipping
  user with email
)");
}

TEST(Plan, HasOnlyLocalEdgesInTheMonolith) {
  const Plan plan = make_plan(monolith(shop_catalog()), shop_catalog());
  EXPECT_EQ(plan.edges.size(), 36u) << "the gateway to six protocols, and these to each other";
  for (const PlannedEdge& edge : plan.edges) EXPECT_EQ(edge.reach, Locality::local) << edge.from << " -> " << edge.to;
}

TEST(Plan, HasEdgesOfHelpersToo) {
  Catalog catalog = shop_catalog();
  catalog.domains.front().helpers.push_back({"user_keys", HelperPlacement::beside_main, HelperCalls::as_gateway});
  const Plan plan = plan_of(R"(
name = "apart"
[nodes.front]
hosts = ["gateway", "user", "product", "order"]
link = "127.0.0.1:7001"
[nodes.money]
hosts = ["payment"]
link = "127.0.0.1:7002"
)",
                            catalog);
  const auto reach = [&](std::string_view from, std::string_view to) -> std::optional<Locality> {
    for (const PlannedEdge& edge : plan.edges) {
      if (edge.from == from && edge.to == to) return edge.reach;
    }
    return std::nullopt;
  };
  EXPECT_EQ(reach("order", "payment"), Locality::remote);
  EXPECT_EQ(reach("payment", "shipping"), Locality::remote);
  EXPECT_EQ(reach("order", "shipping"), Locality::local);
  EXPECT_EQ(reach("user", "email"), Locality::local);
  EXPECT_EQ(reach("gateway", "user_keys"), Locality::local);
  EXPECT_EQ(reach("user_keys", "user"), std::nullopt) << "it asks as the gateway";
  const std::string text = to_text(plan);
  EXPECT_THAT(text, testing::HasSubstr("  order -> payment    remote\n"));
  EXPECT_THAT(text, testing::HasSubstr("  order with shipping\n"));
  EXPECT_THAT(text, testing::HasSubstr("  user with email, user_keys\n"));
  EXPECT_THAT(to_json(plan), testing::HasSubstr(R"({"name":"payment","domain":"order","shards":64)"));
}

TEST(Plan, IsJsonForPrograms) {
  const std::string json = to_json(make_plan(monolith(shop_catalog()), catalog_with_edges()));
  EXPECT_THAT(json, testing::HasSubstr(R"({"topology":"monolith","data":"data/monolith","nodes":[{"name":"main",)"));
  EXPECT_THAT(json, testing::HasSubstr(R"({"from":"gateway","to":"user","reach":"local"})"));
}

TEST(Plan, KeepsPasswordsToItself) {
  const Plan plan = plan_of(scaled, catalog_with_edges());
  EXPECT_THAT(to_text(plan) + to_json(plan), testing::Not(testing::HasSubstr("secret")));
}

}  // namespace
}  // namespace troupe::topology
