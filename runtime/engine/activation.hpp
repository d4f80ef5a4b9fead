#pragma once

#include <cstdint>
#include <memory>

#include <troupe/actor/entity_type.hpp>
#include <troupe/contract/envelope.hpp>

namespace troupe::engine {

class Turn;

/// One entity in memory, and all that waits for it. Entities exist virtually; those that are active have an activation.
///
/// ```
/// loading  -> ready              its state was read
/// ready    -> in_doubt           a turn crashed, or nobody knows whether its commit happened
/// in_doubt -> loading            the last of its turns has ended
/// loading  -> unreadable         its state or its constructor is broken: what waited was refused
/// unreadable -> loading          an envelope has come that may try it
/// any      -> removed, leaving   idle for long, or its store is away; leaving while a queued drain still names it
/// leaving  -> loading, removed   the drain has come: an envelope waits, or none
/// ```
/// While it is ready, either read turns run (`reads`), or one other turn (`writing`), or none; as soon as that lets the
/// first waiting envelope start, a drain is queued on the loop, at most one at a time (`drain_queued`).
struct Activation {
  enum class Phase : std::uint8_t {
    loading,     ///< its state is being read; envelopes wait
    ready,       ///< turns may start
    unreadable,  ///< it can't be had; no turn starts until an envelope has it loaded anew
    in_doubt,    ///< its state may differ from the stored one: no turn starts until it is loaded anew
    leaving,     ///< no turn starts; the drain that is queued removes it, or loads it anew
  };

  std::unique_ptr<EntityBase> entity;
  std::uint64_t hash = 0;
  std::uint64_t version = 0;
  Envelope* first = nullptr;  ///< waiting envelopes, in arrival order; each holds a reference
  Envelope* last = nullptr;
  Turn* turns = nullptr;  ///< running ones
  std::uint32_t waiting = 0;
  std::uint32_t reads = 0;     ///< read turns that run
  bool writing = false;        ///< another turn runs, or is being looked up or committed
  bool drain_queued = false;   ///< a job of the loop names this activation
  bool withdrawn = false;      ///< some of what waits may have been given up by who asked
  bool has_crashed = false;    ///< the shard has a record of it
  bool crash_looping = false;  ///< so says that record
  Phase phase = Phase::loading;
  Instant last_used{};
  Activation* older = nullptr;  ///< by last use, among the shard's
  Activation* newer = nullptr;

  bool idle() const { return (phase == Phase::ready || phase == Phase::unreadable) && !first && !turns && !writing; }
};

}  // namespace troupe::engine
