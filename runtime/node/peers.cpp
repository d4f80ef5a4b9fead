#include <troupe/node/peers.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <future>
#include <map>
#include <mutex>
#include <stdexcept>
#include <utility>

#include <troupe/gateway/derived_secret.hpp>

namespace troupe::node {

namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ",") + word;
  return text;
}

/// What every node must read out of its topology file alike. Addresses, limits and secrets may differ.
transport::Facts facts_of(const topology::Topology& topology) {
  transport::Facts facts{{"hash", std::to_string(topology.hash)}};
  std::vector<std::string> names;
  for (const auto& node : topology.nodes) {
    names.push_back(node.name);
    facts.emplace("hosts of " + node.name, joined(node.hosts));
  }
  facts.emplace("nodes", joined(names));
  for (const auto& [protocol, policy] : topology.actors) {
    facts.emplace("shards of " + protocol, std::to_string(policy.shards));
  }
  for (const auto& [protocol, url] : topology.storage) {
    facts.emplace("storage of " + protocol, url.substr(0, url.find(':')));
  }
  return facts;
}

/// What no node has, and the workers that each node has for itself, have no owners.
std::vector<cluster::Placement> placements_of(const engine::Engine& engine) {
  std::vector<cluster::Placement> placements;
  for (const auto& host : engine.hosts()) {
    const auto& owners = host->options().owners;
    if (!owners.empty()) placements.push_back({std::string(host->name()), owners});
  }
  return placements;
}

std::string link_key(std::string_view secret) {
  const auto key = gateway::derived_secret(secret, "links");
  return {key.begin(), key.end()};
}

transport::Self self_of(const topology::Topology& topology, const topology::Node& node, std::uint64_t incarnation,
                        const transport::Network::Nonce& fresh) {
  transport::Self self;
  self.identity.name = node.name;
  self.identity.incarnation = incarnation;
  std::array<std::byte, 16> octets{};
  std::memcpy(octets.data(), fresh.data(), octets.size());
  self.identity.instance = uuid_from_bytes(octets);
  self.cluster = topology.name;
  self.facts = facts_of(topology);
  return self;
}

std::vector<loop::Loop*> all_loops(const engine::Engine& engine) {
  std::vector<loop::Loop*> all;
  for (std::size_t i = 0; i < engine.loop_count(); ++i) all.push_back(&engine.loop(i));
  return all;
}

/// A look for operators does not wait for a loop that is stuck.
constexpr auto survey_patience = std::chrono::seconds(1);

LinkLoads loads_of(transport::Links& links, const topology::Topology& topology, loop::Loop& loop) {
  LinkLoads loads;
  links.each_link(loop, [&loads](transport::Link& link) {
    const transport::LinkStatus status = link.status();
    LinkLoad& load = loads[link.peer().identity.name];
    load.in_flight += status.outstanding + status.unanswered;
    load.queued_bytes += status.queued;
    load.silent = std::max(load.silent, status.silent);
  });
  for (const auto& node : topology.nodes) {
    const transport::Peer* peer = links.find_peer(node.name);
    if (!peer) continue;
    const transport::Backlog backlog = peer->backlog(loop);
    loads[node.name].in_flight += backlog.asks;
    loads[node.name].queued_bytes += backlog.octets;
  }
  return loads;
}

}  // namespace

/// Keeps the history, and says each thing once, until something else is to be said of that peer.
class Peers::LogReporter final : public cluster::LinkReporter {
 public:
  LogReporter(engine::Engine& engine, LinkHistory& history, observe::Log log)
      : loop_(engine.loop(0)), history_(history), log_(std::move(log)) {}

  void link_up(std::string_view peer) override {
    history_.opened(peer, loop_.wall_time());
    if (is_news(peer, "up")) log_.info("linked", {{"peer", peer}});
  }
  void link_down(std::string_view peer, std::string_view why) override {
    history_.closed(peer, loop_.wall_time(), why);
    if (is_news(peer, why)) log_.warning("a link is gone", {{"peer", peer}, {"why", why}});
  }
  void link_silent(std::string_view peer) override {
    if (!is_news(peer, "silent")) return;
    log_.warning("a peer is silent: it is busy or stands still, its machine answers", {{"peer", peer}});
  }
  void link_refused(std::string_view peer, std::string_view why) override {
    history_.failed(peer, loop_.wall_time(), why);
    if (is_news(peer, why)) log_.warning("no link", {{"peer", peer}, {"why", why}});
  }
  /// No part of the history: whoever calls may claim to be anybody.
  void caller_refused(std::string_view claimed, std::string_view why) override {
    if (!is_news(callers, why) || !may_tell_of_caller()) return;
    log_.warning("no link", {{"peer", claimed}, {"why", why}});
  }
  void protocol_refused(std::string_view peer, std::string_view protocol, std::string_view why) override {
    // Not even a link that goes and comes makes it news again.
    if (!is_news(std::string(peer) + ' ' + std::string(protocol), why)) return;
    log_.error("a protocol is refused: the schemas are incompatible",
               {{"peer", peer}, {"protocol", protocol}, {"why", why}});
  }

 private:
  static constexpr std::string_view callers = "(callers)";  // no node's name
  static constexpr std::chrono::seconds callers_span{10};
  static constexpr int callers_told = 10;  // in each span

  bool may_tell_of_caller() {
    const std::lock_guard lock(mutex_);
    const Time now = loop_.wall_time();
    if (now - span_begin_ >= callers_span) {
      span_begin_ = now;
      told_ = 0;
    }
    return told_++ < callers_told;
  }

  bool is_news(std::string_view subject, std::string_view what) {
    const std::lock_guard lock(mutex_);
    std::string& last = last_[std::string(subject)];
    if (last == what) return false;
    last = what;
    return true;
  }

  const loop::Loop& loop_;  ///< for its clock
  LinkHistory& history_;
  observe::Log log_;
  std::mutex mutex_;
  std::map<std::string, std::string> last_;
  Time span_begin_{};
  int told_ = 0;
};

Peers::Peers(engine::Engine& engine, transport::Network& network, const topology::Topology& topology,
             const topology::Node& node, std::uint64_t incarnation, observe::Log log, const std::string& machine_secret)
    : engine_(engine),
      topology_(topology),
      node_(node),
      reporter_(std::make_unique<LogReporter>(engine, history_, std::move(log))),
      router_(engine, node.name, placements_of(engine), *reporter_) {
  transport::Self self = self_of(topology, node, incarnation, network.nonce(engine.loop(0)));
  for (const auto& secret : topology.secrets) self.keys.push_back(link_key(secret));
  if (self.keys.empty()) {
    if (!machine_secret.empty()) self.keys.push_back(link_key(machine_secret));
    self.farthest = transport::Proximity::same_host;
  }
  self.fingerprints = router_.fingerprints();
  self.features = cluster::Router::features();
  links_ = std::make_unique<transport::Links>(all_loops(engine), network, std::move(self), router_);
  if (node.link) links_->listen(topology::to_string(node.listening(*node.link)));
  for (const auto& other : topology.nodes) {
    if (other.name != node.name && other.link) links_->add_peer(other.name, topology::to_string(*other.link));
  }
  router_.connect(*links_);
}

Peers::~Peers() = default;

void Peers::describe(std::function<void(std::vector<observe::LinkStatus>)> then) const {
  AskEveryLoop<LinkLoads>::begin(
      engine_, survey_patience,
      [links = links_.get(), &topology = topology_](loop::Loop& loop) { return loads_of(*links, topology, loop); },
      [this, then = std::move(then)](const LoopAnswers<LinkLoads>& loads) { then(statuses(loads)); });
}

std::vector<observe::LinkStatus> Peers::statuses(const LoopAnswers<LinkLoads>& loads) const {
  std::vector<observe::LinkStatus> all;
  for (const auto& other : topology_.nodes) {
    if (other.name == node_.name) continue;
    const LinkHistory::Entry entry = history_.of(other.name);
    observe::LinkStatus link;
    link.peer = other.name;
    if (other.link) link.address = topology::to_string(*other.link);
    link.state = entry.state;
    link.since = entry.since;
    link.connections = entry.connections;
    link.reconnects = entry.reconnects;
    link.trouble = entry.why;
    Duration silent{};
    for (const auto& of_loop : loads) {
      const auto found = of_loop ? of_loop->find(other.name) : LinkLoads::const_iterator{};
      if (!of_loop || found == of_loop->end()) continue;
      link.in_flight += found->second.in_flight;
      link.queued_bytes += found->second.queued_bytes;
      silent = std::max(silent, found->second.silent);
    }
    if (silent > Duration{}) link.silent = silent;
    all.push_back(std::move(link));
  }
  return all;
}

std::vector<observe::Check> Peers::checks() const {
  std::vector<observe::Check> checks;
  for (const auto& other : topology_.nodes) {
    if (other.name == node_.name) continue;
    const LinkHistory::Entry entry = history_.of(other.name);
    const bool down = entry.state == LinkHistory::State::down;
    checks.push_back({"link " + other.name, down ? observe::Health::degraded : observe::Health::ok, entry.why});
  }
  return checks;
}

void Peers::drain(std::chrono::milliseconds limit) {
  std::promise<void> drained;
  auto waiting = drained.get_future();
  links_->drain(limit, [&drained] { drained.set_value(); });
  waiting.get();
}

engine::HostOptions host_options(const topology::Topology& topology, const topology::Node& node,
                                 const std::string& protocol) {
  const auto& policy = topology.actor(protocol);
  engine::HostOptions options;
  options.shards = policy.shards;
  options.idle = policy.idle;
  options.queue_limit = policy.queue;
  const std::size_t owners = topology.hosts_of(protocol).size();
  for (std::uint32_t shard = 0; owners > 0 && shard < policy.shards; ++shard) {
    options.owners.push_back(topology.owner_of(protocol, shard)->name);
  }
  if (owners > 1) {
    options.owns = [&topology, &node, protocol](std::uint32_t shard) {
      return topology.owner_of(protocol, shard) == &node;
    };
  }
  return options;
}

}  // namespace troupe::node
