#pragma once

#include <troupe/loop/loop_driver.hpp>
#include <troupe/transport/network.hpp>

namespace troupe::transport {

/// TCP and Unix sockets, living on the loops that they are opened for or moved to.
/// Lifetime: the loops outlive it.
class SocketNetwork final : public Network {
 public:
  explicit SocketNetwork(loop::ThreadedLoops& loops) : loops_(loops) {}

  std::unique_ptr<Listener> listen(const LinkAddress& address, loop::Loop& loop, OnAccept on_accept) override;
  void connect(const LinkAddress& address, loop::Loop& loop, std::chrono::milliseconds limit, OnConnect done) override;
  Nonce nonce(loop::Loop& loop) override;

 private:
  loop::ThreadedLoops& loops_;
};

}  // namespace troupe::transport
