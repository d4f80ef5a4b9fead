#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "runtime/engine/engine.hpp"
#include "runtime/engine/simulation.hpp"
#include "tests/engine/scripted_store.hpp"

namespace troupe::engine {
namespace {

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

const std::string note = "a note that is longer than any small string";

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

Ref<CounterApi> counter(std::string_view name) { return actor<CounterApi>(Key(name)); }

class Front : public Entity<FrontApi, CounterState> {
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
  void crashed(std::string_view, const Key&, std::string_view, std::string_view, std::string_view) override {}
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
    Loop& loop = engine->loop(0);
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

  Simulation world{7, GetParam()};
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

// What is repeated, by effect class and failure.

TEST_P(Retry, RepeatsAReadUntilItsStateCanBeLoaded) {
  fail_loads(2);
  const auto total = ask<Total>(note);
  ASSERT_TRUE(total.ok());
  EXPECT_EQ(retries(), 2U);
  EXPECT_EQ(seen.notes, std::vector{note});
}

TEST_P(Retry, RepeatsNoMoreOftenThanThePolicySays) {
  fail_loads(3);
  const auto total = ask<Total>(note);
  EXPECT_TRUE(total.not_executed());
  EXPECT_EQ(total.failure().code, failure_code::unavailable);
  EXPECT_EQ(retries(), 2U);
}

TEST_P(Retry, RepeatsAQueryOfTheDirectory) {
  ASSERT_TRUE(ask<SetTo>(5, note).ok());
  store.next_queries.assign(2, StoreStatus::unavailable);
  const auto totals = run(asking<Totals>(directory<CounterApi>()));
  ASSERT_TRUE(totals.ok());
  EXPECT_EQ(*totals, std::vector<std::int64_t>{5});
  EXPECT_EQ(retries(), 2U);
}

TEST_P(Retry, HandsEachAttemptTheWholeMessage) {
  fail_commits(2, StoreStatus::full);
  ASSERT_TRUE(ask<SetTo>(5, note).ok());
  EXPECT_EQ(seen.notes, (std::vector{note, note, note}));
  EXPECT_EQ(*ask<Total>(note), 5);
}

TEST_P(Retry, RepeatsAnIdempotentMessageOfUnknownOutcome) {
  fail_commits(2, StoreStatus::unknown);
  ASSERT_TRUE(ask<SetTo>(5, note).ok());
  EXPECT_EQ(retries(), 2U);
}

TEST_P(Retry, RepeatsAKeyedMessageThatWasNotExecuted) {
  fail_commits(2, StoreStatus::full);
  const auto total = ask<AddKeyed>(5, note);
  ASSERT_TRUE(total.ok());
  EXPECT_EQ(*total, 5);
  EXPECT_EQ(seen.notes, (std::vector{note, note, note}));
}

TEST_P(Retry, ExecutesAKeyedMessageOnceWhenItsLostCommitWasKept) {
  store.next_commits = {StoreStatus::unknown};
  store.keep_unknown = true;
  const auto total = ask<AddKeyed>(5, note);
  ASSERT_TRUE(total.ok());
  EXPECT_EQ(*total, 5);
  EXPECT_EQ(retries(), 1U);
  EXPECT_EQ(seen.turns, 1U) << "the inbox knows the answer";
  EXPECT_EQ(*ask<Total>(note), 5);
}

TEST_P(Retry, ExecutesAKeyedMessageOnceWhenItsLostCommitWasNotKept) {
  store.next_commits = {StoreStatus::unknown};
  const auto total = ask<AddKeyed>(5, note);
  ASSERT_TRUE(total.ok());
  EXPECT_EQ(seen.turns, 2U);
  EXPECT_EQ(*ask<Total>(note), 5);
}

TEST_P(Retry, RepeatsWhatMustHappenOnceOnlyBeforeItsTurn) {
  fail_loads(2);
  const auto total = ask<AddOnce>(5, note);
  ASSERT_TRUE(total.ok());
  EXPECT_EQ(retries(), 2U);
  EXPECT_EQ(seen.notes, std::vector{note});

  fail_commits(1, StoreStatus::full);
  const auto refused = ask<AddOnce>(5, note);
  EXPECT_TRUE(refused.not_executed());
  EXPECT_EQ(retries(), 2U) << "its turn had started";
}

TEST_P(Retry, NeverRepeatsWhatMustHappenOnceWhenItMayHaveHappened) {
  for (const bool kept : {true, false}) {
    store.next_commits = {StoreStatus::unknown};
    store.keep_unknown = kept;
    EXPECT_TRUE(ask<AddOnce>(5, note).unknown());
    EXPECT_EQ(*ask<Total>(note), 5);
    EXPECT_EQ(retries(), 0U);
  }
}

TEST_P(Retry, NeverRepeatsARejection) {
  EXPECT_TRUE(ask<Refuse>().rejected("unavailable"));
  EXPECT_EQ(seen.turns, 1U);
}

TEST_P(Retry, NeverRepeatsACrash) {
  const auto crashed = ask<Crash>();
  EXPECT_EQ(crashed.failure().code, failure_code::actor_crashed);
  EXPECT_EQ(seen.turns, 1U);
}

TEST_P(Retry, RepeatsWhatAFullQueueRefused) {
  options.queue_limit = 1;
  open();
  ASSERT_TRUE(ask<Total>(note).ok());
  store.held = true;
  auto first = begin(asking<SetTo>(counter("c"), 1, note));
  auto second = begin(asking<SetTo>(counter("c"), 2, note));
  auto third = begin(asking<AddOnce>(counter("c"), 3, note));
  world.run_until([&] { return retries() > 0; }, 1s);
  store.release();
  world.run_until([&] { return third->has_value(); }, 1s);
  EXPECT_TRUE((*first)->ok());
  EXPECT_TRUE((*second)->ok());
  ASSERT_TRUE((*third)->ok()) << "a message that was turned away is whole, whatever its class";
  EXPECT_EQ(*ask<Total>(note), 5);
}

// Time: the edge's timeout, the caller's deadline, the backoff.

TEST_P(Retry, RepeatsWhatTheEdgesTimeoutCutOff) {
  open_with({.timeout = 100ms});
  const auto slow = ask<Dawdle>(7, std::vector<Duration>{1s, 0ms});
  ASSERT_TRUE(slow.ok()) << slow.failure().detail;
  EXPECT_EQ(*slow, 7);
  EXPECT_EQ(seen.dawdled, 2U);
}

TEST_P(Retry, TellsThatTheEdgesTimeoutWasTheLimit) {
  open_with({.timeout = 100ms, .attempts = 1});
  const Time before = world.wall_time();
  const auto slow = ask<Dawdle>(7, std::vector<Duration>{1s});
  EXPECT_TRUE(slow.unknown());
  EXPECT_EQ(slow.failure().code, failure_code::timeout);
  EXPECT_NE(slow.failure().detail.find("gateway -> counter"), std::string::npos) << slow.failure().detail;
  EXPECT_LE(elapsed_since(before), 110ms);
}

TEST_P(Retry, NeverRunsPastTheCallersDeadline) {
  open_with({.timeout = 100ms, .attempts = 100, .budget_percent = 1000});
  patience = 450ms;
  const Time before = world.wall_time();
  const auto slow = ask<Dawdle>(7, std::vector<Duration>{1h});
  EXPECT_TRUE(slow.unknown());
  EXPECT_LE(elapsed_since(before), 455ms);
  EXPECT_GT(retries(), 0U);
}

TEST_P(Retry, AnswersAFailureAsItIsWhenTheDeadlineLeavesNoRoom) {
  patience = 1ms;
  fail_loads(100);
  const auto total = ask<Total>(note);
  EXPECT_TRUE(total.not_executed());
  EXPECT_LE(retries(), 1U);
}

TEST_P(Retry, StaysQuickWhenEverythingFails) {
  fail_commits(1000, StoreStatus::full);
  const Time before = world.wall_time();
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(ask<SetTo>(5, note).not_executed());
  EXPECT_LE(elapsed_since(before), 100 * 35ms);
}

// The budget.

TEST_P(Retry, RepeatsNoMoreThanItsPartOfTheCallsInTheLongRun) {
  fail_loads(100'000);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(ask<Total>(note).not_executed());
  EXPECT_GE(retries(), 200U);
  EXPECT_LE(retries(), 200U + 10 + 40) << "its part, its reserve, and what time refilled";
}

TEST_P(Retry, RepeatsNothingWithoutABudget) {
  open_with({.budget_percent = 0});
  fail_loads(1);
  EXPECT_TRUE(ask<Total>(note).not_executed());
  EXPECT_EQ(retries(), 0U);
}

// What the caller hears is honest.

TEST_P(Retry, StaysUncertainOnceAnAttemptWas) {
  store.next_commits = {StoreStatus::unknown, StoreStatus::full, StoreStatus::full};
  const auto set = ask<SetTo>(5, note);
  EXPECT_TRUE(set.unknown());
  EXPECT_EQ(set.failure().code, failure_code::commit_unknown);
  EXPECT_NE(set.failure().detail.find("unavailable"), std::string::npos) << set.failure().detail;
}

TEST_P(Retry, IsCertainAgainOnceAnAttemptSucceeds) {
  store.next_commits = {StoreStatus::unknown, StoreStatus::full};
  EXPECT_TRUE(ask<SetTo>(5, note).ok());
}

TEST_P(Retry, KnowsThatAReadLeavesNothingBehind) {
  options.queue_limit = 1;
  open_with({.timeout = 100ms, .attempts = 2});
  ASSERT_TRUE(ask<SetTo>(1, note).ok());
  store.held = true;
  auto blocked = begin(asking<SetTo>(counter("c"), 2, note));
  world.advance(10ms);
  // The first attempt waits until its time is up; the second is turned away, for the first still stands in the queue.
  const auto total = ask<Total>(note);
  EXPECT_TRUE(total.not_executed());
  EXPECT_EQ(total.failure().code, failure_code::overloaded);
  const auto set = ask<SetTo>(3, note);
  EXPECT_TRUE(set.not_executed()) << "turned away twice";
  store.release();
}

// Through several hops.

TEST_P(Retry, RepeatsAFailureWhereItAroseAndNotAbove) {
  fail_loads(100);
  const auto total = ask_front<ReadThrough>(std::string("c"));
  EXPECT_TRUE(total.not_executed());
  EXPECT_EQ(edge("front -> counter").retries(), 2U);
  EXPECT_EQ(edge("gateway -> front").retries(), 0U);
  EXPECT_EQ(front_seen.turns, 1U);
}

TEST_P(Retry, AsksUnderTheSameOperationWhenItsOwnTurnIsRepeated) {
  front_store.next_commits = {StoreStatus::unknown};
  const auto total = ask_front<AddThrough>(std::string("c"), 5);
  ASSERT_TRUE(total.ok());
  EXPECT_EQ(front_seen.turns, 2U);
  EXPECT_EQ(seen.turns, 1U) << "the counter knows the operation";
  EXPECT_EQ(*ask<Total>(note), 5);
}

TEST_P(Retry, LeavesSendsToTheOutbox) {
  fail_commits(20, StoreStatus::full);
  ASSERT_TRUE(ask_front<SendAdd>(std::string("c")).ok());
  EXPECT_TRUE(world.run_until([this] { return front_store.outbox.empty(); }, 10min));
  EXPECT_EQ(*ask<Total>(note), 1);
  EXPECT_EQ(edge("front -> counter").retries(), 0U);
}

// The breaker.

constexpr resilience::CallPolicy with_breaker{.attempts = 1,
                                              .breaker = resilience::BreakerOptions{3, Duration(10s), Duration(5s)}};

TEST_P(Retry, AnswersAtOnceWhileTheBreakerIsOpen) {
  open_with(with_breaker);
  fail_loads(3);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(ask<Total>(note).not_executed());
  const auto loads = store.loads;
  const auto refused = ask<Total>(note);
  EXPECT_TRUE(refused.not_executed());
  EXPECT_EQ(refused.failure().code, failure_code::unavailable);
  EXPECT_NE(refused.failure().detail.find("gateway -> counter"), std::string::npos) << refused.failure().detail;
  EXPECT_NE(refused.failure().detail.find("5000 ms"), std::string::npos) << refused.failure().detail;
  EXPECT_EQ(store.loads, loads) << "nothing reaches the callee";
  EXPECT_EQ(reports.breakers, std::vector<std::string>{"gateway -> counter opened"});
}

TEST_P(Retry, ClosesTheBreakerAfterAProbe) {
  open_with(with_breaker);
  fail_loads(4);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(ask<Total>(note).not_executed());
  world.advance(5s);
  EXPECT_TRUE(ask<Total>(note).not_executed()) << "the probe fails: open again";
  EXPECT_TRUE(ask<Total>(note).not_executed());
  world.advance(5s);
  EXPECT_TRUE(ask<Total>(note).ok());
  EXPECT_TRUE(ask<Total>(note).ok());
  EXPECT_EQ(reports.breakers, (std::vector<std::string>{"gateway -> counter opened", "gateway -> counter closed"}));
}

TEST_P(Retry, KnowsThatWhatABreakerKeptAwayHadNoEffect) {
  policies["front -> counter"] = with_breaker;
  open();
  fail_commits(3, StoreStatus::full);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(ask_front<SetThrough>(std::string("c")).unknown());
  const auto refused = ask_front<SetThrough>(std::string("c"));
  EXPECT_TRUE(refused.not_executed()) << "its turn has asked nobody";
  EXPECT_EQ(refused.failure().code, failure_code::unavailable);
}

TEST_P(Retry, CountsNoRejectionAgainstTheBreaker) {
  open_with(with_breaker);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(ask<Refuse>().rejected());
  EXPECT_TRUE(ask<Total>(note).ok());
}

TEST_P(Retry, CountsAgainstItsOwnEdgeOnly) {
  policies["gateway -> front"] = with_breaker;
  policies["front -> counter"] = with_breaker;
  open();
  fail_loads(3);
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(ask_front<ReadThrough>(std::string("c")).not_executed());
  EXPECT_EQ(reports.breakers, std::vector<std::string>{"front -> counter opened"});
  EXPECT_TRUE(ask<Total>(note).ok()) << "another caller has its own edge";
}

TEST_P(Retry, StaysUncertainWhenTheBreakerOpensBetweenAttempts) {
  open_with({.attempts = 5, .breaker = resilience::BreakerOptions{2, Duration(10s), Duration(5s)}});
  fail_commits(100, StoreStatus::unknown);
  const auto set = ask<SetTo>(5, note);
  EXPECT_TRUE(set.unknown());
  EXPECT_EQ(set.failure().code, failure_code::commit_unknown);
  EXPECT_EQ(seen.turns, 2U);
}

// Ends.

TEST_P(Retry, EndsItsBackoffWithTheEngine) {
  open_with({.attempts = 100, .budget_percent = 1000});
  fail_loads(1000);
  auto pending = begin(asking<Total>(counter("c"), note));
  world.run_until([this] { return retries() > 4; }, 10s);
  engine->stop(0ms);
  store.close();
  engine.reset();  // the sanitizers see to it that nothing is leaked
  EXPECT_FALSE(pending->has_value());
}

TEST_P(Retry, FailsAtOnceWhatNobodyHosts) {
  engine->stop(0ms);
  store.close();
  engine = std::make_unique<Engine>(world, reports);
  engine->host(entity_type<Front>(&front_seen), &front_store);
  engine->start();
  const Time before = world.wall_time();
  EXPECT_TRUE(ask<Total>(note).not_executed());
  EXPECT_EQ(elapsed_since(before), 0ms);
}

INSTANTIATE_TEST_SUITE_P(Loops, Retry, ::testing::Values(1U, 2U));

}  // namespace
}  // namespace troupe::engine
