#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <troupe/engine/engine.hpp>
#include <troupe/loop/simulation.hpp>
#include "tests/engine/scripted_store.hpp"

/// What the tests of repeated calls share: actors whose calls can be made to fail in every way, on one loop or two.
namespace troupe::engine::retrying {

using namespace std::chrono_literals;

// A counter whose every way to add has another effect class, and which can be slow, say no, or ask another.
struct Total {
  using Reply = std::int64_t;
  static constexpr auto effect = Effect::read;
  std::string note;  ///< longer than any small string, to be whole at each attempt
};
struct SetTo {
  using Reply = std::int64_t;
  static constexpr auto effect = Effect::idempotent;
  std::int64_t value = 0;
  std::string note;
};
struct AddKeyed {
  using Reply = std::int64_t;
  static constexpr auto effect = Effect::keyed;
  std::int64_t value = 0;
  std::string note;
};
struct AddOnce {
  using Reply = std::int64_t;
  std::int64_t value = 0;
  std::string note;
};
struct Refuse {
  using Reply = Done;
  static constexpr auto effect = Effect::idempotent;
};
struct Crash {
  using Reply = Done;
  static constexpr auto effect = Effect::idempotent;
};
struct Dawdle {
  using Reply = std::int64_t;
  static constexpr auto effect = Effect::idempotent;
  std::int64_t value = 0;
  std::vector<Duration> times;  ///< of its first, second, … attempt
};
struct Totals {
  using Reply = std::vector<std::int64_t>;
  static constexpr auto effect = Effect::read;
  static constexpr auto scope = Scope::directory;
};
using CounterApi = Protocol<"counter", Total, SetTo, AddKeyed, AddOnce, Refuse, Crash, Dawdle, Totals>;

struct CounterState {
  std::int64_t total = 0;
};

inline const std::string note = "a note that is longer than any small string";

/// What reached a handler, across all counters of a test.
struct Seen {
  std::vector<std::string> notes;
  std::uint32_t turns = 0;
  std::uint32_t dawdled = 0;
};

class Counter : public Entity<CounterApi, CounterState> {
 public:
  explicit Counter(Seen* seen) : seen_(seen) {}

  Task<std::int64_t> on(Total m) const {
    see(std::move(m.note));
    co_return state().total;
  }
  Task<std::int64_t> on(SetTo m) {
    see(std::move(m.note));
    edit().total = m.value;
    co_return m.value;
  }
  Task<std::int64_t> on(AddKeyed m) {
    see(std::move(m.note));
    edit().total += m.value;
    co_return state().total;
  }
  Task<std::int64_t> on(AddOnce m) {
    see(std::move(m.note));
    edit().total += m.value;
    co_return state().total;
  }
  Task<Done> on(Refuse) {
    ++seen_->turns;
    co_return Rejected{"unavailable", "a word that is the runtime's, said by a domain"};
  }
  Task<Done> on(Crash) {
    ++seen_->turns;
    throw std::runtime_error("a bug");
    co_return Done{};
  }
  Task<std::int64_t> on(Dawdle m) {
    ++seen_->turns;
    const auto attempt = std::min<std::size_t>(seen_->dawdled++, m.times.size() - 1);
    co_await pause(m.times[attempt]);
    edit().total = m.value;
    co_return m.value;
  }
  static std::vector<std::int64_t> on(Totals, const Rows& rows) {
    std::vector<std::int64_t> totals;
    rows.each([&](const Key&, const CounterState& state) {
      totals.push_back(state.total);
      return true;
    });
    return totals;
  }

 private:
  void see(std::string text) const {
    ++seen_->turns;
    seen_->notes.push_back(std::move(text));
  }
  Seen* seen_;
};

/// Asks a counter, and passes on what it hears.
struct AddThrough {
  using Reply = std::int64_t;
  static constexpr auto effect = Effect::keyed;
  std::string counter;
  std::int64_t value = 0;
};
struct SetThrough {
  using Reply = std::int64_t;
  static constexpr auto effect = Effect::idempotent;
  std::string counter;
};
struct ReadThrough {
  using Reply = std::int64_t;
  static constexpr auto effect = Effect::read;
  std::string counter;
};
struct SendAdd {
  using Reply = Done;
  static constexpr auto effect = Effect::idempotent;
  std::string counter;
};
using FrontApi = Protocol<"front", AddThrough, SetThrough, ReadThrough, SendAdd>;

inline Ref<CounterApi> counter(std::string_view name) { return actor<CounterApi>(Key(name)); }

class Front : public Entity<FrontApi, CounterState, Asks<CounterApi>> {
 public:
  explicit Front(Seen* seen) : seen_(seen) {}

  Task<std::int64_t> on(AddThrough m) {
    ++seen_->turns;
    const std::int64_t total = co_await counter(m.counter).ask<AddKeyed>(m.value, note);
    edit().total = total;
    co_return total;
  }
  Task<std::int64_t> on(SetThrough m) {
    ++seen_->turns;
    co_return co_await counter(m.counter).ask<SetTo>(1, note);
  }
  Task<std::int64_t> on(ReadThrough m) const {
    ++seen_->turns;
    co_return co_await counter(m.counter).ask<Total>(note);
  }
  Task<Done> on(SendAdd m) {
    send<AddKeyed>(counter(m.counter), 1, note);
    co_return Done{};
  }

 private:
  Seen* seen_;
};

struct Reports final : Reporter {
  std::vector<std::string> breakers;
  void crashed(const CrashReport&) override {}
  void trouble(std::string_view) override {}
  void breaker_changed(const Edge::Branch& branch, resilience::Breaker::Change change) override {
    breakers.push_back(branch.name() + (change == resilience::Breaker::Change::opened ? " opened" : " closed"));
  }
};

template <class M, class To, class... F>
Task<ReplyOf<M>> asking(To to, F... fields) {
  co_return co_await to.template ask<M>(std::move(fields)...);
}

/// With one loop an ask runs at once, with two the counter "c" is on the other one.
class Retry : public ::testing::TestWithParam<std::size_t> {
 protected:
  void SetUp() override {
    open();
    const std::uint64_t hash = Key("c").shard_hash();
    ASSERT_EQ(engine->hosts().front()->shard_of(hash)->loop().index(), GetParam() - 1);
  }
  void TearDown() override { close(); }

  void close() {
    if (engine) engine->stop(0ms);
    store.close();
    front_store.close();
    engine.reset();
  }

  void open() {
    close();
    engine = std::make_unique<Engine>(world, reports);
    engine->set_call_policies([this](std::string_view from, std::string_view to) {
      const auto it = policies.find(std::string(from) + " -> " + std::string(to));
      return it == policies.end() ? resilience::CallPolicy{} : it->second;
    });
    engine->host(entity_type<Counter>(&seen), &store, options);
    engine->host(entity_type<Front>(&front_seen), &front_store);
    engine->start();
  }
  void open_with(resilience::CallPolicy policy) {
    policies["gateway -> counter"] = policy;
    open();
  }

  template <class T>
  auto begin(Task<T> task) {
    auto result = std::make_shared<std::optional<Outcome<T>>>();
    loop::Loop& loop = engine->loop(0);
    auto start = [this, &loop, result, limit = patience, task = std::move(task)]() mutable {
      engine->run(loop, {Shared<Origin>(new Origin(Principal::of_node("test"), "")), loop.now() + limit},
                  std::move(task), [result](Outcome<T> o) { result->emplace(std::move(o)); });
    };
    loop.call(std::move(start));
    return result;
  }
  template <class T>
  Outcome<T> run(Task<T> task) {
    auto result = begin(std::move(task));
    EXPECT_TRUE(world.run_until([&] { return result->has_value(); }, 1h));
    return std::move(**result);
  }
  template <class M, class... F>
  Outcome<ReplyOf<M>> ask(F... fields) {
    return run(asking<M>(counter("c"), std::move(fields)...));
  }
  template <class M, class... F>
  Outcome<ReplyOf<M>> ask_front(F... fields) {
    return run(asking<M>(actor<FrontApi>(Key("f")), std::move(fields)...));
  }

  const Edge& edge(std::string_view name) {
    for (const auto& edge : engine->edges()) {
      if (edge->name() == name) return *edge;
    }
    throw std::out_of_range("no such edge");
  }
  std::uint64_t retries() { return edge("gateway -> counter").retries(); }
  Duration elapsed_since(Time before) { return world.wall_time() - before; }

  void fail_commits(std::size_t count, StoreStatus status) { store.next_commits.assign(count, status); }
  void fail_loads(std::size_t count) { store.next_loads.assign(count, StoreStatus::unavailable); }

  loop::Simulation world{7, GetParam()};
  Reports reports;
  ScriptedStore store{world.workers()};
  ScriptedStore front_store{world.workers()};
  HostOptions options;
  std::map<std::string, resilience::CallPolicy> policies;
  std::chrono::milliseconds patience = 10s;
  Seen seen;
  Seen front_seen;
  std::unique_ptr<Engine> engine;
};

}  // namespace troupe::engine::retrying
