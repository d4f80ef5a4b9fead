#include "tests/bench/contenders.hpp"

#include <unistd.h>

#include <fstream>
#include <iostream>
#include <stdexcept>
#include <thread>

#include "tests/bench/child_process.hpp"
#include "tests/bench/http_call.hpp"
#include "tests/bench/process_usage.hpp"
#include "tests/bench/shop_load.hpp"
#include "tests/bench/shop_server.hpp"

namespace troupe::bench {
namespace {

constexpr std::size_t kProducts = 200;
constexpr std::size_t kCustomers = 8;
constexpr std::size_t kOneHotProduct = 1;
constexpr std::chrono::minutes kProgramLimit{10};
constexpr std::chrono::seconds kReadyLimit{20};
constexpr std::chrono::seconds kStopLimit{5};
/// How long a started shop is left alone before its memory counts as that of an idle one.
constexpr std::chrono::seconds kIdle{1};
/// Size of the shop's answer to `GET /products/{id}`, for the peers, should the shop itself not be there to ask.
constexpr std::size_t kProductBytes = 300;

// ── The shop ─────────────────────────────────────────────────────────────────────────────────────────────────────────

constexpr ShopShape kThreeNodes{.nodes = ShopShape::Nodes::three};

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
  const std::vector<std::string> tokens = shop.sign_in_customers(kCustomers);
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
  std::this_thread::sleep_for(kIdle);
  return {{"ready", shop.ready_after().count(), "ms"},
          {"resident", static_cast<double>(process_resident_bytes(shop.pid())) / 1e6, "MB"}};
}

// ── Peers ────────────────────────────────────────────────────────────────────────────────────────────────────────────

std::string lacking(const std::filesystem::path& path) {
  return can_run(path.string()) ? std::string() : "there is no program " + path.string();
}

/// A program that measures by itself and prints its samples.
Contender program(std::string name, std::vector<std::string> arguments) {
  std::string missing = lacking(arguments[0]);
  return {
      std::move(name),
      [arguments = std::move(arguments)] { return parse_samples(run_to_end({.arguments = arguments}, kProgramLimit)); },
      std::move(missing)};
}

std::vector<std::string> numbered(const std::string& prefix, std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) names.push_back(prefix + std::to_string(i));
  return names;
}

using LoadOnPeer = std::function<LoadReport(std::uint16_t port, pid_t server)>;

/// A server that prints `ready gateway=ADDRESS` and is put under load.
Contender server(std::string name, Command command, LoadOnPeer load) {
  std::string missing = lacking(command.arguments[0]);
  return {std::move(name),
          [command = std::move(command), load = std::move(load)] {
            ChildProcess process(command);
            const std::uint16_t port = gateway_port(process.read_line("ready ", kReadyLimit));
            std::vector<Sample> samples = samples_of(load(port, process.pid()));
            process.stop(kStopLimit);
            return samples;
          },
          std::move(missing)};
}

LoadOnPeer product_load(const Setup& setup) {
  return
      [setup](std::uint16_t port, pid_t pid) { return load_product({setup.warm_up, setup.measured}, port, pid, "1"); };
}

LoadOnPeer order_load(const Setup& setup) {
  return [setup](std::uint16_t port, pid_t pid) {
    return load_orders({setup.warm_up, setup.measured}, port, pid, numbered("product-", kProducts),
                       numbered("token-", kCustomers));
  };
}

Contender moleculer(Contender contender, const Setup& setup) {
  if (contender.missing.empty() && !std::filesystem::exists(setup.node_modules / "moleculer"))
    contender.missing = "npm has not installed moleculer in " + setup.node_modules.string();
  return contender;
}

Command node_command(const Setup& setup, const std::string& script, const std::string& argument) {
  return {.arguments = {"node", (setup.peers / script).string(), argument},
          .environment = {"NODE_PATH=" + setup.node_modules.string(), "NODE_ENV=production"}};
}

void write_nginx_configuration(const std::filesystem::path& folder, std::uint16_t port) {
  const std::string product = R"({"id":"1","name":"Teapot","price":{"amount":1999,"currency":"USD"},"description":""})";
  std::string body = product;
  body.insert(product.size() - 2, kProductBytes - product.size(), 'x');
  std::ofstream file(folder / "nginx.conf");
  file << R"(daemon off;
master_process off;
pid pid;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  keepalive_requests 1000000000;
  default_type application/json;
  server {
    listen 127.0.0.1:)"
       << port << ";\n    location = /products/1 { return 200 '" << body << "'; }\n  }\n}\n";
  if (!file.flush()) throw std::runtime_error("cannot write nginx's configuration");
}

void wait_until_answered(std::uint16_t port) {
  const auto until = std::chrono::steady_clock::now() + kReadyLimit;
  while (true) {
    try {
      http_call(port, format_request("GET", "/products/1", {}, {}));
      return;
    } catch (const std::exception&) {
      if (std::chrono::steady_clock::now() > until) throw;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
}

/// nginx cannot choose a port by itself and has no ready line.
std::vector<Sample> measure_nginx(const Setup& setup) {
  const std::filesystem::path folder = setup.scratch / "nginx";
  std::filesystem::create_directories(folder);
  const std::uint16_t port = free_port();
  write_nginx_configuration(folder, port);
  ChildProcess process({.arguments = {"nginx", "-e", "stderr", "-p", folder.string(), "-c", "nginx.conf"}});
  wait_until_answered(port);
  std::vector<Sample> samples = samples_of(load_product({setup.warm_up, setup.measured}, port, process.pid(), "1"));
  process.stop(kStopLimit);
  return samples;
}

// ── Groups ───────────────────────────────────────────────────────────────────────────────────────────────────────────

Group ask_group(const Setup& setup) {
  const std::string calls = std::to_string(setup.calls);
  Group group{"ask",
              {program("troupe", {(setup.programs / "bench_actors").string(), "ask", "--calls", calls}),
               program("caf", {(setup.programs / "bench_peer_caf").string(), "ask", "--calls", calls}),
               program("mailbox", {(setup.programs / "bench_peer_mailbox").string(), "--calls", calls})}};
  if (setup.which == Peers::required_only) return group;
  const Command call = node_command(setup, "moleculer/local_call.js", calls);
  group.contenders.push_back(moleculer(
      {"moleculer", [call] { return parse_samples(run_to_end(call, kProgramLimit)); }, lacking("node")}, setup));
  group.contenders.push_back(program("erlang", {"escript", (setup.peers / "erlang/call.escript").string(), calls}));
  return group;
}

/// Between two processes: through actors, and frames and raw octets beside them.
Group remote_group(const Setup& setup) {
  const std::string calls = std::to_string(setup.calls);
  const std::string seconds = std::to_string(static_cast<double>(setup.measured.count()) / 2000);
  return {"remote",
          {program("troupe", {(setup.programs / "bench_remote").string(), "--calls", calls}),
           program("links", {(setup.programs / "bench_links").string(), "--seconds", seconds})}};
}

Group memory_group(const Setup& setup) {
  const std::string count = std::to_string(setup.actors);
  return {"memory",
          {program("troupe", {(setup.programs / "bench_actors").string(), "memory", "--entities", count}),
           program("caf", {(setup.programs / "bench_peer_caf").string(), "memory", "--actors", count})}};
}

Group get_group(const Setup& setup) {
  const std::string shop = (setup.programs / "shop").string();
  const std::string beast = (setup.programs / "bench_peer_beast").string();
  const std::string bytes = std::to_string(kProductBytes);
  const LoadOnPeer load = product_load(setup);
  Group group{"get",
              {{"shop", [setup] { return measure_shop_product(setup, {}); }, lacking(shop)},
               server("beast", {.arguments = {beast, "--body-bytes", bytes}}, load),
               {"shop_one_loop", [setup] { return measure_shop_product(setup, {.loops = 1}); }, lacking(shop)},
               server("beast_one_loop", {.arguments = {beast, "--body-bytes", bytes, "--loops", "1"}}, load),
               {"shop_three_nodes", [setup] { return measure_shop_product(setup, kThreeNodes); }, lacking(shop)}}};
  if (setup.which == Peers::required_only) return group;
  group.contenders.push_back({"nginx", [setup] { return measure_nginx(setup); }, lacking("nginx")});
  group.contenders.push_back(server("node", node_command(setup, "node/products.js", bytes), load));
  group.contenders.push_back(
      moleculer(server("moleculer", node_command(setup, "moleculer/shop.js", bytes), load), setup));
  return group;
}

Group orders_group(const Setup& setup) {
  const std::string shop = (setup.programs / "shop").string();
  const std::string beast = (setup.programs / "bench_peer_orders").string();
  Group group{
      "orders",
      {{"shop", [setup] { return measure_shop_orders(setup, kProducts); }, lacking(shop)},
       server("beast", {.arguments = {beast}}, order_load(setup)),
       {"shop_hot", [setup] { return measure_shop_orders(setup, kOneHotProduct); }, lacking(shop)},
       {"shop_three_nodes", [setup] { return measure_shop_orders(setup, kProducts, kThreeNodes); }, lacking(shop)}}};
  if (setup.which == Peers::required_only) return group;
  group.contenders.push_back(moleculer(
      server("moleculer", node_command(setup, "moleculer/shop.js", std::to_string(kProductBytes)), order_load(setup)),
      setup));
  return group;
}

Group durable_group(const Setup& setup) {
  const std::string rows = (setup.programs / "bench_durable_rows").string();
  const std::string milliseconds = std::to_string(setup.measured.count() / 4);
  return {"durable",
          {{"disk",
            [=, folder = setup.scratch / "rows"] {
              std::filesystem::remove_all(folder);
              std::filesystem::create_directories(folder);
              const Command command{.arguments = {rows, folder.string(), "--milliseconds", milliseconds}};
              std::vector<Sample> samples = parse_samples(run_to_end(command, kProgramLimit));
              std::filesystem::remove_all(folder);
              return samples;
            },
            lacking(rows)}}};
}

Group start_group(const Setup& setup) {
  return {"start", {{"shop", [setup] { return measure_start(setup); }, lacking(setup.programs / "shop")}}};
}

}  // namespace

std::vector<Group> make_groups(const Setup& setup) {
  return {ask_group(setup),    remote_group(setup),  memory_group(setup), get_group(setup),
          orders_group(setup), durable_group(setup), start_group(setup)};
}

}  // namespace troupe::bench
