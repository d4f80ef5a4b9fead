#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <troupe/node/application.hpp>
#include <troupe/node/detail/start_hooks.hpp>
#include <troupe/observe/log.hpp>
#include <troupe/topology/model.hpp>

namespace troupe::node {

/// Where a node can be reached once it runs; absent ones are left out.
struct Addresses {
  std::string node;
  std::optional<std::string> gateway;
  std::optional<std::string> admin;
  std::optional<std::string> link;
};

struct NodeOptions {
  observe::Log log;
  std::function<std::optional<std::string>(std::string_view name)> environment;
  std::function<void(std::string_view line)> print;
  /// The node can't go on, from any thread: the process must end soon, without success.
  std::function<void(std::string_view why)> on_fatal;
  /// Its supervisors have given up, from any thread: it should be stopped, and the process end without success.
  std::function<void()> on_gave_up{};
  /// With what the process ends where one handler holds a loop for as long as the topology's watchdog allows.
  int exit_when_stuck = 1;
  /// Looked at while the node starts, from its thread: whether it is wanted no more. Empty: it always is.
  std::function<bool()> stop_wanted{};
};

/// One running node: data folder, storage, engine, domains, gateway and admin listener.
///
/// Threads: construct, start and stop from one thread.
class Node {
 public:
  /// Errors: throws topology faults as std::invalid_argument whose text is their lines.
  Node(const Application& application, const topology::Topology& topology, const topology::Node& node,
       NodeOptions options);
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  /// Opens the data, starts the actors, then listens. Errors: throws StartInterrupted, which calls for stop(), or
  /// std::runtime_error whose text says what to do.
  Addresses start();
  /// Finishes what is under way, all of it within the drain limit of the topology, and closes the data.
  void stop();

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace troupe::node
