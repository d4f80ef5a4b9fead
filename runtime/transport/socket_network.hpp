#pragma once

#include <troupe/engine/loop_driver.hpp>
#include <troupe/transport/network.hpp>

namespace troupe::transport {

/// TCP and Unix sockets, living on the loops that they are opened for or moved to.
/// Lifetime: the loops outlive it.
class SocketNetwork final : public Network {
 public:
  explicit SocketNetwork(engine::ThreadedLoops& loops) : loops_(loops) {}

  std::unique_ptr<Listener> listen(const LinkAddress& address, engine::Loop& loop, OnAccept on_accept) override;
  void connect(const LinkAddress& address, engine::Loop& loop, std::chrono::milliseconds limit,
               OnConnect done) override;
  Nonce nonce(engine::Loop& loop) override;

 private:
  engine::ThreadedLoops& loops_;
};

}  // namespace troupe::transport
