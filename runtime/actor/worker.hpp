#pragma once

#include <cstdint>
#include <string_view>
#include <tuple>
#include <type_traits>

#include <troupe/actor/all.hpp>
#include <troupe/actor/asks.hpp>
#include <troupe/actor/blocking.hpp>
#include <troupe/actor/current_time.hpp>
#include <troupe/actor/ref.hpp>
#include <troupe/actor/task.hpp>

namespace troupe {

/// Whether a worker is started again after it has ended. Source: Erlang/OTP's child specifications.
enum class Restart : std::uint8_t {
  permanent,  ///< always
  transient,  ///< unless its run() has come to its end
  temporary,  ///< never
};

/// Where a worker lives: on each node that has entities of its protocol, or on the one that has the protocol's first
/// shard.
enum class OnePer : std::uint8_t { node, topology };

/// How a worker handles its messages.
enum class Turns : std::uint8_t {
  in_order,     ///< as an entity does: each alone, consecutive reads together
  interleaved,  ///< each at once: they take turns where they wait
};

/// What holds for a worker in the supervision tree, where it is `DOMAIN/workers/NAME`.
struct WorkerSpec {
  std::string_view name;
  OnePer one_per = OnePer::node;
  Restart restart = Restart::permanent;
  Turns turns = Turns::in_order;
  Duration start_within = std::chrono::seconds(10);  ///< a start() that takes longer has failed
  Duration stop_within = std::chrono::seconds(5);    ///< what takes longer to end is cut off
};

/// What every worker has. Derive from Worker.
///
/// One object is one life. Its coroutines may be cut where they wait, when the life ends; then they are destroyed with
/// their locals. Each ask and each blocking() that they begin has a minute. Threads: of one loop; what it does and the
/// handlers of its messages take turns where they wait, so look at a member again after each co_await.
class WorkerBase {
 public:
  WorkerBase() = default;
  WorkerBase(const WorkerBase&) = delete;
  WorkerBase& operator=(const WorkerBase&) = delete;
  virtual ~WorkerBase() = default;

  /// Before anything else of it: opens what it needs. A failure or exception is why it has not started; a node on which
  /// a worker does not start does not start.
  virtual Task<Done> start() { return {}; }
  /// What it does by itself, once the node is ready. Its end is the worker's: orderly where it returns, and a crash by
  /// a failure or exception. A worker without one lives for its messages.
  virtual Task<Done> run() { return {}; }
  /// It shall end: run() has been cut, and its messages are answered. Not called where it crashes or is killed.
  virtual Task<Done> stop() { return {}; }
};

namespace detail {

template <class... Options>
struct WorkerOptions {
  using Api = void;
  using Declared = EntityOptions<void, Options...>;
};
template <class First, class... Rest>
  requires(!is_asks<First>)
struct WorkerOptions<First, Rest...> {
  using Api = First;
  using Declared = EntityOptions<First, Rest...>;
};

}  // namespace detail

/// A supervised actor without a key and without durable state, which a domain declares beside its entities: a poller, a
/// cache, a connection. `class Rates : public Worker<Api, Asks<…>>`; without a protocol it takes no messages.
///
/// ```
/// static constexpr troupe::WorkerSpec spec{.name = "rates"};
/// troupe::Task<troupe::Done> run() override;      // what it does by itself
/// troupe::Task<Rate> on(Get) const;               // and what it answers: see worker<Api>()
/// ```
/// Handlers are an entity's: const exactly for `read` messages, and a turn each. But nothing is undone: what a handler
/// has changed stays, whatever its end. An exception crashes the worker. `using Beside = payment::Api;` in it
/// names the protocol that it stands beside, the domain's main one by default.
template <class... Options>
class Worker : public WorkerBase {
 public:
  using Api = typename detail::WorkerOptions<Options...>::Api;
  using DeclaredOptions = typename detail::WorkerOptions<Options...>::Declared;
};

/// The workers of a domain, in the order in which they start.
template <class... Ws>
struct Workers {
  template <class F>
  static constexpr void for_each(F visit) {
    (visit.template operator()<Ws>(), ...);
  }
};

/// The worker that answers this protocol, on the same node, or where the one in all lives:
/// `co_await worker<rates::Api>().ask<rates::Get>()`.
///
/// While it is not up, an ask ends as `unavailable`, not executed. One that waits when it ends hears that too; one that
/// it had begun, `unknown`, unless it is a read.
template <class Api>
Ref<Api> worker() {
  return Ref<Api>(Key());
}

}  // namespace troupe
