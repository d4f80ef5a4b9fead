#include <troupe/node/readiness/actor_probes.hpp>

#include <chrono>
#include <utility>

namespace troupe::node {

namespace {

constexpr auto probe_patience = std::chrono::seconds(1);
/// For so many looks in a row: one may be slow, as while a database writes its log back.
constexpr unsigned looks_until_dead = 2;
/// Of a protocol's loops with trouble; a page need not read more.
constexpr std::size_t named_loops = 4;

/// The first shard on each loop that has one.
std::vector<engine::Shard*> one_of_each_loop(const engine::Host& host, std::size_t loops) {
  std::vector<engine::Shard*> found(loops, nullptr);
  for (const auto& shard : host.shards()) {
    if (shard && !found[shard->loop().index()]) found[shard->loop().index()] = shard.get();
  }
  std::erase(found, nullptr);
  return found;
}

}  // namespace

ActorProbes::ActorProbes(engine::Engine& engine)
    : loop::Timer([](loop::Timer& timer) { static_cast<ActorProbes&>(timer).finish(); }),
      engine_(engine),
      home_(engine.loop(0)) {
  for (const auto& host : engine_.hosts()) {
    // Of workers, their supervisors tell: one may have ended for good, and that is no trouble.
    if (host->is_worker()) continue;
    for (auto* shard : one_of_each_loop(*host, engine_.loop_count())) probes_.push_back({shard});
  }
}

ActorProbes::~ActorProbes() {
  if (armed()) home_.cancel_timer(*this);
}

void ActorProbes::look(std::function<void()> then) {
  waiting_.push_back(std::move(then));
  if (armed()) return;
  for (auto& probe : probes_) {
    if (!probe.is_open) ask(probe);
  }
  if (open_ == 0) return finish();
  home_.start_timer(*this, home_.now() + probe_patience);
}

void ActorProbes::ask(Probe& probe) {
  ++open_;
  probe.is_open = true;
  probe.looks = 0;
  probe.asked_at = home_.now();
  engine_.probe(*probe.shard, home_, [this, &probe](std::string trouble) { heard(probe, std::move(trouble)); });
}

void ActorProbes::heard(Probe& probe, std::string trouble) {
  probe.is_open = false;
  probe.trouble = std::move(trouble);
  if (--open_ == 0 && armed()) finish();
}

void ActorProbes::finish() {
  if (armed()) home_.cancel_timer(*this);
  for (auto& probe : probes_) {
    if (probe.is_open) ++probe.looks;
  }
  for (auto& then : std::exchange(waiting_, {})) then();
}

ActorProbes::State ActorProbes::state_of(const Probe& probe) {
  if (probe.is_open) return probe.looks < looks_until_dead ? State::slow : State::dead;
  return probe.trouble.empty() ? State::works : State::dead;
}

std::string ActorProbes::trouble_of(const Probe& probe) const {
  if (!probe.is_open) return probe.trouble;
  return "no answer for " + to_text(std::chrono::floor<Duration>(home_.now() - probe.asked_at));
}

std::vector<observe::Check> ActorProbes::checks(const std::function<bool(std::size_t loop)>& is_stuck) const {
  std::vector<observe::Check> checks;
  for (auto probe = probes_.begin(); probe != probes_.end();) {
    const engine::Host& host = probe->shard->host();
    std::string detail;
    std::size_t troubled = 0;
    bool is_dead = false;  ///< on a loop that goes on
    bool are_dead = true;  ///< on all
    for (; probe != probes_.end() && &probe->shard->host() == &host; ++probe) {
      const State state = state_of(*probe);
      are_dead &= state == State::dead;
      if (state == State::works) continue;
      const std::size_t loop = probe->shard->loop().index();
      is_dead |= state == State::dead && !is_stuck(loop);
      if (++troubled <= named_loops)
        detail += (detail.empty() ? "loop " : "; loop ") + std::to_string(loop) + ": " + trouble_of(*probe);
    }
    if (troubled > named_loops) detail += "; and " + std::to_string(troubled - named_loops) + " more";
    observe::Check check{"actors " + std::string(host.name()), observe::Health::ok, std::nullopt};
    if (troubled > 0) {
      check.status = is_dead || are_dead ? observe::Health::failing : observe::Health::degraded;
      check.detail = std::move(detail);
    }
    checks.push_back(std::move(check));
  }
  return checks;
}

}  // namespace troupe::node
