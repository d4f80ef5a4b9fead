#include <troupe/transport/detail/connection.hpp>

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace troupe::transport::detail {
namespace {

/// As soon as so many octets wait, they are written before the round of the loop is over.
constexpr std::size_t early_flush = 64 << 10;

constexpr bool is_answer(FrameType type) { return type == FrameType::reply || type == FrameType::failure; }

}  // namespace

Connection::Connection(loop::Loop& loop, const Limits& limits, Receiver& receiver, ConnectionOwner& owner,
                       HandshakeResult result, std::shared_ptr<Channel> channel)
    : loop_(loop),
      limits_(limits),
      receiver_(receiver),
      owner_(owner),
      result_(std::move(result)),
      channel_(std::move(channel)),
      receive_credit_(limits.window),
      send_queue_(result_.window),
      heartbeat_(*this),
      failure_detector_(limits, loop.now()),
      up_since_(loop.now()) {}

Connection::~Connection() { abandon(); }

void Connection::abandon() {
  // A closed link touches its loop no more: a pointer to it may be destroyed after the loop.
  if (!is_open()) return;
  state_ = State::closed;
  loop_.cancel_timer(heartbeat_);
  std::exchange(channel_, nullptr)->close();
}

void Connection::start(const Bytes& first, std::span<const std::byte> rest) {
  send_queue_.push_octets(first);
  channel_->give_up_after(limits_.stuck_after);
  while (!rest.empty()) {
    const auto space = receive_buffer_.space();
    const std::size_t size = std::min(space.size(), rest.size());
    std::copy_n(rest.begin(), size, space.begin());
    receive_buffer_.received(size);
    rest = rest.subspan(size);
  }
  loop_.start_timer(heartbeat_, failure_detector_.due());
  const Shared<Connection> self(this);
  channel_->start(*this);
  if (is_open()) flush();
}

SendResult Connection::send(const Frame& frame) {
  if (!is_data(frame.type) || frame.type == FrameType::cancel) throw std::logic_error("not for the layer above");
  if (!is_open()) return SendResult::no_link;
  if (size_of(frame) - frame_header_size > result_.max_frame) return SendResult::too_large;
  const bool is_ask = frame.type == FrameType::ask;
  if (is_ask && own_asks_ != Asks::open) return SendResult::no_link;
  if (is_ask && outstanding_.size() >= limits_.outstanding) return SendResult::overloaded;
  if (send_queue_.queued() + size_of(frame) > (is_ask ? limits_.queued : 2 * limits_.queued))
    return SendResult::overloaded;
  if (is_ask) {
    if (!outstanding_.insert(frame.request).second) throw std::logic_error("two asks with one request id");
  } else if (is_answer(frame.type) && unanswered_ > 0) {
    --unanswered_;
  }
  send_queue_.push(frame);
  schedule_flush();
  return SendResult::accepted;
}

bool Connection::cancel(std::uint64_t request) {
  if (outstanding_.erase(request) == 0) return false;
  if (!is_open()) return true;
  if (!send_queue_.remove(request)) send_queue_.push({FrameType::cancel, 0, request, {}});
  schedule_flush();
  return true;
}

void Connection::release(std::size_t octets) {
  receive_credit_.release(octets);
  if (is_open()) schedule_flush();
}

void Connection::leave_unanswered() {
  if (unanswered_ > 0) --unanswered_;
  if (is_open()) schedule_flush();
}

LinkStatus Connection::status() const {
  LinkStatus status{send_queue_.queued(), send_queue_.credit(),           outstanding_.size(),
                    unanswered_,          failure_detector_.round_trip(), {}};
  if (failure_detector_.is_silent()) status.silent = failure_detector_.silence();
  return status;
}

void Connection::on_input(std::size_t size) {
  const Shared<Connection> self(this);
  loop_.refresh();
  failure_detector_.on_received();
  in_input_ = true;
  receive_buffer_.received(size);
  while (is_open()) {
    const FrameStep step = receive_buffer_.next(limits_.frame, loop_.now());
    if (step.state == FrameStep::State::refused) {
      fail(to_text(step.fault));
      break;
    }
    if (step.state == FrameStep::State::partial) break;
    receive_buffer_.take(step.size);
    handle(step.frame);
  }
  in_input_ = false;
  if (is_open()) flush();
}

void Connection::handle(const Frame& frame) {
  switch (frame.type) {
    case FrameType::ask:
    case FrameType::reply:
    case FrameType::failure:
    case FrameType::cancel:
    case FrameType::schema:
    case FrameType::probe:
      return on_data(frame);
    case FrameType::credit:
      return on_credit(frame.request);
    case FrameType::ping:
      // Only the last one is answered: a peer that pings and never reads costs nothing.
      pong_due_ = frame.request;
      return;
    case FrameType::pong:
      return failure_detector_.on_pong(frame.request, loop_.now());
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
  // The answer to a cancelled ask may still come; so may one that nobody asked for.
  if (is_answer(frame.type) && outstanding_.erase(frame.request) == 0) return;
  static_cast<void>(receiver_.on_frame(*this, frame));
}

void Connection::on_ask(const Frame& frame) {
  if (receive_credit_.is_used_up()) return fail("asks beyond their credit");
  if (peer_asks_ == Asks::ended) return fail("an ask after its last");
  receive_credit_.use(size_of(frame));
  ++unanswered_;
  if (receiver_.on_frame(*this, frame) == Taken::done) receive_credit_.release(size_of(frame));
}

void Connection::on_credit(std::uint64_t octets) {
  const std::int64_t room = static_cast<std::int64_t>(result_.window) - send_queue_.credit();
  if (octets == 0 || octets > static_cast<std::uint64_t>(room)) return fail("credit beyond its window");
  send_queue_.add_credit(octets);
}

void Connection::on_goodbye(std::uint8_t flags) {
  if ((flags & goodbye_last) != 0) {
    peer_asks_ = Asks::ended;
    return;
  }
  if (own_asks_ != Asks::open) return;
  own_asks_ = Asks::ending;
  receiver_.on_leaving(*this);
}

void Connection::say_goodbye() {
  if (state_ != State::open) return;
  state_ = State::draining;
  if (peer_asks_ == Asks::open) peer_asks_ = Asks::ending;
  send_queue_.push({FrameType::goodbye, 0, 0, {}});
  schedule_flush();
}

void Connection::schedule_flush() {
  if (in_input_ || output_ == Output::blocked) return;
  if (send_queue_.ready_size() >= early_flush) write_ready();
  if (output_ != Output::idle) return;
  output_ = Output::scheduled;
  retain();
  // Deferred behind the jobs that are ready to run, so that their frames go out in the same write.
  loop_.defer({&Connection::run_flush, this, 0, &Connection::drop_flush});
}

void Connection::run_flush(void* self, std::uint64_t) {
  const auto connection = Shared<Connection>::adopt(static_cast<Connection*>(self));
  if (connection->output_ == Output::scheduled) connection->output_ = Output::idle;
  connection->flush();
}

void Connection::drop_flush(void* self) { Shared<Connection>::adopt(static_cast<Connection*>(self)); }

void Connection::add_due_control() {
  if (pong_due_) send_queue_.push({FrameType::pong, 0, *std::exchange(pong_due_, std::nullopt), {}});
  if (const std::size_t credit = receive_credit_.take_due(); credit > 0) {
    send_queue_.push({FrameType::credit, 0, credit, {}});
  }
  if (own_asks_ == Asks::ending && !send_queue_.holds_asks()) {
    own_asks_ = Asks::ended;
    send_queue_.push({FrameType::goodbye, goodbye_last, 0, {}});
  }
}

void Connection::flush() {
  if (!is_open()) return;
  write_ready();
  close_if_drained();
}

void Connection::write_ready() {
  if (output_ == Output::blocked) return;
  // Pong, credit and goodbye are made into frames only now, when the channel takes octets: they cannot pile up.
  add_due_control();
  if (!send_queue_.has_ready()) return;
  const auto ready = send_queue_.ready(loop_.now());
  const std::size_t wanted = ready.size();
  const std::size_t taken = channel_->write(ready);
  send_queue_.wrote(taken);
  if (taken > 0) failure_detector_.on_sent();
  if (taken < wanted) output_ = Output::blocked;
}

void Connection::on_writable() {
  output_ = Output::idle;
  const Shared<Connection> self(this);
  loop_.refresh();
  flush();
}

void Connection::close_if_drained() {
  if (state_ != State::draining || peer_asks_ != Asks::ended) return;
  if (unanswered_ == 0 && outstanding_.empty() && send_queue_.empty()) close("drained");
}

void Connection::Heartbeat::fired(loop::Timer& timer) { static_cast<Heartbeat&>(timer).connection.beat(); }

void Connection::beat() {
  const Shared<Connection> self(this);
  if (const auto lost = failure_detector_.beat(loop_.now(), *channel_)) return close(*lost);
  loop_.start_timer(heartbeat_, failure_detector_.due());
  // A ping that waits for room in the socket would measure nothing, and pings would pile up.
  if (const auto number = output_ == Output::blocked ? std::nullopt : failure_detector_.ping(loop_.now())) {
    send_queue_.push({FrameType::ping, 0, *number, {}});
    flush();
  }
  if (is_open() && failure_detector_.silence_begins()) receiver_.on_silent(*this);
}

void Connection::fail(const std::string& what) {
  // The refusal is sent only when no part of another frame waits: it must not be written into the middle of one.
  if (output_ != Output::blocked && !send_queue_.has_ready()) {
    Bytes refusal;
    append_frame(refusal, {FrameType::refuse, 0, 0, encode(Refusal{RefusalReason::malformed, what})});
    channel_->write(refusal);
  }
  if (is_open()) close("the peer sent " + what);
}

void Connection::on_closed(const std::string& why) {
  const bool in_order = own_asks_ != Asks::open && outstanding_.empty();
  close(in_order ? "the peer has drained" : why);
}

void Connection::close(const std::string& why) {
  if (!is_open()) return;
  state_ = State::closed;
  const Shared<Connection> self(this);
  loop_.cancel_timer(heartbeat_);
  std::exchange(channel_, nullptr)->close();
  owner_.on_closed(*this);
  lose_asks(why);
  receiver_.on_down(*this, why);
}

void Connection::lose_asks(const std::string& why) {
  std::vector<std::uint64_t> unwritten;
  send_queue_.each_unwritten_ask([&](std::uint64_t request) {
    if (outstanding_.erase(request) != 0) unwritten.push_back(request);
  });
  const std::vector<std::uint64_t> written(outstanding_.begin(), outstanding_.end());
  outstanding_.clear();
  for (const std::uint64_t request : unwritten) receiver_.on_lost(loop_, request, Fate::not_executed, why);
  for (const std::uint64_t request : written) receiver_.on_lost(loop_, request, Fate::unknown, why);
}

}  // namespace troupe::transport::detail
