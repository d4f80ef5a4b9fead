#include <troupe/topology/detail/listeners.hpp>

#include <algorithm>
#include <cstddef>

namespace troupe::topology::detail {
namespace {

bool reached_alike(const Listener& a, const Listener& b) { return a.address == b.address && !is_wildcard(a.address); }

/// The same interface may stand on several nodes: they may be different machines.
bool collide(const Listener& a, const Listener& b) {
  if (a.address.is_unix()) return a.address == b.address;
  if (a.address.port == 0 || a.address.port != b.address.port) return false;
  if (reached_alike(a, b)) return true;
  if (a.node != b.node) return false;
  return a.listens.host == b.listens.host || is_wildcard(a.listens) || is_wildcard(b.listens);
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
                 quote(to_string(reached_alike(second, first) ? second.address : second.listens)) +
                     " is used twice, as " + first.key + " of " + quote(first.node) + " and as " + second.key + " of " +
                     quote(second.node),
                 second.address.is_unix() ? "use another path" : "use another port");
      break;
    }
  }
}

}  // namespace troupe::topology::detail
