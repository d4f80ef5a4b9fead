#pragma once

#include <string>

#include <troupe/engine/tree.hpp>
#include <troupe/supervision/spec.hpp>
#include <troupe/topology/catalog.hpp>
#include <troupe/topology/model.hpp>

namespace troupe::node {

/// The supervision tree of a node, as its engine will make it; workers are left out where the program can't tell.
supervision::SupervisorSpec supervision_tree(const topology::Catalog& catalog, const topology::Topology& topology,
                                             const topology::Node& node);

/// The same for people; the shards of a protocol are one line.
std::string print_tree(const topology::Catalog& catalog, const topology::Topology& topology,
                       const topology::Node& node);

/// How the topology's supervisors differ from OTP's defaults. Lifetime: the topology's.
engine::FlagsOf supervisor_flags(const topology::Topology& topology);

}  // namespace troupe::node
