#include <troupe/http/service.hpp>

namespace troupe::http {

Respond& Respond::operator=(Respond&& other) noexcept {
  if (this == &other) return *this;
  drop();
  sink_ = std::move(other.sink_);
  sequence_ = other.sequence_;
  return *this;
}

void Respond::operator()(Response response) {
  if (const auto sink = std::exchange(sink_, {}).lock()) sink->answer(sequence_, std::move(response));
}

void Respond::drop() noexcept {
  if (const auto sink = std::exchange(sink_, {}).lock()) sink->abandon(sequence_);
}

}  // namespace troupe::http
