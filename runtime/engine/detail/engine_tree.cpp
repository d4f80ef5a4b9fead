// The engine's part in the supervision tree: what there is to supervise, and the tree's start and end.

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

#include <troupe/engine/caf/actor_system.hpp>
#include <troupe/engine/detail/outbox_relay.hpp>
#include <troupe/engine/detail/shard_probe.hpp>
#include <troupe/engine/engine.hpp>
#include <troupe/engine/workers/storage_lane.hpp>

namespace troupe::engine {

namespace {

constexpr auto longest_start = std::chrono::hours(1);

}  // namespace

void Engine::supervise(std::string node, FlagsOf flags_of) {
  node_ = std::move(node);
  flags_of_ = std::move(flags_of);
}

void Engine::add_worker(std::string domain, std::string name, LeafSpec worker, WorkerPolicy policy) {
  workers_.push_back({std::move(domain), std::move(name), std::move(worker), policy});
}

TreeOutline Engine::outline() {
  TreeOutline outline{node_, {}};
  const auto domain_of = [this, &outline](std::string_view name) -> TreeOutline::Domain& {
    const auto known = std::ranges::find(outline.domains, name, &TreeOutline::Domain::name);
    if (known != outline.domains.end()) return *known;
    auto relay = [this, domain = std::string(name)](loop::Loop&) {
      return std::make_unique<OutboxRelay>(*this, domain);
    };
    return outline.domains.emplace_back(
        TreeOutline::Domain{.name = std::string(name), .protocols = {}, .workers = {}, .relay = LeafSpec{0, relay}});
  };
  for (const auto& host : hosts_) {
    if (host->is_worker()) continue;
    if (Store* const store = host->store()) {
      domain_of(host->domain()).lanes.push_back({std::string(host->name()), StorageLane::of(*store)});
    }
    if (!host->owns_any()) continue;
    TreeOutline::Protocol protocol{
        .name = std::string(host->name()), .shards = {}, .start = [&host = *host](auto shard) {
          return std::any(host.shards()[shard].get());
        }};
    for (std::uint32_t i = 0; i < host->shards().size(); ++i) {
      if (host->shards()[i]) protocol.shards.push_back(i);
    }
    domain_of(host->domain()).protocols.push_back(std::move(protocol));
  }
  for (auto& worker : workers_) {
    domain_of(worker.domain).workers.push_back({worker.name, std::move(worker.spec), worker.policy});
  }
  return outline;
}

void Engine::start_tree() {
  actors_ = std::make_unique<ActorSystem>(driver_);
  for (auto& host : hosts_) {
    for (auto& shard : host->shards()) {
      if (shard && !shard->mailbox()) ActorSystem::give_mailbox(*shard);
    }
  }
  TreeHooks hooks;
  hooks.report = [this](const supervision::Report& report) { reporter_.supervised(report); };
  hooks.started = [this] { tree_phase_ = TreePhase::running; };
  hooks.ended = [this](const supervision::ExitReason& reason) {
    if (tree_phase_.exchange(TreePhase::ended) == TreePhase::running && !stopped_) reporter_.gave_up(reason);
  };
  tree_phase_ = TreePhase::starting;
  // Limits of starts begin now, however long ago the loop was made.
  driver_.loop(0).refresh();
  actors_->start_tree(make_tree(outline(), flags_of_), node_, std::move(hooks));
}

void Engine::await_tree() {
  // Each start has a limit of its own, where one is wanted.
  static_cast<void>(driver_.run_until([this] { return tree_phase_ != TreePhase::starting; }, longest_start));
  if (tree_phase_ == TreePhase::running) return;
  throw std::runtime_error("the supervision tree does not start: " +
                           (tree_phase_ == TreePhase::ended ? actors_->start_error() : "it takes too long"));
}

bool Engine::stop_tree(std::chrono::milliseconds limit) {
  if (tree_phase_ != TreePhase::running) return true;
  actors_->stop_tree();
  return driver_.run_until([this] { return tree_phase_ == TreePhase::ended; }, limit);
}

TreeNode Engine::tree() const { return actors_->tree(); }

std::vector<MissingActor> Engine::missing(TreePart part, std::size_t most) const {
  return actors_->missing(part, most);
}

void Engine::probe(Shard& shard, loop::Loop& from, std::function<void(std::string trouble)> then) {
  auto probe = std::make_shared<ShardProbe>(
      from, [then = std::move(then)](StoreStatus, std::string trouble) { then(std::move(trouble)); });
  shard.mailbox()->probe(std::move(probe));
}

bool Engine::kill(const std::string& path) { return actors_->kill(path); }

}  // namespace troupe::engine
