#pragma once

#include <atomic>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
#include <memory>

#include <troupe/actor/entity_type.hpp>
#include <troupe/contract/store.hpp>
#include <troupe/engine/loop_state.hpp>

namespace troupe::engine {

class Engine;
class Host;
class Turn;

/// One entity in memory, and all that waits for it. Entities exist virtually; a resident is one that is active.
struct Resident {
  enum class Phase : std::uint8_t {
    loading,  ///< its state is being read
    ready,
    closing,  ///< its state is in doubt: once no turn runs any more, it is loaded anew
  };

  std::unique_ptr<EntityBase> entity;
  std::uint64_t hash = 0;
  std::uint64_t version = 0;
  Envelope* first = nullptr;  ///< waiting envelopes, in arrival order; each holds a reference
  Envelope* last = nullptr;
  Turn* turns = nullptr;  ///< running ones
  std::uint32_t waiting = 0;
  std::uint32_t reads = 0;  ///< read turns that run
  bool writing = false;     ///< another turn runs, or is being looked up or committed
  bool drain_queued = false;
  bool withdrawn = false;  ///< who asked may have given some of what waits up
  bool doomed = false;     ///< to be removed as soon as no queued job names it
  Phase phase = Phase::loading;
  Instant last_used{};
  Resident* older = nullptr;  ///< by last use, among the shard's
  Resident* newer = nullptr;

  bool idle() const { return phase == Phase::ready && !first && !turns && !writing; }
};

/// What a shard counts; read from any thread.
struct ShardCounters {
  std::atomic<std::uint64_t> turns{0};
  std::atomic<std::uint64_t> rejections{0};
  std::atomic<std::uint64_t> crashes{0};
  std::atomic<std::uint64_t> refused{0};
  std::atomic<std::uint64_t> residents{0};
  std::atomic<std::uint64_t> waiting{0};
};

/// A fixed slice of a protocol's keys: the residents, their queues and turns, all on one loop and without locks.
///
/// Order of turns: they start in arrival order; consecutive read turns run together, any other runs alone.
class Shard {
 public:
  Shard(Host& host, LoopState& state);
  ~Shard();
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  loop::Loop& loop() const { return loop_; }
  LoopState& loop_state() const { return state_; }
  Host& host() const { return host_; }

  /// Takes an envelope for one of its entities, on its loop. The entity may run before this returns.
  void deliver(EnvelopePtr envelope, std::uint64_t hash);
  /// Answers soon what waits for this entity and was given up, on its loop.
  void withdraw(const Key& key, std::uint64_t hash);
  /// Gives back an envelope that has its answer.
  static void answer(EnvelopePtr envelope);

  const ShardCounters& counters() const { return counters_; }
  std::size_t running() const { return running_; }

 private:
  friend class Turn;

  struct Lookup {
    const Key& key;
    std::uint64_t hash;
  };
  struct HashOf {
    using is_transparent = void;
    std::size_t operator()(const Resident* r) const { return r->hash; }
    std::size_t operator()(const Lookup& l) const { return l.hash; }
  };
  struct SameKey {
    using is_transparent = void;
    bool operator()(const Resident* a, const Resident* b) const { return a == b; }
    bool operator()(const Lookup& l, const Resident* r) const { return l.key == EntityAccess::key(*r->entity); }
    bool operator()(const Resident* r, const Lookup& l) const { return (*this)(l, r); }
  };

  Resident& resident_for(const Key& key, std::uint64_t hash);
  void load(Resident& resident);
  void loaded(Resident& resident, LoadRequest& request);
  void activate(Resident& resident, StoredState& state);
  void refuse_all(Resident& resident, std::string_view code, const std::string& detail);
  void refuse_given_up(Resident& resident);
  void remove(Resident& resident);

  bool may_start(const Resident& resident, const Envelope& envelope) const;
  void enqueue(Resident& resident, EnvelopePtr envelope);
  EnvelopePtr dequeue(Resident& resident);
  void queue_drain(Resident& resident);
  void drain(Resident& resident);
  void begin(Resident& resident, EnvelopePtr envelope);
  void look_up(Resident& resident, EnvelopePtr envelope);
  void start(Resident& resident, EnvelopePtr envelope);
  /// A turn has left the resident: whoever waits may go on.
  void turn_left(Resident& resident);
  void reload(Resident& resident);

  void use(Resident& resident);
  void unlink(Resident& resident);
  void passivate_idle();
  void plan_sweep();
  static void sweep(loop::Timer& timer);

  Host& host_;
  loop::Loop& loop_;
  LoopState& state_;  ///< of `loop_`
  boost::unordered_flat_set<Resident*, HashOf, SameKey> residents_;
  Resident* oldest_ = nullptr;
  Resident* newest_ = nullptr;
  std::size_t running_ = 0;
  ShardCounters counters_;
  struct SweepTimer : loop::Timer {
    Shard& shard;
    explicit SweepTimer(Shard& shard) : loop::Timer(&Shard::sweep), shard(shard) {}
  } sweep_;
};

}  // namespace troupe::engine
