#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <troupe/actor/declaration.hpp>
#include <troupe/actor/domain.hpp>
#include <troupe/actor/ref.hpp>
#include <troupe/engine/engine.hpp>
#include <troupe/gateway/idempotency.hpp>
#include <troupe/gateway/routed_service.hpp>
#include <troupe/gateway/routes.hpp>
#include <troupe/testing/http.hpp>
#include <troupe/testing/protocol_store.hpp>

namespace troupe::testing {

/// An application in one thread on virtual time, from one seed: the real engine, gateway and SQLite, without sockets.
///
/// ```
/// World world;
/// world.add<order::Declaration>(settings).add<product::Declaration>().start();
/// auto placed = world.ask<order::Api, order::Place>(Key(id), items);
/// world.advance(15min);
/// EXPECT_EQ(world.http("GET", "/orders").status, 401);
/// ```
/// Nothing waits in real time: a call runs the world until it has its answer. Data lies in a folder of its own, which
/// goes with the world. Errors: std::runtime_error where an answer can't come any more. Threads: one.
class World {
 public:
  /// An outcome that is still to come: see begin() and end().
  template <class T>
  using Pending = std::shared_ptr<std::optional<Outcome<T>>>;
  using DeclareRoutes = std::function<void(gateway::Routes&)>;

  /// The same seed gives the same run; another one another order of what happens at the same time.
  explicit World(std::uint64_t seed = 1, std::size_t loops = 2);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  /// Takes a domain in, before start(): its entities and sweeps, and its routes, whose Idempotency-Keys are kept as on
  /// a node.
  template <DomainDeclaration D>
  World& add(SettingsOf<D> settings = {}) {
    if constexpr (HasRoutes<D>) {
      constexpr auto tag = MainApiOf<D>::tag;
      return add_routes(DomainOf<D>::make(settings), &D::routes, gateway::idempotency_keeper<tag>,
                        &gateway::idempotency_parts<tag>);
    } else {
      return add(DomainOf<D>::make(settings));
    }
  }
  /// The same of a domain that a test has put together; it has no routes.
  World& add(Domain domain);
  /// Who bears a token is told by this; without it, whoever a token() names.
  World& sessions(gateway::Authenticator authenticator);

  /// How often a call is tried, before start(). As on a node it is repeated where its effect class allows; with 1, the
  /// first failure reaches its caller.
  World& attempts(std::uint32_t attempts);

  /// Sweeps come only where a test runs them, before start(): see run().
  World& without_sweeps();

  World& start();
  /// As after a crash: what was committed is still there, all that was under way is gone. Time goes on.
  void restart();
  /// Lets virtual time pass.
  void advance(std::chrono::milliseconds time);
  /// Lets one message be handled, or one commit be written, out of what is ready at this moment; false: nothing is.
  /// With restart() after each number of steps, a crash falls between any two of them.
  bool step();
  /// Ends the shard, worker or supervisor that has this path, `order/workers/settling`, as if it had failed: it comes
  /// back as its supervisor says. Errors: throws std::invalid_argument where nothing alive has it.
  void kill(const std::string& path);
  Time now() const;

  /// In whose name asks are asked from now on; at first a node's.
  World& as(Principal principal);
  const Principal& principal() const;
  /// How long asks may take from now on; at first ten seconds, as the gateway's default.
  World& deadline(std::chrono::milliseconds time);

  template <class Api, Message M, class... Fields>
  Outcome<ReplyOf<M>> ask(Key key, Fields... fields) {
    return end(begin<Api, M>(std::move(key), std::move(fields)...));
  }
  /// Asks the directory: all committed entities.
  template <class Api, Message M, class... Fields>
  Outcome<ReplyOf<M>> ask_all(Fields... fields) {
    return run(asking<M>(directory<Api>(), std::move(fields)...));
  }
  /// Runs a coroutine as a request or a sweep is run.
  template <class T>
  Outcome<T> run(Task<T> task) {
    return end(begin(std::move(task)));
  }

  /// Asks without waiting, so that asks run at the same time; end() waits.
  template <class Api, Message M, class... Fields>
  Pending<ReplyOf<M>> begin(Key key, Fields... fields) {
    return begin(asking<M>(actor<Api>(std::move(key)), std::move(fields)...));
  }
  template <class T>
  Pending<T> begin(Task<T> task);
  template <class T>
  Outcome<T> end(const Pending<T>& pending) {
    run_until([&pending] { return pending->has_value(); });
    return std::move(**pending);
  }

  /// A request through the gateway: routes, tokens, checks, problems. A body is JSON where the headers don't say.
  HttpAnswer http(std::string_view method, std::string target, std::vector<Header> headers = {}, std::string body = {});
  /// The header that signs a user in, for twelve hours.
  Header token(Uuid user, std::string role) const;
  /// What tokens are signed with, for routes that issue them.
  std::shared_ptr<const gateway::TokenSigner> signer() const;

  /// The next commit of this protocol fails so; each call adds one.
  void fail_next_commit(std::string_view protocol, CommitFault fault) { store(protocol).fail_next_commit(fault); }
  /// What a protocol keeps. Errors: throws std::invalid_argument where no domain that was added has the protocol.
  ProtocolStore& store(std::string_view protocol);

  /// What went wrong so far and was no answer: handlers that threw, failed sweeps, what died, trouble of the engine.
  const std::vector<std::string>& reports() const;

 private:
  class Parts;
  using MakeIdempotencyParts = gateway::IdempotencyParts (*)(std::shared_ptr<const gateway::RouteTable>,
                                                             const gateway::IdempotencySecrets&);

  template <Message M, class To, class... Fields>
  static Task<ReplyOf<M>> asking(To to, Fields... fields) {
    co_return co_await to.template ask<M>(std::move(fields)...);
  }

  World& add_routes(Domain domain, const DeclareRoutes& declare, const gateway::IdempotencyKeeper& keeper,
                    MakeIdempotencyParts make_idempotency_parts);
  /// Errors: throws when the condition can't come true, or not within an hour.
  void run_until(const std::function<bool()>& condition);
  engine::Engine& engine();
  Shared<Origin> origin() const;
  std::chrono::milliseconds patience() const;

  std::unique_ptr<Parts> parts_;
};

template <class T>
World::Pending<T> World::begin(Task<T> task) {
  auto result = std::make_shared<std::optional<Outcome<T>>>();
  engine::Engine& engine = this->engine();
  loop::Loop& loop = engine.loop(0);
  loop.call([&engine, &loop, result, origin = origin(), patience = patience(), task = std::move(task)]() mutable {
    engine.run(loop, {std::move(origin), loop.now() + patience}, std::move(task),
               [result](Outcome<T> outcome) { result->emplace(std::move(outcome)); });
  });
  return result;
}

}  // namespace troupe::testing
