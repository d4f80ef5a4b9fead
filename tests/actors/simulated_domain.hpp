#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <troupe/actor/domain.hpp>
#include <troupe/engine/engine.hpp>
#include <troupe/loop/simulation.hpp>
#include "tests/engine/scripted_store.hpp"

namespace shop::testing {

using namespace std::chrono_literals;

/// Domains on virtual time in one thread, each protocol with a store in memory: what a test of a domain stands on.
class SimulatedDomain {
 public:
  template <class T>
  using Pending = std::shared_ptr<std::optional<troupe::Outcome<T>>>;

  explicit SimulatedDomain(std::vector<troupe::EntityType> types, std::uint64_t seed = 7, std::size_t loops = 2)
      : world(seed, loops), types_(std::move(types)) {
    for (const auto& type : types_) {
      stores_.emplace_back(type.protocol->name, std::make_unique<troupe::engine::ScriptedStore>(world.workers()));
    }
    restart();
  }
  ~SimulatedDomain() { stop(); }
  SimulatedDomain(const SimulatedDomain&) = delete;
  SimulatedDomain& operator=(const SimulatedDomain&) = delete;

  /// What was committed is still there, and what was not is gone.
  void restart() {
    stop();
    engine_ = std::make_unique<troupe::engine::Engine>(world, reports);
    engine_->set_call_policies([this](auto, auto) { return calls; });
    for (std::size_t i = 0; i < types_.size(); ++i) engine_->host(types_[i], stores_[i].second.get());
    engine_->start();
  }

  troupe::engine::ScriptedStore& store(std::string_view protocol) {
    for (auto& [name, store] : stores_) {
      if (name == protocol) return *store;
    }
    throw std::out_of_range("no such protocol");
  }

  template <class T>
  Pending<T> begin(troupe::Task<T> task) {
    auto result = std::make_shared<std::optional<troupe::Outcome<T>>>();
    auto& loop = engine_->loop(0);
    loop.call([this, &loop, result, task = std::move(task)]() mutable {
      troupe::engine::RootOptions options{troupe::Shared<troupe::Origin>(new troupe::Origin(principal, "")),
                                          loop.now() + patience};
      engine_->run(loop, std::move(options), std::move(task),
                   [result](troupe::Outcome<T> outcome) { result->emplace(std::move(outcome)); });
    });
    return result;
  }
  template <class T>
  troupe::Outcome<T> end(const Pending<T>& pending) {
    EXPECT_TRUE(world.run_until([&] { return pending->has_value(); }, 1h));
    return std::move(pending->value());
  }
  template <class T>
  troupe::Outcome<T> run(troupe::Task<T> task) {
    return end(begin(std::move(task)));
  }

  template <class Api, class M, class... Fields>
  Pending<troupe::ReplyOf<M>> begin_ask(troupe::Key key, Fields... fields) {
    return begin(asking<Api, M>(troupe::actor<Api>(std::move(key)), std::move(fields)...));
  }
  template <class Api, class M, class... Fields>
  troupe::Outcome<troupe::ReplyOf<M>> ask(troupe::Key key, Fields... fields) {
    return end(begin_ask<Api, M>(std::move(key), std::move(fields)...));
  }
  template <class Api, class M, class... Fields>
  troupe::Outcome<troupe::ReplyOf<M>> ask_all(Fields... fields) {
    return run(asking<Api, M>(troupe::directory<Api>(), std::move(fields)...));
  }

  /// Lets what was sent arrive.
  void settle() { world.advance(1s); }

  struct Reports final : troupe::engine::Reporter {
    void crashed(std::string_view protocol, const troupe::Key&, std::string_view message, std::string_view what,
                 std::string_view) override {
      ADD_FAILURE() << protocol << ' ' << message << ": " << what;
    }
    void trouble(std::string_view what) override { ADD_FAILURE() << what; }
  };

  troupe::loop::Simulation world;
  Reports reports;
  troupe::Principal principal = troupe::Principal::of_node("test");
  std::chrono::milliseconds patience = 10s;
  /// Of every edge, from the next restart(). At first nothing is repeated, so that a scripted failure reaches its
  /// caller.
  troupe::resilience::CallPolicy calls{.attempts = 1};

 private:
  template <class Api, class M, class To, class... Fields>
  static troupe::Task<troupe::ReplyOf<M>> asking(To to, Fields... fields) {
    co_return co_await to.template ask<M>(std::move(fields)...);
  }

  std::vector<troupe::EntityType> types_;
  /// As a node stops: the loops, then the stores with what they still hold, then the engine.
  void stop() {
    if (engine_) engine_->stop(std::chrono::milliseconds(0));
    for (auto& [name, store] : stores_) store->close();
    engine_.reset();
  }

  std::vector<std::pair<std::string, std::unique_ptr<troupe::engine::ScriptedStore>>> stores_;
  std::unique_ptr<troupe::engine::Engine> engine_;
};

}  // namespace shop::testing
