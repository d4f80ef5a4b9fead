#include <troupe/transport/detail/loop_links.hpp>

#include <utility>
#include <vector>

#include <troupe/transport/detail/node_links.hpp>

namespace troupe::transport::detail {

LoopLinks::LoopLinks(NodeLinks& node, std::size_t position)
    : node_(node), loop_(*node.loops[position]), position_(position), limit_(*this) {}

LoopLinks::~LoopLinks() {
  if (limit_.armed()) loop_.cancel_timer(limit_);
  for (auto& [connection, entry] : links_) connection->abandon();
}

LoopPeer& LoopLinks::add_peer(const std::string& name, const LinkAddress& address) {
  return *(peers_[name] = std::make_unique<LoopPeer>(*this, name, address));
}

LoopPeer* LoopLinks::find_peer(const Connection& connection) {
  const Identity& peer = connection.peer().identity;
  if (peer.role != Role::node) return nullptr;
  const auto found = peers_.find(peer.name);
  return found == peers_.end() ? nullptr : found->second.get();
}

void LoopLinks::adopt(Origin origin, HandshakeResult result, std::shared_ptr<Channel> channel, const Bytes& first,
                      std::span<const std::byte> rest) {
  const Shared<Connection> connection(
      new Connection(loop_, node_.limits, node_.receiver, *this, std::move(result), std::move(channel)));
  links_.emplace(connection.get(), Entry{connection, origin});
  connection->start(first, rest);
  if (!connection->is_open()) return;
  node_.receiver.on_up(*connection);
  if (!connection->is_open()) return;
  if (node_.draining) connection->say_goodbye();
  if (LoopPeer* peer = find_peer(*connection)) peer->up(*connection);
  if (!rest.empty() && connection->is_open()) connection->handle_rest();
  if (closed_) connection->close("the node is about to stop");
}

void LoopLinks::on_closed(Connection& connection) {
  const auto found = links_.find(&connection);
  if (found == links_.end()) return;
  const Entry entry = std::move(found->second);
  links_.erase(found);
  if (entry.origin == Origin::accepted) --node_.accepted;
  node_.registry.leave(connection.peer().identity);
  if (LoopPeer* peer = find_peer(connection)) peer->down(connection);
  // The link reports its lost asks when this returns, so the drain ends in a job after that.
  if (drained_ && links_.empty()) {
    loop_.call([weak = node_.weak_from_this(), this] {
      if (const auto alive = weak.lock()) finish_drain();
    });
  }
}

void LoopLinks::each(const std::function<void(Link&)>& visit) {
  // A visitor may close links, which removes them from links_.
  std::vector<Shared<Connection>> all;
  for (const auto& [connection, entry] : links_) all.push_back(entry.connection);
  for (const auto& connection : all) visit(*connection);
}

void LoopLinks::close_others(const Identity& peer) {
  each([&](Link& link) {
    const Identity& other = link.peer().identity;
    if (other.role == Role::node && other.name == peer.name && other.instance != peer.instance) {
      link.close("a later incarnation of the node has come up");
    }
  });
}

void LoopLinks::close_all(const std::string& why) {
  closed_ = true;
  each([&](Link& link) { link.close(why); });
  for (auto& [name, peer] : peers_) peer->stop(why);
}

void LoopLinks::drain(std::chrono::milliseconds limit, std::function<void()> done) {
  drained_ = std::move(done);
  if (links_.empty()) return finish_drain();
  loop_.start_timer(limit_, loop_.now() + limit);
  each([](Link& link) { static_cast<Connection&>(link).say_goodbye(); });
}

void LoopLinks::Limit::fired(loop::Timer& timer) {
  static_cast<Limit&>(timer).links.each([](Link& link) { link.close("the drain took too long"); });
}

void LoopLinks::finish_drain() {
  if (!links_.empty() || !drained_) return;
  loop_.cancel_timer(limit_);
  std::exchange(drained_, nullptr)();
}

}  // namespace troupe::transport::detail
