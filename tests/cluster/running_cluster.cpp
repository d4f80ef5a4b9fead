#include "tests/cluster/running_cluster.hpp"

#include <boost/json.hpp>
#include <csignal>

#include "tests/process/node_processes.hpp"

namespace shop::testing {

namespace {

ShopOptions options_of(std::string_view placement, std::string secret, std::string settings) {
  ShopOptions options;
  options.placement = parse_placement(placement);
  options.secret = std::move(secret);
  options.settings = std::move(settings);
  return options;
}

}  // namespace

RunningCluster::RunningCluster(std::string_view placement, std::string secret, std::string settings)
    : RunningShop(options_of(placement, std::move(secret), std::move(settings))) {}

std::map<std::string, pid_t> RunningCluster::nodes() { return troupe::process::nodes_below(process().child().pid()); }

void RunningCluster::kill_node(const std::string& name) {
  const pid_t before = nodes().at(name);
  ::kill(before, SIGKILL);
  const bool again = eventually([&] {
    const auto now = nodes();
    const auto found = now.find(name);
    return found != now.end() && found->second != before;
  });
  if (!again) throw std::runtime_error("node " + name + " was not started again");
}

Standstill::Standstill(RunningCluster& cluster, const std::string& node) : process_(cluster.nodes().at(node)) {
  ::kill(process_, SIGSTOP);
}

Standstill::~Standstill() { ::kill(process_, SIGCONT); }

Json status_of(RunningCluster& cluster, const std::string& node) {
  return expecting(200, Session{cluster.process().admin_of(node)}.get("/status")).json();
}

Json find(const Json& status, std::string_view list, std::string_view field, std::string_view value) {
  for (const auto& each : elements(status, list)) {
    if (text(each, field) == value) return each;
  }
  throw std::runtime_error("no " + std::string(value) + " in " + boost::json::serialize(status));
}

}  // namespace shop::testing
