#include <troupe/engine/deadlock/prober.hpp>

#include <algorithm>

namespace troupe::engine::deadlock {

namespace {

bool contains(const std::vector<Wait>& waits, const AskId& ask) {
  return std::ranges::find(waits, ask, &Wait::ask) != waits.end();
}

Probe round_again(Probe probe, Probe::Purpose purpose) {
  probe.purpose = purpose;
  probe.at = 0;
  return probe;
}

}  // namespace

Probe Prober::begin(Wait wait) {
  Probe probe;
  probe.path.push_back(std::move(wait));
  return probe;
}

void Prober::begin_period() {
  visits_ = 0;
  searched_.clear();
}

std::vector<Probe> Prober::visit(Probe probe, const Scene& scene) {
  if (scene.ask == Standing::absent || ++visits_ > visits_per_period) return {};
  switch (probe.purpose) {
    case Probe::Purpose::search:
      return search(std::move(probe), scene);
    case Probe::Purpose::confirm:
      return confirm(std::move(probe), scene);
    case Probe::Purpose::fail:
      break;
  }
  return {};
}

std::vector<Probe> Prober::search(Probe probe, const Scene& scene) {
  Wait& followed = probe.path[probe.at];
  const Wait& first = probe.path.front();
  followed.queued = scene.ask == Standing::queued;
  // Only a queued ask can fail without effect.
  if (!first.queued) return {};
  if (followed.queued && is_younger(followed, first)) return {};
  if (contains(scene.waits, first.ask)) return {round_again(std::move(probe), Probe::Purpose::confirm)};
  if (probe.path.size() == longest_path) return {};
  std::vector<Probe> on;
  for (const Wait& wait : scene.waits) {
    // A cycle that it has run into is found by a probe of its own; a wait that it reached by another way, once.
    if (contains(probe.path, wait.ask) || !searched_.emplace(first.ask, wait.ask).second) continue;
    Probe& next = on.emplace_back(probe);
    next.path.push_back(wait);
    ++next.at;
  }
  return on;
}

std::vector<Probe> Prober::confirm(Probe probe, const Scene& scene) {
  if (probe.followed().queued != (scene.ask == Standing::queued)) return {};
  const std::size_t next = (probe.at + 1) % probe.path.size();
  if (!contains(scene.waits, probe.path[next].ask)) return {};
  if (next == 0) return {round_again(std::move(probe), Probe::Purpose::fail)};
  probe.at = static_cast<std::uint32_t>(next);
  return {std::move(probe)};
}

}  // namespace troupe::engine::deadlock
