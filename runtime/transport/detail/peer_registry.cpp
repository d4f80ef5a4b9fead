#include <troupe/transport/detail/peer_registry.hpp>

namespace troupe::transport::detail {

PeerRegistry::Joined PeerRegistry::join(const Identity& peer) {
  if (peer.role == Role::client) return {};
  const std::lock_guard lock(mutex_);
  const auto [found, is_new] = nodes_.try_emplace(peer.name, Entry{peer.incarnation, peer.instance, 0});
  Entry& entry = found->second;
  const std::string who = "node \"" + peer.name + "\"";
  if (peer.incarnation < entry.incarnation) {
    return {Refusal{RefusalReason::superseded,
                    who + " has been seen with incarnation " + std::to_string(entry.incarnation) + ", later than " +
                        std::to_string(peer.incarnation) + ": another process runs under its name, or its data is old"},
            false};
  }
  const bool is_other = peer.instance != entry.instance;
  if (is_other && peer.incarnation == entry.incarnation && entry.links > 0) {
    return {Refusal{RefusalReason::duplicate_name, "another process is up as " + who}, false};
  }
  const bool supersedes = is_other && entry.links > 0;
  if (is_other) entry = {peer.incarnation, peer.instance, 0};
  ++entry.links;
  return {std::nullopt, supersedes};
}

void PeerRegistry::leave(const Identity& peer) {
  if (peer.role == Role::client) return;
  const std::lock_guard lock(mutex_);
  const auto found = nodes_.find(peer.name);
  if (found != nodes_.end() && found->second.instance == peer.instance && found->second.links > 0) {
    --found->second.links;
  }
}

}  // namespace troupe::transport::detail
