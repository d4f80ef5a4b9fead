#include <troupe/transport/detail/core.hpp>

#include <algorithm>
#include <utility>

namespace troupe::transport::detail {

namespace {

RefusedBy refused_by(const Greeting& greeting) {
  return greeting.refused_by() == Greeting::RefusedBy::us ? RefusedBy::us : RefusedBy::peer;
}

}  // namespace

Core::Core(std::vector<engine::Loop*> the_loops, Network& network, Self self, Receiver& receiver, const Limits& limits)
    : loops(std::move(the_loops)), network(network), self(std::move(self)), receiver(receiver), limits(limits) {
  for (std::size_t i = 0; i < loops.size(); ++i) links.push_back(std::make_unique<LoopLinks>(*this, i));
}

Core::~Core() = default;

void Core::listen(const LinkAddress& wanted) {
  listener = network.listen(wanted, *loops.front(),
                            [this](std::shared_ptr<Channel> channel) { on_accept(std::move(channel)); });
  address = to_string(listener->address());
}

Peer& Core::add_peer(const std::string& name, const LinkAddress& address) {
  auto peer = std::make_unique<Peer>(name);
  for (const auto& each : links) {
    const std::size_t index = each->loop().index();
    if (peer->lanes_.size() <= index) peer->lanes_.resize(index + 1);
    peer->lanes_[index] = &each->add_peer(name, address);
  }
  peers.push_back(std::move(peer));
  return *peers.back();
}

std::optional<Refusal> Core::join(const Identity& peer) {
  const auto joined = roster.join(peer);
  if (joined.supersedes) {
    for (std::size_t i = 0; i < loops.size(); ++i) {
      loops[i]->call([weak = weak_from_this(), i, peer] {
        if (const auto core = weak.lock()) core->links[i]->close_others(peer);
      });
    }
  }
  return joined.refusal;
}

std::optional<Refusal> Core::admit(const Identity& peer) {
  if (accepted >= limits.connections) {
    return Refusal{RefusalReason::too_many_links, "node \"" + self.identity.name + "\" has as many links as it takes"};
  }
  auto refusal = join(peer);
  if (!refusal) ++accepted;
  return refusal;
}

void Core::on_accept(std::shared_ptr<Channel> channel) {
  engine::Loop& loop = *loops.front();
  loop.refresh();
  if (draining) return turn_away(*channel, {RefusalReason::draining, "the node is about to stop"});
  if (greeters_.size() >= limits.handshakes) {
    return turn_away(*channel, {RefusalReason::too_many_links, "too many handshakes at once"});
  }
  auto greeting =
      std::make_unique<AcceptorGreeting>(self, limits, static_cast<std::uint32_t>(loops.size()), channel->reach(),
                                         network.nonce(loop), [this](const Identity& peer) { return admit(peer); });
  const auto greeter = std::make_shared<Greeter>(loop, std::move(channel), std::move(greeting),
                                                 [weak = weak_from_this()](const std::shared_ptr<Greeter>& ended) {
                                                   if (const auto core = weak.lock()) core->on_greeted(ended);
                                                 });
  greeters_.insert(greeter);
  greeter->start(limits.handshake);
}

void Core::turn_away(Channel& channel, const Refusal& refusal) const {
  const auto octets = preface();
  Bytes output(octets.begin(), octets.end());
  append_frame(output, {FrameType::refuse, 0, 0, encode(refusal)});
  // As much as a fresh socket takes: nobody waits for one who is turned away.
  channel.write(output);
  channel.close();
}

void Core::tell_refused(const std::string& peer, const Greeting& greeting) const {
  receiver.on_refused(peer, greeting.refusal(), refused_by(greeting));
}

void Core::on_greeted(const std::shared_ptr<Greeter>& greeter) {
  greeters_.erase(greeter);
  Greeting& greeting = greeter->greeting();
  if (greeting.state() == Greeting::State::refused) {
    return receiver.on_caller_refused(greeting.peer_name(), greeting.refusal(), refused_by(greeting));
  }
  if (greeting.state() == Greeting::State::under_way) {
    const std::string detail = "the connection ended in its handshake: " + greeter->lost_because();
    return receiver.on_caller_refused(greeting.peer_name(), {RefusalReason::malformed, detail}, RefusedBy::peer);
  }
  const std::size_t to = greeting.agreement().own_loop;
  const auto adopt = [weak = weak_from_this(), to, agreement = greeting.agreement(),
                      welcome = greeting.take_output()](std::shared_ptr<Channel> channel) {
    const auto core = weak.lock();
    if (!core) return channel->close();
    core->links[to]->adopt(LoopLinks::Origin::accepted, agreement, std::move(channel), welcome, {});
  };
  auto channel = greeter->take_channel();
  if (to == 0) return adopt(std::move(channel));
  channel->move_to(*loops[to], adopt);
}

void Core::on_each_loop(const std::function<void(LoopLinks&, Ended)>& what, Ended then) {
  const auto left = std::make_shared<std::size_t>(loops.size());  // counted on the first loop only
  for (std::size_t i = 0; i < loops.size(); ++i) {
    const auto ended = [weak = weak_from_this(), left, then] {
      const auto core = weak.lock();
      if (!core) return;
      core->loops.front()->call([left, then] {
        if (--*left == 0) then();
      });
    };
    loops[i]->call([weak = weak_from_this(), i, what, ended] {
      if (const auto core = weak.lock()) what(*core->links[i], ended);
    });
  }
}

void Core::drain(std::chrono::milliseconds limit, std::function<void()> done) {
  draining = true;
  listener.reset();
  // A loop without links may still open one for what another loop has under way: closed are all of them, at last.
  on_each_loop([limit](LoopLinks& each, Ended ended) { each.drain(limit, std::move(ended)); },
               [weak = weak_from_this(), done = std::move(done)] {
                 const auto core = weak.lock();
                 if (!core) return;
                 core->on_each_loop(
                     [](LoopLinks& each, const Ended& ended) {
                       each.close_all("drained");
                       ended();
                     },
                     done);
               });
}

void Core::close(const std::string& why) {
  draining = true;
  listener.reset();
  greeters_.clear();
  on_each_loop([why](LoopLinks& each, const Ended&) { each.close_all(why); }, [] {});
}

}  // namespace troupe::transport::detail
