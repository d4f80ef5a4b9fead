#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <troupe/transport/detail/handshake/handshake_messages.hpp>
#include <troupe/transport/frame.hpp>

namespace troupe::transport {

/// A blocking socket, for peers that misbehave. Errors: throws; also when an answer takes longer than a minute.
class RawSocket {
 public:
  explicit RawSocket(int handle) : handle_(handle) {}
  RawSocket(RawSocket&& other) noexcept : handle_(std::exchange(other.handle_, -1)) {}
  RawSocket& operator=(RawSocket&&) = delete;
  ~RawSocket();

  /// To `127.0.0.1:PORT`.
  static RawSocket connect(const std::string& address);

  void write(std::span<const std::byte> octets);
  void write(std::string_view text) { write(std::as_bytes(std::span(text))); }
  void write_frame(FrameType type, std::span<const std::byte> payload, std::uint64_t request = 0);
  /// Writes what is taken without waiting.
  std::size_t try_write(std::span<const std::byte> octets);
  void end_writing();
  /// From now on all that comes is dropped before TCP sees it, as by a network that is cut: no acknowledgement goes
  /// out. False: the system does not let us.
  bool go_deaf();

  Bytes read(std::size_t size);
  struct Read {
    FrameType type;
    std::uint64_t request;
    std::uint8_t flags;
    Bytes payload;
  };
  Read read_frame();
  /// Reads and drops until the other end closes.
  void read_to_end();

  /// Goes through a whole handshake as a client; the secret is empty.
  void shake_hands(const std::string& cluster, const std::string& name);

 private:
  int handle_;
};

class RawListener {
 public:
  RawListener();
  /// On a Unix socket.
  explicit RawListener(const std::string& path);
  RawListener(const RawListener&) = delete;
  RawListener& operator=(const RawListener&) = delete;
  ~RawListener();
  std::string address() const;
  RawSocket accept();

 private:
  int handle_;
};

}  // namespace troupe::transport
