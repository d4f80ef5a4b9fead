#include <troupe/topology/loader.hpp>

#include "tests/topology/shop_catalog.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace troupe::topology {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

Topology good(std::string_view text, const Environment& variables = environment()) {
  auto parsed = parse(text, "t.toml", shop_catalog(), variables);
  for (const TopologyFault& fault : parsed.faults) ADD_FAILURE() << to_string(fault);
  return parsed.value.value_or(Topology{});
}

constexpr std::string_view smallest =
    "name = \"t\"\n[nodes.main]\nhosts = [\"gateway\", \"user\", \"product\", \"order\"]\n";

std::string smallest_and(std::string_view more) { return std::string(smallest) + std::string(more); }

TEST(Topology, FillsInTheDefaultsOfASingleNode) {
  const Topology topology = good(smallest);
  EXPECT_EQ(topology.data, "data/t");
  EXPECT_TRUE(topology.secrets.empty());
  EXPECT_EQ(topology.hash, 1u);
  ASSERT_EQ(topology.nodes.size(), 1u);
  const Node& node = topology.nodes[0];
  EXPECT_EQ(node.name, "main");
  EXPECT_EQ(node.group, "main");
  EXPECT_THAT(node.hosts, ElementsAre("user", "email", "product", "order", "payment", "shipping"));
  EXPECT_EQ(node.gateway, (Address{"127.0.0.1", 8080}));
  EXPECT_EQ(node.admin, (Address{"127.0.0.1", 9101}));
  EXPECT_EQ(node.link, std::nullopt);
  EXPECT_EQ(node.loops, std::nullopt);
  EXPECT_EQ(topology.gateway, GatewayLimits{});
  EXPECT_EQ(topology.gateway.deadline, 10s);
  EXPECT_EQ(topology.actor("order").shards, 64u);
  EXPECT_EQ(topology.storage_of(node, "email"), (StorageLocation{StorageKind::sqlite, "data/t/main/email.db"}));
  EXPECT_EQ(topology.call("order", "product"), CallPolicy{});
  EXPECT_TRUE(topology.settings_of("order").entries.empty());
}

TEST(Topology, ListensWhereBindSays) {
  const Node node = good(smallest_and("admin = \"shop:9101\"\nbind = \"0.0.0.0\"\n")).nodes.at(0);
  EXPECT_EQ(node.admin, (Address{"shop", 9101}));
  EXPECT_EQ(node.listening(node.admin), (Address{"0.0.0.0", 9101}));
  const Address socket{{}, 0, "/run/shop"};
  EXPECT_EQ(node.listening(socket), socket);
  const Node unbound = good(smallest).nodes.at(0);
  EXPECT_EQ(unbound.listening(unbound.admin), unbound.admin);

  EXPECT_EQ(node.reachable({"shop", 0}, "0.0.0.0:41000"), "shop:41000");
  EXPECT_EQ(node.reachable({"::1", 0}, "0.0.0.0:41000"), "[::1]:41000");
  EXPECT_EQ(node.reachable(socket, "unix:/run/shop"), "unix:/run/shop");
  EXPECT_EQ(unbound.reachable({"localhost", 0}, "127.0.0.1:41000"), "127.0.0.1:41000");
}

TEST(Topology, ReadsWhatTheWatchdogDoes) {
  EXPECT_EQ(good(smallest).watchdog, (WatchdogPolicy{1s, 60s}));
  const auto watchdog = [](std::string_view keys) {
    return good(smallest_and("[watchdog]\n" + std::string(keys))).watchdog;
  };
  EXPECT_EQ(watchdog("report = \"100ms\"\nexit = \"101ms\"\n"), (WatchdogPolicy{100ms, 101ms}));
  EXPECT_EQ(watchdog("report = \"2m\"\nexit = \"0s\"\n"), (WatchdogPolicy{2min, 0s})) << "it only tells";
  EXPECT_EQ(watchdog("report = \"0s\"\n"), (WatchdogPolicy{0s, 0s})) << "there is none";
  EXPECT_NE(good(smallest), good(smallest_and("[watchdog]\nexit = \"30s\"\n")));
}

TEST(Topology, ReadsEveryKeyOfADesignedFile) {
  const Topology topology = good(R"(
name   = "three-nodes"
data   = "data/three-nodes"
secret = "${TROUPE_SECRET:-}"

[nodes.edge]
hosts = ["gateway"]
link  = "127.0.0.1:7101"
admin = "127.0.0.1:9101"

[nodes.catalog]
hosts = ["user", "product"]
link  = "127.0.0.1:7102"
admin = "127.0.0.1:9102"
loops = 2

[nodes.orders]
hosts = ["order", "payment", "shipping"]
link  = ["127.0.0.1:7103", "127.0.0.1:7104"]
admin = ["127.0.0.1:9103", "127.0.0.1:9104"]

[gateway]
listen = "127.0.0.1:8080"
max_connections = 5
max_header_bytes = 2048
max_body_bytes = 0
max_total_body_bytes = 70_000
max_depth = 7
deadline = "3s"
header_timeout = "1s"
body_timeout = "2s"
idle_timeout = "4s"
drain = "5s"
cors_origins = ["https://shop.example.com", "*"]

[actors.order]
shards = 128
queue = 10
idle = "90m"
supervision = { strategy = "rest_for_one", intensity = 10, period = "10s", backoff = "100ms..10s" }

[calls."order -> product"]
timeout = "2s"
breaker = { failures = 3, within = "20s", open = "6s" }
retry = { attempts = 2, budget_percent = 10 }

[storage]
default = "sqlite:{data}/{node}-{protocol}.sqlite"
user = "postgresql://shop@db/shop"

[settings.order]
unpaid_after = "15m"
)");
  ASSERT_EQ(topology.nodes.size(), 4u);
  EXPECT_EQ(topology.nodes[0].name, "edge");
  EXPECT_TRUE(topology.nodes[0].hosts.empty());
  EXPECT_TRUE(topology.nodes[0].gateway);
  EXPECT_EQ(topology.nodes[1].loops, 2u);
  EXPECT_THAT(topology.nodes[1].hosts, ElementsAre("user", "email", "product"));
  EXPECT_FALSE(topology.nodes[1].gateway);
  EXPECT_EQ(topology.nodes[2].name, "orders-0");
  EXPECT_EQ(topology.nodes[3].name, "orders-1");
  EXPECT_EQ(topology.nodes[3].group, "orders");
  EXPECT_EQ(topology.nodes[3].link, (Address{"127.0.0.1", 7104}));
  EXPECT_EQ(topology.nodes[3].admin, (Address{"127.0.0.1", 9104}));
  EXPECT_THAT(topology.nodes[3].hosts, ElementsAre("order", "payment", "shipping"));

  const GatewayLimits limits{5, 2048, 0, 70'000, 7, 3s, 1s, 2s, 4s, 5s, {"https://shop.example.com", "*"}};
  EXPECT_EQ(topology.gateway, limits);
  EXPECT_EQ(topology.actor("order"),
            (ActorPolicy{128, 10, 90min, {Strategy::rest_for_one, 10, 10s, BackoffRange{100ms, 10s}}}));
  EXPECT_EQ(topology.actor("user"), ActorPolicy{});
  EXPECT_EQ(topology.call("order", "product"), (CallPolicy{2s, BreakerPolicy{3, 20s, 6s}, RetryPolicy{2, 10}}));
  EXPECT_EQ(topology.storage_of(topology.nodes[1], "user"),
            (StorageLocation{StorageKind::postgresql, "postgresql://shop@db/shop"}));
  EXPECT_EQ(topology.storage_of(topology.nodes[2], "order").location, "data/three-nodes/orders-0-order.sqlite");
  EXPECT_EQ(topology.settings_of("order").entries.size(), 1u);
}

TEST(Topology, DealsTheShardsOfAGroupOutInTurn) {
  const Topology topology = good(R"(
name = "t"
[nodes.rest]
hosts = ["gateway", "user", "product"]
link = "127.0.0.1:7001"
[nodes.orders]
hosts = ["order"]
link = ["127.0.0.1:7002", "127.0.0.1:7003"]
)");
  EXPECT_EQ(topology.owner_of("order", 0)->name, "orders-0");
  EXPECT_EQ(topology.owner_of("order", 63)->name, "orders-1");
  EXPECT_EQ(topology.owner_of("user", 63)->name, "rest");
  EXPECT_EQ(topology.owner_of("ordre", 0), nullptr);
}

TEST(Topology, NumbersAdminPortsByThePlaceOfTheNode) {
  const Topology topology = good(R"(
name = "t"
[nodes.b]
hosts = ["user"]
link = "127.0.0.1:7001"
[nodes.a]
hosts = ["product"]
link = ["127.0.0.1:7002", "127.0.0.1:7003"]
[nodes.c]
hosts = ["order"]
link = "127.0.0.1:7004"
)");
  ASSERT_EQ(topology.nodes.size(), 4u);
  EXPECT_EQ(topology.nodes[0].name, "b");
  EXPECT_EQ(topology.nodes[0].admin.port, 9101);
  EXPECT_EQ(topology.nodes[2].name, "a-1");
  EXPECT_EQ(topology.nodes[2].admin.port, 9103);
  EXPECT_EQ(topology.nodes[3].admin.port, 9104);
}

TEST(Topology, LetsSeveralNodesHostTheGateway) {
  const Topology topology = good(R"(
name = "t"
[nodes.edge]
hosts = ["gateway"]
link = ["127.0.0.1:7001", "127.0.0.1:7002"]
[nodes.rest]
hosts = ["user", "product", "order", "gateway"]
link = "127.0.0.1:7003"
[gateway]
listen = ["127.0.0.1:8001", "127.0.0.1:8002", "127.0.0.1:0"]
)");
  EXPECT_EQ(topology.hosts_of(gateway_name).size(), 3u);
  EXPECT_EQ(topology.find_node("edge-1")->gateway, (Address{"127.0.0.1", 8002}));
  EXPECT_EQ(topology.find_node("rest")->gateway, (Address{"127.0.0.1", 0}));
}

TEST(Topology, LetsAHelperStandOnANodeOfItsOwn) {
  const Topology topology = good(R"(
name = "t"
[nodes.shop]
hosts = ["user", "email", "product", "order"]
link = "127.0.0.1:7001"
[nodes.money]
hosts = ["payment"]
link = "127.0.0.1:7002"
)");
  EXPECT_THAT(topology.find_node("shop")->hosts, ElementsAre("user", "email", "product", "order", "shipping"));
  EXPECT_THAT(topology.find_node("money")->hosts, ElementsAre("payment"));
}

TEST(Topology, TakesVariablesFromTheEnvironment) {
  const Topology topology = good(smallest_and(R"(
[gateway]
listen = "${HOST:-127.0.0.1}:${PORT}"
deadline = "${EMPTY:-3s}"
max_depth = "${DEPTH}"
[settings.order]
note = "costs 5$, $$HOME, $${HOME} and ${NOTE}"
)"),
                                 environment({{"PORT", "8099"}, {"EMPTY", ""}, {"DEPTH", "9"}, {"NOTE", "${PORT}"}}));
  EXPECT_EQ(topology.nodes.at(0).gateway, (Address{"127.0.0.1", 8099}));
  EXPECT_EQ(topology.gateway.deadline, 3s);
  EXPECT_EQ(topology.gateway.max_depth, 9u);
  const Table settings = topology.settings_of("order").entries;
  EXPECT_EQ(*settings.at(0).value.get<std::string>(), "costs 5$, $HOME, ${HOME} and ${PORT}");
}

TEST(Topology, TakesVariablesOfEverySize) {
  for (std::size_t size = 0; size <= 64; ++size) {
    const std::string plain(size, 'x');
    const std::string held(size, 'v');
    const Topology topology =
        good(smallest_and("[settings.order]\n\"" + plain + "\\u002f\" = [\"" + plain + "${HELD}\", \"${NONE:-" + plain +
                          "}\", { inner = \"${HELD}" + plain + "\" }]\n"),
             environment({{"HELD", held}}));
    const Table settings = topology.settings_of("order").entries;
    ASSERT_EQ(settings.size(), 1u) << size;
    EXPECT_EQ(settings[0].key, plain + '/');
    const Array& items = *settings[0].value.get<Array>();
    EXPECT_EQ(*items.at(0).get<std::string>(), plain + held);
    EXPECT_EQ(*items.at(1).get<std::string>(), plain);
    EXPECT_EQ(*items.at(2).get<Table>()->at(0).value.get<std::string>(), held + plain);
  }
}

TEST(Topology, AllowsOneWildcardPortOnSeveralMachines) {
  const Topology topology = good(R"(
name = "t"
secret = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
[nodes.a]
hosts = ["user", "product"]
link = "10.0.0.1:7001"
admin = "0.0.0.0:9101"
[nodes.b]
hosts = ["order"]
link = "10.0.0.2:7001"
admin = "0.0.0.0:9101"
)");
  EXPECT_EQ(topology.nodes.size(), 2u);
}

TEST(Topology, DoesWithoutAGatewayWhereTheProgramHasNone) {
  Catalog catalog = shop_catalog();
  catalog.gateway = GatewaySupport::absent;
  EXPECT_FALSE(monolith(catalog).nodes.at(0).gateway);
  const auto parsed = parse(smallest, "t.toml", catalog, environment());
  ASSERT_EQ(parsed.faults.size(), 1u);
  EXPECT_EQ(to_string(parsed.faults[0]),
            "t.toml:3:10: unknown protocol `gateway` in [nodes.main]; known protocols: user, email, product, order, "
            "payment, shipping");
}

TEST(Topology, TellsWhatThisBuildCannotRun) {
  EXPECT_TRUE(unsupported(monolith(shop_catalog())).empty());
  Topology topology = monolith(shop_catalog());
  topology.storage["user"] = "postgresql://shop:secret@db/shop";
  EXPECT_THAT(unsupported(topology),
              ElementsAre("the topology `monolith` keeps data in PostgreSQL, and this build knows SQLite only; leave "
                          "[storage] out"));
}

}  // namespace
}  // namespace troupe::topology
