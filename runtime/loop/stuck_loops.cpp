#include <troupe/loop/stuck_loops.hpp>

#include <utility>

namespace troupe::loop {

std::vector<StuckLoops::Finding> StuckLoops::look(Instant now, std::span<const std::optional<std::uint64_t>> begun,
                                                  const std::function<Debugger()>& debugger) {
  std::vector<Finding> findings;
  const auto last = std::exchange(last_look_, now);
  const bool late = !last || now - *last > 2 * interval();
  for (std::size_t i = 0; i < watched_.size(); ++i) {
    Watched& watched = watched_[i];
    const auto held = [&] { return std::chrono::floor<Duration>(now - watched.since); };
    const bool moved = !begun[i] || watched.begun != begun[i];
    if (moved && std::exchange(watched.stuck, false)) findings.push_back({Finding::Kind::went_on, i, held()});
    if (moved || late) {
      watched.begun = begun[i];
      count_anew(watched, now);
    } else if (const auto kind = judge(watched, now, debugger)) {
      findings.push_back({*kind, i, held()});
    }
  }
  return findings;
}

void StuckLoops::count_anew(Watched& watched, Instant now) const {
  watched.since = now;
  watched.exit_since = now;
  watched.next_report = limits_.report;
}

std::optional<StuckLoops::Finding::Kind> StuckLoops::judge(Watched& watched, Instant now,
                                                           const std::function<Debugger()>& debugger) const {
  if (limits_.exit > Duration::zero() && now - watched.exit_since >= limits_.exit) {
    if (debugger() == Debugger::absent) return Finding::Kind::hopeless;
    watched.exit_since = now;
  }
  if (now - watched.since < watched.next_report) return std::nullopt;
  watched.next_report *= 2;
  watched.stuck = true;
  return Finding::Kind::stuck;
}

}  // namespace troupe::loop
