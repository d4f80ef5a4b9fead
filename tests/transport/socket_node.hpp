#pragma once

#include <functional>
#include <string>

#include <troupe/loop/loop_driver.hpp>
#include <troupe/transport/links.hpp>
#include <troupe/transport/socket_network.hpp>
#include "tests/transport/recorder.hpp"

namespace troupe::transport {

/// A node with real loops and sockets.
class SocketNode {
 public:
  struct Options {
    std::size_t loops = 1;
    Limits limits = {};
    Recorder::Manner manner = Recorder::Manner::answers;
  };
  explicit SocketNode(Self self) : SocketNode(std::move(self), Options{}) {}
  SocketNode(Self self, Options options);
  ~SocketNode();
  SocketNode(const SocketNode&) = delete;
  SocketNode& operator=(const SocketNode&) = delete;

  /// Runs on a loop and waits for its end.
  void on_loop(std::size_t index, const std::function<void(loop::Loop&)>& what);
  SendResult ask(Peer& peer, std::uint64_t request, const std::string& payload, std::size_t shard = 0,
                 std::size_t loop = 0);
  bool eventually(const std::function<bool()>& condition);

  loop::ThreadedLoops loops;
  SocketNetwork network{loops};
  Recorder recorder;
  Links links;
};

}  // namespace troupe::transport
