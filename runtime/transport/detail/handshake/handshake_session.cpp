#include <troupe/transport/detail/handshake/handshake_session.hpp>

namespace troupe::transport::detail {

HandshakeSession::HandshakeSession(loop::Loop& loop, std::shared_ptr<Channel> channel,
                                   std::unique_ptr<Handshake> handshake, OnEnd on_end)
    : loop_(loop),
      channel_(std::move(channel)),
      handshake_(std::move(handshake)),
      on_end_(std::move(on_end)),
      limit_(*this) {}

HandshakeSession::~HandshakeSession() {
  if (limit_.armed()) loop_.cancel_timer(limit_);
  if (channel_) channel_->close();
}

void HandshakeSession::start(std::chrono::milliseconds limit) {
  const auto self = shared_from_this();
  loop_.start_timer(limit_, loop_.now() + limit);
  channel_->start(*this);
  proceed();
}

void HandshakeSession::on_input(std::size_t size) {
  const auto self = shared_from_this();
  loop_.refresh();
  handshake_->received(size);
  proceed();
}

void HandshakeSession::proceed() {
  // The output of a completed acceptor is its welcome: the loop that will own the link sends it.
  if (handshake_->state() != Handshake::State::completed) write();
  if (handshake_->state() != Handshake::State::under_way) end();
}

void HandshakeSession::write() {
  const Bytes output = handshake_->take_output();
  unsent_.insert(unsent_.end(), output.begin(), output.end());
  if (blocked_ || unsent_.empty()) return;
  const std::size_t taken = channel_->write(unsent_);
  blocked_ = taken < unsent_.size();
  unsent_.erase(unsent_.begin(), unsent_.begin() + static_cast<std::ptrdiff_t>(taken));
}

void HandshakeSession::on_writable() {
  blocked_ = false;
  write();
}

void HandshakeSession::on_closed(const std::string& why) {
  const auto self = shared_from_this();
  lost_because_ = why;
  end();
}

void HandshakeSession::end() {
  if (!on_end_) return;
  loop_.cancel_timer(limit_);
  if (handshake_->state() != Handshake::State::completed) std::exchange(channel_, nullptr)->close();
  std::exchange(on_end_, nullptr)(shared_from_this());
}

void HandshakeSession::Limit::fired(loop::Timer& timer) {
  const auto self = static_cast<Limit&>(timer).session.shared_from_this();
  self->handshake_->refuse({RefusalReason::timed_out, "the handshake took too long"});
  self->proceed();
}

}  // namespace troupe::transport::detail
