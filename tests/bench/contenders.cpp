#include "tests/bench/contenders.hpp"

#include <iostream>
#include <stdexcept>
#include <thread>

#include "tests/bench/killed_node.hpp"
#include "tests/bench/peer_contenders.hpp"
#include "tests/bench/process_usage.hpp"
#include "tests/bench/shop_load.hpp"
#include "tests/bench/shop_server.hpp"

namespace troupe::bench {
namespace {

constexpr std::size_t one_hot_product = 1;
/// CAF's `request` is slow enough for a fraction of the others' calls to tell as much.
constexpr std::uint64_t slow_ask = 10;
/// How long a started shop is left alone before its memory counts as that of an idle one.
constexpr std::chrono::seconds idle_time{1};

// ── The shop ─────────────────────────────────────────────────────────────────────────────────────────────────────────

constexpr ShopShape three_nodes{.nodes = ShopShape::Nodes::three};

ShopServer start_shop(const Setup& setup, const ShopShape& shape) {
  return ShopServer(setup.programs / "shop", setup.scratch / "shop", shape);
}

std::vector<Sample> measure_shop_product(const Setup& setup, const ShopShape& shape) {
  ShopServer shop = start_shop(setup, shape);
  const std::string id = shop.create_products(1).at(0);
  std::vector<Sample> samples = samples_of(load_product({setup.warm_up, setup.measured}, shop.port(), shop.pid(), id));
  samples.push_back({"body", static_cast<double>(shop.product_bytes(id)), "bytes"});
  return samples;
}

std::vector<Sample> measure_shop_orders(const Setup& setup, std::size_t product_count, const ShopShape& shape = {}) {
  ShopServer shop = start_shop(setup, shape);
  const std::vector<std::string> products = shop.create_products(product_count);
  const std::vector<std::string> tokens = shop.sign_in_customers(load_customers);
  const LoadReport report = load_orders({setup.warm_up, setup.measured}, shop.port(), shop.pid(), products, tokens);
  if (!report.first_failure.empty()) std::cerr << "\n  an order failed: " << report.first_failure << '\n';
  // A rate counts only if the orders are there, one unit each. What timed out may have been placed or not.
  const std::uint64_t placed = report.statuses.at(201);
  const std::uint64_t reserved = shop.reserved_units();
  const bool outcomes_known = report.first_failure.empty() && report.broken_connections == 0;
  if (reserved < placed || (outcomes_known && reserved > placed)) {
    throw std::runtime_error(std::to_string(placed) + " orders were placed, but the products hold " +
                             std::to_string(reserved) + " units");
  }
  std::vector<Sample> samples = samples_of(report);
  samples.push_back({"resident_after", static_cast<double>(process_resident_bytes(shop.pid())) / 1e6, "MB"});
  return samples;
}

std::vector<Sample> measure_start(const Setup& setup) {
  const ShopServer shop = start_shop(setup, {});
  std::this_thread::sleep_for(idle_time);
  return {{"ready", shop.ready_after().count(), "ms"},
          {"resident", static_cast<double>(process_resident_bytes(shop.pid())) / 1e6, "MB"}};
}

// ── Groups ───────────────────────────────────────────────────────────────────────────────────────────────────────────

process::Command own(const Setup& setup, const std::string& name, std::vector<std::string> arguments = {}) {
  arguments.insert(arguments.begin(), (setup.programs / name).string());
  return {.arguments = std::move(arguments)};
}

Group ask_group(const Setup& setup) {
  const std::string calls = std::to_string(setup.calls);
  const std::string fewer_calls = std::to_string(setup.calls / slow_ask);
  return {"ask",
          {program("troupe", own(setup, "bench_actors", {"ask", "--calls", calls})),
           program("caf", own(setup, "bench_peer_caf", {"ask", "--calls", fewer_calls})),
           program("mailbox", own(setup, "bench_peer_mailbox", {"--calls", calls})),
           moleculer_program(setup, "local_call.js", calls), erlang_program(setup, "call.escript", calls)}};
}

/// Between two processes: through actors, frames and raw octets beside them, and the peers' calls.
Group remote_group(const Setup& setup) {
  const std::string seconds = std::to_string(std::chrono::duration<double>(setup.measured).count() / 2);
  return {"remote",
          {program("troupe", own(setup, "bench_remote", {"--calls", std::to_string(setup.calls)})),
           program("links", own(setup, "bench_links", {"--seconds", seconds})),
           program("grpc", own(setup, "bench_peer_grpc", {"calls", "--seconds", seconds})),
           program("caf", own(setup, "bench_peer_basp", {"--seconds", seconds})),
           moleculer_program(setup, "remote_call.js", seconds), erlang_program(setup, "remote_call.escript", seconds)}};
}

/// Many entities beside one that floods their loop; without it, the same program is its own peer.
Group fair_group(const Setup& setup) {
  return {"fair", {program("troupe", own(setup, "bench_actors", {"fair", "--calls", std::to_string(setup.calls)}))}};
}

Group memory_group(const Setup& setup) {
  const std::string count = std::to_string(setup.actors);
  return {"memory",
          {program("troupe", own(setup, "bench_actors", {"memory", "--entities", count})),
           program("caf", own(setup, "bench_peer_caf", {"memory", "--actors", count}))}};
}

/// Workers of the engine beside Erlang's processes; the supervisor alone, whose children are numbers, for scale.
Group supervise_group(const Setup& setup) {
  const std::string children = std::to_string(setup.children);
  return {"supervise",
          {program("troupe", own(setup, "bench_supervision", {"--children", children})),
           program("actors", own(setup, "bench_supervision", {"--actors", "--children", children})),
           erlang_program(setup, "supervision.escript", children)}};
}

Group get_group(const Setup& setup) {
  const std::string missing = lacking(setup.programs / "shop");
  const std::string bytes = std::to_string(peer_product_bytes);
  const LoadOnPeer load = product_load(setup);
  return {"get",
          {{"shop", [setup] { return measure_shop_product(setup, {}); }, missing},
           server("beast", own(setup, "bench_peer_beast", {"--body-bytes", bytes}), load),
           {"shop_one_loop", [setup] { return measure_shop_product(setup, {.loops = 1}); }, missing},
           server("beast_one_loop", own(setup, "bench_peer_beast", {"--body-bytes", bytes, "--loops", "1"}), load),
           {"shop_three_nodes", [setup] { return measure_shop_product(setup, three_nodes); }, missing},
           nginx(setup),
           node_server(setup, "products.js", bytes, load),
           moleculer_server(setup, "moleculer", {bytes}, load)}};
}

Group orders_group(const Setup& setup) {
  const std::string missing = lacking(setup.programs / "shop");
  const std::string bytes = std::to_string(peer_product_bytes);
  const LoadOnPeer load = order_load(setup);
  return {"orders",
          {{"shop", [setup] { return measure_shop_orders(setup, load_products); }, missing},
           server("beast", own(setup, "bench_peer_orders"), load),
           {"shop_hot", [setup] { return measure_shop_orders(setup, one_hot_product); }, missing},
           {"shop_three_nodes", [setup] { return measure_shop_orders(setup, load_products, three_nodes); }, missing},
           server("grpc", own(setup, "bench_peer_grpc", {"shop"}), load),
           moleculer_server(setup, "moleculer", {bytes}, load),
           moleculer_server(setup, "moleculer_split", {bytes, "split"}, load)}};
}

Group durable_group(const Setup& setup) {
  const std::string rows = (setup.programs / "bench_durable_rows").string();
  const std::string milliseconds = std::to_string(setup.measured.count() / 4);
  return {"durable",
          {{"disk",
            [=, folder = setup.scratch / "rows"] {
              std::filesystem::remove_all(folder);
              std::filesystem::create_directories(folder);
              std::vector<Sample> samples =
                  run_program({.arguments = {rows, folder.string(), "--milliseconds", milliseconds}});
              std::filesystem::remove_all(folder);
              return samples;
            },
            lacking(rows)}}};
}

/// What fails, and how soon it is there again.
Group recover_group(const Setup& setup) {
  const std::string crash = (setup.programs / "bench_crash").string();
  return {"recover",
          {{"entity",
            [=, folder = setup.scratch / "crash"] {
              std::filesystem::remove_all(folder);
              std::vector<Sample> samples = run_program({.arguments = {crash, folder.string()}});
              std::filesystem::remove_all(folder);
              return samples;
            },
            lacking(crash)},
           {"node", [setup] { return measure_killed_node(setup); }, lacking(setup.programs / "shop")}}};
}

Group start_group(const Setup& setup) {
  return {"start", {{"shop", [setup] { return measure_start(setup); }, lacking(setup.programs / "shop")}}};
}

}  // namespace

std::vector<Group> make_groups(const Setup& setup) {
  return {ask_group(setup), fair_group(setup),   remote_group(setup),  memory_group(setup),  supervise_group(setup),
          get_group(setup), orders_group(setup), durable_group(setup), recover_group(setup), start_group(setup)};
}

}  // namespace troupe::bench
