/// The targets, and what is reported beside them. The keys are those that contenders.cpp measures.
#include "tests/bench/findings.hpp"

namespace troupe::bench {
namespace {

constexpr Limit at_most(double value) { return {LimitKind::at_most, value}; }
constexpr Limit at_least(double value) { return {LimitKind::at_least, value}; }
constexpr Limit at_most_times_peer(double value) { return {LimitKind::at_most_times_peer, value}; }

Row for_scale(std::string name, std::string key) {
  return {std::move(name), std::move(key), {}, {}, {}, Unmeasured::left_out};
}

}  // namespace

const std::vector<Row>& report_rows() {
  static const std::vector<Row> rows{
      {"ask on one loop, 1 in flight", "ask/troupe/one_loop_1", "CAF request/then, one worker", "ask/caf/one_worker_1",
       at_most(300)},
      {"ask on one loop, 100 in flight", "ask/troupe/one_loop_100", "CAF request/then, one worker",
       "ask/caf/one_worker_100", at_most(200)},
      {"ask across loops, 1 in flight", "ask/troupe/across_loops_1", "CAF request/then, default", "ask/caf/default_1"},
      {"ask across loops, 100 in flight", "ask/troupe/across_loops_100", "CAF request/then, default",
       "ask/caf/default_100"},
      {"ask across processes, 1 in flight, p50", "remote/troupe/remote_p50_1", "raw TCP ping-pong",
       "remote/links/raw_1_p50", at_most_times_peer(1.5)},
      {"ask across processes, 64 in flight, CPU of both", "remote/troupe/remote_cpu_64", "raw TCP",
       "remote/links/raw_64_cpu", at_most(5)},
      {"ask across processes, 512 in flight", "remote/troupe/remote_rate_512", "raw TCP", "remote/links/raw_512_rate",
       at_least(500'000)},
      {"memory of an idle entity", "memory/troupe/idle_entity", "CAF actor", "memory/caf/idle_actor", at_most(500)},
      {"entities resident", "memory/troupe/resident_entities", {}, {}, at_least(1'000'000)},
      {"GET /products/{id}, CPU a request", "get/shop/cpu", "bare Beast, as many loops", "get/beast/cpu",
       at_most_times_peer(1.5)},
      {"GET /products/{id}, CPU a request, one loop", "get/shop_one_loop/cpu", "bare Beast, one loop",
       "get/beast_one_loop/cpu", at_most_times_peer(1.5)},
      {"GET /products/{id}, requests a second", "get/shop/rate", "bare Beast, as many loops", "get/beast/rate"},
      {"GET /products/{id}, p99", "get/shop/p99", "bare Beast, as many loops", "get/beast/p99"},
      {"GET /products/{id}, requests that failed", "get/shop/failed", {}, {}, at_most(0)},
      {"POST /orders, orders a second", "orders/shop/rate", "bare Beast in memory", "orders/beast/rate",
       at_least(15'000)},
      {"POST /orders, p99", "orders/shop/p99", "bare Beast in memory", "orders/beast/p99", at_most(20)},
      {"POST /orders, CPU an order", "orders/shop/cpu", "bare Beast in memory", "orders/beast/cpu", at_most(60)},
      {"POST /orders, requests that failed", "orders/shop/failed", {}, {}, at_most(0)},
      {"POST /orders, one hot product, orders a second", "orders/shop_hot/rate"},
      {"POST /orders, one hot product, p99", "orders/shop_hot/p99"},
      {"POST /orders, one hot product, CPU an order", "orders/shop_hot/cpu"},
      {"POST /orders, one hot product, requests that failed", "orders/shop_hot/failed", {}, {}, at_most(0)},
      {"GET /products/{id}, three nodes, CPU a request", "get/shop_three_nodes/cpu", "one process", "get/shop/cpu"},
      {"GET /products/{id}, three nodes, requests a second", "get/shop_three_nodes/rate", "one process",
       "get/shop/rate"},
      {"POST /orders, three nodes, orders a second", "orders/shop_three_nodes/rate", "gRPC C++ in memory",
       "orders/grpc/rate", at_least(8'000)},
      {"POST /orders, three nodes, CPU an order", "orders/shop_three_nodes/cpu", "gRPC C++ in memory",
       "orders/grpc/cpu", at_most_times_peer(1)},
      {"POST /orders, three nodes, requests that failed", "orders/shop_three_nodes/failed", {}, {}, at_most(0)},
      {"monolith against split, orders a second", "orders/shop/rate", "three nodes", "orders/shop_three_nodes/rate"},
      {"monolith against split, p50 of an order", "orders/shop/p50", "three nodes", "orders/shop_three_nodes/p50"},
      {"monolith against split, p99 of an order", "orders/shop/p99", "three nodes", "orders/shop_three_nodes/p99"},
      {"monolith against split, CPU an order", "orders/shop/cpu", "three nodes", "orders/shop_three_nodes/cpu"},
      {"ready after start on empty data", "start/shop/ready", {}, {}, at_most(200)},
      {"resident memory when idle", "start/shop/resident", {}, {}, at_most(50)},
      for_scale("own mailbox on one thread (the limit), 1 in flight", "ask/mailbox/same_thread_1"),
      for_scale("own mailbox on one thread (the limit), 100 in flight", "ask/mailbox/same_thread_100"),
      for_scale("CAF request/then, default, 1 in flight", "ask/caf/default_1"),
      for_scale("CAF request/then, default, 100 in flight", "ask/caf/default_100"),
      for_scale("CAF request/then, sharing, 1 in flight", "ask/caf/sharing_1"),
      for_scale("CAF request/then, sharing, 100 in flight", "ask/caf/sharing_100"),
      for_scale("Moleculer local call, 1 in flight", "ask/moleculer/local_1"),
      for_scale("Moleculer local call, 100 in flight", "ask/moleculer/local_100"),
      for_scale("Erlang gen_server:call, 1 in flight", "ask/erlang/local_1"),
      for_scale("Erlang gen_server:call, 100 in flight", "ask/erlang/local_100"),
      for_scale("gRPC C++ across processes, 1 in flight, p50", "remote/grpc/p50_1"),
      for_scale("gRPC C++ across processes, 64 in flight, CPU of both", "remote/grpc/cpu_64"),
      for_scale("gRPC C++ across processes, 512 in flight", "remote/grpc/rate_512"),
      for_scale("CAF BASP across processes, 1 in flight, p50", "remote/caf/p50_1"),
      for_scale("CAF BASP across processes, 64 in flight, CPU of both", "remote/caf/cpu_64"),
      for_scale("CAF BASP across processes, 512 in flight", "remote/caf/rate_512"),
      for_scale("Erlang distribution across processes, 1 in flight, p50", "remote/erlang/p50_1"),
      for_scale("Erlang distribution across processes, 64 in flight, CPU of both", "remote/erlang/cpu_64"),
      for_scale("Erlang distribution across processes, 512 in flight", "remote/erlang/rate_512"),
      for_scale("Moleculer TCP across processes, 1 in flight, p50", "remote/moleculer/p50_1"),
      for_scale("Moleculer TCP across processes, 64 in flight, CPU of both", "remote/moleculer/cpu_64"),
      for_scale("Moleculer TCP across processes, 512 in flight", "remote/moleculer/rate_512"),
      for_scale("supervisor alone, of 100,000: start of a child", "supervise/troupe/start"),
      for_scale("supervisor alone, of 100,000: restart of a child", "supervise/troupe/restart"),
      for_scale("supervisor alone, of 100,000: stop, each child", "supervise/troupe/stop"),
      for_scale("Erlang simple_one_for_one, of 100,000 processes: start of a child", "supervise/erlang/start"),
      for_scale("Erlang simple_one_for_one, of 100,000 processes: restart of a child", "supervise/erlang/restart"),
      for_scale("Erlang simple_one_for_one, of 100,000 processes: stop, each child", "supervise/erlang/stop"),
      for_scale("GET, nginx: CPU a request", "get/nginx/cpu"),
      for_scale("GET, nginx: requests a second", "get/nginx/rate"),
      for_scale("GET, Node: CPU a request", "get/node/cpu"),
      for_scale("GET, Node: requests a second", "get/node/rate"),
      for_scale("GET, moleculer-web: CPU a request", "get/moleculer/cpu"),
      for_scale("GET, moleculer-web: requests a second", "get/moleculer/rate"),
      for_scale("order flow in memory, gRPC C++ in three services: p50", "orders/grpc/p50"),
      for_scale("order flow in memory, gRPC C++ in three services: p99", "orders/grpc/p99"),
      for_scale("order flow in memory, moleculer-web: orders a second", "orders/moleculer/rate"),
      for_scale("order flow in memory, moleculer-web: p99", "orders/moleculer/p99"),
      for_scale("order flow in memory, moleculer-web: CPU an order", "orders/moleculer/cpu"),
      for_scale("order flow in memory, moleculer-web and three services: orders a second",
                "orders/moleculer_split/rate"),
      for_scale("order flow in memory, moleculer-web and three services: p99", "orders/moleculer_split/p99"),
      for_scale("order flow in memory, moleculer-web and three services: CPU an order", "orders/moleculer_split/cpu"),
      for_scale("preallocated log and fdatasync, 1 row a commit", "durable/disk/log_1"),
      for_scale("preallocated log and fdatasync, 100 rows a commit", "durable/disk/log_100"),
      for_scale("SQLite WAL FULL, 1 row a commit", "durable/disk/sqlite_full_1"),
      for_scale("SQLite WAL FULL, 100 rows a commit", "durable/disk/sqlite_full_100"),
  };
  return rows;
}

}  // namespace troupe::bench
