// What nodes tell of themselves and of each other, from a shop of several processes.

#include "tests/cluster/running_cluster.hpp"
#include "tests/shop/background.hpp"

namespace shop::testing {
namespace {

bool has_line(RunningCluster& cluster, const std::string& node, const std::string& line) {
  const auto metrics = expecting(200, Session{cluster.process().admin_of(node)}.get("/metrics"));
  return metrics.body.find('\n' + line + '\n') != std::string::npos;
}

TEST(Status, TellsOfLinksAndWhatIsUnderWayOnThem) {
  RunningCluster cluster("gateway user order | product");
  auto admin = cluster.admin();
  const auto product = create_product(admin, {.stock = 3});
  const auto link = [&] { return find(status_of(cluster, "n0"), "links", "peer", "n1"); };
  const Json up = link();
  EXPECT_EQ(text(up, "state"), "up");
  EXPECT_TRUE(is_time(up.at("since")));
  EXPECT_EQ(text(up, "address"), cluster.process().link_of("n1"));
  EXPECT_GE(number(up, "connections"), 1);
  EXPECT_EQ(number(up, "in_flight"), 0);
  EXPECT_EQ(number(up, "reconnects"), 0);
  EXPECT_EQ(text(find(status_of(cluster, "n1"), "links", "peer", "n0"), "state"), "up") << "seen from the other end";
  EXPECT_EQ(status_of(cluster, "n1").at("protocols").as_array().size(), 2U) << "product, and the keeper of its keys";
  {
    const Standstill standstill(cluster, "n1");
    Background reader([&] { cluster.anyone().get("/products/" + product); });
    EXPECT_TRUE(eventually([&] { return number(link(), "in_flight") == 1; }));
    EXPECT_TRUE(has_line(cluster, "n0", "troupe_link_asks_in_flight{peer=\"n1\"} 1"));
    EXPECT_EQ(number(status_of(cluster, "n0").at("gateway"), "in_flight"), 1);
    EXPECT_TRUE(has_line(cluster, "n0", "troupe_http_requests_in_flight 1"));
  }
  EXPECT_TRUE(eventually([&] { return number(link(), "in_flight") == 0; }));
  EXPECT_EQ(number(status_of(cluster, "n0").at("gateway"), "in_flight"), 0);

  cluster.kill_node("n1");
  EXPECT_TRUE(eventually([&] { return cluster.anyone().get("/products/" + product).status == 200; }));
  EXPECT_EQ(text(link(), "state"), "up");
  EXPECT_EQ(number(link(), "reconnects"), 1);
  EXPECT_TRUE(has_line(cluster, "n0", "troupe_link_up{peer=\"n1\"} 1"));
  EXPECT_TRUE(has_line(cluster, "n0", "troupe_link_reconnects_total{peer=\"n1\"} 1"));
}

TEST(Status, TellsOfSendsThatWaitForTheirReceiver) {
  RunningCluster cluster("gateway user product | order");
  auto user = sign_up(cluster.address());
  const auto waiting = [&] { return number(find(status_of(cluster, "n0"), "protocols", "name", "user"), "outbox"); };
  EXPECT_EQ(waiting(), 0);
  {
    const Standstill standstill(cluster, "n1");
    EXPECT_EQ(user.session.remove("/users/" + user.id).status, 204) << "orders hear of it when they can";
    EXPECT_TRUE(eventually([&] { return waiting() == 1; }));
    EXPECT_TRUE(has_line(cluster, "n0", "troupe_outbox_messages{protocol=\"user\"} 1"));
  }
  EXPECT_TRUE(eventually([&] { return waiting() == 0; }));
}

/// Orders on three nodes, of which one stands still.
class GroupOfOrders : public ::testing::Test {
 protected:
  static constexpr const char* settings =
      "[settings.order]\nunpaid_after = \"2s\"\n\n"
      "[calls.\"gateway -> order\"]\ntimeout = \"3s\"\n"
      "breaker = { failures = 2, within = \"1m\", open = \"1m\" }\n";

  RunningCluster cluster_{"gateway user product | order*3", {}, settings};
  Session admin_ = cluster_.admin();
};

TEST_F(GroupOfOrders, LosesOnlyWhatTheDeadNodeHas) {
  const auto product = create_product(admin_, {.stock = 1000});
  auto user = sign_up(cluster_.address());
  const Standstill standstill(cluster_, "n1-1");
  std::vector<std::string> placed;
  while (placed.size() < 8) {
    const auto answer = user.session.post("/orders", order_of({{product, 1}}));
    if (answer.status == 201) placed.push_back(text(answer.json(), "id"));
  }
  for (const auto& order : placed) {
    EXPECT_TRUE(eventually([&] { return status_of(user.session, order) == "expired"; })) << order;
  }
  const auto state = [&](std::string_view node) {
    for (const auto& breaker : elements(status_of(cluster_, "n0"), "breakers")) {
      if (text(breaker, "to") == "order" && text(breaker, "node") == node) return text(breaker, "state");
    }
    return std::string("none");
  };
  const auto breaker_of = [&](const std::string& node) {
    return "troupe_breaker_open{from=\"gateway\",node=\"" + node + "\",to=\"order\"} ";
  };
  while (state("n1-1") == "closed") user.session.post("/orders", order_of({{product, 1}}));
  EXPECT_EQ(state("n1-0"), "closed");
  EXPECT_EQ(state("n1-2"), "closed");
  EXPECT_TRUE(has_line(cluster_, "n0", breaker_of("n1-0") + '0'));
  EXPECT_TRUE(has_line(cluster_, "n0", breaker_of("n1-1") + '1'));
}

}  // namespace
}  // namespace shop::testing
