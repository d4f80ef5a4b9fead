#include <troupe/observe/health.hpp>

#include <troupe/wire/json.hpp>

#include <gtest/gtest.h>

namespace troupe::observe {
namespace {

TEST(Health, IsOkWhenAllChecksAre) {
  const Readiness ready = readiness_of({{"loop 0", Health::ok, {}}, {"storage order", Health::ok, {}}});
  EXPECT_EQ(http_status(ready), 200u);
  EXPECT_EQ(wire::to_json(ready), R"({"status":"ok","checks":[{"name":"loop 0","status":"ok","detail":null},)"
                                  R"({"name":"storage order","status":"ok","detail":null}]})");
  EXPECT_EQ(http_status(readiness_of({})), 200u);
}

TEST(Health, IsFailingWhenOneCheckIs) {
  const Readiness ready = readiness_of({{"loop 0", Health::ok, {}}, {"storage order", Health::failing, "disk full"}});
  EXPECT_EQ(http_status(ready), 503u);
  EXPECT_EQ(wire::to_json(ready), R"({"status":"failing","checks":[{"name":"loop 0","status":"ok","detail":null},)"
                                  R"({"name":"storage order","status":"failing","detail":"disk full"}]})");
}

TEST(Health, TellsWhatTheNodeIsDoing) {
  Status status;
  status.node = "main";
  status.incarnation = 3;
  status.topology = "monolith";
  status.version = "0.1.0";
  status.uptime = std::chrono::minutes(2);
  status.gateway = GatewayStatus{"127.0.0.1:8080", 1, 2, 3};
  status.loops = {{.index = 0, .queued = 1, .turns = 2, .stuck = {}, .doing = {}},
                  {.index = 1, .queued = 3, .turns = 4, .stuck = Duration(3200), .doing = "order.Pay of 7"}};
  status.protocols = {{.name = "order",
                       .shards = 64,
                       .entities = 1,
                       .queued = 2,
                       .turns = 3,
                       .rejections = 4,
                       .crashes = 5,
                       .crash_looping = 6,
                       .outbox = 7,
                       .dead_letters = 8,
                       .storage = "sqlite"}};
  EXPECT_EQ(
      wire::to_json(status),
      R"({"node":"main","incarnation":3,"topology":"monolith","version":"0.1.0",)"
      R"("started_at":"1970-01-01T00:00:00.000Z","uptime":"2m","resident_bytes":0,)"
      R"("gateway":{"address":"127.0.0.1:8080","connections":1,"in_flight":2,"requests":3},)"
      R"("loops":[{"index":0,"queued":1,"turns":2,"stuck":null,"doing":null},)"
      R"({"index":1,"queued":3,"turns":4,"stuck":"3200ms","doing":"order.Pay of 7"}],)"
      R"("protocols":[{"name":"order","shards":64,"entities":1,"queued":2,"turns":3,"rejections":4,)"
      R"("crashes":5,"crash_looping":6,"outbox":7,"dead_letters":8,"storage":"sqlite"}],"links":[],"breakers":[],)"
      R"("crash_looping":[],"tree":{"name":"","kind":"","strategy":null,"restart":"","state":"","restarts":0,)"
      R"("last_reason":null,"count":1,"running":0,"children":[]}})");
}

}  // namespace
}  // namespace troupe::observe
