#include <troupe/gateway/service.hpp>

namespace troupe::gateway {

Respond& Respond::operator=(Respond&& other) noexcept {
  if (this == &other) return *this;
  drop();
  responder_ = std::move(other.responder_);
  sequence_ = other.sequence_;
  return *this;
}

void Respond::operator()(Response response) {
  if (const auto responder = std::exchange(responder_, {}).lock()) responder->answer(sequence_, std::move(response));
}

void Respond::drop() noexcept {
  if (const auto responder = std::exchange(responder_, {}).lock()) responder->abandon(sequence_);
}

}  // namespace troupe::gateway
