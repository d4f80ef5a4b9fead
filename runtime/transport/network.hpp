#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>

#include <troupe/loop/loop.hpp>
#include <troupe/transport/address.hpp>
#include <troupe/transport/identity.hpp>

/// The port that links run over: streams of octets, as sockets are. There are two: SocketNetwork, of the operating
/// system, and MemoryNetwork, of a simulation.
namespace troupe::transport {

/// What uses a channel. Threads: called on the channel's loop.
class ChannelUser {
 public:
  /// Where the octets that come in next shall lie; never empty.
  virtual std::span<std::byte> input_space() = 0;
  /// So many octets have come into that space.
  virtual void on_input(std::size_t size) = 0;
  /// A write that took less than all may go on.
  virtual void on_writable() = 0;
  /// The other end is gone; nothing is called after it.
  virtual void on_closed(const std::string& why) = 0;

 protected:
  ~ChannelUser() = default;
};

/// One end of a stream of octets, in order. Threads: its loop's only.
class Channel {
 public:
  virtual ~Channel() = default;

  /// Begins to read.
  virtual void start(ChannelUser& user) = 0;
  /// Takes what can be taken without waiting, and says how much; where that is not all, on_writable() or on_closed()
  /// follows, never before this has returned.
  virtual std::size_t write(std::span<const std::byte> octets) = 0;
  /// What was taken still goes out; nothing is called any more.
  virtual void close() = 0;
  virtual Proximity proximity() const = 0;

  /// For how long the other end's machine has acknowledged nothing, though something that was written waits for it;
  /// zero: nothing does. A process that is busy, or stands still, does not keep its machine from acknowledging.
  virtual std::chrono::milliseconds unacknowledged() = 0;
  /// Ends the stream once what was written has waited so long for that, or for room at the other end; also after
  /// close().
  virtual void give_up_after(std::chrono::milliseconds limit) = 0;

  /// Gives the stream to another loop: `then` gets it there, to be started anew. This object is closed.
  /// Not while a write waits.
  virtual void move_to(loop::Loop& loop, std::function<void(std::shared_ptr<Channel>)> then) = 0;
};

/// Accepts channels until it is destroyed. Threads: its loop's, or while that does not run.
class Listener {
 public:
  virtual ~Listener() = default;
  /// With the real port, and a host that can be connected to.
  virtual LinkAddress address() const = 0;
};

/// The address cannot be listened on; the text names it.
class ListenError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Network {
 public:
  virtual ~Network() = default;

  using OnAccept = std::function<void(std::shared_ptr<Channel>)>;
  /// Errors: throws ListenError.
  virtual std::unique_ptr<Listener> listen(const LinkAddress& address, loop::Loop& loop, OnAccept on_accept) = 0;

  /// Without a channel the text says why. Called on the loop, once, not before connect() has returned.
  using OnConnect = std::function<void(std::shared_ptr<Channel>, const std::string& why)>;
  virtual void connect(const LinkAddress& address, loop::Loop& loop, std::chrono::milliseconds limit,
                       OnConnect done) = 0;

  using Nonce = std::array<std::byte, 32>;
  /// Octets that were never used before.
  virtual Nonce nonce(loop::Loop& loop) = 0;
};

}  // namespace troupe::transport
