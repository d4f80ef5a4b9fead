#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

#include <troupe/contract/envelope.hpp>
#include <troupe/engine/deadlock/probe.hpp>

namespace troupe::loop {
class Loop;
}

namespace troupe::engine {

class Host;

/// Waits on behalf of another node for the answer to an ask that came in by Engine::accept(), whose responder is one.
class RemoteAsker : public Responder {
 public:
  /// Nobody waits for the answer any more: a turn that has not begun need not. Threads: any.
  void give_up() { given_up_.store(true, std::memory_order_relaxed); }
  bool given_up() const { return given_up_.load(std::memory_order_relaxed); }
  /// By which the engine knows the ask, once it has accepted it: see Engine::visit().
  std::uint64_t number() const { return number_; }
  void set_number(std::uint64_t number) { number_ = number; }

 private:
  std::atomic<bool> given_up_{false};
  std::uint64_t number_ = 0;
};

/// Whether its asker, who is elsewhere, has given up.
inline bool is_given_up(const Envelope& envelope) {
  return envelope.responder && static_cast<const RemoteAsker&>(*envelope.responder).given_up();
}

/// The port through which the engine reaches entities and rows of other nodes; runtime/cluster puts links behind it.
///
/// Each envelope waits on `from` under its request number, and is answered there by Engine::answer(), also when it
/// could not be sent, and also within the call. Threads: any loop.
class RemoteEntities {
 public:
  virtual void deliver(Host& host, EnvelopePtr envelope, std::uint64_t hash, loop::Loop& from) = 0;
  /// A directory message to a protocol of which this node has not all rows.
  virtual void query(Host& host, EnvelopePtr envelope, loop::Loop& from) = 0;
  /// The caller of an ask that was given over has given up: no answer is wanted, and it need not be begun.
  /// `asked` may be read, and nothing else.
  virtual void forget(Host& host, const Envelope& asked, std::uint64_t request, loop::Loop& from) noexcept = 0;
  /// Sends a probe after an ask that was given over and waits, to the node that it went to. It may get lost, also
  /// because that node knows no probes.
  virtual void follow(Host& host, const Envelope& asked, std::uint64_t request, const deadlock::Probe& probe,
                      loop::Loop& from) = 0;

 protected:
  ~RemoteEntities() = default;
};

}  // namespace troupe::engine
