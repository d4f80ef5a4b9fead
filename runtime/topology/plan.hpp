#pragma once

#include <troupe/topology/catalog.hpp>
#include <troupe/topology/model.hpp>

#include <optional>
#include <string>
#include <vector>

namespace troupe::topology {

/// How far an edge reaches under a topology.
enum class Locality {
  local,     ///< always inside one process
  remote,    ///< always between two
  by_shard,  ///< one or the other, as the callee's shard lies: the two share nodes, but not one alone
};

struct PlannedProtocol {
  std::string name;
  std::string domain;
  std::uint32_t shards = 0;
  std::uint32_t shards_here = 0;  ///< those that this node owns at the start
  std::string storage;            ///< a path, or "postgresql": its URL may hold a password
};

struct PlannedNode {
  std::string name;
  std::string admin;
  std::optional<std::string> gateway;
  std::optional<std::string> link;
  std::optional<std::string> bind;
  std::optional<std::uint32_t> loops;
  std::vector<PlannedProtocol> protocols;
};

struct PlannedEdge {
  std::string from;
  std::string to;
  Locality reach = Locality::local;
};

/// What a topology comes to: who hosts what, and which asks leave their process.
struct Plan {
  std::string topology;
  std::string data;
  std::vector<PlannedNode> nodes;
  std::vector<PlannedEdge> edges;  ///< the catalog's; where it declares none, every caller with every other protocol
};

Plan make_plan(const Topology& topology, const Catalog& catalog);

/// For people: protocols of a domain that stand on the same nodes are taken together.
std::string to_text(const Plan& plan);

/// For programs: one JSON document.
std::string to_json(const Plan& plan);

}  // namespace troupe::topology
