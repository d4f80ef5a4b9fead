#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <troupe/topology/model.hpp>

namespace troupe::cli {

/// The environment variable by which `up` tells its nodes where they link, for those whose file leaves the port to the
/// system: `edge=127.0.0.1:23411,orders-0=127.0.0.1:20118`.
inline constexpr const char* links_variable = "TROUPE_LINKS";

/// Gives every link address of port 0 a port that `choose` finds free where the node listens.
/// Returns what `links_variable` must say: the nodes that got one; empty where the file names all ports.
std::string choose_link_ports(topology::Topology& topology,
                              const std::function<std::uint16_t(const topology::Address&)>& choose);

/// Puts the link addresses that `links` tells into `topology`, where its file leaves the port open.
/// Returns what cannot be read, or which port is still open; empty: nothing.
std::string take_link_ports(topology::Topology& topology, std::string_view links);

}  // namespace troupe::cli
