#include <troupe/transport/detail/greeter.hpp>

namespace troupe::transport::detail {

Greeter::Greeter(engine::Loop& loop, std::shared_ptr<Channel> channel, std::unique_ptr<Greeting> greeting, OnEnd on_end)
    : loop_(loop),
      channel_(std::move(channel)),
      greeting_(std::move(greeting)),
      on_end_(std::move(on_end)),
      limit_(*this) {}

Greeter::~Greeter() {
  if (limit_.armed()) loop_.cancel_timer(limit_);
  if (channel_) channel_->close();
}

void Greeter::start(std::chrono::milliseconds limit) {
  const auto self = shared_from_this();
  loop_.start_timer(limit_, loop_.now() + limit);
  channel_->start(*this);
  proceed();
}

void Greeter::on_input(std::size_t size) {
  const auto self = shared_from_this();
  loop_.refresh();
  greeting_->received(size);
  proceed();
}

void Greeter::proceed() {
  // An acceptor's last word, the welcome, goes out from the loop that the link is for.
  if (greeting_->state() != Greeting::State::agreed) write();
  if (greeting_->state() != Greeting::State::under_way) end();
}

void Greeter::write() {
  const Bytes output = greeting_->take_output();
  unsent_.insert(unsent_.end(), output.begin(), output.end());
  if (blocked_ || unsent_.empty()) return;
  const std::size_t taken = channel_->write(unsent_);
  blocked_ = taken < unsent_.size();
  unsent_.erase(unsent_.begin(), unsent_.begin() + static_cast<std::ptrdiff_t>(taken));
}

void Greeter::on_writable() {
  blocked_ = false;
  write();
}

void Greeter::on_closed(const std::string& why) {
  const auto self = shared_from_this();
  lost_because_ = why;
  end();
}

void Greeter::end() {
  if (!on_end_) return;
  loop_.cancel_timer(limit_);
  if (greeting_->state() != Greeting::State::agreed) std::exchange(channel_, nullptr)->close();
  std::exchange(on_end_, nullptr)(shared_from_this());
}

void Greeter::Limit::fired(engine::Timer& timer) {
  const auto self = static_cast<Limit&>(timer).greeter.shared_from_this();
  self->greeting_->refuse({RefusalReason::timed_out, "the handshake took too long"});
  self->proceed();
}

}  // namespace troupe::transport::detail
