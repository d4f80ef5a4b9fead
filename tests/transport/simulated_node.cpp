#include "tests/transport/simulated_node.hpp"

namespace troupe::transport {
namespace {

std::vector<loop::Loop*> some_loops(loop::Simulation& simulation, std::size_t first, std::size_t count) {
  std::vector<loop::Loop*> some;
  for (std::size_t i = first; i < first + count; ++i) some.push_back(&simulation.loop(i));
  return some;
}

}  // namespace

SimulatedNode::SimulatedNode(loop::Simulation& simulation, MemoryNetwork& network, const Self& self, Options options)
    : loops(some_loops(simulation, options.first_loop, options.loops)),
      recorder(options.manner),
      links(std::make_unique<Links>(loops, network.host(self.identity.name), self, recorder, options.limits)) {}

SimulatedPair::SimulatedPair(std::uint64_t seed, Limits limits, Recorder::Manner catalog_manner,
                             MemoryNetwork::Faults faults)
    : simulation(seed, 3),
      network(seed, faults),
      catalog(simulation, network, make_self("catalog", 1),
              {.first_loop = 0, .loops = 2, .limits = limits, .manner = catalog_manner}),
      orders(simulation, network, make_self("orders", 2), {.first_loop = 2, .loops = 1, .limits = limits}),
      peer(&orders.links->add_peer("catalog", "catalog:1")) {
  catalog.links->listen("catalog:1");
}

}  // namespace troupe::transport
