#include <troupe/transport/detail/loop_links.hpp>

#include <utility>
#include <vector>

#include <troupe/transport/detail/core.hpp>

namespace troupe::transport::detail {

LoopLinks::LoopLinks(Core& core, std::size_t position)
    : core_(core), loop_(*core.loops[position]), position_(position), limit_(*this) {}

LoopLinks::~LoopLinks() {
  if (limit_.armed()) loop_.cancel_timer(limit_);
  for (auto& [connection, held] : links_) connection->abandon();
}

PeerLanes& LoopLinks::add_peer(const std::string& name, const LinkAddress& address) {
  return *(peers_[name] = std::make_unique<PeerLanes>(*this, name, address));
}

PeerLanes* LoopLinks::lanes_of(const Connection& connection) {
  const Identity& peer = connection.remote().identity;
  if (peer.role != Role::node) return nullptr;
  const auto found = peers_.find(peer.name);
  return found == peers_.end() ? nullptr : found->second.get();
}

void LoopLinks::adopt(Origin origin, Agreement agreement, std::shared_ptr<Channel> channel, const Bytes& first,
                      std::span<const std::byte> rest) {
  const Shared<Connection> connection(
      new Connection(loop_, core_.limits, core_.receiver, *this, std::move(agreement), std::move(channel)));
  links_.emplace(connection.get(), Held{connection, origin});
  connection->start(first, rest);
  if (!connection->is_open()) return;
  core_.receiver.on_up(*connection);
  if (!connection->is_open()) return;
  if (core_.draining) connection->say_goodbye();
  if (PeerLanes* lanes = lanes_of(*connection)) lanes->up(*connection);
  if (!rest.empty() && connection->is_open()) connection->handle_rest();
  if (closed_) connection->close("the node is about to stop");
}

void LoopLinks::on_closed(Connection& connection) {
  const auto found = links_.find(&connection);
  if (found == links_.end()) return;
  const Held held = std::move(found->second);
  links_.erase(found);
  if (held.origin == Origin::accepted) --core_.accepted;
  core_.roster.leave(connection.remote().identity);
  if (PeerLanes* lanes = lanes_of(connection)) lanes->down(connection);
  // Its asks are told lost after this; only then has the drain come to its end.
  if (drained_ && links_.empty()) {
    loop_.call([weak = core_.weak_from_this(), this] {
      if (const auto alive = weak.lock()) finish_drain();
    });
  }
}

void LoopLinks::each(const std::function<void(Link&)>& visit) {
  // A visitor may close what it sees.
  std::vector<Shared<Connection>> all;
  for (const auto& [connection, held] : links_) all.push_back(held.connection);
  for (const auto& connection : all) visit(*connection);
}

void LoopLinks::close_others(const Identity& peer) {
  each([&](Link& link) {
    const Identity& other = link.remote().identity;
    if (other.role == Role::node && other.name == peer.name && other.instance != peer.instance) {
      link.close("a later incarnation of the node has come up");
    }
  });
}

void LoopLinks::close_all(const std::string& why) {
  closed_ = true;
  each([&](Link& link) { link.close(why); });
  for (auto& [name, lanes] : peers_) lanes->stop(why);
}

void LoopLinks::drain(std::chrono::milliseconds limit, std::function<void()> done) {
  drained_ = std::move(done);
  if (links_.empty()) return finish_drain();
  loop_.start_timer(limit_, loop_.now() + limit);
  each([](Link& link) { static_cast<Connection&>(link).say_goodbye(); });
}

void LoopLinks::Limit::fired(engine::Timer& timer) {
  static_cast<Limit&>(timer).links.each([](Link& link) { link.close("the drain took too long"); });
}

void LoopLinks::finish_drain() {
  if (!links_.empty() || !drained_) return;
  loop_.cancel_timer(limit_);
  std::exchange(drained_, nullptr)();
}

}  // namespace troupe::transport::detail
