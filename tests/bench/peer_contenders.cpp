#include "tests/bench/peer_contenders.hpp"

#include <chrono>
#include <fstream>
#include <stdexcept>
#include <thread>
#include <utility>

#include "tests/bench/shop_load.hpp"
#include "tests/bench/shop_request.hpp"
#include "tests/bench/shop_server.hpp"
#include "tests/http_client/connection.hpp"
#include "tests/process/reserved_port.hpp"

namespace troupe::bench {
namespace {

constexpr std::chrono::minutes program_limit{2};
/// Nodes that find each other by gossip take several rounds of it.
constexpr std::chrono::seconds peer_ready_limit{30};
constexpr std::chrono::seconds peer_stop_limit{5};

std::vector<std::string> numbered(const std::string& prefix, std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) names.push_back(prefix + std::to_string(i));
  return names;
}

process::Command node_command(const Setup& setup, const std::string& script,
                              const std::vector<std::string>& arguments) {
  process::Command command{.arguments = {"node", (setup.peers / script).string()},
                           .environment = {{"NODE_PATH", setup.node_modules.string()}, {"NODE_ENV", "production"}}};
  command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
  return command;
}

Contender with_moleculer(Contender contender, const Setup& setup) {
  if (contender.missing.empty() && !std::filesystem::exists(setup.node_modules / "moleculer"))
    contender.missing = "npm has not installed moleculer in " + setup.node_modules.string();
  return contender;
}

void write_nginx_configuration(const std::filesystem::path& folder, std::uint16_t port) {
  const std::string product = R"({"id":"1","name":"Teapot","price":{"amount":1999,"currency":"USD"},"description":""})";
  std::string body = product;
  body.insert(product.size() - 2, peer_product_bytes - product.size(), 'x');
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
  const auto until = std::chrono::steady_clock::now() + peer_ready_limit;
  while (true) {
    try {
      http_client::Connection("127.0.0.1:" + std::to_string(port)).exchange(request_of("GET", "/products/1"));
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
  const std::uint16_t port = process::reserve_port();
  write_nginx_configuration(folder, port);
  process::ChildProcess child({.arguments = {"nginx", "-e", "stderr", "-p", folder.string(), "-c", "nginx.conf"},
                               .standard_error = process::Command::StandardError::inherited});
  wait_until_answered(port);
  std::vector<Sample> samples = samples_of(load_product({setup.warm_up, setup.measured}, port, child.pid(), "1"));
  child.stop(peer_stop_limit);
  return samples;
}

}  // namespace

std::string lacking(const std::filesystem::path& program) {
  return process::find_program(program).empty() ? "there is no program " + program.string() : std::string();
}

std::vector<Sample> run_program(process::Command command) {
  command.standard_error = process::Command::StandardError::inherited;
  const process::Finished finished = run_to_end(command, program_limit);
  if (finished.exit.code == 0) return parse_samples(finished.output);
  throw std::runtime_error(command.arguments[0] +
                           (finished.exit.signal != 0
                                ? " was ended by signal " + std::to_string(finished.exit.signal)
                                : " failed with exit code " + std::to_string(finished.exit.code)));
}

Contender program(std::string name, process::Command command) {
  std::string missing = lacking(command.arguments[0]);
  return {std::move(name), [command = std::move(command)] { return run_program(command); }, std::move(missing)};
}

LoadOnPeer product_load(const Setup& setup) {
  return
      [setup](std::uint16_t port, pid_t pid) { return load_product({setup.warm_up, setup.measured}, port, pid, "1"); };
}

LoadOnPeer order_load(const Setup& setup) {
  return [setup](std::uint16_t port, pid_t pid) {
    return load_orders({setup.warm_up, setup.measured}, port, pid, numbered("product-", load_products),
                       numbered("token-", load_customers));
  };
}

Contender server(std::string name, process::Command command, LoadOnPeer load) {
  command.standard_error = process::Command::StandardError::inherited;
  std::string missing = lacking(command.arguments[0]);
  return {std::move(name),
          [command = std::move(command), load = std::move(load)] {
            process::ChildProcess child(command);
            const std::uint16_t port = gateway_port(child.require_line("ready ", peer_ready_limit));
            std::vector<Sample> samples = samples_of(load(port, child.pid()));
            child.stop(peer_stop_limit);
            return samples;
          },
          std::move(missing)};
}

Contender moleculer_program(const Setup& setup, const std::string& script, const std::string& argument) {
  return with_moleculer(program("moleculer", node_command(setup, "moleculer/" + script, {argument})), setup);
}

Contender moleculer_server(const Setup& setup, std::string name, const std::vector<std::string>& arguments,
                           LoadOnPeer load) {
  return with_moleculer(server(std::move(name), node_command(setup, "moleculer/shop.js", arguments), std::move(load)),
                        setup);
}

Contender node_server(const Setup& setup, const std::string& script, const std::string& argument, LoadOnPeer load) {
  return server("node", node_command(setup, "node/" + script, {argument}), std::move(load));
}

Contender erlang_program(const Setup& setup, const std::string& script, const std::string& argument) {
  const std::vector<std::string> arguments{"escript", (setup.peers / "erlang" / script).string(), argument};
  return {"erlang",
          [arguments] {
            // Where the other node listens, for the scripts that have one; epmd would stay behind as a daemon.
            const std::string flags = "-erl_epmd_port " + std::to_string(process::reserve_port());
            return run_program({.arguments = arguments, .environment = {{"ERL_FLAGS", flags}}});
          },
          lacking("escript")};
}

Contender nginx(const Setup& setup) {
  return {"nginx", [setup] { return measure_nginx(setup); }, lacking("nginx")};
}

}  // namespace troupe::bench
