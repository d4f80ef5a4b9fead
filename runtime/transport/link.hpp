#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <troupe/contract/shared.hpp>
#include <troupe/loop/loop.hpp>
#include <troupe/transport/frame.hpp>
#include <troupe/transport/identity.hpp>

namespace troupe::transport {

/// Whether a frame will be sent. Unless it was `accepted`, nothing of it has left, and nothing will.
enum class [[nodiscard]] SendResult : std::uint8_t {
  accepted,
  no_link,     ///< there is none, or the peer asked for no more asks
  overloaded,  ///< too much waits for the peer already
  too_large    ///< for what the peer takes
};

/// A look at one link, for operators.
struct LinkStatus {
  std::size_t queued = 0;       ///< octets that wait for credit or for the socket
  std::int64_t credit = 0;      ///< octets that the peer still takes
  std::size_t outstanding = 0;  ///< asks of ours without an answer
  std::size_t unanswered = 0;   ///< asks of the peer without an answer
  std::optional<std::chrono::microseconds> round_trip;
  std::chrono::milliseconds silent{};  ///< for so long a peer has said nothing that should have; zero: it is heard
};

/// Frames that wait on one loop until a link is open.
struct Backlog {
  std::size_t asks = 0;
  std::size_t octets = 0;
};

/// What the layer above keeps with a link.
class Attachment {
 public:
  virtual ~Attachment() = default;
};

/// One connection to a peer that has proved who it is: between one loop here and one loop there.
///
/// Frames keep their order. Lifetime: whoever holds a LinkPtr may call it after the connection has ended, and then gets
/// `no_link`.
/// Threads: its loop's only.
class Link : public RefCounted {
 public:
  /// Queues a data frame; it goes out with others of the same round of the loop. An ask's request id must not be that
  /// of another ask without an answer on this link.
  virtual SendResult send(const Frame& frame) = 0;
  /// Gives credit back for an ask that the receiver held.
  virtual void release(std::size_t octets) = 0;
  /// The peer has cancelled an ask: it gets no answer.
  virtual void leave_unanswered() = 0;
  virtual void close(const std::string& why) = 0;

  virtual loop::Loop& loop() const = 0;
  virtual const PeerInfo& peer() const = 0;
  virtual LinkStatus status() const = 0;

  void attach(std::unique_ptr<Attachment> attachment) { attachment_ = std::move(attachment); }
  Attachment* attachment() const { return attachment_.get(); }

 private:
  std::unique_ptr<Attachment> attachment_;
};

using LinkPtr = Shared<Link>;

}  // namespace troupe::transport
