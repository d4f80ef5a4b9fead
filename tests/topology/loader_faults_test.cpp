#include <troupe/topology/loader.hpp>

#include "tests/topology/shop_catalog.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace troupe::topology {
namespace {

struct Case {
  std::string name;
  std::string text;
  std::vector<std::string> faults;

  friend std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.text; }
};

const std::string one_node = R"(name = "t"
[nodes.main]
hosts = ["gateway", "user", "product", "order"]
)";

/// Three nodes; `more` follows from line 11 on.
std::string three_nodes(const std::string& more = "") {
  return R"(name = "t"
[nodes.a]
hosts = ["gateway", "user"]
link = "127.0.0.1:7001"
[nodes.b]
hosts = ["product"]
link = "127.0.0.1:7002"
[nodes.c]
hosts = ["order"]
link = "127.0.0.1:7003"
)" + more;
}

std::vector<std::string> faults_of(std::string_view text) {
  const auto parsed = parse(text, "t.toml", shop_catalog(), environment({{"LATIN", "\xe9"}}));
  EXPECT_EQ(parsed.value.has_value(), parsed.faults.empty());
  std::vector<std::string> list;
  for (const TopologyFault& fault : parsed.faults) list.push_back(to_string(fault));
  return list;
}

class BadTopology : public testing::TestWithParam<Case> {};

TEST_P(BadTopology, IsRefusedWithEveryFaultInItsPlace) { EXPECT_EQ(faults_of(GetParam().text), GetParam().faults); }

std::vector<Case> cases() {
  return {
      {"EmptyFile",
       "",
       {"t.toml:1:1: the topology has no `name`; begin the file with name = \"...\"",
        "t.toml:1:1: the topology has no nodes; add a section [nodes.main] with hosts = [...]"}},
      {"UnknownKeys",
       "nmae = \"t\"\n" + one_node + "host = \"user\"\n[gatewy]\n[nodes.main.extra]\n",
       {"t.toml:1:1: unknown key `nmae`; did you mean `name`?",
        "t.toml:5:1: unknown key `host` in [nodes.main]; did you mean `hosts`?",
        "t.toml:6:2: unknown key `gatewy`; did you mean `gateway`?",
        "t.toml:7:13: unknown key `extra` in [nodes.main]; known keys: hosts, link, admin, bind, loops"}},
      {"WrongTypes",
       "name = 1\ndata = true\nhash = \"1\"\nsecret = 1.5\nnodes = []\ngateway = 1979-05-27\nactors = \"x\"\n",
       {"t.toml:1:8: `name` must be a string, not a whole number; put it in quotes",
        "t.toml:2:8: `data` must be a string, not true or false; put it in quotes",
        "t.toml:3:8: `hash` must be 1, not a string; for example: hash = 1",
        "t.toml:4:10: `secret` must be a string, not a fraction; put it in quotes",
        "t.toml:5:9: `nodes` must be a table, not a list; write { key = value } or a section of its own",
        "t.toml:6:11: `gateway` must be a table, not a date; write { key = value } or a section of its own",
        "t.toml:7:10: `actors` must be a table, not a string; write { key = value } or a section of its own"}},
      {"WrongTypesInSections",
       one_node + "link = 1\nadmin = [1]\nloops = \"2\"\n[actors]\norder = 1\n[calls]\n\"order -> product\" = 2\n",
       {"t.toml:4:8: `link` in [nodes.main] is no address: a whole number; write \"HOST:PORT\", such as "
        "\"127.0.0.1:8080\", or \"unix:PATH\"",
        "t.toml:5:10: `admin` in [nodes.main] is no address: a whole number; write \"HOST:PORT\", such as "
        "\"127.0.0.1:8080\"",
        "t.toml:6:9: `loops` in [nodes.main] must be a whole number from 1 to 256, not a string; for example: loops = "
        "1",
        "t.toml:8:9: `actors.order` must be a table, not a whole number; write a section [actors.order]",
        "t.toml:10:22: `calls.order -> product` must be a table, not a whole number; write a section [calls.\"order -> "
        "product\"]"}},
      {"BadNames",
       "name = \"The Shop\"\n[nodes.\"Main Node\"]\nhosts = [\"user\", \"product\", \"order\"]\n",
       {"t.toml:1:8: `name` is `The Shop`; a name is 1 to 63 lower-case letters, digits and hyphens",
        "t.toml:2:8: `Main Node` cannot name a node; a name is 1 to 63 lower-case letters, digits and hyphens"}},
      {"OutOfRange",
       one_node +
           "loops = 0\n[actors.order]\nshards = 0\nqueue = 9999999\n[gateway]\nmax_connections = -1\nmax_depth = "
           "9223372036854775807\n",
       {"t.toml:4:9: `loops` in [nodes.main] is 0; it must be a whole number from 1 to 256",
        "t.toml:6:10: `shards` in [actors.order] is 0; it must be a whole number from 1 to 65536",
        "t.toml:7:9: `queue` in [actors.order] is 9999999; it must be a whole number from 1 to 1000000",
        "t.toml:9:19: `max_connections` in [gateway] is -1; it must be a whole number from 1 to 1000000",
        "t.toml:10:13: `max_depth` in [gateway] is 9223372036854775807; it must be a whole number from 1 to 512"}},
      {"TooLittleRoomForOneBody",
       one_node + "[gateway]\nmax_body_bytes = 70_000\nmax_total_body_bytes = 60_000\n",
       {"t.toml:6:24: `max_total_body_bytes` in [gateway] is 60000; it must be a whole number from 70000 to "
        "4294967295"}},
      {"BadDurations",
       one_node + "[gateway]\ndeadline = \"10\"\nidle_timeout = 10\nbody_timeout = \"0s\"\n[actors.user]\nidle = "
                  "\"1 hour\"\nsupervision = { period = \"-1s\", backoff = \"10s..1s\" }\n",
       {"t.toml:5:12: `deadline` in [gateway] is no duration: `10`; write a duration such as \"250ms\", \"10s\" or "
        "\"15m\"",
        "t.toml:6:16: `idle_timeout` in [gateway] must be a duration, not a whole number; write a duration such as "
        "\"250ms\", \"10s\" or \"15m\"",
        "t.toml:7:16: `body_timeout` in [gateway] is `0s`; it must be at least 1ms",
        "t.toml:9:8: `idle` in [actors.user] is no duration: `1 hour`; write a duration such as \"250ms\", \"10s\" or "
        "\"15m\"",
        "t.toml:10:26: `period` in [actors.user.supervision] is no duration: `-1s`; write a duration such as "
        "\"250ms\", \"10s\" or \"15m\"",
        "t.toml:10:43: `backoff` in [actors.user.supervision] is no range of durations: `10s..1s`; write the shortest "
        "and the longest wait, such as \"100ms..10s\""}},
      {"BadDurationsOfTheWatchdog",
       one_node + "[watchdog]\nreport = 1\nexit = \"soon\"\nexti = \"9s\"\n",
       {"t.toml:5:10: `report` in [watchdog] must be a duration, not a whole number; write a duration such as "
        "\"250ms\", \"10s\" or \"15m\"",
        "t.toml:6:8: `exit` in [watchdog] is no duration: `soon`; write a duration such as \"250ms\", \"10s\" or "
        "\"15m\"",
        "t.toml:7:1: unknown key `exti` in [watchdog]; did you mean `exit`?"}},
      {"AWatchdogThatExitsBeforeItReports",
       one_node + "[watchdog]\nreport = \"5s\"\nexit = \"5s\"\n",
       {"t.toml:6:8: `exit` in [watchdog] is `5s`; it must be longer than `report`, which is 5s, or 0s for never"}},
      {"AWatchdogThatReportsAfterTheUsualExit",
       one_node + "[watchdog]\nreport = \"2m\"\n",
       {"t.toml:5:10: `report` in [watchdog] is `2m`; it must be shorter than `exit`, which is 1m"}},
      {"AWatchdogThatReportsAtOnce",
       one_node + "[watchdog]\nreport = \"99ms\"\n",
       {"t.toml:5:10: `report` in [watchdog] is `99ms`; it must be at least 100ms, or 0s for no watchdog"}},
      {"AWatchdogThatIsOffAndExits",
       one_node + "[watchdog]\nreport = \"0s\"\nexit = \"10s\"\n",
       {"t.toml:6:8: `exit` in [watchdog] is `10s`; with `report` at 0s there is no watchdog that could: leave it "
        "out"}},
      {"BadAddresses",
       one_node + "admin = \"9101\"\n[gateway]\nlisten = \"localhost\"\n",
       {"t.toml:4:9: `admin` in [nodes.main] is no address: `9101`; write \"HOST:PORT\", such as \"127.0.0.1:8080\"",
        "t.toml:6:10: `listen` in [gateway] is no address: `localhost`; write \"HOST:PORT\", such as "
        "\"127.0.0.1:8080\""}},
      {"TheFolderOfAllNodes",
       "name = \"t\"\n[nodes.shared]\nhosts = [\"gateway\", \"user\", \"product\", \"order\"]\n",
       {"t.toml:2:8: `shared` cannot name a node; the folder of that name in `data` is that of all nodes; choose "
        "another"}},
      {"UnknownProtocols",
       "name = \"t\"\n[nodes.main]\nhosts = [\"gateway\", \"usr\", \"product\", \"order\", "
       "\"invoice\"]\n[actors.prodct]\n"
       "[storage]\nordr = \"sqlite:x\"\n[settings.users]\n[calls.\"order -> prodct\"]\n[calls.\"order\"]\n",
       {"t.toml:3:21: unknown protocol `usr` in [nodes.main]; did you mean `user`?",
        "t.toml:3:48: unknown protocol `invoice` in [nodes.main]; known protocols: gateway, user, email, product, "
        "order, payment, shipping",
        "t.toml:4:9: unknown protocol `prodct` in [actors]; did you mean `product`?",
        "t.toml:6:1: unknown protocol `ordr` in [storage]; did you mean `order`?",
        "t.toml:7:11: unknown domain `users` in [settings]; did you mean `user`?",
        "t.toml:8:8: unknown protocol `prodct` in [calls]; did you mean `product`?",
        "t.toml:9:8: `order` in [calls] is no edge; write \"caller -> callee\""}},
      {"UnknownStrategy",
       one_node + "[actors.user.supervision]\nstrategy = \"one_for_al\"\nintensity = -1\n",
       {"t.toml:5:12: unknown strategy `one_for_al`; did you mean `one_for_all`?",
        "t.toml:6:13: `intensity` in [actors.user.supervision] is -1; it must be a whole number from 0 to 1000000"}},
      {"PathsThatAreNotInTheTree",
       one_node + "[supervision.ordr]\n[supervision.\"order/workers/setling\"]\nperiod = \"0s\"\n"
                  "[supervision.\"user/wrkers\"]\n[supervision.\"order/payment\"]\nrestarts = 3\n",
       {"t.toml:4:14: [supervision] has `ordr`, which is not in the supervision tree; did you mean `order`?",
        "t.toml:5:14: [supervision] has `order/workers/setling`, which is not in the supervision tree; did you mean "
        "`order/workers/settling`?",
        "t.toml:6:10: `period` in [supervision.order/workers/setling] is `0s`; it must be at least 1ms",
        "t.toml:7:14: [supervision] has `user/wrkers`, which is not in the supervision tree; did you mean "
        "`user/workers`?",
        "t.toml:9:1: unknown key `restarts` in [supervision.order/payment]; known keys: strategy, intensity, period, "
        "backoff"}},
      {"HostedTwice",
       three_nodes() + "[nodes.d]\nhosts = [\"user\", \"user\"]\nlink = \"127.0.0.1:7004\"\n",
       {"t.toml:12:10: `user` is hosted twice, by `a` and `d`; to share it out, make one node a group: give it lists "
        "for link and admin",
        "t.toml:12:18: the node `d` lists `user` twice; leave one out"}},
      {"HostedNowhere",
       "name = \"t\"\n[nodes.main]\nhosts = [\"user\"]\n",
       {"t.toml:2:8: `product` is hosted nowhere; add it to the hosts of a node",
        "t.toml:2:8: `order` is hosted nowhere; add it to the hosts of a node"}},
      {"HelperAwayFromItsMain",
       three_nodes() + "[nodes.d]\nhosts = [\"email\"]\nlink = \"127.0.0.1:7004\"\n",
       {"t.toml:12:10: `email` stands where `user` stands, on `a`, and nowhere else; leave it out here"}},
      {"NodesWithoutHosts",
       one_node + "[nodes.b]\nlink = \"127.0.0.1:7002\"\n[nodes.c]\nhosts = []\nlink = \"127.0.0.1:7003\"\n",
       {"t.toml:2:8: the node `main` has no `link`; add link = \"HOST:PORT\" or \"unix:PATH\", where its peers reach "
        "it",
        "t.toml:4:8: the node `b` has no `hosts`; add hosts = [...] with the protocols it hosts",
        "t.toml:7:9: the node `c` hosts nothing; known protocols: gateway, user, email, product, order, payment, "
        "shipping"}},
      {"NodesOfOneName",
       "name = \"t\"\n[nodes.a-0]\nhosts = [\"user\"]\nlink = \"127.0.0.1:7001\"\n[nodes.a]\nhosts = [\"product\", "
       "\"order\"]\nlink = [\"127.0.0.1:7002\", \"127.0.0.1:7003\"]\n",
       {"t.toml:5:8: two nodes are called `a-0`; a group names its nodes GROUP-0, GROUP-1, ...; rename one"}},
      {"TableOfOneNameTwice",
       three_nodes() + "[nodes.a]\n",
       {"t.toml:11:1: Error while parsing table header: cannot redefine existing table 'nodes.a'; the file must be "
        "valid TOML"}},
      {"GroupOfTwoSizes",
       "name = \"t\"\n[nodes.a]\nhosts = [\"user\", \"product\", \"order\"]\nlink = [\"127.0.0.1:7001\", "
       "\"127.0.0.1:7002\"]\nadmin = \"127.0.0.1:9101\"\n",
       {"t.toml:5:9: the group `a` has 2 addresses in `link` and 1 in `admin`; give each node of the group one of "
        "each"}},
      {"AddressUsedTwice",
       three_nodes("admin = \"127.0.0.1:7001\"\n[gateway]\nlisten = \"127.0.0.1:9102\"\n"),
       {"t.toml:11:9: `127.0.0.1:7001` is used twice, as link of `a` and as admin of `c`; use another port",
        "t.toml:13:10: `127.0.0.1:9102` is used twice, as admin of `b` and as gateway of `a`; use another port"}},
      {"MissingLink",
       "name = \"t\"\n[nodes.a]\nhosts = [\"user\", \"product\"]\n[nodes.b]\nhosts = [\"order\"]\nlink = "
       "\"127.0.0.1:7002\"\n",
       {"t.toml:2:8: the node `a` has no `link`; add link = \"HOST:PORT\" or \"unix:PATH\", where its peers reach it"}},
      {"OpenLinkWithoutSecret",
       "name = \"t\"\n[nodes.a]\nhosts = [\"user\", \"product\"]\nlink = \"10.0.0.1:7001\"\n[nodes.b]\nhosts = "
       "[\"order\"]\nlink = \"0.0.0.0:7002\"\n",
       {"t.toml:4:8: `link` of the node `a` is not loopback, and the topology has no `secret`; add secret = "
        "\"${TROUPE_SECRET}\" or use a loopback address",
        "t.toml:7:8: `link` of the node `b` is no place that peers can reach; write the address of one interface"}},
      {"BindBeyondTheMachineWithoutSecret",
       "name = \"t\"\n[nodes.a]\nhosts = [\"user\", \"product\"]\nlink = \"127.0.0.1:7001\"\nbind = "
       "\"0.0.0.0\"\n[nodes.b]\nhosts = [\"order\"]\nlink = \"127.0.0.1:7002\"\nbind = \"::1\"\n",
       {"t.toml:4:8: `bind` of the node `a` is not loopback, and the topology has no `secret`; add secret = "
        "\"${TROUPE_SECRET}\" or use a loopback address"}},
      {"OneInterfaceForTwoNames",
       "name = \"t\"\nsecret = \"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"\n[nodes.a]\nhosts = [\"user\", "
       "\"product\"]\nlink = \"a:7101\"\nadmin = "
       "\"a.operations:7101\"\nbind = \"10.0.0.1\"\n[nodes.b]\nhosts = [\"order\"]\nlink = \"b:7101\"\nbind = "
       "\"10.0.0.1\"\n",
       {"t.toml:6:9: `10.0.0.1:7101` is used twice, as link of `a` and as admin of `a`; use another port"}},
      {"BindToAName",
       "name = \"t\"\n[nodes.a]\nhosts = [\"gateway\", \"user\", \"product\", \"order\"]\nbind = \"eth0\"\n",
       {"t.toml:4:8: `bind` in [nodes.a] is no IP address: `eth0`; write the address of an interface of that machine, "
        "or "
        "\"0.0.0.0\" for all"}},
      {"BadLinkIsOneFault",
       "name = \"t\"\n[nodes.a]\nhosts = [\"user\", \"product\"]\nlink = \"7001\"\n[nodes.b]\nhosts "
       "= [\"order\"]\nlink = \"127.0.0.1:7002\"\n",
       {"t.toml:4:8: `link` in [nodes.a] is no address: `7001`; write \"HOST:PORT\", such as \"127.0.0.1:8080\", or "
        "\"unix:PATH\""}},
      {"UnixSockets",
       "name = \"t\"\n[nodes.a]\nhosts = [\"gateway\", \"user\", \"product\"]\nlink = \"unix:\"\nadmin = "
       "\"unix:/run/a\"\n[nodes.b]\nhosts = [\"order\"]\nlink = \"unix:/run/b\"\n",
       {"t.toml:4:8: `link` in [nodes.a] is no address: `unix:`; write \"HOST:PORT\", such as \"127.0.0.1:8080\", or "
        "\"unix:PATH\"",
        "t.toml:5:9: `admin` in [nodes.a] is no address: `unix:/run/a`; write \"HOST:PORT\", such as "
        "\"127.0.0.1:8080\""}},
      {"OneSocketForTwoNodes",
       "name = \"t\"\n[nodes.a]\nhosts = [\"user\", \"product\"]\nlink = \"unix:/run/t\"\n[nodes.b]\nhosts = "
       "[\"order\"]\nlink = \"unix:/run/t\"\n",
       {"t.toml:7:8: `unix:/run/t` is used twice, as link of `a` and as link of `b`; use another path"}},
      {"TooFewGatewayAddresses",
       "name = \"t\"\n[nodes.a]\nhosts = [\"gateway\", \"user\", \"product\", \"order\"]\nlink = [\"127.0.0.1:7001\", "
       "\"127.0.0.1:7002\"]\n[gateway]\nlisten = \"127.0.0.1:8080\"\n",
       {"t.toml:6:10: 2 nodes host the gateway, but `listen` in [gateway] has 1 addresses; give it a list with one "
        "address for each, in the order of the nodes"}},
      {"GatewayNowhere",
       "name = \"t\"\n[nodes.a]\nhosts = [\"user\", \"product\", \"order\"]\n[gateway]\n",
       {"t.toml:4:2: [gateway] is described, but no node hosts it; add \"gateway\" to the hosts of a node"}},
      {"BadOrigin",
       one_node + "[gateway]\ncors_origins = [\"shop.example.com\", \"https://a/b\", 3]\n",
       {"t.toml:5:17: `cors_origins` in [gateway] holds `shop.example.com`, which is no origin; write scheme, host and "
        "port only, such as \"https://shop.example.com\", or \"*\"",
        "t.toml:5:37: `cors_origins` in [gateway] holds `https://a/b`, which is no origin; write scheme, host and port "
        "only, such as \"https://shop.example.com\", or \"*\"",
        "t.toml:5:52: `cors_origins` in [gateway] holds a whole number; it must be a list of strings"}},
      {"BadStorage",
       one_node + "[storage]\ndefault = \"mysql://root:pw@db\"\nuser = \"sqlite:{dta}/x\"\norder = 1\nproduct = "
                  "\"sqlite:\"\n",
       {"t.toml:5:11: `default` in [storage] names no storage that Troupe knows; write \"sqlite:PATH\" or "
        "\"postgresql://...\"",
        "t.toml:6:8: `user` in [storage] holds the unknown placeholder `{dta}`; known placeholders: {data}, {node}, "
        "{protocol}",
        "t.toml:7:9: `order` in [storage] must be a string, not a whole number; write \"sqlite:PATH\" or "
        "\"postgresql://...\"",
        "t.toml:8:11: `product` in [storage] names no storage that Troupe knows; write \"sqlite:PATH\" or "
        "\"postgresql://...\""}},
      {"SharedSqliteFile",
       one_node + "[storage]\nuser = \"sqlite:data/./a.db\"\norder = \"sqlite:data/a.db\"\n",
       {"t.toml:6:9: the SQLite file `data/a.db` is used twice, by `user` on `main` and `order` on `main`; put {node} "
        "and {protocol} into its path"}},
      {"SqliteFileSharedByAGroup",
       "name = \"t\"\n[nodes.a]\nhosts = [\"user\", \"product\", \"order\"]\nlink = [\"127.0.0.1:7001\", "
       "\"127.0.0.1:7002\"]\n[storage]\norder = \"sqlite:{data}/order.db\"\n",
       {"t.toml:6:9: the SQLite file `data/t/order.db` is used twice, by `order` on `a-0` and `order` on `a-1`; put "
        "{node} and {protocol} into its path"}},
      {"CallsOfOneEdgeTwice",
       one_node + "[calls.\"order -> product\"]\n[calls.\"order->product\"]\n",
       {"t.toml:5:8: `order -> product` stands twice in [calls]; leave one out"}},
      {"UnsetVariable",
       one_node + "[gateway]\nlisten = \"127.0.0.1:${PORT}\"\n",
       {"t.toml:5:10: the environment variable `PORT` is not set; set it, or write ${PORT:-default}"}},
      {"NoText",
       one_node + "[gateway]\nlisten = \"127.0.0.1:${LATIN}\"\ndrain = \"${LATIN:-1s}\"\n",
       {"t.toml:5:10: the environment variable `LATIN` holds octets that are not UTF-8; set it to a text",
        "t.toml:6:9: the environment variable `LATIN` holds octets that are not UTF-8; set it to a text"}},
      {"BrokenVariables",
       one_node + "[settings.order]\na = \"${OPEN\"\nb = [\"${9X}\"]\nc = { d = \"${}\" }\n",
       {"t.toml:5:5: `${` is never closed; write ${NAME} or ${NAME:-default}, or $$ for a plain $",
        "t.toml:6:6: `9X` is no name of an environment variable; write ${NAME} or ${NAME:-default}",
        "t.toml:7:11: `` is no name of an environment variable; write ${NAME} or ${NAME:-default}"}},
      {"Syntax",
       "name = \"t\"\n[nodes.main\nhosts = []\n",
       {"t.toml:2:12: Error while parsing table header: expected ']', saw '\\n'; the file must be valid TOML"}},
      {"ControlCharactersAreNotPrinted",
       one_node + "admin = \"a\\u001b[31mb\"\n",
       {"t.toml:4:9: `admin` in [nodes.main] is no address: `a?[31mb`; write \"HOST:PORT\", such as "
        "\"127.0.0.1:8080\""}},
  };
}

INSTANTIATE_TEST_SUITE_P(Table, BadTopology, testing::ValuesIn(cases()),
                         [](const auto& info) { return info.param.name; });

TEST(Topology, RefusesCallsThatTheApplicationNeverMakes) {
  Catalog catalog = shop_catalog();
  catalog.edges = {{"order", "product"}, {"gateway", "user"}};
  const auto parsed = parse(one_node + "[calls.\"user -> product\"]\n", "t.toml", catalog, environment());
  ASSERT_EQ(parsed.faults.size(), 1u);
  EXPECT_EQ(to_string(parsed.faults[0]),
            "t.toml:4:8: `user` never asks `product`; known edges: order -> product, gateway -> user");
}

/// What `load` says about the file `name` in the test's own folder, which is created when `text` is given.
std::string fault_of_file(const std::string& name, const std::optional<std::string>& text) {
  const std::filesystem::path folder(testing::TempDir());
  if (text) std::ofstream(folder / name) << *text;
  const auto loaded = load(folder / name, shop_catalog(), environment());
  if (loaded.faults.size() != 1) return "not one fault";
  return to_string(loaded.faults[0]).substr(folder.string().size());
}

TEST(Topology, SaysWhyAFileCannotBeRead) {
  EXPECT_EQ(fault_of_file("absent.toml", std::nullopt),
            "absent.toml:1:1: the topology file cannot be read: No such file or directory; check its path and "
            "permissions");
  EXPECT_EQ(fault_of_file("huge.toml", std::string(longest_topology_file + 1, '#')),
            "huge.toml:1:1: the topology file cannot be read: it is larger than 1 MiB; is it a topology?");
  EXPECT_EQ(fault_of_file("", std::nullopt),
            ":1:1: the topology file cannot be read: it is a folder; check its path and permissions");
}

TEST(Topology, SurvivesHostileText) {
  for (const std::string& text :
       {std::string(100'000, '['), "a = " + std::string(100'000, '['), std::string("\xff\xfe\x00", 3),
        std::string("name = \"\xc3\x28\""), std::string("\xc3\xa9 = 1"), std::string("a = 1 \xc3\xa9"),
        "\"" + std::string(200'000, 'k') + "\" = 1"}) {
    EXPECT_FALSE(parse(text, "t.toml", shop_catalog(), environment()));
  }
}

}  // namespace
}  // namespace troupe::topology
