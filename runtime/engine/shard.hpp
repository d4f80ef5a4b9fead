#pragma once

#include <atomic>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include <troupe/contract/store.hpp>
#include <troupe/engine/activation.hpp>
#include <troupe/engine/detail/ask_position.hpp>
#include <troupe/engine/detail/crash_records.hpp>
#include <troupe/engine/detail/exception_text.hpp>
#include <troupe/engine/loop_state.hpp>

namespace troupe::engine {

class Host;
class ShardProbe;

/// The one road to a shard from other loops, in the order of each sender. Threads: any.
class Mailbox {
 public:
  /// Of the envelopes that may be on their way at once.
  static constexpr std::uint32_t limit = 65536;

  virtual ~Mailbox() = default;
  /// A shard that is stopped refuses with `unavailable`, a full mailbox with `overloaded`; both not executed.
  virtual void deliver(EnvelopePtr envelope, std::uint64_t hash) = 0;
  /// An ask of this entity was given up. Behind the envelopes that were handed over from the same loop before.
  virtual void withdraw(const Key& target, std::uint64_t hash) = 0;
  /// As an envelope goes; it is counted by who probes.
  virtual void probe(std::shared_ptr<ShardProbe> probe) = 0;
};

/// What a shard counts; read from any thread.
struct ShardCounters {
  std::atomic<std::uint64_t> turns{0};
  std::atomic<std::uint64_t> rejections{0};
  std::atomic<std::uint64_t> crashes{0};
  std::atomic<std::uint64_t> refused{0};
  std::atomic<std::uint64_t> deadlocks{0};  ///< asks that failed for others to go on
  std::atomic<std::uint64_t> activations{0};
  std::atomic<std::uint64_t> waiting{0};
};

/// A fixed slice of a protocol's keys: the activations, their queues and turns, all on one loop and without locks.
///
/// Order of turns: they start in arrival order; consecutive read turns run together, any other runs alone.
///
/// A shard is an address that stays; what it holds may go and come back, as its supervisor says:
/// ```
/// stopped  -> running    open()
/// running  -> stopping   stop(): what waits is given back, not executed, and so is whatever comes
/// stopping -> stopped    the last turn has ended, and the store has decided every commit and load
/// ```
class Shard {
 public:
  enum class Phase : std::uint8_t { stopped, running, stopping };
  /// What becomes of turns that run while the shard stops. One whose commit is on its way always awaits its end.
  enum class RunningTurns : std::uint8_t {
    end,      ///< they go on until they have ended
    are_cut,  ///< where they wait, which a handler always does when anything else runs on its loop
  };

  static constexpr std::string_view stopped_text = "its shard has been stopped, or is being started again";

  Shard(Host& host, LoopState& state);
  ~Shard();
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  loop::Loop& loop() const { return loop_; }
  LoopState& loop_state() const { return state_; }
  Phase phase() const { return phase_; }

  /// Takes envelopes in from now on. It is stopped.
  void open() {
    phase_ = Phase::running;
    was_open_ = true;
  }
  /// Whether this is not its first life.
  bool was_open() const { return was_open_; }
  /// Ends what it has, and calls `stopped`, maybe before it returns. A second call may cut turns that the first one let
  /// run. Between turns, on its loop.
  void stop(RunningTurns turns, std::function<void()> stopped);
  /// Nobody is to be told of its end any more. On its loop, or after the loops have stopped.
  void forget_stop() { stopped_.clear(); }
  Host& host() const { return host_; }

  /// Null: it has none yet.
  Mailbox* mailbox() const { return mailbox_.get(); }
  /// Before the loops run.
  void set_mailbox(std::unique_ptr<Mailbox> mailbox) { mailbox_ = std::move(mailbox); }
  /// Takes an envelope for one of its entities, on its loop. The entity may run before this returns.
  void deliver(EnvelopePtr envelope, std::uint64_t hash);
  /// Answers soon what waits for this entity and was given up, on its loop.
  void withdraw(const Key& key, std::uint64_t hash);
  /// How an ask of one of its entities stands, on its loop.
  AskPosition position_of(const Key& target, const AskNumber& ask) const;
  /// Takes an ask out of the queue that has not begun, on its loop; null: it is not there any more.
  EnvelopePtr take_deadlocked(const Key& target, const AskNumber& ask);
  /// Gives back an envelope that has its answer.
  static void answer(EnvelopePtr envelope);

  const ShardCounters& counters() const { return counters_; }
  std::size_t running() const { return running_; }
  const CrashRecords& crash_records() const { return crash_records_; }

 private:
  friend class Turn;

  struct Lookup {
    const Key& key;
    std::uint64_t hash;
  };
  struct HashOf {
    using is_transparent = void;
    std::size_t operator()(const Activation* r) const { return r->hash; }
    std::size_t operator()(const Lookup& l) const { return l.hash; }
  };
  struct SameKey {
    using is_transparent = void;
    bool operator()(const Activation* a, const Activation* b) const { return a == b; }
    bool operator()(const Lookup& l, const Activation* r) const { return l.key == EntityAccess::key(*r->entity); }
    bool operator()(const Activation* r, const Lookup& l) const { return (*this)(l, r); }
  };

  /// What those hear who come while it is not running.
  std::string why_stopped() const;
  Activation& activation_for(const Key& key, std::uint64_t hash);
  void load(Activation& activation);
  void loaded(Activation& activation, LoadRequest& request);
  void activate(Activation& activation, StoredState& state);
  /// Its state or its constructor is broken, which is a crash of this entity and no matter of others. What waits is
  /// refused; what comes tries it again, unless it is crash-looping by now. May destroy the activation.
  void failed_to_load(Activation& activation, const Thrown& thrown);
  void refuse_all(Activation& activation, FailureCode code, const std::string& detail);
  void refuse_given_up(Activation& activation);
  void remove(Activation& activation);

  bool may_start(const Activation& activation, const Envelope& envelope) const;
  void enqueue(Activation& activation, EnvelopePtr envelope);
  /// What may start, but not on this stack: a read that a turn of its own entity waits for, before all that waits.
  void enqueue_first(Activation& activation, EnvelopePtr envelope);
  EnvelopePtr dequeue(Activation& activation);
  void queue_drain(Activation& activation);
  void drain(Activation& activation);
  void begin(Activation& activation, EnvelopePtr envelope);
  void look_up(Activation& activation, EnvelopePtr envelope);
  void start(Activation& activation, EnvelopePtr envelope);
  /// A turn of the activation has ended: the next in its queue may start.
  void on_turn_finished(Activation& activation);
  /// While it stops: lets an activation go of which nothing runs and nothing is at the store.
  void let_go(Activation& activation);
  void end_stop();
  /// A turn of the activation has crashed.
  void crashed(Activation& activation, const Envelope& envelope, const std::exception_ptr& exception);
  void refuse_as_crash_looping(const Activation& activation, EnvelopePtr envelope);
  void reload(Activation& activation);

  void use(Activation& activation);
  void unlink(Activation& activation);
  void passivate_idle();
  void plan_sweep();
  static void sweep(loop::Timer& timer);

  Phase phase_ = Phase::stopped;
  bool was_open_ = false;
  std::vector<std::function<void()>> stopped_;  ///< to be called when it is
  Host& host_;
  loop::Loop& loop_;
  LoopState& state_;  ///< of `loop_`
  boost::unordered_flat_set<Activation*, HashOf, SameKey> activations_;
  CrashRecords crash_records_;
  Activation* oldest_ = nullptr;
  Activation* newest_ = nullptr;
  std::size_t running_ = 0;
  std::unique_ptr<Mailbox> mailbox_;
  ShardCounters counters_;
  struct SweepTimer : loop::Timer {
    Shard& shard;
    explicit SweepTimer(Shard& shard) : loop::Timer(&Shard::sweep), shard(shard) {}
  } sweep_;
};

}  // namespace troupe::engine
