#include <troupe/cli/status/status.hpp>

#include <algorithm>
#include <iostream>
#include <optional>
#include <utility>

#include <troupe/cli/load_topology.hpp>
#include <troupe/cli/status/node_request.hpp>
#include <troupe/cli/status/status_report.hpp>
#include <troupe/topology/fault.hpp>
#include <troupe/wire/json.hpp>

namespace troupe::cli {

namespace {

/// Asks all that have an address that can be asked, and adds what they tell.
void ask(StatusReport& report, const std::vector<topology::Address>& addresses) {
  std::vector<NodeRequest> requests;
  for (const auto& address : addresses) requests.push_back({address, "/status"});
  const auto results = ask_nodes(requests);
  for (std::size_t i = 0; i < results.size(); ++i) {
    NodeReport& node = report.nodes[i];
    if (!results[i].trouble.empty()) {
      node.trouble = results[i].trouble;
      continue;
    }
    // Of another version, it may tell more, or less.
    auto status = wire::from_stored_json<observe::Status>(results[i].body);
    if (status) {
      node.status = *std::move(status);
    } else {
      node.trouble = "what answers there is no node: its status can't be read";
    }
  }
}

/// One node, whichever it is.
StatusReport at(const topology::Address& address) {
  StatusReport report;
  report.nodes.push_back({{}, to_string(address), {}, {}});
  ask(report, {address});
  NodeReport& node = report.nodes.front();
  if (node.status) node.node = node.status->node;
  return report;
}

/// Drops the answer of a node that is not the one that the topology has there.
void check_identity(NodeReport& report, const topology::Topology& topology) {
  if (!report.status || (report.status->node == report.node && report.status->topology == topology.name)) return;
  report.trouble = "the node " + report.status->node + " of the topology " + report.status->topology + " answers there";
  report.status.reset();
}

StatusReport of_all(const topology::Topology& topology) {
  StatusReport report;
  std::vector<topology::Address> addresses;
  for (const auto& node : topology.nodes) {
    report.nodes.push_back({node.name, to_string(node.admin), {}, {}});
    addresses.push_back(node.admin);
  }
  ask(report, addresses);
  for (std::size_t i = 0; i < report.nodes.size(); ++i) {
    check_identity(report.nodes[i], topology);
    if (addresses[i].leaves_port_open()) {
      report.nodes[i].trouble = "its port is chosen by the system: ask by --admin, with the one of its ready line";
    }
  }
  return report;
}

std::optional<StatusReport> make_report(const node::Application& application, const StatusArguments& arguments) {
  if (!arguments.admin.empty()) {
    const auto address = topology::parse_address(arguments.admin);
    if (address && !address->leaves_port_open()) return at(*address);
    std::cerr << "--admin: " << topology::quote(arguments.admin)
              << " is no address; it is HOST:PORT, such as 127.0.0.1:9101\n";
    return std::nullopt;
  }
  const auto topology = load_topology(application, arguments.topologies);
  if (!topology) return std::nullopt;
  // Without a file, whichever node has the first address is meant.
  return arguments.topologies.empty() ? at(topology->nodes.front().admin) : of_all(*topology);
}

}  // namespace

ExitCode status(const node::Application& application, const StatusArguments& arguments) {
  const auto report = make_report(application, arguments);
  if (!report) return misused;
  std::cout << (arguments.form == StatusFormat::json ? wire::to_json(*report) + '\n' : to_text(*report));
  const bool all = std::ranges::all_of(report->nodes, [](const auto& node) { return node.status.has_value(); });
  return all ? done : failed;
}

}  // namespace troupe::cli
