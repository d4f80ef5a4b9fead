#include <troupe/cli/run_node.hpp>

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <troupe/cli/environment.hpp>
#include <troupe/cli/load_topology.hpp>
#include <troupe/cli/stop_signals.hpp>
#include <troupe/cli/up/capability.hpp>
#include <troupe/cli/up/link_ports.hpp>
#include <troupe/contract/exception_text.hpp>
#include <troupe/loop/clock.hpp>
#include <troupe/node/node.hpp>
#include <troupe/observe/log.hpp>

namespace troupe::cli {

namespace {

void print_line(std::string_view line) { std::cout << line << '\n' << std::flush; }

observe::LogFormat log_format(std::string_view name) {
  if (name == "text") return observe::LogFormat::text;
  if (name == "coloured") return observe::LogFormat::coloured_text;
  if (name == "json") return observe::LogFormat::json;
  return observe::format_for(STDERR_FILENO, &plain_environment);
}

const topology::Node* choose_node(const topology::Topology& topology, const std::string& name) {
  if (name.empty() && topology.nodes.size() == 1) return &topology.nodes.front();
  if (const auto* node = topology.find_node(name)) return node;
  std::string names;
  for (const auto& node : topology.nodes) names += (names.empty() ? "" : ", ") + node.name;
  if (name.empty()) {
    std::cerr << "--node is needed, since the topology has several nodes: " << names << '\n';
  } else {
    std::cerr << "the topology has no node '" << name << "'; it has: " << names << '\n';
  }
  return nullptr;
}

/// Of the application's own variables: `SHOP_`.
std::string variable_prefix(const node::Application& application) {
  std::string prefix = application.name();
  for (char& c : prefix) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c == '-' ? '_' : c;
  return prefix + '_';
}

std::string ready_line(const node::Addresses& addresses) {
  std::string line = "ready node=" + addresses.node;
  if (addresses.gateway) line += " gateway=" + *addresses.gateway;
  if (addresses.admin) line += " admin=" + *addresses.admin;
  if (addresses.link) line += " link=" + *addresses.link;
  return line;
}

/// Until it is ready, or told to stop before that.
void start(node::Node& node) {
  try {
    print_line(ready_line(node.start()));
  } catch (const node::StartInterrupted&) {
    // What has begun is stopped as it would be later.
  }
}

}  // namespace

ExitCode run_node(const node::Application& application, const RunArguments& arguments) {
  const StopSignals signals;
  const auto faults = unusable_variables(variable_prefix(application)) + unusable_variables("TROUPE_");
  if (!faults.empty()) {
    std::cerr << faults;
    return misused;
  }
  auto topology = load_topology(application, arguments.topologies);
  if (!topology || !can_run(*topology)) return misused;
  const auto* chosen = choose_node(*topology, arguments.node);
  if (!chosen) return misused;
  if (const auto missing = lacking(*chosen, application.hostable()); !missing.empty()) {
    std::cerr << refusal(*chosen, missing, arguments.program) << '\n';
    return misused;
  }
  if (const auto why = take_link_ports(*topology, environment(links_variable).value_or("")); !why.empty()) {
    std::cerr << why << '\n';
    return misused;
  }

  observe::LogOptions log_options;
  log_options.node = chosen->name;
  log_options.level = observe::level_from(arguments.log_level).value_or(observe::Level::info);
  log_options.format = log_format(arguments.log_format);
  log_options.clock = [] { return loop::system_clock().wall(); };
  const auto log = observe::Log::asynchronous(STDERR_FILENO, std::move(log_options));

  node::NodeOptions options;
  options.log = log;
  options.environment = &environment;
  options.print = &print_line;
  options.on_fatal = [](std::string_view why) {
    // What was answered is safe; what was not must not be. No destructor may run on a disk that lies.
    std::fprintf(stderr, "fatal: %.*s\n", static_cast<int>(why.size()), why.data());
    std::_Exit(failed);
  };
  std::atomic<bool> has_given_up{false};
  options.on_gave_up = [&has_given_up] {
    has_given_up = true;
    StopSignals::raise();
  };
  options.exit_when_stuck = stuck;
  options.stop_wanted = [&signals] { return signals.pending(); };
  try {
    node::Node node(application, *topology, *chosen, std::move(options));
    start(node);
    signals.wait();
    signals.restore();
    log.info("stopping");
    node.stop();
    return has_given_up ? gave_up : done;
  } catch (const std::invalid_argument& e) {
    const std::string_view what = e.what();
    std::cerr << what << (what.ends_with('\n') ? "" : "\n");
    return misused;
  } catch (...) {
    std::cerr << application.name() << ": " << text_of(std::current_exception()) << '\n';
    return failed;
  }
}

}  // namespace troupe::cli
