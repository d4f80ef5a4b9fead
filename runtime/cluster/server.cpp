#include <troupe/cluster/server.hpp>

#include <algorithm>
#include <exception>
#include <stdexcept>
#include <utility>

#include <troupe/cluster/probe_codec.hpp>
#include <troupe/contract/exception_text.hpp>
#include <troupe/wire/utf8.hpp>

namespace troupe::cluster {

using engine::Host;
using transport::Frame;
using transport::FrameType;
using transport::Link;
using transport::SendResult;
using transport::Taken;

namespace {

/// What a peer may ask for at most; nothing waits longer.
constexpr Duration longest_patience = std::chrono::hours(24);
/// Asks of one link that are under way here; more are refused.
constexpr std::size_t most_unanswered = 10'000;

WireFailure refusal_of(FailureCode code, std::string detail) {
  WireFailure refusal;
  refusal.kind = Failure::Kind::not_executed;
  refusal.code = code;
  refusal.detail = std::move(detail);
  return refusal;
}

/// A peer that gets no answer waits until its deadline, so a link that takes not even the failure is closed.
void send_failure(Link& link, std::uint64_t request, const WireFailure& failure) {
  const Bytes payload = wire::to_msgpack(failure, wire::Encoding::keyed);
  const SendResult sent = link.send({FrameType::failure, 0, request, payload});
  if (sent != SendResult::accepted && sent != SendResult::no_link) link.close("it takes no more answers");
}

std::string named(const AskView& ask) { return std::string(ask.protocol) + '.' + std::string(ask.message); }

Taken refuse(Link& link, std::uint64_t request, const WireFailure& refusal) {
  send_failure(link, request, refusal);
  return Taken::done;
}

}  // namespace

/// Sends the answer of an entity back to the node that asked. Lifetime: held by the envelope until it is answered.
class Server::AnswerSender final : public engine::RemoteAsker {
 public:
  AnswerSender(Link& link, const Frame& ask, Host& host, const Key& target)
      : link_(&link), request_(ask.request), flags_(ask.flags), octets_(transport::size_of(ask)) {
    LinkSession::of(*link_).pending_asks.emplace(request_, PendingAsk{this, &host, target});
  }
  ~AnswerSender() override { LinkSession::of(*link_).pending_asks.erase(request_); }
  AnswerSender(const AnswerSender&) = delete;
  AnswerSender& operator=(const AnswerSender&) = delete;

  void respond(EnvelopePtr envelope) override {
    if (given_up()) {
      link_->leave_unanswered();
    } else {
      answer(*envelope);
    }
    link_->release(octets_);
  }

 private:
  void answer(const Envelope& envelope) {
    const Handled handled = envelope.handled ? Handled::yes : Handled::no;
    if (envelope.failure) return send_failure(*link_, request_, wire_failure_of(*envelope.failure, handled));
    Failure failure = Failure::unknown(failure_code::unavailable, "the reply of " + std::string(envelope.info->name));
    try {
      const SendResult sent = link_->send({FrameType::reply, flags_, request_, payload_of(envelope)});
      if (sent == SendResult::accepted || sent == SendResult::no_link) return;
      if (sent == SendResult::too_large) failure.code = failure_code::too_large;
      failure.detail += sent == SendResult::too_large ? " is larger than a link takes" : " finds its link full";
    } catch (...) {
      failure.detail += " can't be written: " + text_of(std::current_exception());
    }
    send_failure(*link_, request_, wire_failure_of(failure, handled));
  }

  const Bytes& payload_of(const Envelope& envelope) const {
    Bytes& payload = emptied(LinkSession::of(*link_).scratch);
    const auto encoding = encoding_of(flags_);
    if ((flags_ & flag_part) != 0) {
      wire::write_msgpack(payload, part_of(envelope, encoding), encoding);
    } else {
      envelope.info->reply_to_msgpack(envelope, payload, encoding);
    }
    return payload;
  }

  transport::LinkPtr link_;
  std::uint64_t request_;
  std::uint8_t flags_;
  std::size_t octets_;
};

Server::Server(engine::Engine& engine, const KnownProtocols& protocols, std::string self)
    : engine_(engine), protocols_(protocols), self_(std::move(self)) {}

Taken Server::serve(Link& link, const Frame& ask) {
  const auto& pending_asks = LinkSession::of(link).pending_asks;
  if (pending_asks.size() >= most_unanswered) {
    return refuse(link, ask.request,
                  refusal_of(failure_code::overloaded, "node " + self_ + " has too many asks of this link under way"));
  }
  if (pending_asks.contains(ask.request)) {
    link.close("it asked twice under one request id");
    return Taken::done;
  }
  AskReader reader;
  std::vector<Fault> faults;
  if (!reader.read(ask.payload, encoding_of(ask.flags), faults)) {
    return refuse(link, ask.request,
                  refusal_of(failure_code::unavailable, "the ask can't be understood: " + describe(faults)));
  }
  WireFailure refusal = refusal_of(failure_code::unavailable, {});
  EnvelopePtr envelope = envelope_of(reader.view, link, ask, refusal);
  if (!envelope) return refuse(link, ask.request, refusal);
  Host& host = *protocols_.find(reader.view.protocol)->host;
  envelope->responder = Shared<Responder>(new AnswerSender(link, ask, host, envelope->target));
  engine_.accept(host, std::move(envelope), link.loop());
  return Taken::held;
}

void Server::cancel(Link& link, std::uint64_t request) {
  const auto& pending_asks = LinkSession::of(link).pending_asks;
  const auto found = pending_asks.find(request);
  if (found != pending_asks.end()) give_up(found->second, link);
}

void Server::visit(Link& link, const Frame& frame) {
  const auto& pending_asks = LinkSession::of(link).pending_asks;
  const auto found = pending_asks.find(frame.request);
  // What waits for a client is nobody's deadlock.
  if (found == pending_asks.end() || is_client(link)) return;
  const PendingAsk& ask = found->second;
  if (auto probe = read_probe(frame.payload)) {
    engine_.visit(*ask.host, ask.target, ask.asker->number(), link.loop(), *std::move(probe));
  }
}

void Server::cancel_all(Link& link) {
  for (const auto& [request, ask] : LinkSession::of(link).pending_asks) give_up(ask, link);
}

void Server::give_up(const PendingAsk& ask, Link& link) {
  if (ask.asker->given_up()) return;  // its withdrawal is under way: a peer that repeats itself makes no more of them
  ask.asker->give_up();
  engine_.withdraw(*ask.host, ask.target, link.loop());
}

EnvelopePtr Server::envelope_of(AskView& call, const Link& link, const Frame& ask, WireFailure& refusal) const {
  if (call.chain.size() > max_chain_depth) {
    refusal =
        refusal_of(failure_code::too_many_hops, "the call chain has " + std::to_string(call.chain.size()) + " hops");
    return {};
  }
  if (is_client(link) && call.principal.kind != Principal::Kind::anonymous) {
    refusal = refusal_of(failure_code::forbidden, "a client asks on nobody's behalf: its principal must be anonymous");
    return {};
  }
  const auto* known = protocols_.find(call.protocol);
  if (!known || !known->host->owns_any()) {
    refusal.detail = "node " + self_ + " does not host the protocol " + std::string(call.protocol);
    return {};
  }
  const Negotiation& negotiation = LinkSession::of(link).negotiation(known->number);
  if (negotiation.encoding == NegotiatedEncoding::refused) {
    refusal = refusal_of(failure_code::incompatible, "node " + self_ + " refuses it: " + negotiation.refusal);
    return {};
  }
  if (encoding_of(ask.flags) == wire::Encoding::positional && negotiation.encoding != NegotiatedEncoding::positional) {
    refusal = refusal_of(failure_code::incompatible, "an ask of " + std::string(call.protocol) +
                                                         " by position, though the schemas of the two ends differ");
    return {};
  }
  EnvelopePtr envelope = decode_message(call, *known->host, link, ask, refusal);
  if (!envelope) return {};
  envelope->deadline = std::min(ask.deadline, link.loop().now() + longest_patience);
  envelope->origin = Shared<Origin>(new Origin(std::move(call.principal), std::move(call.trace)));
  envelope->chain = chain_of(call);
  envelope->operation = call.operation;
  envelope->attempt = call.attempt;
  envelope->one_way = call.one_way;
  envelope->repeatable = call.repeatable;
  if ((ask.flags & flag_part) != 0) envelope->trace = std::make_unique<PageTrace>();
  return envelope;
}

EnvelopePtr Server::decode_message(const AskView& call, const Host& host, const Link& link, const Frame& ask,
                                   WireFailure& refusal) const {
  const MessageInfo* info = find_message_of(*host.type().protocol, call.message);
  if (!info) {
    refusal.detail = named(call) + " is no message that node " + self_ + " knows";
    return {};
  }
  std::vector<Fault> faults;
  EnvelopePtr envelope;
  try {
    envelope = info->from_msgpack(call.body, encoding_of(ask.flags), faults);
    // The asks of nodes are made by domains, as those within a node, and are not validated again. Those of clients are.
    if (envelope && is_client(link)) info->validate(*envelope, faults);
  } catch (...) {
    refusal =
        refusal_of(failure_code::actor_crashed,
                   named(call) + " can't be read: its codec or check threw: " + text_of(std::current_exception()));
    engine_.report_mistake(*info, refusal.detail);
    return {};
  }
  if (!faults.empty()) {
    refusal.detail = named(call) + " can't be understood: " + describe(faults);
    refusal.faults = std::move(faults);
    return {};
  }
  if (info->scope == Scope::directory) return envelope;
  const auto key = Key::from_bytes(call.key);
  if (!key || !wire::is_utf8(key->text())) {
    refusal.detail = "the key is malformed";
    return {};
  }
  envelope->target = *key;
  return envelope;
}

Shared<ChainLink> Server::chain_of(const AskView& call) const {
  Shared<ChainLink> chain;
  for (auto hop = call.chain.rbegin(); hop != call.chain.rend(); ++hop) {
    const auto* known = protocols_.find(hop->protocol);
    const auto key = Key::from_bytes(hop->key);
    // A protocol that is unknown here is never asked from here, so its hop can close no cycle: it only counts.
    chain = Shared<ChainLink>(new ChainLink(known ? known->host->type().protocol : nullptr, key.value_or(Key()),
                                            hop->effect, std::move(chain)));
  }
  return chain;
}

}  // namespace troupe::cluster
