#include <troupe/cluster/router.hpp>

#include <algorithm>
#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

#include <troupe/cluster/probe_codec.hpp>
#include <troupe/cluster/scatter_gather.hpp>
#include <troupe/contract/exception_text.hpp>

namespace troupe::cluster {

using engine::Host;
using loop::Loop;
using transport::Frame;
using transport::FrameType;
using transport::Link;
using transport::SendResult;

namespace {

/// Requests of our own, beside those that coroutines wait under.
constexpr std::uint64_t own_request = std::uint64_t{1} << 63;

void refuse(EnvelopePtr envelope, std::unique_ptr<Failure> failure) {
  envelope->failure = std::move(failure);
  envelope->done = true;
  engine::Engine::answer(std::move(envelope));
}

std::unique_ptr<Failure> not_executed(FailureCode code, std::string detail) {
  return std::make_unique<Failure>(Failure::not_executed(code, std::move(detail)));
}

std::unique_ptr<Failure> not_sent(SendResult sent, const std::string& peer) {
  switch (sent) {
    case SendResult::overloaded:
      return not_executed(failure_code::overloaded, "too much waits for node " + peer);
    case SendResult::too_large:
      return not_executed(failure_code::too_large, "the message is larger than node " + peer + " takes");
    default:
      return not_executed(failure_code::unavailable, "node " + peer + " is out of reach");
  }
}

}  // namespace

struct Router::Route {
  static constexpr std::uint16_t self = 0xffff;

  std::vector<std::uint16_t> owners;  ///< a peer's number, or `self`, for each shard
  std::vector<std::uint16_t> nodes;   ///< the same, each once, in the order of the topology
  std::size_t protocol = 0;           ///< its number
};

/// What one loop keeps.
struct Router::LoopState {
  std::uint64_t next_request = own_request;
  Bytes scratch;  ///< for asks
  ScatterGather::Open scatter_gathers;
  boost::unordered_flat_map<std::uint64_t, EnvelopePtr> parts;  ///< asked of owners for a scatter_gather
};

Router::Router(engine::Engine& engine, std::string self, const std::vector<Placement>& placements,
               LinkReporter& reporter)
    : engine_(engine),
      self_(std::move(self)),
      reporter_(reporter),
      protocols_(engine),
      server_(engine, protocols_, self_) {
  for (const auto& placement : placements) {
    Host* host = engine_.find_host(placement.protocol);
    if (!host) throw std::logic_error("the engine does not know the protocol " + placement.protocol);
    auto route = std::make_unique<Route>();
    route->protocol = protocols_.find(placement.protocol)->number;
    for (const auto& owner : placement.owners) {
      std::uint16_t number = Route::self;
      if (owner != self_) {
        const auto found = std::ranges::find(peer_names_, owner);
        number = static_cast<std::uint16_t>(found - peer_names_.begin());
        if (found == peer_names_.end()) peer_names_.push_back(owner);
      }
      route->owners.push_back(number);
      if (std::ranges::find(route->nodes, number) == route->nodes.end()) route->nodes.push_back(number);
    }
    routes_.emplace(host, std::move(route));
  }
  for (std::size_t i = 0; i < engine_.loop_count(); ++i) loop_states_.push_back(std::make_unique<LoopState>());
  engine_.use(*this);
  engine_.set_node_name(self_);
}

Router::~Router() = default;

void Router::connect(transport::Links& links) {
  for (const auto& name : peer_names_) {
    peers_.push_back(links.find_peer(name));
    if (!peers_.back()) throw std::logic_error("there is no peer " + name);
  }
}

// ── Asking ───────────────────────────────────────────────────────────────────────────────────────────────────────────

const Router::Route* Router::route_to(Host& host, EnvelopePtr& envelope) {
  const auto found = routes_.find(&host);
  if (found != routes_.end()) return found->second.get();
  refuse(std::move(envelope),
         not_executed(failure_code::unavailable, "no node hosts the protocol " + std::string(host.name())));
  return nullptr;
}

void Router::deliver(Host& host, EnvelopePtr envelope, std::uint64_t hash, Loop& from) {
  const Route* route = route_to(host, envelope);
  if (!route) return;
  const std::size_t shard = hash % route->owners.size();
  const std::uint64_t request = envelope->request;
  send(*route, route->owners[shard], shard, std::move(envelope), request, Part::no, from);
}

void Router::query(Host& host, EnvelopePtr envelope, Loop& from) {
  const Route* route = route_to(host, envelope);
  if (!route) return;
  LoopState& state = *loop_states_[from.index()];
  const Shared<ScatterGather> scatter_gather(
      new ScatterGather(std::move(envelope), route->nodes.size(), state.scatter_gathers));
  auto parts = scatter_gather->make_parts();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    EnvelopePtr part = std::move(parts[i]);
    if (route->nodes[i] == Route::self) {
      engine_.accept(host, std::move(part), from);
      continue;
    }
    const std::uint64_t request = state.next_request++;
    scatter_gather->remote_parts.push_back({route->nodes[i], request});
    state.parts.emplace(request, part);
    send(*route, route->nodes[i], 0, std::move(part), request, Part::yes, from);
  }
}

void Router::forget(Host& host, const Envelope& asked, std::uint64_t request, Loop& from) noexcept {
  LoopState& state = *loop_states_[from.index()];
  if (asked.info->scope == Scope::directory) {
    const auto found = state.scatter_gathers.find(request);
    if (found == state.scatter_gathers.end()) return;
    const Shared<ScatterGather> scatter_gather(found->second);  // keeps it alive while its parts are erased
    for (const auto& [peer, part] : scatter_gather->remote_parts) {
      if (state.parts.erase(part) > 0) peers_[peer]->cancel(from, part);
    }
    return;
  }
  if (transport::Peer* const peer = owner_of(host, asked.target)) peer->cancel(from, request);
}

transport::Peer* Router::owner_of(const Host& host, const Key& target) const {
  const auto found = routes_.find(&host);
  const Route* const route = found == routes_.end() ? nullptr : found->second.get();
  return route ? peers_[route->owners[target.shard_hash() % route->owners.size()]] : nullptr;
}

void Router::follow(Host& host, const Envelope& asked, std::uint64_t request, const engine::deadlock::Probe& probe,
                    Loop& from) {
  const transport::Peer* const peer = owner_of(host, asked.target);
  Link* const link = peer ? peer->link_of(from, request) : nullptr;
  const auto payload = link && link->peer().knows(probe_feature) ? write_probe(probe) : std::nullopt;
  if (payload) static_cast<void>(link->send({FrameType::probe, 0, request, *payload}));
}

void Router::send(const Route& route, std::size_t peer, std::size_t shard, EnvelopePtr envelope, std::uint64_t request,
                  Part part, Loop& from) {
  // An ask is encoded for the link that it goes on. Without a link it is keyed, since the peer that it then reaches may
  // know another version of the protocol.
  Link* const link = peers_[peer]->link(from, shard);
  const Negotiation* const negotiation = link ? &LinkSession::of(*link).negotiation(route.protocol) : nullptr;
  const auto fail = [&](std::unique_ptr<Failure> failure) {
    loop_states_[from.index()]->parts.erase(request);
    refuse(std::move(envelope), std::move(failure));
  };
  if (negotiation && negotiation->encoding == NegotiatedEncoding::refused) {
    return fail(not_executed(failure_code::incompatible, negotiation->refusal));
  }
  const bool positional = negotiation && negotiation->encoding == NegotiatedEncoding::positional;
  const auto encoding = positional ? wire::Encoding::positional : wire::Encoding::keyed;
  const auto flags = static_cast<std::uint8_t>((positional ? 0 : flag_keyed) | (part == Part::yes ? flag_part : 0));
  Bytes& payload = emptied(loop_states_[from.index()]->scratch);
  try {
    write_ask(payload, *envelope, encoding);
  } catch (...) {
    const std::string what =
        std::string(envelope->info->name) + " can't be written: " + text_of(std::current_exception());
    return fail(not_executed(failure_code::actor_crashed, what));
  }
  const Frame frame{FrameType::ask, flags, request, payload, envelope->deadline};
  const SendResult sent = link ? link->send(frame) : peers_[peer]->send(from, shard, frame);
  if (sent != SendResult::accepted) fail(not_sent(sent, peer_names_[peer]));
}

EnvelopePtr Router::claim(Loop& loop, std::uint64_t request) {
  if ((request & own_request) == 0) return engine_.envelope_of(loop, request);
  auto& parts = loop_states_[loop.index()]->parts;
  const auto found = parts.find(request);
  if (found == parts.end()) return {};
  EnvelopePtr part = std::move(found->second);
  parts.erase(found);
  return part;
}

void Router::complete(Link& link, const Frame& frame) {
  EnvelopePtr envelope = claim(link.loop(), frame.request);
  if (!envelope) return;  // its deadline has passed
  std::vector<Fault> faults;
  std::optional<std::string> fault;
  try {
    if (!read_answer(*envelope, frame, faults)) fault = describe(faults);
  } catch (...) {
    fault = "its codec threw: " + text_of(std::current_exception());
  }
  if (fault) {
    envelope->failure = std::make_unique<Failure>(
        Failure::unknown(failure_code::unavailable,
                         "the answer of node " + link.peer().identity.name + " can't be understood: " + *fault));
  }
  envelope->done = true;
  engine::Engine::answer(std::move(envelope));
}

bool Router::read_answer(Envelope& envelope, const Frame& frame, std::vector<Fault>& faults) const {
  if (frame.type == FrameType::failure) {
    auto wire_failure = wire::from_msgpack<WireFailure>(frame.payload, wire::Encoding::keyed);
    if (wire_failure) {
      envelope.handled = wire_failure->handled;
      envelope.failure = failure_of(std::move(*wire_failure));
    } else {
      faults = wire_failure.faults();
    }
    return faults.empty();
  }
  const auto encoding = encoding_of(frame.flags);
  if (!envelope.trace) return envelope.info->reply_from_msgpack(envelope, frame.payload, encoding, faults);
  const auto part = wire::from_msgpack<WirePart>(frame.payload, encoding);
  if (!part) faults = part.faults();
  return part && read_part(envelope, *part, encoding, faults);
}

void Router::on_lost(Loop& loop, std::uint64_t request, transport::Fate fate, const std::string& why) {
  EnvelopePtr envelope = claim(loop, request);
  if (!envelope) return;
  const auto kind = fate == transport::Fate::not_executed ? Failure::Kind::not_executed : Failure::Kind::unknown;
  refuse(std::move(envelope), std::make_unique<Failure>(kind, std::string(failure_code::unavailable), why));
}

// ── What happens on links ────────────────────────────────────────────────────────────────────────────────────────────

transport::Taken Router::on_frame(Link& link, const Frame& frame) {
  switch (frame.type) {
    case FrameType::ask:
      return server_.serve(link, frame);
    case FrameType::cancel:
      server_.cancel(link, frame.request);
      break;
    case FrameType::schema:
      learn(link, frame);
      break;
    case FrameType::probe:
      server_.visit(link, frame);
      break;
    default:
      complete(link, frame);
  }
  return transport::Taken::done;
}

}  // namespace troupe::cluster
