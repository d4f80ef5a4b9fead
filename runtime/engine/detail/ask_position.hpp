#pragma once

#include <cstdint>
#include <vector>

#include <troupe/contract/envelope.hpp>
#include <troupe/engine/deadlock/prober.hpp>

namespace troupe::engine {

class Turn;

/// Which ask an envelope is, for whoever it was delivered to: no other has the same.
struct AskNumber {
  const LoopState* reply_to = nullptr;
  std::uint64_t request = 0;

  bool names(const Envelope& envelope) const { return envelope.reply_to == reply_to && envelope.request == request; }
};

/// How an ask stands with its entity, and which turns there it waits for.
struct AskPosition {
  deadlock::Standing standing = deadlock::Standing::absent;
  std::vector<const Turn*> turns;
};

}  // namespace troupe::engine
