#pragma once

#include <cstdint>

#include "runtime/actor/envelope.hpp"

namespace troupe::engine {

class Host;
class Loop;

/// The port through which the engine reaches entities and rows of other nodes; runtime/cluster puts links behind it.
///
/// Each envelope waits on `from` under its request number, and is answered there by Engine::answer(), also when it
/// could not be sent, and also within the call. Threads: any loop.
class Remote {
 public:
  virtual void deliver(Host& host, EnvelopePtr envelope, std::uint64_t hash, Loop& from) = 0;
  /// A directory message to a protocol of which this node has not all rows.
  virtual void query(Host& host, EnvelopePtr envelope, Loop& from) = 0;
  /// The caller of an ask that was given over has given up: no answer is wanted, and it need not be begun.
  /// `asked` may be read, and nothing else.
  virtual void forget(Host& host, const Envelope& asked, std::uint64_t request, Loop& from) noexcept = 0;

 protected:
  ~Remote() = default;
};

}  // namespace troupe::engine
