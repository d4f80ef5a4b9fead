#include <troupe/transport/detail/handshake/handshake.hpp>

namespace troupe::transport::detail {
namespace {

const char* role_name(Role role) { return role == Role::node ? "node" : "client"; }

std::optional<Refusal> check_cluster(const Self& self, const std::string& cluster) {
  if (cluster == self.cluster) return std::nullopt;
  return Refusal{RefusalReason::wrong_cluster,
                 "one end belongs to \"" + self.cluster + "\", the other to \"" + cluster + "\""};
}

Bytes nonce_octets(const Network::Nonce& nonce) { return {nonce.begin(), nonce.end()}; }

}  // namespace

Handshake::State Handshake::received(std::size_t octets) {
  receive_buffer_.received(octets);
  while (state_ == State::under_way && step()) {
  }
  return state_;
}

bool Handshake::step() {
  if (input_ == Input::preface) {
    const auto octets = receive_buffer_.octets();
    if (octets.size() < preface_size) return false;
    const auto fault = check_preface(octets.first<preface_size>());
    receive_buffer_.take(preface_size);
    input_ = Input::frames;
    if (fault) {
      refuse(*fault);
      return false;
    }
    on_preface();
    return true;
  }
  const FrameStep step = receive_buffer_.next(limits_.handshake_frame);
  if (step.state == FrameStep::State::refused) malformed(to_text(step.fault));
  if (step.state != FrameStep::State::complete) return false;
  receive_buffer_.take(step.size);
  if (step.frame.type == FrameType::refuse) {
    refusal_ = decode_refusal(step.frame.payload);
    refused_by_ = RefusedBy::peer;
    state_ = State::refused;
    return false;
  }
  on_frame(step.frame);
  return true;
}

void Handshake::refuse(Refusal refusal) {
  send_preface();
  send(FrameType::refuse, encode(refusal));
  refusal_ = std::move(refusal);
  state_ = State::refused;
}

void Handshake::send_preface() {
  if (std::exchange(preface_sent_, true)) return;
  const auto octets = preface();
  output_.insert(output_.end(), octets.begin(), octets.end());
}

void Handshake::send_terms(FrameType type, Side side, std::uint32_t loop) {
  Terms own{.loop = loop,
            .window = limits_.window,
            .max_frame = limits_.frame,
            .facts = self_.facts,
            .protocols = self_.fingerprints,
            .features = {}};
  if (!self_.features.empty()) own.features = self_.features;
  const Bytes terms = encode(own);
  const Proof proof = prove(key(), side, hello_, challenge_, terms);
  Bytes payload(proof.begin(), proof.end());
  payload.insert(payload.end(), terms.begin(), terms.end());
  send(type, payload);
}

std::optional<Terms> Handshake::check_terms(Side side, std::span<const std::byte> payload) {
  if (payload.size() < sizeof(Proof)) {
    malformed("a proof that is too short");
    return std::nullopt;
  }
  const auto octets = payload.subspan(sizeof(Proof));
  const auto is_proved_by = [&](std::size_t index) {
    key_ = index;
    return equal(payload.first(sizeof(Proof)), prove(key(), side, hello_, challenge_, octets));
  };
  // A dialer hears an answer under the key that it has proved; an acceptor gives one under the key that was proved to
  // it.
  bool proved = is_proved_by(0);
  for (std::size_t i = 1; side == Side::dialer && !proved && i < self_.keys.size(); ++i) proved = is_proved_by(i);
  if (!proved) {
    refuse({RefusalReason::wrong_secret, "the secrets of the two ends differ"});
    return std::nullopt;
  }
  auto terms = decode_terms(octets);
  if (!terms) malformed("terms that cannot be read");
  return terms;
}

void Handshake::complete(const Terms& terms, std::uint32_t own_loop) {
  result_.peer.facts = terms.facts;
  result_.peer.fingerprints = terms.protocols;
  result_.peer.features = terms.features.value_or(Features{});
  result_.own_loop = own_loop;
  result_.window = terms.window;
  result_.max_frame = terms.max_frame;
  state_ = State::completed;
}

DialerHandshake::DialerHandshake(const Self& self, const Limits& limits, Request request, const Network::Nonce& nonce)
    : Handshake(self, limits), request_(std::move(request)) {
  send_preface();
  peer_name_ = request_.name;
  hello_ = encode(Hello{.cluster = self.cluster,
                        .role = role_name(self.identity.role),
                        .name = self.identity.name,
                        .incarnation = self.identity.incarnation,
                        .instance = self.identity.instance,
                        .nonce = nonce_octets(nonce),
                        .loops = request_.loops,
                        .from_loop = request_.from_loop,
                        .to_loop = request_.to_loop,
                        .to_name = request_.name});
  send(FrameType::hello, hello_);
}

void DialerHandshake::on_frame(const Frame& frame) {
  if (frame.type == FrameType::challenge && awaited_ == Awaited::challenge) return on_challenge(frame.payload);
  if (frame.type == FrameType::welcome && awaited_ == Awaited::welcome) return on_welcome(frame.payload);
  malformed("a frame that does not belong here in a handshake");
}

void DialerHandshake::on_challenge(std::span<const std::byte> payload) {
  const auto challenge = decode_challenge(payload);
  if (!challenge) return malformed("a challenge that cannot be read");
  if (auto refusal = check_cluster(self_, challenge->cluster)) return refuse(*refusal);
  if (challenge->name != request_.name) {
    return refuse({RefusalReason::wrong_node,
                   "the address leads to \"" + challenge->name + "\", not to \"" + request_.name + "\""});
  }
  awaited_ = Awaited::welcome;
  challenge_.assign(payload.begin(), payload.end());
  result_.peer.identity = {Role::node, challenge->name, challenge->incarnation, challenge->instance};
  result_.peer.loops = challenge->loops;
  send_terms(FrameType::proof, Side::dialer, request_.from_loop);
}

void DialerHandshake::on_welcome(std::span<const std::byte> payload) {
  const auto terms = check_terms(Side::acceptor, payload);
  if (!terms) return;
  if (self_.identity.role == Role::node) {
    if (auto refusal = compare_facts(self_.facts, terms->facts, peer_name_)) return refuse(*refusal);
  }
  if (terms->loop >= result_.peer.loops) return malformed("a loop that it does not have");
  result_.peer.loop = terms->loop;
  complete(*terms, request_.from_loop);
}

AcceptorHandshake::AcceptorHandshake(const Self& self, const Limits& limits, std::uint32_t loops, Proximity proximity,
                                     const Network::Nonce& nonce, Admit admit)
    : Handshake(self, limits), loops_(loops), proximity_(proximity), nonce_(nonce), admit_(std::move(admit)) {}

void AcceptorHandshake::on_frame(const Frame& frame) {
  if (frame.type == FrameType::hello && awaited_ == Awaited::hello) return on_hello(frame.payload);
  if (frame.type == FrameType::proof && awaited_ == Awaited::proof) return on_proof(frame.payload);
  malformed("a frame that does not belong here in a handshake");
}

std::optional<Refusal> AcceptorHandshake::check(const Hello& hello) const {
  if (!self_.may_talk_to(proximity_)) {
    return Refusal{RefusalReason::no_secret, "the topology has no secret, so only peers on this machine are accepted"};
  }
  if (auto refusal = check_cluster(self_, hello.cluster)) return refusal;
  if (hello.instance == self_.identity.instance) {
    return Refusal{RefusalReason::is_self, "the address of \"" + hello.to_name.value_or("?") + "\" leads to \"" +
                                               self_.identity.name + "\", which dialed it"};
  }
  if (hello.to_name && *hello.to_name != self_.identity.name) {
    return Refusal{RefusalReason::wrong_node,
                   "the address leads to \"" + self_.identity.name + "\", not to \"" + *hello.to_name + "\""};
  }
  if (hello.role == "node" && hello.name == self_.identity.name) {
    return Refusal{RefusalReason::duplicate_name, "two nodes are named \"" + hello.name + "\""};
  }
  return std::nullopt;
}

void AcceptorHandshake::on_hello(std::span<const std::byte> payload) {
  const auto hello = decode_hello(payload);
  if (!hello) return malformed("a hello that cannot be read");
  peer_name_ = hello->name;
  if (auto refusal = check(*hello)) return refuse(*refusal);
  awaited_ = Awaited::proof;
  hello_.assign(payload.begin(), payload.end());
  to_loop_ = hello->to_loop % loops_;
  result_.peer.identity = {hello->role == "node" ? Role::node : Role::client, hello->name, hello->incarnation,
                           hello->instance};
  result_.peer.loops = hello->loops;
  result_.peer.loop = hello->from_loop;
  challenge_ = encode(Challenge{.cluster = self_.cluster,
                                .name = self_.identity.name,
                                .incarnation = self_.identity.incarnation,
                                .instance = self_.identity.instance,
                                .nonce = nonce_octets(nonce_),
                                .loops = loops_});
  send(FrameType::challenge, challenge_);
}

void AcceptorHandshake::on_proof(std::span<const std::byte> payload) {
  const auto terms = check_terms(Side::dialer, payload);
  if (!terms) return;
  const Identity& peer = result_.peer.identity;
  if (result_.peer.loop >= result_.peer.loops) return malformed("a loop that it does not have");
  if (peer.role == Role::node) {
    if (auto refusal = compare_facts(self_.facts, terms->facts, peer.name)) return refuse(*refusal);
  }
  if (!rest().empty()) return malformed("frames before its welcome");
  if (auto refusal = admit_(peer)) return refuse(*refusal);
  send_terms(FrameType::welcome, Side::acceptor, to_loop_);
  complete(*terms, to_loop_);
}

}  // namespace troupe::transport::detail
