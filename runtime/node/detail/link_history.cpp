#include <troupe/node/detail/link_history.hpp>

namespace troupe::node {

void LinkHistory::opened(std::string_view peer, Time at) {
  const std::lock_guard lock(mutex_);
  Kept& entry = entries_[std::string(peer)];
  ++entry.connections;
  if (entry.state == State::up) return;
  entry.state = State::up;
  entry.since = at;
  entry.why.reset();
  // A link that was down may never have been up before.
  if (entry.ups++ > 0) ++entry.reconnects;
}

void LinkHistory::closed(std::string_view peer, Time at, std::string_view why) {
  const std::lock_guard lock(mutex_);
  Entry& entry = entries_[std::string(peer)];
  if (entry.connections > 0) --entry.connections;
  if (entry.connections > 0) return;
  entry.state = State::down;
  entry.since = at;
  entry.why = why;
}

void LinkHistory::failed(std::string_view peer, Time at, std::string_view why) {
  const std::lock_guard lock(mutex_);
  Entry& entry = entries_[std::string(peer)];
  if (entry.state == State::up) return;
  if (entry.state == State::idle) entry.since = at;
  entry.state = State::down;
  entry.why = why;
}

LinkHistory::Entry LinkHistory::of(std::string_view peer) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(peer);
  return found == entries_.end() ? Entry{} : static_cast<const Entry&>(found->second);
}

}  // namespace troupe::node
