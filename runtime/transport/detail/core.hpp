#pragma once

#include <atomic>
#include <memory>
#include <set>
#include <vector>

#include <troupe/transport/detail/greeter.hpp>
#include <troupe/transport/detail/loop_links.hpp>
#include <troupe/transport/detail/roster.hpp>
#include <troupe/transport/peer.hpp>
#include <troupe/transport/receiver.hpp>

namespace troupe::transport::detail {

/// What a node's links share; outlived by nothing that calls back into it but weak pointers.
class Core : public std::enable_shared_from_this<Core> {
 public:
  Core(std::vector<engine::Loop*> loops, Network& network, Self self, Receiver& receiver, const Limits& limits);
  ~Core();
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  void listen(const LinkAddress& wanted);
  Peer& add_peer(const std::string& name, const LinkAddress& address);
  void drain(std::chrono::milliseconds limit, std::function<void()> done);
  void close(const std::string& why);

  /// Counts a link with a peer, and closes those with an earlier incarnation of it.
  std::optional<Refusal> join(const Identity& peer);
  /// Tells of a handshake that one of the two refused.
  void tell_refused(const std::string& peer, const Greeting& greeting) const;

  const std::vector<engine::Loop*> loops;
  Network& network;
  const Self self;
  Receiver& receiver;
  const Limits limits;
  Roster roster;
  std::atomic<std::size_t> accepted{0};
  std::atomic<bool> draining{false};
  std::vector<std::unique_ptr<LoopLinks>> links;  ///< by position in loops
  std::vector<std::unique_ptr<Peer>> peers;
  std::unique_ptr<Listener> listener;
  std::string address;  ///< of the listener, also when it is gone

 private:
  using Ended = std::function<void()>;
  /// On each loop; then, when all have called what they were given, on the first.
  void on_each_loop(const std::function<void(LoopLinks&, Ended)>& what, Ended then);
  void on_accept(std::shared_ptr<Channel> channel);
  void turn_away(Channel& channel, const Refusal& refusal) const;
  void on_greeted(const std::shared_ptr<Greeter>& greeter);
  std::optional<Refusal> admit(const Identity& peer);

  std::set<std::shared_ptr<Greeter>> greeters_;  ///< on the first loop
};

}  // namespace troupe::transport::detail
