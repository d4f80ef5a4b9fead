#include "runtime/cluster/router.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "runtime/cluster/gathering.hpp"

namespace troupe::cluster {

using engine::Host;
using engine::Loop;
using transport::Frame;
using transport::FrameType;
using transport::Link;
using transport::Sent;

namespace {

/// Requests of our own, beside those that coroutines wait under.
constexpr std::uint64_t own_request = std::uint64_t{1} << 63;

void refuse(Loop& loop, EnvelopePtr envelope, std::unique_ptr<Failure> failure) {
  envelope->failure = std::move(failure);
  envelope->done = true;
  engine::Engine::answer(loop, std::move(envelope));
}

std::unique_ptr<Failure> not_executed(std::string_view code, std::string detail) {
  return std::make_unique<Failure>(Failure::Kind::not_executed, std::string(code), std::move(detail));
}

std::unique_ptr<Failure> not_sent(Sent sent, const std::string& peer) {
  switch (sent) {
    case Sent::overloaded:
      return not_executed(failure_code::overloaded, "too much waits for node " + peer);
    case Sent::too_large:
      return not_executed(failure_code::unavailable, "the message is larger than node " + peer + " takes");
    default:
      return not_executed(failure_code::unavailable, "node " + peer + " is out of reach");
  }
}

wire::Encoding encoding_of(std::uint8_t flags) {
  return (flags & flag_keyed) != 0 ? wire::Encoding::keyed : wire::Encoding::positional;
}

/// An ask without any answer would wait for its deadline: a peer that does not take even this is cut.
void send_failure(Link& link, std::uint64_t request, const WireFailure& failure) {
  const Bytes payload = wire::to_msgpack(failure, wire::Encoding::keyed);
  const Sent sent = link.send({FrameType::failure, 0, request, payload});
  if (sent != Sent::accepted && sent != Sent::no_link) link.close("it takes no more answers");
}

/// What a peer may ask for at most; nothing waits longer.
constexpr Duration longest_patience = std::chrono::hours(24);

}  // namespace

struct Router::Route {
  static constexpr std::uint16_t here = 0xffff;

  Host* host = nullptr;
  std::vector<std::uint16_t> owners;  ///< a peer's number, or `here`, for each shard
  std::vector<std::uint16_t> nodes;   ///< the same, each once, in the order of the topology
  /// Peers that know the protocol by another schema, so that field names have to travel.
  std::unique_ptr<std::atomic<bool>[]> keyed;
};

/// What one loop keeps.
struct Router::Here {
  std::uint64_t next_request = own_request;
  boost::unordered_flat_map<std::uint64_t, EnvelopePtr> parts;  ///< asked of owners for a gathering
};

/// Takes the answer of an entity back to the node that asked.
class Router::Served final : public Responder {
 public:
  Served(Link& link, const Frame& frame) : link_(&link), request_(frame.request), flags_(frame.flags) {}

  void respond(EnvelopePtr envelope) override {
    const Handled handled = envelope->handled ? Handled::yes : Handled::no;
    if (envelope->failure) return send_failure(*link_, request_, form_of(*envelope->failure, handled));
    std::string obstacle;
    try {
      const Sent sent = link_->send({FrameType::reply, flags_, request_, payload_of(*envelope)});
      if (sent == Sent::accepted || sent == Sent::no_link) return;
      obstacle = sent == Sent::too_large ? " is larger than a link takes" : " finds its link full";
    } catch (const std::exception& e) {
      obstacle = std::string(" can't be written: ") + e.what();
    }
    const Failure failure(Failure::Kind::unknown, std::string(failure_code::unavailable),
                          "the reply of " + std::string(envelope->info->name) + obstacle);
    send_failure(*link_, request_, form_of(failure, handled));
  }

 private:
  const Bytes& payload_of(const Envelope& envelope) {
    const auto encoding = encoding_of(flags_);
    if ((flags_ & flag_part) != 0) {
      wire::write_msgpack(payload_, part_of(envelope, encoding), encoding);
    } else {
      envelope.info->reply_to_msgpack(envelope, payload_, encoding);
    }
    return payload_;
  }

  Bytes payload_;
  transport::LinkPtr link_;
  std::uint64_t request_;
  std::uint8_t flags_;
};

Router::Router(engine::Engine& engine, std::string self, const std::vector<Placement>& placements,
               LinkReporter& reporter)
    : engine_(engine), self_(std::move(self)), reporter_(reporter) {
  for (const auto& placement : placements) {
    Host* host = engine_.find_host(placement.protocol);
    if (!host) throw std::logic_error("the engine does not know the protocol " + placement.protocol);
    auto route = std::make_unique<Route>();
    route->host = host;
    for (const auto& owner : placement.owners) {
      std::uint16_t number = Route::here;
      if (owner != self_) {
        const auto found = std::ranges::find(peer_names_, owner);
        number = static_cast<std::uint16_t>(found - peer_names_.begin());
        if (found == peer_names_.end()) peer_names_.push_back(owner);
      }
      route->owners.push_back(number);
      if (std::ranges::find(route->nodes, number) == route->nodes.end()) route->nodes.push_back(number);
    }
    routes_.emplace(host, std::move(route));
    const ProtocolInfo& protocol = *host->type().protocol;
    for (std::size_t i = 0; i < protocol.size; ++i) {
      schemas_.emplace(protocol.messages[i], cluster::schema_of(*protocol.messages[i]));
    }
  }
  for (auto& [host, route] : routes_) route->keyed = std::make_unique<std::atomic<bool>[]>(peer_names_.size());
  for (std::size_t i = 0; i < engine_.loop_count(); ++i) here_.push_back(std::make_unique<Here>());
  engine_.use(*this);
}

Router::~Router() = default;

void Router::connect(transport::Links& links) {
  for (const auto& name : peer_names_) {
    peers_.push_back(links.find_peer(name));
    if (!peers_.back()) throw std::logic_error("there is no peer " + name);
  }
}

transport::Fingerprints Router::fingerprints() const {
  transport::Fingerprints fingerprints;
  for (const auto& [host, route] : routes_) {
    fingerprints.emplace(host->name(), cluster::schema_of(*host->type().protocol));
  }
  return fingerprints;
}

// ── Asking ───────────────────────────────────────────────────────────────────────────────────────────────────────────

void Router::deliver(Host& host, EnvelopePtr envelope, std::uint64_t hash, Loop& from) {
  const Route& route = *routes_.find(&host)->second;
  const std::size_t shard = hash % route.owners.size();
  const std::uint64_t request = envelope->request;
  send(route, route.owners[shard], shard, std::move(envelope), request, Part::no, from);
}

void Router::query(Host& host, EnvelopePtr envelope, Loop& from) {
  const Route& route = *routes_.find(&host)->second;
  Here& here = *here_[from.index()];
  const Shared<Gathering> gathering(new Gathering(std::move(envelope), from, route.nodes.size()));
  for (std::size_t i = 0; i < route.nodes.size(); ++i) {
    EnvelopePtr part = gathering->make_part(i);
    if (route.nodes[i] == Route::here) {
      engine_.accept(host, std::move(part), from);
      continue;
    }
    const std::uint64_t request = here.next_request++;
    here.parts.emplace(request, part);
    send(route, route.nodes[i], 0, std::move(part), request, Part::yes, from);
  }
}

void Router::send(const Route& route, std::size_t peer, std::size_t shard, EnvelopePtr envelope, std::uint64_t request,
                  Part part, Loop& from) {
  const bool keyed = route.keyed[peer].load(std::memory_order_relaxed);
  const auto encoding = keyed ? wire::Encoding::keyed : wire::Encoding::positional;
  const auto flags = static_cast<std::uint8_t>((keyed ? flag_keyed : 0) | (part == Part::yes ? flag_part : 0));
  Bytes payload;
  try {
    wire::write_msgpack(payload, call_of(*envelope, from.now(), schema_of(envelope->info), encoding), encoding);
  } catch (const std::exception& e) {
    here_[from.index()]->parts.erase(request);
    const std::string what = std::string(envelope->info->name) + " can't be written: " + e.what();
    return refuse(from, std::move(envelope), not_executed(failure_code::actor_crashed, what));
  }
  const Sent sent = peers_[peer]->send(from, shard, {FrameType::ask, flags, request, payload});
  if (sent == Sent::accepted) return;
  here_[from.index()]->parts.erase(request);
  refuse(from, std::move(envelope), not_sent(sent, peer_names_[peer]));
}

EnvelopePtr Router::claim(Loop& loop, std::uint64_t request) {
  if ((request & own_request) == 0) return loop.waiting->envelope_of(request);
  auto& parts = here_[loop.index()]->parts;
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
  if (!read_answer(*envelope, frame, faults)) {
    envelope->failure = std::make_unique<Failure>(
        Failure::Kind::unknown, std::string(failure_code::unavailable),
        "the answer of node " + link.remote().identity.name + " can't be understood: " + describe(faults));
  }
  if (envelope->failure && envelope->failure->code == other_schema && (frame.flags & flag_keyed) == 0) {
    const auto found = routes_.find(engine_.find_host(envelope->info->protocol->name));
    const auto peer = std::ranges::find(peer_names_, link.remote().identity.name);
    // The next attempt spells the names out.
    if (peer != peer_names_.end()) found->second->keyed[peer - peer_names_.begin()] = true;
    envelope->failure->code = failure_code::unavailable;
  }
  envelope->done = true;
  engine::Engine::answer(link.loop(), std::move(envelope));
}

bool Router::read_answer(Envelope& envelope, const Frame& frame, std::vector<Fault>& faults) const {
  if (frame.type == FrameType::failure) {
    auto form = wire::from_msgpack<WireFailure>(frame.payload, wire::Encoding::keyed);
    if (form) {
      envelope.handled = form->handled;
      envelope.failure = failure_of(std::move(*form));
    } else {
      faults = form.faults();
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
  refuse(loop, std::move(envelope), std::make_unique<Failure>(kind, std::string(failure_code::unavailable), why));
}

// ── Serving ──────────────────────────────────────────────────────────────────────────────────────────────────────────

transport::Taken Router::on_frame(Link& link, const Frame& frame) {
  if (frame.type == FrameType::ask) {
    serve(link, frame);
  } else if (frame.type != FrameType::cancel) {  // what was begun ends by itself
    complete(link, frame);
  }
  return transport::Taken::done;
}

void Router::serve(Link& link, const Frame& frame) {
  WireFailure refusal;
  refusal.kind = Failure::Kind::not_executed;
  refusal.code = failure_code::unavailable;
  auto call = wire::from_msgpack<Call>(frame.payload, encoding_of(frame.flags));
  if (!call) {
    refusal.detail = "the ask can't be understood: " + describe(call.faults());
    return send_failure(link, frame.request, refusal);
  }
  if (call->chain.size() > max_chain_depth) {
    refusal.code = failure_code::too_many_hops;
    refusal.detail = "the call chain has " + std::to_string(call->chain.size()) + " hops";
    return send_failure(link, frame.request, refusal);
  }
  Host* host = engine_.find_host(call->protocol);
  if (!host || !host->owns_any()) {
    refusal.detail = "node " + self_ + " does not host the protocol " + call->protocol;
    return send_failure(link, frame.request, refusal);
  }
  EnvelopePtr letter = letter_of(*call, *host, frame.flags, link.remote().identity.role, refusal);
  if (!letter) return send_failure(link, frame.request, refusal);
  letter->deadline = link.loop().now() + std::clamp(call->patience, Duration{0}, longest_patience);
  letter->origin = Shared<Origin>(new Origin(std::move(call->principal), std::move(call->trace)));
  letter->chain = chain_of(*call);
  letter->operation = call->operation;
  letter->attempt = call->attempt;
  letter->one_way = call->one_way;
  letter->repeatable = call->repeatable;
  if ((frame.flags & flag_part) != 0) letter->trace = std::make_unique<PageTrace>();
  letter->responder = Shared<Responder>(new Served(link, frame));
  engine_.accept(*host, std::move(letter), link.loop());
}

EnvelopePtr Router::letter_of(const Call& call, const Host& host, std::uint8_t flags, transport::Role asker,
                              WireFailure& refusal) const {
  const MessageInfo* info = find_message_of(*host.type().protocol, call.message);
  if (!info) {
    refusal.detail = call.protocol + " has no message " + call.message + " on node " + self_;
    return {};
  }
  const auto encoding = encoding_of(flags);
  if (encoding == wire::Encoding::positional && call.schema != schema_of(info)) {
    refusal.code = other_schema;
    refusal.detail = "node " + self_ + " knows " + call.protocol + '.' + call.message + " by another schema";
    return {};
  }
  std::vector<Fault> faults;
  EnvelopePtr letter = info->from_msgpack(call.body, encoding, faults);
  // Between nodes an ask is as within one: its domain made it. A client is a stranger.
  if (letter && asker == transport::Role::client) info->validate(*letter, faults);
  if (!faults.empty()) {
    refusal.detail = call.protocol + '.' + call.message + " can't be understood: " + describe(faults);
    refusal.faults = std::move(faults);
    return {};
  }
  if (info->scope == Scope::directory) return letter;
  const auto key = Key::from_bytes(call.key);
  if (!key) {
    refusal.detail = "the key is malformed";
    return {};
  }
  letter->target = *key;
  return letter;
}

Shared<ChainLink> Router::chain_of(const Call& call) const {
  Shared<ChainLink> chain;
  for (auto hop = call.chain.rbegin(); hop != call.chain.rend(); ++hop) {
    const Host* host = engine_.find_host(hop->protocol);
    const auto key = Key::from_bytes(hop->key);
    // An entity of a protocol that is not known here can't be asked from here either: only its place counts.
    chain = Shared<ChainLink>(
        new ChainLink(host ? host->type().protocol : nullptr, key.value_or(Key()), hop->effect, std::move(chain)));
  }
  return chain;
}

// ── What happens to links ────────────────────────────────────────────────────────────────────────────────────────────

void Router::on_up(Link& link) { reporter_.link_up(link.remote().identity.name); }

void Router::on_down(Link& link, const std::string& why) { reporter_.link_down(link.remote().identity.name, why); }

void Router::on_refused(const std::string& peer, const transport::Refusal& refusal, transport::RefusedBy by) {
  const std::string who = by == transport::RefusedBy::us ? "refused by us: " : "refused by the peer: ";
  reporter_.link_refused(peer, who + to_text(refusal.reason) + ": " + refusal.detail);
}

void Router::on_unreachable(const std::string& peer, const std::string& why) { reporter_.link_refused(peer, why); }

}  // namespace troupe::cluster
