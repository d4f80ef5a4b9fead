#include <troupe/cli/up/up.hpp>

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <utility>

#include <troupe/cli/environment.hpp>
#include <troupe/cli/load_topology.hpp>
#include <troupe/cli/up/capability.hpp>
#include <troupe/cli/up/link_ports.hpp>
#include <troupe/cli/up/port_check.hpp>
#include <troupe/cli/up/process_supervisor.hpp>
#include <troupe/node/node_data.hpp>
#include <troupe/observe/log.hpp>

namespace troupe::cli {

namespace {

/// What a node may need beyond its drain, to end what its actors do and to close its files.
constexpr auto closing_time = std::chrono::seconds(5);

using Nodes = std::vector<const topology::Node*>;

/// The nodes that `only` names, in the order of the file; nothing, and a word on standard error, where one is unknown.
std::optional<Nodes> choose_nodes(const topology::Topology& topology, const std::vector<std::string>& only) {
  const auto named = [](const topology::Node& node, const std::string& name) {
    return node.name == name || node.group == name;
  };
  std::string names;
  for (const auto& node : topology.nodes) names += (names.empty() ? "" : ", ") + node.name;
  for (const auto& name : only) {
    if (std::ranges::any_of(topology.nodes, [&](const auto& node) { return named(node, name); })) continue;
    std::cerr << "--only: the topology has no node '" << name << "'; it has: " << names << '\n';
    return std::nullopt;
  }
  Nodes nodes;
  for (const auto& node : topology.nodes) {
    const bool chosen = only.empty() || std::ranges::any_of(only, [&](const auto& name) { return named(node, name); });
    if (chosen) nodes.push_back(&node);
  }
  return nodes;
}

std::string_view name_of(observe::LogFormat format) {
  switch (format) {
    case observe::LogFormat::text:
      return "text";
    case observe::LogFormat::coloured_text:
      return "coloured";
    case observe::LogFormat::json:
      return "json";
  }
  return "json";
}

/// This very binary, even if its file has been replaced or removed since.
constexpr const char* this_program = "/proc/self/exe";

/// A program for each node; nothing, and a word on standard error, where one is lacking.
std::optional<std::vector<std::string>> choose_programs(const node::Application& application,
                                                        const UpArguments& arguments, const Nodes& nodes) {
  std::vector<Binary> binaries;
  if (arguments.bin_dir.empty()) binaries.push_back({this_program, application.hostable()});
  if (!arguments.bin_dir.empty()) binaries = find_binaries(arguments.bin_dir, application.name());
  std::vector<std::string> programs;
  for (const auto* node : nodes) {
    if (const auto* binary = smallest_for(*node, binaries)) {
      programs.push_back(binary->path);
      continue;
    }
    if (arguments.bin_dir.empty()) {
      std::cerr << refusal(*node, lacking(*node, binaries.front().capability), "this program") << '\n';
    } else {
      std::cerr << "the node " << node->name << ": no program in " << arguments.bin_dir << " has all that it hosts\n";
    }
  }
  if (programs.size() != nodes.size()) return std::nullopt;
  return programs;
}

Program program_of(const node::Application& application, const UpArguments& arguments, const topology::Node& node,
                   const std::string& path, const std::string& links) {
  Program program;
  program.path = path;
  const bool own = path == this_program;
  program.arguments = {own ? application.name() : std::filesystem::path(path).filename().string(), "run"};
  for (const auto& file : arguments.topologies) program.arguments.insert(program.arguments.end(), {"--topology", file});
  const auto format = name_of(observe::format_for(STDERR_FILENO, &plain_environment));
  program.arguments.insert(program.arguments.end(), {"--node", node.name, "--log-level", arguments.log_level,
                                                     "--log-format", std::string(format)});
  if (!links.empty()) program.environment.emplace_back(links_variable, links);
  return program;
}

/// Chooses the ports that the file leaves open and tries all others; nothing where one cannot be used.
std::optional<std::string> prepare_ports(topology::Topology& topology, const Nodes& nodes) {
  PortCheck ports;
  const auto busy = busy_addresses(ports, nodes);
  for (const auto& what : busy) {
    std::cerr << (topology.file.empty() ? topology.name : topology.file) << ": " << what << '\n';
  }
  if (!busy.empty()) return std::nullopt;
  return choose_link_ports(topology, [&](const topology::Address& address) { return ports.choose(address); });
}

}  // namespace

ExitCode up(const node::Application& application, const UpArguments& arguments) {
  auto topology = load_topology(application, arguments.topologies);
  if (!topology || !can_run(*topology)) return misused;
  const auto nodes = choose_nodes(*topology, arguments.only);
  if (!nodes) return misused;
  try {
    const auto programs = choose_programs(application, arguments, *nodes);
    if (!programs) return misused;
    // Each node checks this itself, too; the check here saves starting it.
    const auto misplaced = node::misplaced_data(*topology, *nodes, application.name());
    for (const auto& what : misplaced) std::cerr << what << '\n';
    if (!misplaced.empty()) return misused;
    const auto links = prepare_ports(*topology, *nodes);
    if (!links) return failed;
    const auto format = observe::format_for(STDERR_FILENO, &plain_environment);
    std::vector<ChildSpec> specs;
    for (std::size_t i = 0; i < nodes->size(); ++i) {
      const auto& node = *(*nodes)[i];
      specs.push_back({node.name, program_of(application, arguments, node, (*programs)[i], *links),
                       node.gateway ? StopPhase::first : StopPhase::last});
    }
    SupervisorOptions options;
    options.name = topology->name;
    options.logs = arguments.node_logs;
    options.colours = format == observe::LogFormat::coloured_text ? Colours::by_name : Colours::none;
    // A node drains its gateway first and its actors then, each within the limit.
    options.patience = 2 * topology->gateway.drain + closing_time;
    return ProcessSupervisor(std::move(specs), std::move(options)).run();
  } catch (const std::invalid_argument& e) {
    std::cerr << e.what() << '\n';
    return misused;
  } catch (const std::exception& e) {
    std::cerr << application.name() << ": " << e.what() << '\n';
    return failed;
  }
}

}  // namespace troupe::cli
