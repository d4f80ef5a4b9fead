#include <algorithm>
#include <utility>

#include <troupe/transport/detail/core.hpp>
#include <troupe/transport/detail/peer_lanes.hpp>

namespace troupe::transport::detail {

Lane::Lane(PeerLanes& peer, std::uint32_t to_loop) : peer_(peer), to_loop_(to_loop), rest_(*this) {}

Lane::~Lane() {
  if (rest_.armed()) peer_.links().loop().cancel_timer(rest_);
}

Connection* Lane::connection() const {
  const auto found = std::ranges::find_if(connections_, [](const Connection* each) { return each->takes_asks(); });
  return found == connections_.end() ? nullptr : *found;
}

Sent Lane::send(std::size_t shard, const Frame& frame) {
  if (Connection* const open = connection()) return open->send(frame);
  // A peer that takes leave is not dialed anew as long as it still answers.
  if (!connections_.empty()) return Sent::no_link;
  if (peer_.links().is_closed()) return Sent::no_link;
  if (state_ == State::resting) {
    wanted_ = true;
    return Sent::no_link;
  }
  const Limits& limits = peer_.links().core().limits;
  if (waiting_.octets() + size_of(frame) > limits.queued || waiting_.size() >= limits.outstanding) {
    return Sent::overloaded;
  }
  waiting_.push(frame, shard);
  if (state_ == State::idle) dial();
  return Sent::accepted;
}

bool Lane::cancel(std::uint64_t request) {
  if (waiting_.remove(request)) return true;
  return std::ranges::any_of(connections_, [&](Connection* each) { return each->cancel(request); });
}

HeldFrames Lane::take_waiting() { return std::exchange(waiting_, {}); }

Backlog Lane::backlog() const { return {waiting_.size(), waiting_.octets()}; }

void Lane::up(Connection& connection) { connections_.push_back(&connection); }

void Lane::down(Connection& connection) {
  if (std::erase(connections_, &connection) == 0 || !connections_.empty() || state_ != State::idle) return;
  const Limits& limits = peer_.links().core().limits;
  // One that held is no sign of trouble; one that broke at once is.
  if (peer_.links().loop().now() - connection.up_since() > limits.longest_backoff) failures_ = 0;
  rest();
}

void Lane::dial() {
  state_ = State::dialing;
  wanted_ = false;
  Core& core = peer_.links().core();
  core.network.connect(peer_.address(), peer_.links().loop(), core.limits.connect,
                       [weak = core.weak_from_this(), this](std::shared_ptr<Channel> channel, const std::string& why) {
                         const auto alive = weak.lock();
                         if (alive) return on_connected(std::move(channel), why);
                         if (channel) channel->close();
                       });
}

void Lane::on_connected(std::shared_ptr<Channel> channel, const std::string& why) {
  Core& core = peer_.links().core();
  if (state_ != State::dialing) {
    if (channel) channel->close();
    return;
  }
  if (!channel) {
    const std::string text = to_string(peer_.address()) + ": " + why;
    core.receiver.on_unreachable(peer_.name(), text);
    return fail(text);
  }
  if (!core.self.reaches(channel->reach())) {
    channel->close();
    const Refusal refusal{RefusalReason::no_secret,
                          "the topology has no secret, so only peers on this machine are dialed"};
    core.receiver.on_refused(peer_.name(), refusal, RefusedBy::us);
    return fail(refusal.detail);
  }
  DialerGreeting::Wish wish{.name = peer_.name(),
                            .from_loop = static_cast<std::uint32_t>(peer_.links().position()),
                            .to_loop = to_loop_,
                            .loops = static_cast<std::uint32_t>(core.loops.size())};
  auto greeting = std::make_unique<DialerGreeting>(core.self, core.limits, std::move(wish),
                                                   core.network.nonce(peer_.links().loop()));
  greeter_ = std::make_shared<Greeter>(peer_.links().loop(), std::move(channel), std::move(greeting),
                                       [weak = core.weak_from_this(), this](const std::shared_ptr<Greeter>& greeter) {
                                         if (const auto alive = weak.lock()) on_greeted(greeter);
                                       });
  greeter_->start(core.limits.handshake);
}

void Lane::on_greeted(const std::shared_ptr<Greeter>& greeter) {
  Core& core = peer_.links().core();
  greeter_.reset();
  if (state_ != State::dialing) return;
  Greeting& greeting = greeter->greeting();
  if (greeting.state() == Greeting::State::refused) {
    core.tell_refused(peer_.name(), greeting);
    return fail(greeting.refusal().detail);
  }
  if (greeting.state() == Greeting::State::under_way) {
    const std::string why = to_string(peer_.address()) + ": the connection ended in its handshake: ";
    core.receiver.on_unreachable(peer_.name(), why + greeter->lost_because());
    return fail(why + greeter->lost_because());
  }
  auto channel = greeter->take_channel();
  if (const auto refusal = core.join(greeting.agreement().remote.identity)) {
    Bytes octets;
    append_frame(octets, {FrameType::refuse, 0, 0, encode(*refusal)});
    channel->write(octets);
    channel->close();
    core.receiver.on_refused(peer_.name(), *refusal, RefusedBy::us);
    return fail(refusal->detail);
  }
  state_ = State::idle;
  peer_.links().adopt(LoopLinks::Origin::dialed, greeting.agreement(), std::move(channel), {}, greeting.rest());
}

void Lane::fail(const std::string& why) {
  state_ = State::idle;
  ++failures_;
  if (connections_.empty()) rest();
  Core& core = peer_.links().core();
  const HeldFrames lost = take_waiting();
  for (const auto& held : lost) {
    if (held.type == FrameType::ask) core.receiver.on_lost(peer_.links().loop(), held.request, Fate::not_executed, why);
  }
}

void Lane::rest() {
  if (peer_.links().is_closed()) return;
  state_ = State::resting;
  engine::Loop& loop = peer_.links().loop();
  const Limits& limits = peer_.links().core().limits;
  const unsigned doublings = std::min(failures_ > 0 ? failures_ - 1 : 0U, 20U);
  const auto longest =
      std::min<std::chrono::microseconds>(limits.first_backoff * (1U << doublings), limits.longest_backoff);
  // Between half and all of it, so that those who lost the same peer do not come back as one.
  const auto half = std::max<std::int64_t>(longest.count() / 2, 1);
  const auto jitter = static_cast<std::int64_t>(loop.random() % static_cast<std::uint64_t>(half));
  loop.start_timer(rest_, loop.now() + std::chrono::microseconds(half + jitter));
}

void Lane::Rest::fired(engine::Timer& timer) {
  Lane& lane = static_cast<Rest&>(timer).lane;
  lane.state_ = State::idle;
  if (lane.wanted_ && lane.connections_.empty()) lane.dial();
}

void Lane::stop(const std::string& why) {
  if (rest_.armed()) peer_.links().loop().cancel_timer(rest_);
  greeter_.reset();
  fail(why);
}

}  // namespace troupe::transport::detail
