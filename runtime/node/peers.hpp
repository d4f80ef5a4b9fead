#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <troupe/cluster/router.hpp>
#include <troupe/engine/engine.hpp>
#include <troupe/node/detail/ask_every_loop.hpp>
#include <troupe/node/detail/link_history.hpp>
#include <troupe/observe/health.hpp>
#include <troupe/observe/log.hpp>
#include <troupe/topology/model.hpp>
#include <troupe/transport/links.hpp>
#include <troupe/transport/network.hpp>

namespace troupe::node {

/// What is under way on the links of one loop, by peer.
struct LinkLoad {
  std::uint64_t in_flight = 0;
  std::uint64_t queued_bytes = 0;
  Duration silent{};
};
using LinkLoads = std::map<std::string, LinkLoad, std::less<>>;

/// A node's place among the others of its topology: the links to them, and the routing over these.
///
/// Order of life: construct once the engine hosts or knows every protocol, and before it starts; stop the engine; then
/// destroy. Lifetime: the network outlives it. Threads: one.
class Peers {
 public:
  /// `machine_secret` is what the nodes prove to each other where the topology has no secret; then they are all on this
  /// machine. Errors: throws std::runtime_error when the node's link address can't be listened on; the text says which.
  Peers(engine::Engine& engine, transport::Network& network, const topology::Topology& topology,
        const topology::Node& node, std::uint64_t incarnation, observe::Log log,
        const std::string& machine_secret = {});
  ~Peers();
  Peers(const Peers&) = delete;
  Peers& operator=(const Peers&) = delete;

  /// Where peers reach this node, with the real port.
  std::string address() const { return links_->address(); }
  /// Tells of the link to every other node of the topology, on the first loop. Threads: the first loop's.
  void describe(std::function<void(std::vector<observe::LinkStatus>)> then) const;
  /// The link to every other node: one that is down is told of, and keeps nobody from being ready. Threads: any.
  std::vector<observe::Check> checks() const;
  /// Has the others ask no more, and lets what is under way end.
  void drain(std::chrono::milliseconds limit);

 private:
  class LogReporter;
  std::vector<observe::LinkStatus> statuses(const LoopAnswers<LinkLoads>& loads) const;

  engine::Engine& engine_;
  const topology::Topology& topology_;
  const topology::Node& node_;
  LinkHistory history_;
  std::unique_ptr<LogReporter> reporter_;
  cluster::Router router_;
  std::unique_ptr<transport::Links> links_;
};

/// What an engine is told of a protocol that this node shares with others, or leaves to them.
engine::HostOptions host_options(const topology::Topology& topology, const topology::Node& node,
                                 const std::string& protocol);

}  // namespace troupe::node
