#include <troupe/node/detail/telemetry.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <utility>

#include <troupe/node/detail/ask_every_loop.hpp>
#include <troupe/observe/process.hpp>
#include <troupe/wire/enumerators.hpp>

namespace troupe::node {

namespace {

using CrashLooping = std::vector<engine::CrashLoopingEntity>;

constexpr std::size_t listed_crash_loops = 100;
constexpr auto listing_patience = std::chrono::seconds(1);

using Count = std::atomic<std::uint64_t> engine::ShardCounters::*;

std::uint64_t value_of(const engine::Shard& shard, Count count) {
  return (shard.counters().*count).load(std::memory_order_relaxed);
}

/// A count over the shards that this node has.
std::function<double()> total(const engine::Host& host, Count count) {
  return [&host, count] {
    std::uint64_t total = 0;
    for (const auto& shard : host.shards()) {
      if (shard) total += value_of(*shard, count);
    }
    return static_cast<double>(total);
  };
}

std::uint64_t crash_looping_of(const engine::Host& host) {
  std::uint64_t total = 0;
  for (const auto& shard : host.shards()) {
    if (shard) total += shard->crash_records().looping();
  }
  return total;
}

CrashLooping crash_looping_on(const loop::Loop& loop, const engine::Engine& engine) {
  CrashLooping entities;
  for (const auto& host : engine.hosts()) {
    for (const auto& shard : host->shards()) {
      if (shard && &shard->loop() == &loop) shard->crash_records().list_looping(entities, listed_crash_loops);
    }
  }
  return entities;
}

std::uint64_t dead_letters_of(const engine::Host& host) { return host.store() ? host.store()->dead_letters() : 0; }

observe::TreeStatus to_status(const engine::TreeNode& node) {
  using wire::enum_name;
  observe::TreeStatus status;
  status.name = node.name;
  status.kind = enum_name(node.kind);
  if (node.strategy) status.strategy = enum_name(*node.strategy);
  status.restart = enum_name(node.restart);
  status.state = enum_name(node.state);
  status.restarts = node.restarts;
  status.last_reason = node.last_reason;
  status.count = node.count;
  status.running = node.running;
  for (const auto& child : node.children) status.children.push_back(to_status(child));
  return status;
}

observe::BreakerStatus::State state_of(const resilience::Breaker& breaker) {
  using State = observe::BreakerStatus::State;
  switch (breaker.state()) {
    case resilience::Breaker::State::closed:
      return State::closed;
    case resilience::Breaker::State::open:
      return State::open;
    case resilience::Breaker::State::half_open:
      break;
  }
  return State::half_open;
}

}  // namespace

Telemetry::Telemetry(engine::Engine& engine, const LoopWatch* loop_watch)
    : engine_(engine), loop_watch_(loop_watch), metrics_(engine.loop_count()) {
  observe::add_process_metrics(metrics_);
  for (const auto& host : engine_.hosts()) {
    if (host->owns_any()) add_protocol(*host);
  }
  add_loops();
  add_breakers();
}

void Telemetry::add_protocol(const engine::Host& host) {
  using engine::ShardCounters;
  const observe::Labels labels{{"protocol", std::string(host.name())}};
  metrics_.counter_from("troupe_turns_total", "Messages handled.", labels, total(host, &ShardCounters::turns));
  metrics_.counter_from("troupe_rejections_total", "Messages that were answered with a no.", labels,
                        total(host, &ShardCounters::rejections));
  metrics_.counter_from("troupe_crashes_total", "Handlers that threw.", labels, total(host, &ShardCounters::crashes));
  metrics_.gauge_from("troupe_crash_looping_entities",
                      "Entities that crash again and again and are kept from messages.", labels,
                      [&host] { return static_cast<double>(crash_looping_of(host)); });
  metrics_.counter_from("troupe_refused_total", "Messages refused because a queue was full.", labels,
                        total(host, &ShardCounters::refused));
  metrics_.counter_from("troupe_call_deadlocks_total", "Asks that failed because calls waited for each other.", labels,
                        total(host, &ShardCounters::deadlocks));
  metrics_.gauge_from("troupe_entities", "Entities in memory.", labels, total(host, &ShardCounters::activations));
  metrics_.gauge_from("troupe_waiting_messages", "Messages that wait for an entity.", labels,
                      total(host, &ShardCounters::waiting));
  metrics_.gauge_from("troupe_outbox_messages", "Committed sends on their way.", labels,
                      [&host] { return static_cast<double>(host.pending_sends()); });
  metrics_.gauge_from("troupe_dead_letters", "Sends that were given up: their receivers crash on them.", labels,
                      [&host] { return static_cast<double>(dead_letters_of(host)); });
}

void Telemetry::add_loops() {
  for (std::size_t i = 0; i < engine_.loop_count(); ++i) {
    const loop::Loop& loop = engine_.loop(i);
    const observe::Labels labels{{"loop", std::to_string(i)}};
    metrics_.gauge_from("troupe_loop_jobs", "Jobs that wait for their turn on a loop.", labels,
                        [&loop] { return static_cast<double>(loop.queued()); });
    if (!loop_watch_) continue;
    metrics_.gauge_from("troupe_loop_stuck_seconds", "For how long one handler has held a stuck loop; 0: it goes on.",
                        labels, [this, i] {
                          const auto stuck = loop_watch_->find_stuck(i).value_or(LoopWatch::Stuck{});
                          return std::chrono::duration<double>(stuck.held).count();
                        });
  }
}

void Telemetry::add_breakers() {
  for (const auto& edge : engine_.edges()) {
    for (const auto& branch : edge->branches()) {
      const resilience::Breaker* breaker = branch->breaker();
      if (!breaker) continue;
      metrics_.gauge_from("troupe_breaker_open", "1 while calls of this edge to this node are kept back.",
                          {{"from", edge->from()}, {"to", std::string(edge->to())}, {"node", branch->to()}},
                          [breaker] { return breaker->state() == resilience::Breaker::State::closed ? 0.0 : 1.0; });
    }
  }
}

void Telemetry::add_retries() {
  for (const auto& edge : engine_.edges()) {
    if (edge->retries() == 0) continue;
    metrics_.counter_from("troupe_retries_total", "Calls that were asked again.",
                          {{"from", edge->from()}, {"to", std::string(edge->to())}},
                          [&edge = *edge] { return static_cast<double>(edge.retries()); });
  }
}

void Telemetry::add_links() {
  for (std::size_t i = 0; i < links_.size(); ++i) {
    using observe::LinkStatus;
    const observe::Labels labels{{"peer", links_[i].peer}};
    const auto value = [this, i](std::uint64_t LinkStatus::* member) {
      return [this, i, member] { return static_cast<double>(links_[i].*member); };
    };
    metrics_.gauge_from("troupe_link_up", "1 while this node is linked to the peer.", labels,
                        [this, i] { return links_[i].state == LinkStatus::State::up ? 1.0 : 0.0; });
    metrics_.gauge_from("troupe_link_connections", "Open connections of the link.", labels,
                        value(&LinkStatus::connections));
    metrics_.gauge_from("troupe_link_asks_in_flight", "Asks of either side without an answer.", labels,
                        value(&LinkStatus::in_flight));
    metrics_.gauge_from("troupe_link_queued_bytes", "Bytes that wait to be sent to the peer.", labels,
                        value(&LinkStatus::queued_bytes));
    metrics_.gauge_from(
        "troupe_link_silent_seconds", "For how long a linked peer has said nothing; 0: it is heard.", labels,
        [this, i] { return std::chrono::duration<double>(links_[i].silent.value_or(Duration{})).count(); });
    metrics_.counter_from("troupe_link_reconnects_total", "Times that a lost link came up again.", labels,
                          value(&LinkStatus::reconnects));
  }
}

void Telemetry::set_links(std::vector<observe::LinkStatus> links) {
  const bool first = links_.empty();
  links_ = std::move(links);
  if (first) add_links();
}

void Telemetry::add_gateway(const std::function<http::ServerStats()>& stats) {
  using http::ServerStats;
  const auto stat = [&stats](auto ServerStats::* member) {
    return [stats, member] { return static_cast<double>(stats().*member); };
  };
  metrics_.counter_from("troupe_http_requests_total", "Requests of the gateway.", {}, stat(&ServerStats::requests));
  metrics_.counter_from("troupe_http_refusals_total", "Requests refused before they were read.", {},
                        stat(&ServerStats::refusals));
  metrics_.gauge_from("troupe_http_connections", "Open connections of the gateway.", {},
                      stat(&ServerStats::open_connections));
  metrics_.gauge_from("troupe_http_requests_in_flight", "Requests of the gateway without an answer.", {},
                      stat(&ServerStats::in_flight));
}

std::function<void(const gateway::AnsweredRequest&)> Telemetry::request_times() {
  std::array<observe::Histogram, 4> by_class;  // 2xx to 5xx: nothing else ends a request
  for (std::size_t i = 0; i < by_class.size(); ++i) {
    by_class[i] = metrics_.histogram("troupe_http_request_seconds", "From a request's arrival to its answer.",
                                     {{"status", std::to_string(i + 2) + "xx"}});
  }
  return [by_class](const gateway::AnsweredRequest& request) {
    const auto index = std::clamp<std::size_t>(request.status / 100, 2, by_class.size() + 1) - 2;
    by_class[index].observe(std::chrono::duration<double>(request.duration).count());
  };
}

void Telemetry::refresh(std::function<void()> then) {
  crash_looping_.clear();
  const auto& hosts = engine_.hosts();
  if (std::ranges::none_of(hosts, [](const auto& host) { return crash_looping_of(*host) > 0; })) return then();
  AskEveryLoop<CrashLooping>::begin(
      engine_, listing_patience, [&engine = engine_](const loop::Loop& loop) { return crash_looping_on(loop, engine); },
      [this, then = std::move(then)](const LoopAnswers<CrashLooping>& loops) {
        for (const auto& loop : loops) {
          for (const auto& entity : loop.value_or(CrashLooping())) {
            if (crash_looping_.size() == listed_crash_loops) break;
            crash_looping_.push_back({std::string(entity.protocol), entity.key.to_string(), entity.since,
                                      entity.crashes, entity.last_reason});
          }
        }
        then();
      });
}

std::string Telemetry::to_prometheus() {
  add_retries();
  return metrics_.to_prometheus();
}

void Telemetry::describe(observe::Status& status) const {
  using engine::ShardCounters;
  for (std::size_t i = 0; i < engine_.loop_count(); ++i) {
    observe::LoopStatus loop{static_cast<std::uint32_t>(i), engine_.loop(i).queued(), 0, std::nullopt, std::nullopt};
    if (auto stuck = loop_watch_ ? loop_watch_->find_stuck(i) : std::nullopt) {
      loop.stuck = stuck->held;
      loop.doing = std::move(stuck->doing);
    }
    status.loops.push_back(std::move(loop));
  }
  for (const auto& host : engine_.hosts()) {
    if (!host->owns_any()) continue;
    observe::ProtocolStatus protocol;
    protocol.name = host->name();
    protocol.shards = static_cast<std::uint32_t>(host->owned());
    protocol.outbox = host->pending_sends();
    protocol.dead_letters = dead_letters_of(*host);
    for (const auto& shard : host->shards()) {
      if (!shard) continue;
      const std::uint64_t turns = value_of(*shard, &ShardCounters::turns);
      protocol.entities += value_of(*shard, &ShardCounters::activations);
      protocol.queued += value_of(*shard, &ShardCounters::waiting);
      protocol.turns += turns;
      protocol.rejections += value_of(*shard, &ShardCounters::rejections);
      protocol.crashes += value_of(*shard, &ShardCounters::crashes);
      status.loops[shard->loop().index()].turns += turns;
    }
    protocol.crash_looping = crash_looping_of(*host);
    if (host->store()) protocol.storage = "sqlite";
    status.protocols.push_back(std::move(protocol));
  }
  status.links = links_;
  status.crash_looping = crash_looping_;
  status.tree = to_status(engine_.tree());
  describe_breakers(status);
}

void Telemetry::describe_breakers(observe::Status& status) const {
  for (const auto& edge : engine_.edges()) {
    for (const auto& branch : edge->branches()) {
      const resilience::Breaker* breaker = branch->breaker();
      if (!breaker) continue;
      status.breakers.push_back({edge->from(), std::string(edge->to()), branch->to(), state_of(*breaker)});
    }
  }
}

}  // namespace troupe::node
