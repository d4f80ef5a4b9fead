#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>

#include <troupe/transport/network.hpp>

namespace troupe::transport {

/// Links within one process on virtual time, for a simulation. The seed draws the delay of octets; their order is kept
/// within a connection, and not between connections. Connections break and hosts are cut off, as the faults say.
///
///     MemoryNetwork network(seed, {.break_chance = 0.001});
///     Links edge({&loop}, network.host("edge"), …);
///     network.cut("edge", "catalog");
///
/// Threads: the simulation's one. Lifetime: outlives whatever uses its hosts.
/// Source: TigerBeetle's packet simulator, raised to streams.
class MemoryNetwork {
 public:
  struct Faults {
    std::chrono::microseconds shortest_delay{1000};
    std::chrono::microseconds longest_delay{5000};
    double break_chance = 0;           ///< of a connection, at each delivery: both ends lose it, octets and all
    std::size_t capacity = 256 << 10;  ///< octets under way in one direction before a write takes no more
  };

  explicit MemoryNetwork(std::uint64_t seed);
  MemoryNetwork(std::uint64_t seed, Faults faults);
  ~MemoryNetwork();
  MemoryNetwork(const MemoryNetwork&) = delete;
  MemoryNetwork& operator=(const MemoryNetwork&) = delete;

  /// The network as one host sees it. Addresses are of the whole network, whatever host listens on them.
  Network& host(const std::string& name);

  /// From now on; what is under way keeps its time.
  void set_faults(Faults faults);
  /// Nothing passes any more, and nobody is told; what is sent waits for heal(), as TCP would go on trying.
  void cut(const std::string& one, const std::string& other);
  void cut_one_way(const std::string& from, const std::string& to);
  void heal(const std::string& one, const std::string& other);
  /// Breaks all connections of a host, as the end of its process does.
  void crash(const std::string& name);

  std::size_t open_connections() const;

 private:
  struct Parts;
  std::shared_ptr<Parts> parts_;
};

}  // namespace troupe::transport
