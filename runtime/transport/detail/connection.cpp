#include <troupe/transport/detail/connection.hpp>

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace troupe::transport::detail {
namespace {

/// So much goes out before the round of the loop is over.
constexpr std::size_t early_flush = 64 << 10;
/// Credit is given back in pieces of this part of the window, or of what of it is not held.
constexpr std::size_t credit_parts = 4;

}  // namespace

Connection::Connection(engine::Loop& loop, const Limits& limits, Receiver& receiver, ConnectionOwner& owner,
                       Agreement agreement, std::shared_ptr<Channel> channel)
    : loop_(loop),
      limits_(limits),
      receiver_(receiver),
      owner_(owner),
      agreement_(std::move(agreement)),
      channel_(std::move(channel)),
      outbound_(agreement_.window),
      heartbeat_(*this),
      pulse_(limits, loop.now()),
      up_since_(loop.now()) {}

Connection::~Connection() { abandon(); }

void Connection::abandon() {
  // Not twice: a pointer may outlive the loop.
  if (!channel_) return;
  loop_.cancel_timer(heartbeat_);
  std::exchange(channel_, nullptr)->close();
}

void Connection::start(const Bytes& first, std::span<const std::byte> rest) {
  outbound_.push_octets(first);
  channel_->give_up_after(limits_.stuck_after);
  while (!rest.empty()) {
    const auto space = inbound_.space();
    const std::size_t size = std::min(space.size(), rest.size());
    std::copy_n(rest.begin(), size, space.begin());
    inbound_.received(size);
    rest = rest.subspan(size);
  }
  loop_.start_timer(heartbeat_, pulse_.due());
  const Shared<Connection> self(this);
  channel_->start(*this);
  if (channel_) flush();
}

Sent Connection::send(const Frame& frame) {
  if (!is_data(frame.type) || frame.type == FrameType::cancel) throw std::logic_error("not for the layer above");
  if (!channel_) return Sent::no_link;
  if (size_of(frame) - frame_header_size > agreement_.max_frame) return Sent::too_large;
  const bool is_ask = frame.type == FrameType::ask;
  if (is_ask && peer_leaving_) return Sent::no_link;
  if (is_ask && outstanding_.size() >= limits_.outstanding) return Sent::overloaded;
  if (outbound_.queued() + size_of(frame) > (is_ask ? limits_.queued : 2 * limits_.queued)) return Sent::overloaded;
  if (is_ask) {
    if (!outstanding_.insert(frame.request).second) throw std::logic_error("two asks with one request id");
  } else if (frame.type != FrameType::schema && unanswered_ > 0) {
    --unanswered_;
  }
  outbound_.push(frame);
  flush_soon();
  return Sent::accepted;
}

bool Connection::cancel(std::uint64_t request) {
  if (outstanding_.erase(request) == 0) return false;
  if (!channel_) return true;
  if (!outbound_.remove(request)) outbound_.push({FrameType::cancel, 0, request, {}});
  flush_soon();
  return true;
}

void Connection::release(std::size_t octets) {
  consumed_ += octets;
  if (channel_) flush_soon();
}

void Connection::leave_unanswered() {
  if (unanswered_ > 0) --unanswered_;
  if (channel_) flush_soon();
}

LinkStatus Connection::status() const {
  LinkStatus status{outbound_.queued(), outbound_.credit(), outstanding_.size(), unanswered_, pulse_.round_trip(), {}};
  if (pulse_.is_silent()) status.silent = pulse_.silence();
  return status;
}

void Connection::on_input(std::size_t size) {
  const Shared<Connection> self(this);
  loop_.refresh();
  pulse_.heard();
  in_input_ = true;
  inbound_.received(size);
  while (channel_) {
    const FrameStep step = inbound_.next(limits_.frame, loop_.now());
    if (step.state == FrameStep::State::refused) {
      fail(to_text(step.fault));
      break;
    }
    if (step.state == FrameStep::State::partial) break;
    inbound_.take(step.size);
    handle(step.frame);
  }
  in_input_ = false;
  if (channel_) flush();
}

void Connection::handle(const Frame& frame) {
  switch (frame.type) {
    case FrameType::ask:
    case FrameType::reply:
    case FrameType::failure:
    case FrameType::cancel:
    case FrameType::schema:
      return on_data(frame);
    case FrameType::credit:
      return on_credit(frame.request);
    case FrameType::ping:
      // Only the last one is answered: a peer that pings and never reads costs nothing.
      pong_due_ = frame.request;
      return;
    case FrameType::pong:
      return pulse_.pong(frame.request, loop_.now());
    case FrameType::goodbye:
      return on_goodbye(frame.flags);
    case FrameType::refuse:
      return close("refused by the peer: " + decode_refusal(frame.payload).detail);
    default:
      return fail("a handshake after the handshake");
  }
}

void Connection::on_data(const Frame& frame) {
  if (frame.type == FrameType::ask) return on_ask(frame);
  const bool is_answer = frame.type == FrameType::reply || frame.type == FrameType::failure;
  // The answer to a cancelled ask may still come; so may one that nobody asked for.
  if (is_answer && outstanding_.erase(frame.request) == 0) return;
  static_cast<void>(receiver_.on_frame(*this, frame));
}

void Connection::on_ask(const Frame& frame) {
  if (uncredited_ >= limits_.window) return fail("asks beyond their credit");
  if (peer_last_) return fail("an ask after its last");
  uncredited_ += size_of(frame);
  ++unanswered_;
  if (receiver_.on_frame(*this, frame) == Taken::done) consumed_ += size_of(frame);
}

void Connection::on_credit(std::uint64_t octets) {
  const std::int64_t room = static_cast<std::int64_t>(agreement_.window) - outbound_.credit();
  if (octets == 0 || octets > static_cast<std::uint64_t>(room)) return fail("credit beyond its window");
  outbound_.add_credit(octets);
}

void Connection::on_goodbye(std::uint8_t flags) {
  if ((flags & goodbye_last) != 0) {
    peer_last_ = true;
    return;
  }
  if (std::exchange(peer_leaving_, true)) return;
  last_due_ = true;
  receiver_.on_leaving(*this);
}

void Connection::say_goodbye() {
  if (!channel_ || std::exchange(leaving_, true)) return;
  outbound_.push({FrameType::goodbye, 0, 0, {}});
  flush_soon();
}

void Connection::flush_soon() {
  if (in_input_ || blocked_) return;
  if (outbound_.ready_size() >= early_flush) write_ready();
  if (std::exchange(flush_queued_, true)) return;
  retain();
  // Behind what is ready to run: what that sends goes out with it.
  loop_.defer({&Connection::run_flush, this, 0, &Connection::drop_flush});
}

void Connection::run_flush(void* self, std::uint64_t) {
  const auto connection = Shared<Connection>::adopt(static_cast<Connection*>(self));
  connection->flush_queued_ = false;
  connection->flush();
}

void Connection::drop_flush(void* self) { Shared<Connection>::adopt(static_cast<Connection*>(self)); }

void Connection::add_due_control() {
  if (pong_due_) outbound_.push({FrameType::pong, 0, *std::exchange(pong_due_, std::nullopt), {}});
  if (owes_credit()) {
    outbound_.push({FrameType::credit, 0, consumed_, {}});
    uncredited_ -= consumed_;
    consumed_ = 0;
  }
  if (last_due_ && !outbound_.holds_asks()) {
    last_due_ = false;
    outbound_.push({FrameType::goodbye, goodbye_last, 0, {}});
  }
}

bool Connection::owes_credit() const {
  // What is held may be nearly all: then the peer lives on the rest, and must not wait for a part of the whole.
  const std::size_t held = uncredited_ - consumed_;
  const std::size_t free = limits_.window - std::min<std::size_t>(held, limits_.window);
  return consumed_ > 0 && consumed_ >= free / credit_parts;
}

void Connection::flush() {
  if (!channel_) return;
  write_ready();
  close_if_drained();
}

void Connection::write_ready() {
  if (blocked_) return;
  // What is due waits for the socket as facts, not as frames: it cannot pile up.
  add_due_control();
  if (!outbound_.has_ready()) return;
  const auto ready = outbound_.ready(loop_.now());
  const std::size_t wanted = ready.size();
  const std::size_t taken = channel_->write(ready);
  outbound_.wrote(taken);
  if (taken > 0) pulse_.spoke();
  blocked_ = taken < wanted;
}

void Connection::on_writable() {
  blocked_ = false;
  const Shared<Connection> self(this);
  loop_.refresh();
  flush();
}

void Connection::close_if_drained() {
  if (leaving_ && peer_last_ && unanswered_ == 0 && outstanding_.empty() && outbound_.empty()) close("drained");
}

void Connection::Heartbeat::fired(engine::Timer& timer) { static_cast<Heartbeat&>(timer).connection.beat(); }

void Connection::beat() {
  const Shared<Connection> self(this);
  if (const auto lost = pulse_.beat(loop_.now(), *channel_)) return close(*lost);
  loop_.start_timer(heartbeat_, pulse_.due());
  // A ping behind what the socket does not take would tell nothing, and pile up.
  if (const auto number = blocked_ ? std::nullopt : pulse_.ping(loop_.now())) {
    outbound_.push({FrameType::ping, 0, *number, {}});
    flush();
  }
  if (channel_ && pulse_.silence_begins()) receiver_.on_silent(*this);
}

void Connection::fail(const std::string& what) {
  // What is under way may stand in the middle of a frame; the refusal is for a peer that is not behind.
  if (!blocked_ && !outbound_.has_ready()) {
    Bytes refusal;
    append_frame(refusal, {FrameType::refuse, 0, 0, encode(Refusal{RefusalReason::malformed, what})});
    channel_->write(refusal);
  }
  if (channel_) close("the peer sent " + what);
}

void Connection::on_closed(const std::string& why) {
  const bool in_order = peer_leaving_ && outstanding_.empty();
  close(in_order ? "the peer has drained" : why);
}

void Connection::close(const std::string& why) {
  if (!channel_) return;
  const Shared<Connection> self(this);
  loop_.cancel_timer(heartbeat_);
  std::exchange(channel_, nullptr)->close();
  owner_.on_closed(*this);
  lose_asks(why);
  receiver_.on_down(*this, why);
}

void Connection::lose_asks(const std::string& why) {
  std::vector<std::uint64_t> unwritten;
  outbound_.each_unwritten_ask([&](std::uint64_t request) {
    if (outstanding_.erase(request) != 0) unwritten.push_back(request);
  });
  const std::vector<std::uint64_t> written(outstanding_.begin(), outstanding_.end());
  outstanding_.clear();
  for (const std::uint64_t request : unwritten) receiver_.on_lost(loop_, request, Fate::not_executed, why);
  for (const std::uint64_t request : written) receiver_.on_lost(loop_, request, Fate::unknown, why);
}

}  // namespace troupe::transport::detail
