#pragma once

#include <cstdint>
#include <string>

#include <troupe/transport/link.hpp>
#include <troupe/transport/refusal.hpp>

namespace troupe::transport {

/// Whether an ask is done with: the peer's credit for it comes back at once, or with Link::release(). Whoever keeps
/// asks until they are answered holds them, so that what a peer has under way here is bounded by its credit.
enum class Taken : std::uint8_t { done, held };

/// What is known of an ask that gets no answer because its link is gone.
enum class Fate : std::uint8_t {
  not_executed,  ///< not one octet of it was handed to the system
  unknown        ///< it may have been executed
};

/// The layer above the links: told of all that happens on them.
///
/// Threads: called on the loop of the link concerned, never from within send().
class Receiver {
 public:
  /// A data frame. An ask must be answered by exactly one reply or failure with its request id, on this link.
  /// A reply or failure is one to an ask that was sent on it.
  virtual Taken on_frame(Link& link, const Frame& frame) = 0;
  /// Each ask that was accepted ends by its answer, by the caller's own cancel, or here.
  virtual void on_lost(loop::Loop& loop, std::uint64_t request, Fate fate, const std::string& why) = 0;

  virtual void on_up(Link&) {}
  /// After on_lost() of its asks.
  virtual void on_down(Link&, const std::string& /*why*/) {}
  /// Nothing is heard on it, though the peer's machine acknowledges what is sent: the peer is busy, or stands still.
  /// Told once, until it is heard again.
  virtual void on_silent(Link&) {}
  /// The peer is about to go and asks that no ask be begun; those under way are still answered.
  virtual void on_leaving(Link&) {}
  /// A handshake failed. `peer` is the name that was wanted or claimed; it may be empty.
  virtual void on_refused(const std::string& /*peer*/, const Refusal&, RefusedBy) {}
  /// A handshake failed that somebody else began: `claimed` is not proven to be anybody's name.
  virtual void on_caller_refused(const std::string& claimed, const Refusal& refusal, RefusedBy by) {
    on_refused(claimed, refusal, by);
  }
  /// A peer that somebody wants to reach could not be connected to.
  virtual void on_unreachable(const std::string& /*peer*/, const std::string& /*why*/) {}

 protected:
  ~Receiver() = default;
};

}  // namespace troupe::transport
