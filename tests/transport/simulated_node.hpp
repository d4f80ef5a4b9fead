#pragma once

#include <memory>
#include <string>
#include <vector>

#include <troupe/loop/simulation.hpp>
#include <troupe/transport/links.hpp>
#include <troupe/transport/memory_network.hpp>
#include "tests/transport/recorder.hpp"

namespace troupe::transport {

/// A node of a simulation, on loops of its own.
class SimulatedNode {
 public:
  struct Options {
    std::size_t first_loop = 0;
    std::size_t loops = 1;
    Limits limits = {};
    Recorder::Manner manner = Recorder::Manner::answers;
  };
  SimulatedNode(loop::Simulation& simulation, MemoryNetwork& network, const Self& self, Options options);

  SendResult ask(Peer& peer, std::uint64_t request, const std::string& payload, std::size_t shard = 0,
                 std::size_t loop = 0) {
    return peer.send(*loops.at(loop), shard, {FrameType::ask, 0, request, as_octets(payload)});
  }

  std::vector<loop::Loop*> loops;
  Recorder recorder;
  std::unique_ptr<Links> links;  ///< reset: its process ends
};

/// Two nodes, `orders` of which reaches `catalog`.
struct SimulatedPair {
  explicit SimulatedPair(std::uint64_t seed, Limits limits = {},
                         Recorder::Manner catalog_manner = Recorder::Manner::answers,
                         MemoryNetwork::Faults faults = {});

  ~SimulatedPair() { simulation.drop_jobs(); }
  SimulatedPair(const SimulatedPair&) = delete;
  SimulatedPair& operator=(const SimulatedPair&) = delete;

  bool eventually(const std::function<bool()>& condition) {
    return simulation.run_until(condition, std::chrono::minutes(2));
  }
  SendResult ask(std::uint64_t request, const std::string& payload = "x") {
    return orders.ask(*peer, request, payload);
  }

  loop::Simulation simulation;
  MemoryNetwork network;
  SimulatedNode catalog;
  SimulatedNode orders;
  Peer* peer;
};

}  // namespace troupe::transport
