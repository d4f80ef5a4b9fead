#include <troupe/cli/status/status_report.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::cli {
namespace {

observe::Status edge() {
  observe::Status status;
  status.node = "edge";
  status.incarnation = 7;
  status.version = "1.2";
  status.uptime = std::chrono::hours(26) + std::chrono::minutes(59);
  status.resident_bytes = 23'400'000;
  status.gateway = observe::GatewayStatus{"127.0.0.1:8080", 4, 1, 1042};
  status.loops = {{0, 3, 99, {}, {}}, {1, 12, 4, Duration(3200), "order.Pay of 7"}};
  observe::LinkStatus link;
  link.peer = "orders";
  link.address = "127.0.0.1:7103";
  link.state = observe::LinkStatus::State::down;
  link.trouble = "Connection refused";
  status.links.push_back(link);
  status.tree = {"edge", "supervisor", "one_for_one", "permanent", "running", 0, std::nullopt, 1, 1, {}};
  status.tree.children.push_back({"shards", "shard", std::nullopt, "permanent", "restarting", 3, "killed", 64, 63, {}});
  status.crash_looping.push_back({"order", "01m7", *parse_time("2026-03-01T10:00:00.000Z"), 7, "Pay: it broke"});
  return status;
}

TEST(StatusReport, LinesUpWhatNodesTell) {
  const StatusReport report{{{"edge", "127.0.0.1:9101", {}, edge()}, {"orders", "127.0.0.1:9103", "no answer", {}}}};
  EXPECT_EQ(to_text(report),
            "NODE    ADMIN           START  UP FOR  MEMORY  VERSION  GATEWAY         CONNECTIONS  IN FLIGHT  REQUESTS\n"
            "edge    127.0.0.1:9101  7      1d 2h   23 MB   1.2      127.0.0.1:8080  4            1          1042\n"
            "orders  127.0.0.1:9103  no answer\n"
            "\n"
            "LOOP  NODE  QUEUED  TURNS  STUCK FOR  DOING\n"
            "0     edge  3       99     -          -\n"
            "1     edge  12      4      3200ms     order.Pay of 7\n"
            "\n"
            "LINK FROM  TO      ADDRESS         STATE  CONNECTIONS  IN FLIGHT  QUEUED BYTES  RECONNECTS  TROUBLE\n"
            "edge       orders  127.0.0.1:7103  down   0            0          0             0           "
            "Connection refused\n"
            "\n"
            "SUPERVISION  NODE  KIND        STRATEGY     RESTART    STATE             RESTARTS  LAST REASON\n"
            "edge         edge  supervisor  one_for_one  permanent  running           0         -\n"
            "  shards     edge  shard       -            permanent  63 of 64 running  3         killed\n"
            "\n"
            "CRASH-LOOPING  KEY   NODE  SINCE                     CRASHES  LAST REASON\n"
            "order          01m7  edge  2026-03-01T10:00:00.000Z  7        Pay: it broke\n");
}

TEST(StatusReport, LeavesOutTablesWithoutARow) {
  const StatusReport report{{{"", "127.0.0.1:9101", "Connection refused", {}}}};
  EXPECT_EQ(to_text(report),
            "NODE  ADMIN           START  UP FOR  MEMORY  VERSION  GATEWAY  CONNECTIONS  IN FLIGHT  REQUESTS\n"
            "?     127.0.0.1:9101  Connection refused\n");
}

}  // namespace
}  // namespace troupe::cli
