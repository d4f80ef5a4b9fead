#include "runtime/cli/command_line.hpp"

#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>

#include "runtime/engine/clock.hpp"
#include "runtime/node/node.hpp"
#include "runtime/observe/log.hpp"
#include "runtime/topology/loader.hpp"
#include "runtime/topology/plan.hpp"

namespace troupe::cli {

namespace {

enum class PlanForm { text, json };

enum ExitCode : int { done = 0, failed = 1, misused = 2 };

struct RunArguments {
  std::string topology;
  std::string node;
  std::string log_level = "info";
};

std::optional<std::string> environment(std::string_view name) {
  const char* value = std::getenv(std::string(name).c_str());
  return value ? std::optional<std::string>(value) : std::nullopt;
}

void print(std::string_view line) { std::cout << line << '\n' << std::flush; }

/// The topology of a file, or the built-in one; faults are printed.
std::optional<topology::Topology> load(const node::Application& application, const std::string& file) {
  const auto catalog = application.catalog();
  if (file.empty()) return topology::monolith(catalog);
  auto loaded = topology::load(file, catalog, &environment);
  for (const auto& fault : loaded.faults) std::cerr << to_string(fault) << '\n';
  if (!loaded) return std::nullopt;
  // The settings are read by the domains themselves.
  bool sound = true;
  for (const auto& entry : application.entries()) {
    const auto made = entry.make(loaded.value->settings_of(entry.name));
    for (const auto& fault : made.faults) std::cerr << to_string(fault) << '\n';
    sound = sound && made.faults.empty();
  }
  if (!sound) return std::nullopt;
  return std::move(loaded.value);
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

/// SIGTERM and SIGINT are taken by whoever waits for them here; every thread made later inherits the mask.
class StopSignals {
 public:
  StopSignals() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGTERM);
    sigaddset(&set_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    signal(SIGPIPE, SIG_IGN);
  }
  void wait() const {
    int signal = 0;
    sigwait(&set_, &signal);
  }
  /// From now on they end the process at once, as by default.
  void restore() const { pthread_sigmask(SIG_UNBLOCK, &set_, nullptr); }

 private:
  sigset_t set_{};
};

std::string ready_line(const node::Addresses& addresses) {
  std::string line = "ready node=" + addresses.node;
  if (addresses.gateway) line += " gateway=" + *addresses.gateway;
  if (addresses.admin) line += " admin=" + *addresses.admin;
  return line;
}

int run_node(const node::Application& application, const RunArguments& arguments) {
  const StopSignals signals;
  const auto topology = load(application, arguments.topology);
  if (!topology) return misused;
  if (const auto missing = topology::unsupported(*topology); !missing.empty()) {
    for (const auto& what : missing) std::cerr << arguments.topology << ": " << what << '\n';
    return misused;
  }
  const auto* chosen = choose_node(*topology, arguments.node);
  if (!chosen) return misused;

  observe::LogOptions log_options;
  log_options.node = chosen->name;
  log_options.level = observe::level_from(arguments.log_level).value_or(observe::Level::info);
  log_options.format = observe::format_for(STDERR_FILENO, &environment);
  log_options.clock = [] { return engine::system_clock().wall(); };
  const auto log = observe::Log::asynchronous(STDERR_FILENO, std::move(log_options));

  node::NodeOptions options;
  options.log = log;
  options.environment = &environment;
  options.print = &print;
  options.on_fatal = [](std::string_view why) {
    // What was answered is safe; what was not must not be. No destructor may run on a disk that lies.
    std::fprintf(stderr, "fatal: %.*s\n", static_cast<int>(why.size()), why.data());
    std::_Exit(failed);
  };
  try {
    node::Node node(application, *topology, *chosen, std::move(options));
    print(ready_line(node.start()));
    signals.wait();
    signals.restore();
    log.info("stopping");
    node.stop();
    return done;
  } catch (const std::invalid_argument& e) {
    std::cerr << e.what();
    return misused;
  } catch (const std::exception& e) {
    std::cerr << application.name() << ": " << e.what() << '\n';
    return failed;
  }
}

int check(const node::Application& application, const std::string& file, PlanForm form) {
  const auto topology = load(application, file);
  if (!topology) return misused;
  const auto plan = topology::make_plan(*topology, application.catalog());
  std::cout << (form == PlanForm::json ? to_json(plan) + "\n" : to_text(plan));
  return done;
}

}  // namespace

int run(const node::Application& application, int argc, char** argv) {
  CLI::App app(application.name() + ": domains as actors, in one process or many", application.name());
  app.set_version_flag("--version", application.name() + ' ' + application.version());
  app.require_subcommand(1);

  RunArguments arguments;
  auto* run_command = app.add_subcommand("run", "runs one node in this process; without a topology, the monolith");
  run_command->add_option("--topology", arguments.topology, "the topology file")->type_name("F");
  run_command->add_option("--node", arguments.node, "which of its nodes; may be left out where it has one")
      ->type_name("NAME");
  run_command->add_option("--log-level", arguments.log_level, "debug, info, warning or error")
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}))
      ->capture_default_str();

  std::string file;
  bool as_json = false;
  auto* check_command = app.add_subcommand("check", "validates a topology file and prints what it comes to");
  check_command->add_option("F", file, "the topology file")->required();
  check_command->add_flag("--json", as_json, "as a JSON document");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? done : misused;
  }
  if (run_command->parsed()) return run_node(application, arguments);
  return check(application, file, as_json ? PlanForm::json : PlanForm::text);
}

}  // namespace troupe::cli
