#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include <troupe/engine/deadlock/probe.hpp>

namespace troupe::engine::deadlock {

/// How an ask stands with the entity that was asked.
enum class Standing : std::uint8_t {
  absent,  ///< it has been answered, or has not arrived
  queued,  ///< it waits until the turns that run there have ended
  begun,   ///< it is one of these turns
};

/// What a probe finds where the ask that it follows is.
struct Scene {
  Standing ask = Standing::absent;
  std::vector<Wait> waits;  ///< of the turns that the ask waits for, those that are under suspicion
};

/// The rules of the search for deadlocks, for one loop: a probe comes in with what it finds, and goes on as probes.
///
/// A turn that waits for several asks waits for all of them, so every cycle of waits is a deadlock. Each queued ask
/// under suspicion sends a probe along the asks that the turns before it wait for, and so on; one that comes back has
/// found a cycle. It stops at a queued ask that is younger than its own, which has a probe itself: so the youngest
/// queued ask of a cycle finds it, alone, and is the one to fail. Before that the probe goes round once more. What
/// stood on its first way and on the second stood at the moment between, all of it at once: a cycle is never put
/// together from waits that came after one another, as when one had ended by its deadline.
///
/// ```
/// for (Probe& next : prober.visit(std::move(probe), scene)) follow(std::move(next));
/// ```
/// Source: K. M. Chandy, J. Misra, L. M. Haas, "Distributed Deadlock Detection", ACM TOCS 1(2), 1983 (probes along the
/// edges, AND model); D. P. Mitchell, M. J. Merritt, "A Distributed Algorithm for Deadlock Detection and Resolution",
/// PODC 1984 (an order of the waits, by which one of a cycle finds it).
class Prober {
 public:
  /// Probes that one loop lets on in one period; what comes beyond is dropped, and comes again.
  static constexpr std::size_t visits_per_period = 4096;

  /// A probe that begins with this wait.
  static Probe begin(Wait wait);
  /// How it goes on: each of the probes follows the ask of a turn here. Empty: it ends here.
  std::vector<Probe> visit(Probe probe, const Scene& scene);
  /// Whether this probe fails the ask that it follows.
  static bool fails(const Probe& probe, Standing standing) {
    return probe.purpose == Probe::Purpose::fail && standing == Standing::queued;
  }
  /// Another period begins: what was searched before is searched again.
  void begin_period();

 private:
  std::vector<Probe> search(Probe probe, const Scene& scene);
  static std::vector<Probe> confirm(Probe probe, const Scene& scene);

  std::size_t visits_ = 0;
  std::set<std::pair<AskId, AskId>> searched_;  ///< whose probe went along which ask in this period
};

}  // namespace troupe::engine::deadlock
