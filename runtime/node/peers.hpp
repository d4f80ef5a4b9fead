#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/cluster/router.hpp"
#include "runtime/engine/engine.hpp"
#include "runtime/observe/log.hpp"
#include "runtime/topology/model.hpp"
#include "runtime/transport/links.hpp"
#include "runtime/transport/network.hpp"

namespace troupe::node {

/// A node's place among the others of its topology: the links to them, and the routing over these.
///
/// Order of life: construct once the engine hosts or knows every protocol, and before it starts; stop the engine; then
/// destroy. Lifetime: the network outlives it. Threads: one.
class Peers {
 public:
  /// Errors: throws std::runtime_error when the node's link address can't be listened on; the text says which.
  Peers(engine::Engine& engine, transport::Network& network, const topology::Topology& topology,
        const topology::Node& node, std::uint64_t incarnation, observe::Log log);
  ~Peers();
  Peers(const Peers&) = delete;
  Peers& operator=(const Peers&) = delete;

  /// Where peers reach this node, with the real port.
  std::string address() const { return links_->address(); }
  /// Has the others ask no more, and lets what is under way end.
  void drain(std::chrono::milliseconds limit);

 private:
  class LogReporter;

  std::unique_ptr<LogReporter> reporter_;
  cluster::Router router_;
  std::unique_ptr<transport::Links> links_;
};

/// What an engine is told of a protocol that this node shares with others, or leaves to them.
engine::HostOptions host_options(const topology::Topology& topology, const topology::Node& node,
                                 const std::string& protocol);

}  // namespace troupe::node
