#pragma once

#include <cstdint>
#include <string>

namespace troupe::transport {

/// Why two ends do not talk. The names travel.
enum class RefusalReason : std::uint8_t {
  malformed,  ///< it does not speak this protocol, or not well
  wrong_version,
  wrong_cluster,
  wrong_secret,
  no_secret,       ///< there is none, and the peer is on another machine
  wrong_node,      ///< the address leads to another node than the one that was wanted
  is_self,         ///< the address leads back to the node itself
  duplicate_name,  ///< another node of that name is up
  superseded,      ///< a later incarnation of that node has been seen
  differs,         ///< a fact that must agree does not; the detail names it
  too_many_links,
  draining,
  timed_out,
  unknown  ///< a name that this version does not know
};

struct Refusal {
  RefusalReason reason = RefusalReason::unknown;
  std::string detail;  ///< one sentence for an operator

  bool operator==(const Refusal&) const = default;
};

/// Which end of a handshake refused the other.
enum class RefusedBy : std::uint8_t { us, peer };

const char* to_text(RefusalReason reason);
/// `unknown` for any other text.
RefusalReason parse_refusal_reason(const std::string& text);

}  // namespace troupe::transport
