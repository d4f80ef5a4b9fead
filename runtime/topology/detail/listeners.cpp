#include <troupe/topology/detail/listeners.hpp>

#include <algorithm>
#include <cstddef>

namespace troupe::topology::detail {
namespace {

/// The same wildcard address may stand on several nodes: they may be different machines.
bool collide(const Listener& a, const Listener& b) {
  if (a.address.is_unix()) return a.address == b.address;
  if (a.address.port == 0 || a.address.port != b.address.port) return false;
  const bool wildcard = is_wildcard(a.address) || is_wildcard(b.address);
  return wildcard ? a.node == b.node : a.address.host == b.address.host;
}

}  // namespace

void report_collisions(std::vector<Listener> listeners, Faults& faults) {
  // Faults belong to the later of two places, so the file's order decides.
  std::ranges::stable_sort(listeners, {}, &Listener::at);
  for (std::size_t i = 0; i < listeners.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const Listener& first = listeners[j];
      const Listener& second = listeners[i];
      if (!collide(second, first)) continue;
      faults.add(second.at,
                 quote(to_string(second.address)) + " is used twice, as " + first.key + " of " + quote(first.node) +
                     " and as " + second.key + " of " + quote(second.node),
                 second.address.is_unix() ? "use another path" : "use another port");
      break;
    }
  }
}

}  // namespace troupe::topology::detail
