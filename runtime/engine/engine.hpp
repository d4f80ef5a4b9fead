#pragma once

#include <atomic>
#include <chrono>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <troupe/actor/entity_type.hpp>
#include <troupe/actor/task.hpp>
#include <troupe/contract/store.hpp>
#include <troupe/engine/call_context.hpp>
#include <troupe/engine/crash_report.hpp>
#include <troupe/engine/deadlock/probe.hpp>
#include <troupe/engine/detail/exception_text.hpp>
#include <troupe/engine/detail/told_once.hpp>
#include <troupe/engine/edge.hpp>
#include <troupe/engine/host.hpp>
#include <troupe/engine/remote_entities.hpp>
#include <troupe/engine/tree.hpp>
#include <troupe/loop/blocking_pool.hpp>
#include <troupe/loop/loop_driver.hpp>

namespace troupe::engine {

class ActorSystem;
class Engine;
class OutboxRelay;

/// A coroutine that is no entity's turn: a request, a sweep. Each loop keeps a list of its own, to cut off at the end.
class Root : public CallContext {
 public:
  ~Root() override;

 protected:
  Root(Engine& engine, loop::Loop& loop);
  Root(Engine& engine, loop::Loop& loop, const Caller& caller);

 private:
  Root* next_ = nullptr;
  Root* prev_ = nullptr;
};

/// Told of what an operator should know. Threads: any loop.
class Reporter {
 public:
  virtual ~Reporter() = default;
  virtual void crashed(const CrashReport& report) = 0;
  /// An entity that was crash-looping has handled a message.
  virtual void crash_loop_ended([[maybe_unused]] std::string_view protocol, [[maybe_unused]] const Key& key) {}
  virtual void trouble(std::string_view what) = 0;
  /// A supervisor tells what has become of a child.
  virtual void supervised([[maybe_unused]] const supervision::Report& report) {}
  /// The root of the tree has given up: nothing that it supervised runs any more.
  virtual void gave_up([[maybe_unused]] const supervision::ExitReason& reason) {}
  /// A breaker has opened or closed.
  virtual void breaker_changed([[maybe_unused]] const Edge::Branch& branch,
                               [[maybe_unused]] resilience::Breaker::Change change) {}
  /// These waits were a cycle; the ask of the first has failed, so that the others go on.
  virtual void deadlocked([[maybe_unused]] const std::vector<deadlock::Wait>& cycle) {}
  /// A send of an entity of this protocol has become a dead letter.
  virtual void buried([[maybe_unused]] std::string_view protocol, [[maybe_unused]] const DeadLetter& letter) {}
};

/// On whose behalf a root coroutine runs, and for how long.
struct RootOptions {
  Shared<Origin> origin;
  Instant deadline;
};

/// Runs a node's entities: routes envelopes to shards, activates, runs turns on their loops.
///
/// Order of life: construct, host() every protocol, start(), …, stop(). Threads: after start(), ask() and run() on the
/// loop they name; everything else before start() or as stated.
class Engine {
 public:
  Engine(loop::LoopDriver& driver, Reporter& reporter);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Takes a protocol in. Errors: throws std::logic_error when it is hosted already.
  Host& host(EntityType type, Store* store, HostOptions options = {});
  /// Learns of a protocol whose entities live on other nodes only, before start().
  Host& know(const ProtocolInfo& protocol, HostOptions options = {});
  enum class Carries : std::uint8_t {
    asks_to_others,  ///< of entities that live on other nodes
    all_asks,        ///< also those of entities that live here: for tests of what travels
  };
  /// How entities on other nodes are reached; before start(). Lifetime: longer than the engine's.
  void use(RemoteEntities& remote, Carries carries = Carries::asks_to_others) {
    remote_ = &remote;
    carries_ = carries;
  }
  /// The protocol of this name, hosted or known; null: neither.
  Host* find_host(std::string_view protocol) const;
  /// Adds a worker to a domain's part of the supervision tree, before start().
  void add_worker(std::string domain, std::string name, LeafSpec worker, WorkerPolicy policy = {});
  /// How the node is called in its tree, and how supervisors differ from OTP's defaults, before start().
  void supervise(std::string node, FlagsOf flags_of = {});
  /// How the node is called among others, before start().
  void set_node_name(std::string name) { node_ = std::move(name); }
  const std::string& node_name() const { return node_; }
  /// Tells the policy of each edge, before start(). Without it, every edge has the default one.
  void set_call_policies(CallPolicies policies) { policies_ = std::move(policies); }

  /// Starts the loops and the supervision tree, and waits until all of it is up. Errors: throws std::invalid_argument
  /// with the faults of the tree, std::runtime_error where something of it does not start.
  void start();
  /// Waits until everything that runs has ended, at most for `limit`; what is left is cut off. Idempotent.
  /// Returns whether all had ended. The stores may be closed after it.
  bool stop(std::chrono::milliseconds limit);

  /// Runs a coroutine on a loop, on it; `on_end` gets its Outcome<T> there. A crash is a failure `actor_crashed`.
  template <class T, class F>
  void run(loop::Loop& loop, RootOptions options, Task<T> task, F on_end);

  std::size_t loop_count() const { return driver_.size(); }
  loop::Loop& loop(std::size_t index) const { return driver_.loop(index); }
  /// What it keeps for one of its loops.
  LoopState& state_of(const loop::Loop& loop) const { return *loops_[loop.index()]; }
  loop::LoopDriver& driver() const { return driver_; }
  loop::BlockingPool& blocking() { return *blocking_; }
  const std::vector<std::unique_ptr<Host>>& hosts() const { return hosts_; }

  /// Hands an attempt to whom it is for. Afterwards it is answered, or waits with its `attempts`.
  void deliver(PendingAsk& ask, CallContext& from, Attempts& attempts);
  /// Nobody waits for the answer to this request any more. What another node was asked need not be begun there.
  void forget(Host& host, const Envelope& asked, std::uint64_t request, loop::Loop& loop) noexcept;
  /// Takes an ask that came from elsewhere; its answer goes to its responder, on `loop`.
  void accept(Host& host, EnvelopePtr envelope, loop::Loop& loop);
  /// An asker on another node has given an ask of this entity up (RemoteAsker::give_up): if it still waits in the
  /// queue, it is answered as expired. Threads: of `from`, by which the ask was accepted.
  void withdraw(Host& host, const Key& target, loop::Loop& from);
  /// Sends a probe after an ask that waits on that loop.
  void follow(const PendingRequests::OpenAsk& waiting, const LoopState& from, deadlock::Probe probe);
  /// Takes a probe in that came after an ask of this entity, which was accepted under this number (RemoteAsker).
  /// Threads: of `from`, by which the ask was accepted.
  void visit(Host& host, const Key& target, std::uint64_t number, loop::Loop& from, deadlock::Probe probe);
  /// Gives an answered envelope to who waits for it. Threads: of the loop that it names in `reply_to`.
  static void answer(EnvelopePtr envelope);
  /// The envelope of a request that still waits for its answer on this loop; null: nobody does.
  EnvelopePtr envelope_of(const loop::Loop& loop, std::uint64_t request) const {
    return state_of(loop).requests.envelope_of(request);
  }
  /// Who asks under this name; the same for all of it. Before start().
  Caller& caller(std::string_view name);
  /// The caller of asks that no entity makes: requests, sweeps.
  const Caller& roots() const { return *roots_caller_; }
  /// Outboxes, which have a policy of their own: no timeout, no breaker, and retries without end.
  const Caller& outboxes() const { return outbox_caller_; }
  /// Every caller to every protocol, once started.
  const std::vector<std::unique_ptr<Edge>>& edges() const { return edges_; }
  /// By the calendar as it was when the engine started: two moments keep their distance and order.
  Time calendar_time_of(Instant moment) const {
    return start_time_ + std::chrono::duration_cast<Duration>(moment - start_);
  }
  /// A fresh id for an entity that is about to be made: where shards are as many as usual, it lives on this loop.
  Uuid make_id_near(loop::Loop& loop) const;
  /// What the supervision tree is at this moment. Threads: of the first loop, as the next.
  TreeNode tree() const;
  /// What should run in a part of it and does not, at most so many. However many shards there are, it takes no time
  /// while all run.
  std::vector<MissingActor> missing(TreePart part, std::size_t most) const;
  /// Asks a shard whether it works, the way a message goes: through its actor's mailbox and its loop's queue, with a
  /// read at its store and a place among its commits. `then` gets why not, or an empty text, on the loop that asks;
  /// where a store never answers, never.
  void probe(Shard& shard, loop::Loop& from, std::function<void(std::string trouble)> then);
  /// Ends the shard, worker or supervisor that has this path, as if it had failed; false: there is none.
  bool kill(const std::string& path);

  const MessageInfo* find_message(std::string_view protocol, std::string_view message) const;

  /// Delivers a send that lies in the outbox of this host and may have arrived before. Threads: any.
  void redeliver(Host& host, PendingSend send);

  /// Something was thrown on the way of a send of this domain, whose sends are held up. Threads: any.
  void relay_crashed(const std::string& domain, std::string what);

  /// `crashes`: of the entity since it came into memory.
  enum class Looping : std::uint8_t { no, yes };
  void report_crash(const Envelope& envelope, const Thrown& thrown, std::uint64_t crashes = 1,
                    Looping looping = Looping::no);
  void report_crash(const CrashReport& report) { reporter_.crashed(report); }
  void report_crash_loop_ended(std::string_view protocol, const Key& key) { reporter_.crash_loop_ended(protocol, key); }
  void report_trouble(std::string_view what) { reporter_.trouble(what); }
  void report_burial(const Host& host, const DeadLetter& letter) { reporter_.buried(host.name(), letter); }
  /// A mistake in a domain's code about a message: told once, though each call may show it.
  void report_mistake(const MessageInfo& message, std::string what);
  void report_deadlock(const std::vector<deadlock::Wait>& cycle) { reporter_.deadlocked(cycle); }
  /// Reports a rejection whose code the message does not declare.
  void check_rejection(const MessageInfo& message, std::string_view code);
  void report_root_crash(const Origin& origin, std::exception_ptr exception);
  void report_breaker(const Edge::Branch& branch, resilience::Breaker::Change change) {
    reporter_.breaker_changed(branch, change);
  }

 private:
  friend class OutboxRelay;

  void visit(Shard& shard, const Key& target, AskNumber ask, deadlock::Probe probe);
  void make_edges();
  TreeOutline outline();
  void start_tree();
  /// Waits until the tree is up. Errors: throws std::runtime_error when it does not come up.
  void await_tree();
  /// Ends it in order. Returns whether it has ended within the limit.
  bool stop_tree(std::chrono::milliseconds limit);
  void recover_sends();

  loop::LoopDriver& driver_;
  Reporter& reporter_;
  std::vector<std::unique_ptr<LoopState>> loops_;
  std::unique_ptr<loop::BlockingPool> blocking_;
  std::vector<std::unique_ptr<Host>> hosts_;
  RemoteEntities* remote_ = nullptr;
  Carries carries_ = Carries::asks_to_others;
  std::unique_ptr<ActorSystem> actors_;
  CallPolicies policies_;
  std::vector<std::unique_ptr<Caller>> callers_;
  Caller* roots_caller_;
  Caller outbox_caller_{"outbox"};
  std::vector<std::unique_ptr<Edge>> edges_;
  std::vector<std::unique_ptr<Edge>> outbox_edges_;
  struct NamedWorker {
    std::string domain;
    std::string name;
    LeafSpec spec;
    WorkerPolicy policy;
  };
  std::string node_ = "node";
  FlagsOf flags_of_;
  std::vector<NamedWorker> workers_;
  /// Of a domain. Threads: of the first loop.
  struct Relay {
    OutboxRelay* living = nullptr;
    bool has_ended = false;  ///< the sends are held up
  };
  std::map<std::string, Relay> relays_;
  enum class TreePhase : std::uint8_t { none, starting, running, ended };
  std::atomic<TreePhase> tree_phase_{TreePhase::none};
  ToldOnce mistakes_;
  bool started_ = false;
  Instant start_{};
  Time start_time_{};
  bool ended_ = false;  ///< no loop runs any more
  std::atomic<bool> stopped_{false};
};

/// A root coroutine and its context; it deletes itself when it has ended.
template <class T, class F>
class RootCall final : public Root {
 public:
  RootCall(Engine& engine, loop::Loop& loop, RootOptions options, Task<T> task, F on_end)
      : Root(engine, loop), on_end_(std::move(on_end)), task_(std::move(task)) {
    origin_ = std::move(options.origin);
    deadline_ = options.deadline;
  }

  void start() {
    task_.handle().promise().start_in(*this);
    continue_with(task_.handle());
    go();
  }

 private:
  void ended() override {
    std::unique_ptr<RootCall> self(this);
    auto& promise = task_.handle().promise();
    if (promise.exception()) {
      engine().report_root_crash(*origin_, promise.exception());
      return on_end_(Outcome<T>(Failure::unknown(failure_code::actor_crashed)));
    }
    on_end_(task_.take_outcome());
  }

  F on_end_;  // before the task: what it holds outlives the task's frame, also where that is cut off
  Task<T> task_;
};

template <class T, class F>
void Engine::run(loop::Loop& loop, RootOptions options, Task<T> task, F on_end) {
  (new RootCall<T, F>(*this, loop, std::move(options), std::move(task), std::move(on_end)))->start();
}

}  // namespace troupe::engine
