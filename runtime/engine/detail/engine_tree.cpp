// The engine's part in the supervision tree: what there is to supervise, and the tree's start and end.

#include <algorithm>
#include <utility>

#include <troupe/engine/caf/actor_system.hpp>
#include <troupe/engine/engine.hpp>

namespace troupe::engine {

void Engine::supervise(std::string node, FlagsOf flags_of) {
  node_ = std::move(node);
  flags_of_ = std::move(flags_of);
}

void Engine::add_worker(std::string domain, std::string name, LeafSpec worker) {
  workers_.push_back({std::move(domain), std::move(name), std::move(worker)});
}

TreeOutline Engine::outline() {
  TreeOutline outline{node_, {}};
  const auto domain_of = [&outline](std::string_view name) -> TreeOutline::Domain& {
    const auto known = std::ranges::find(outline.domains, name, &TreeOutline::Domain::name);
    if (known != outline.domains.end()) return *known;
    return outline.domains.emplace_back(TreeOutline::Domain{std::string(name), {}, {}});
  };
  for (const auto& host : hosts_) {
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
  for (auto& worker : workers_) domain_of(worker.domain).workers.push_back({worker.name, std::move(worker.spec)});
  return outline;
}

void Engine::start_tree() {
  actors_ = std::make_unique<ActorSystem>(driver_);
  for (auto& host : hosts_) {
    for (auto& shard : host->shards()) {
      if (shard) actors_->give_mailbox(*shard);
    }
  }
  TreeHooks hooks;
  hooks.report = [this](const supervision::Report& report) { reporter_.supervised(report); };
  hooks.ended = [this](const supervision::ExitReason& reason) {
    if (tree_runs_.exchange(false) && !stopped_) reporter_.gave_up(reason);
  };
  actors_->start_tree(make_tree(outline(), flags_of_), node_, std::move(hooks));
  tree_runs_ = true;
}

bool Engine::stop_tree(std::chrono::milliseconds limit) {
  if (!tree_runs_) return true;
  actors_->stop_tree();
  return driver_.run_until([this] { return !tree_runs_.load(); }, limit);
}

TreeNode Engine::tree() const { return actors_->tree(); }

std::vector<MissingActor> Engine::missing(std::size_t most) const { return actors_->missing(most); }

void Engine::probe(Shard& shard, loop::Loop& from, std::function<void(std::string trouble)> then) {
  actors_->probe(shard, std::make_shared<ShardProbe>(from, [then = std::move(then)](StoreStatus, std::string trouble) {
                   then(std::move(trouble));
                 }));
}

bool Engine::kill(const std::string& path) { return actors_->kill(path); }

}  // namespace troupe::engine
