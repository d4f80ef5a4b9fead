#include <gtest/gtest.h>

#include <troupe/engine/detail/outbox.hpp>
#include <troupe/engine/engine.hpp>
#include <troupe/loop/simulation.hpp>
#include "tests/engine/scripted_store.hpp"

namespace troupe::engine::accounts {
namespace {

using namespace std::chrono_literals;

// A small bank: accounts that lend, refuse, crash, and send money on.
struct Balance {
  std::int64_t amount = 0;
  std::string owner;
};
struct Get {
  using Reply = Balance;
  static constexpr auto effect = Effect::read;
};
struct Put {
  using Reply = Balance;
  static constexpr auto effect = Effect::keyed;
  std::int64_t amount = 0;
  std::string owner;
};
struct PutThenFail {
  using Reply = Done;
  bool commit_first = false;
};
struct PutThenCrash {
  using Reply = Done;
};
struct AskOther {
  using Reply = Balance;
  static constexpr auto effect = Effect::read;
  std::string other;
};
struct SumOf {
  using Reply = Balance;
  static constexpr auto effect = Effect::read;
  std::vector<std::string> others;
};
struct Gift {
  using Reply = Done;
  static constexpr auto effect = Effect::keyed;
  std::int64_t amount = 0;
};
struct GiveTo {
  using Reply = Done;
  std::string other;
  std::int64_t amount = 0;
};
struct SlowRead {
  using Reply = Balance;
  static constexpr auto effect = Effect::read;
  Duration time{};
};
struct WriteThrough {
  using Reply = Balance;
  std::string other;
};
struct RingRead {
  using Reply = Balance;
  static constexpr auto effect = Effect::read;
  std::string through;
};
struct RingWrite {
  using Reply = Balance;
  std::string through;
};
struct Note {
  using Reply = Done;
  static constexpr auto effect = Effect::idempotent;
  std::string item;
  std::string text;
};
struct ReadNote {
  using Reply = Balance;
  static constexpr auto effect = Effect::read;
  std::string item;
};
struct Hash {
  using Reply = Balance;
  std::string text;
};
struct Owners {
  using Reply = std::vector<std::string>;
  static constexpr auto effect = Effect::read;
  static constexpr auto scope = Scope::directory;
};
struct Close {
  using Reply = Done;
};

using Api = Protocol<"account", Get, Put, PutThenFail, PutThenCrash, AskOther, SumOf, Gift, GiveTo, SlowRead,
                     WriteThrough, RingRead, RingWrite, Note, ReadNote, Hash, Owners, Close>;

struct State {
  std::int64_t amount = 0;
  std::string owner;
  Table<std::string, std::string> notes;
};

Ref<Api> account(std::string_view name) { return actor<Api>(Key(name)); }

class Account : public Entity<Api, State> {
 public:
  Task<Balance> on(Get) const { co_return balance(); }
  Task<Balance> on(Put m) {
    edit().amount = m.amount;
    edit().owner = m.owner;
    co_return balance();
  }
  Task<Done> on(PutThenFail m) {
    edit().amount = 77;
    if (m.commit_first) co_await commit();
    edit().amount = 99;
    co_return Rejected{"refused", "as asked"};
  }
  Task<Done> on(PutThenCrash) {
    edit().amount = 99;
    throw std::runtime_error("a bug with a text that is longer than any small string");
    co_return Done{};
  }
  Task<Balance> on(AskOther m) const { co_return co_await account(m.other).ask<Get>(); }
  Task<Balance> on(SumOf m) const {
    std::vector<Ask<Get>> asks;
    for (const auto& other : m.others) asks.push_back(account(other).ask<Get>());
    Balance sum;
    for (const auto& b : co_await all(std::move(asks))) sum.amount += b.amount;
    co_return sum;
  }
  Task<Done> on(Gift m) {
    edit().amount += m.amount;
    co_return Done{};
  }
  Task<Done> on(GiveTo m) {
    if (state().amount < m.amount) co_return Rejected{"too_poor"};
    edit().amount -= m.amount;
    send<Gift>(account(m.other), m.amount);
    co_return Done{};
  }
  Task<Balance> on(SlowRead m) const {
    co_await pause(m.time);
    co_return balance();
  }
  Task<Balance> on(WriteThrough m) {
    auto outcome = co_await account(m.other).try_ask<Put>(5, std::string("a name beyond the small string limit"));
    if (!outcome) co_return std::move(outcome).failure();
    edit().amount = outcome->amount;
    co_return balance();
  }
  Task<Balance> on(RingRead m) const {
    if (m.through.empty()) co_return balance();
    co_return co_await account(m.through).ask<AskOther>(std::string(key().text()));
  }
  Task<Balance> on(RingWrite m) { co_return co_await account(m.through).ask<AskOther>(std::string(key().text())); }
  Task<Done> on(Note m) {
    edit().notes.put(m.item, m.text);
    co_return Done{};
  }
  Task<Balance> on(ReadNote m) const {
    const auto* note = state().notes.find(m.item);
    if (!note) co_return Rejected{"no_note"};
    co_return Balance{static_cast<std::int64_t>(note->size()), *note};
  }
  Task<Balance> on(Hash m) {
    const std::string reversed =
        co_await blocking([](const std::string& text) { return std::string(text.rbegin(), text.rend()); }, m.text);
    edit().owner = reversed;
    co_return balance();
  }
  static std::vector<std::string> on(Owners, const Rows& rows) {
    std::vector<std::string> owners;
    rows.each([&](const Key&, const State& s) {
      owners.push_back(s.owner);
      return true;
    });
    return owners;
  }
  Task<Done> on(Close) {
    erase();
    co_return Done{};
  }

 private:
  Balance balance() const { return {state().amount, state().owner}; }
};

struct Reports final : Reporter {
  std::vector<std::string> crashes;
  std::vector<std::string> troubles;
  void crashed(const CrashReport& report) override {
    crashes.push_back(report.key.to_string() + ' ' + std::string(report.message) + ' ' + std::string(report.what));
  }
  void trouble(std::string_view what) override { troubles.emplace_back(what); }
};

template <class M, class... F>
Task<Outcome<ReplyOf<M>>> asking(Ref<Api> to, F... fields) {
  co_return co_await to.template try_ask<M>(std::move(fields)...);
}

template <class M, class... F>
Task<ReplyOf<M>> asking_directly(Ref<Api> to, F... fields) {
  co_return co_await to.template ask<M>(std::move(fields)...);
}

class Bank : public ::testing::TestWithParam<std::size_t> {
 protected:
  void SetUp() override { open(); }
  void TearDown() override {
    store.close();
    engine.reset();
  }

  void open() {
    store.close();
    engine.reset();
    engine = std::make_unique<Engine>(world, reports);
    // What one attempt at a turn comes to; retry_test.cpp has the rest.
    engine->set_call_policies([](auto, auto) { return resilience::CallPolicy{.attempts = 1}; });
    engine->host(entity_type<Account>(), &store, options);
    engine->start();
  }

  /// Asks and lets the world run until there is an answer.
  template <class M, class... F>
  Outcome<ReplyOf<M>> ask(std::string_view name, F... fields) {
    auto result = begin<M>(name, std::move(fields)...);
    EXPECT_TRUE(world.run_until([&] { return result->has_value(); }, 1h));
    return std::move(**result);
  }

  template <class M, class... F>
  std::shared_ptr<std::optional<Outcome<ReplyOf<M>>>> begin(std::string_view name, F... fields) {
    auto result = std::make_shared<std::optional<Outcome<ReplyOf<M>>>>();
    loop::Loop& loop = engine->loop(0);
    auto start = [this, &loop, result, to = account(name), limit = patience,
                  task = asking_directly<M>(account(name), std::move(fields)...)]() mutable {
      engine->run(loop, {Shared<Origin>(new Origin(Principal::of_user({1, 2}, "customer"), "")), loop.now() + limit},
                  std::move(task), [result](Outcome<ReplyOf<M>> o) { result->emplace(std::move(o)); });
    };
    loop.call(std::move(start));
    return result;
  }

  loop::Simulation world{7, GetParam()};
  Reports reports;
  ScriptedStore store{world.workers()};
  HostOptions options;
  std::chrono::milliseconds patience = 10s;
  std::unique_ptr<Engine> engine;
};

TEST_P(Bank, KeepsWhatATurnEdited) {
  auto put = ask<Put>("ada", 12, std::string("Ada Lovelace of London"));
  ASSERT_TRUE(put.ok()) << put.failure().code << ' ' << put.failure().detail;
  EXPECT_EQ(put->amount, 12);
  auto got = ask<Get>("ada");
  ASSERT_TRUE(got.ok());
  EXPECT_EQ(got->owner, "Ada Lovelace of London");
  EXPECT_EQ(store.rows.at(Key("ada")).version, 1U);
}

TEST_P(Bank, LoadsStateAgainAfterARestart) {
  ASSERT_TRUE(ask<Put>("ada", 12, std::string("Ada")).ok());
  ASSERT_TRUE(ask<Note>("ada", std::string("k"), std::string("a note of hers")).ok());
  open();
  EXPECT_EQ(ask<Get>("ada")->amount, 12);
  EXPECT_EQ(ask<ReadNote>("ada", std::string("k"))->owner, "a note of hers");
}

TEST_P(Bank, LeavesNoTraceOfARejectedTurn) {
  ASSERT_TRUE(ask<Put>("ada", 12, std::string("Ada")).ok());
  auto refused = ask<PutThenFail>("ada", false);
  EXPECT_TRUE(refused.rejected("refused"));
  EXPECT_EQ(ask<Get>("ada")->amount, 12);
  EXPECT_EQ(store.commits, 1U);
}

TEST_P(Bank, KeepsWhatWasCommittedInTheMiddle) {
  auto refused = ask<PutThenFail>("ada", true);
  EXPECT_TRUE(refused.rejected("refused"));
  EXPECT_EQ(ask<Get>("ada")->amount, 77);
}

TEST_P(Bank, ReloadsAnActorThatCrashedAndGoesOn) {
  ASSERT_TRUE(ask<Put>("ada", 12, std::string("Ada")).ok());
  auto crashed = ask<PutThenCrash>("ada");
  ASSERT_FALSE(crashed.ok());
  EXPECT_EQ(crashed.failure().code, failure_code::actor_crashed);
  EXPECT_TRUE(crashed.not_executed());
  EXPECT_EQ(ask<Get>("ada")->amount, 12);
  EXPECT_EQ(reports.crashes.size(), 1U);
}

TEST_P(Bank, AnswersOnlyAfterTheCommit) {
  store.held = true;
  auto put = begin<Put>("ada", 5, std::string("Ada"));
  auto get = begin<Get>("ada");
  world.run_until([] { return false; }, 1s);
  EXPECT_FALSE(put->has_value());
  EXPECT_FALSE(get->has_value()) << "the next turn waits for the commit";
  store.release();
  world.run_until([&] { return get->has_value(); }, 1s);
  EXPECT_TRUE((*put)->ok());
  EXPECT_EQ((**get)->amount, 5);
}

TEST_P(Bank, TellsNotExecutedWhenTheDiskIsFull) {
  store.next_commits = {StoreStatus::full};
  auto put = ask<Put>("ada", 5, std::string("Ada"));
  EXPECT_TRUE(put.not_executed());
  EXPECT_EQ(put.failure().code, failure_code::unavailable);
  EXPECT_EQ(ask<Get>("ada")->amount, 0);
  EXPECT_TRUE(ask<Put>("ada", 6, std::string("Ada")).ok());
}

TEST_P(Bank, ReloadsAfterACommitOfUnknownOutcome) {
  store.next_commits = {StoreStatus::unknown};
  ASSERT_TRUE(ask<Get>("ada").ok());
  const auto loads = store.loads;
  auto put = ask<Put>("ada", 5, std::string("Ada"));
  EXPECT_TRUE(put.unknown());
  EXPECT_EQ(ask<Get>("ada")->amount, 0);
  EXPECT_GT(store.loads, loads);
}

TEST_P(Bank, RefusesWhenTheStateCannotBeLoaded) {
  store.next_loads = {StoreStatus::unavailable};
  EXPECT_TRUE(ask<Get>("ada").not_executed());
  EXPECT_TRUE(ask<Get>("ada").ok());
}

TEST_P(Bank, AsksInParallelAndAddsUp) {
  for (const char* name : {"a", "b", "c"}) ASSERT_TRUE(ask<Put>(name, 10, std::string(name)).ok());
  auto sum = ask<SumOf>("sum", std::vector<std::string>{"a", "b", "c"});
  ASSERT_TRUE(sum.ok());
  EXPECT_EQ(sum->amount, 30);
}

TEST_P(Bank, DeliversASendOnceAndAcknowledgesIt) {
  ASSERT_TRUE(ask<Put>("ada", 10, std::string("Ada")).ok());
  ASSERT_TRUE(ask<GiveTo>("ada", std::string("bob"), 4).ok());
  EXPECT_EQ(ask<Get>("ada")->amount, 6);
  EXPECT_TRUE(world.run_until([&] { return store.outbox.empty(); }, 10s));
  EXPECT_EQ(ask<Get>("bob")->amount, 4);
}

TEST_P(Bank, DeliversALeftOverSendOnceThoughItHadArrived) {
  ASSERT_TRUE(ask<Put>("ada", 10, std::string("Ada")).ok());
  ASSERT_TRUE(ask<GiveTo>("ada", std::string("bob"), 4).ok());
  const PendingSend sent = [&] {
    EXPECT_TRUE(world.run_until([&] { return !store.inbox.empty() && store.outbox.empty(); }, 10s));
    OutboxRow row{99, store.inbox.rbegin()->first.second, "account", Key("bob"), "Gift", R"({"amount":4})", {}, "", {}};
    for (auto& [where, entry] : store.inbox) {
      if (where.first == Key("bob")) row.operation = where.second;
    }
    return PendingSend{Key("ada"), row};
  }();
  store.left_over = {sent};
  store.outbox = {sent};
  open();
  EXPECT_TRUE(world.run_until([&] { return store.outbox.empty(); }, 10s));
  EXPECT_EQ(ask<Get>("bob")->amount, 4) << "the inbox knows the operation";
}

TEST_P(Bank, RunsReadsTogetherAndWritesAlone) {
  ASSERT_TRUE(ask<Put>("ada", 1, std::string("Ada")).ok());
  auto slow = begin<SlowRead>("ada", Duration(2s));
  auto quick = begin<Get>("ada");
  world.run_until([&] { return quick->has_value(); }, 1s);
  EXPECT_TRUE(quick->has_value()) << "reads run together";
  auto write = begin<Put>("ada", 2, std::string("Ada"));
  auto late = begin<Get>("ada");
  world.run_until([&] { return late->has_value(); }, 1s);
  EXPECT_FALSE(write->has_value()) << "a write waits for the reads before it";
  EXPECT_FALSE(late->has_value()) << "and a read for the write before it";
  world.run_until([&] { return late->has_value(); }, 10s);
  EXPECT_EQ((**late)->amount, 2);
}

TEST_P(Bank, LetsAReadReturnToItsOwnChain) {
  auto ring = ask<RingRead>("ada", std::string("bob"));
  EXPECT_TRUE(ring.ok());
}

TEST_P(Bank, FailsACallCycleAtOnce) {
  auto ring = ask<RingWrite>("ada", std::string("bob"));
  ASSERT_FALSE(ring.ok());
  EXPECT_EQ(ring.failure().code, failure_code::call_cycle);
}

TEST_P(Bank, EndsAnAskAtItsDeadlineAsUnknown) {
  patience = 1s;
  auto late = ask<SlowRead>("ada", Duration(5s));
  EXPECT_TRUE(late.unknown());
  EXPECT_EQ(late.failure().code, failure_code::timeout);
}

TEST_P(Bank, PassesOnAStringThroughNestedAsks) {
  auto through = ask<WriteThrough>("ada", std::string("bob"));
  ASSERT_TRUE(through.ok());
  EXPECT_EQ(through->amount, 5);
}

TEST_P(Bank, LeavesTheLoopForBlockingWork) {
  auto hashed = ask<Hash>("ada", std::string("a text long enough for the heap, backwards"));
  ASSERT_TRUE(hashed.ok());
  EXPECT_EQ(hashed->owner, "sdrawkcab ,paeh eht rof hguone gnol txet a");
}

TEST_P(Bank, ForgetsAnErasedState) {
  ASSERT_TRUE(ask<Note>("ada", std::string("k"), std::string("note")).ok());
  ASSERT_TRUE(ask<Close>("ada").ok());
  EXPECT_TRUE(ask<ReadNote>("ada", std::string("k")).rejected("no_note"));
  EXPECT_FALSE(store.rows.contains(Key("ada")));
  ASSERT_TRUE(ask<Note>("ada", std::string("k"), std::string("again")).ok());
  EXPECT_EQ(store.rows.at(Key("ada")).version, 1U) << "as if it had never been";
}

TEST_P(Bank, BoundsTheQueueOfAnEntity) {
  options.queue_limit = 3;
  open();
  ASSERT_TRUE(ask<Get>("ada").ok());
  store.held = true;
  std::vector<std::shared_ptr<std::optional<Outcome<Balance>>>> puts;
  for (int i = 0; i < 6; ++i) puts.push_back(begin<Put>("ada", i, std::string("Ada")));
  world.run_until([] { return false; }, 1s);
  int refused = 0;
  for (auto& p : puts) refused += p->has_value() && (*p)->failure().code == failure_code::overloaded;
  EXPECT_EQ(refused, 2);  // one runs, three wait
  store.release();
  world.run_until([&] { return puts[3]->has_value(); }, 10s);
  EXPECT_TRUE((*puts[3])->ok());
}

TEST_P(Bank, PassivatesAnIdleEntity) {
  options.idle = 10s;
  open();
  ASSERT_TRUE(ask<Put>("ada", 1, std::string("Ada")).ok());
  const auto loads = store.loads;
  world.advance(1min);
  EXPECT_EQ(ask<Get>("ada")->amount, 1);
  EXPECT_EQ(store.loads, loads + 1);
}

TEST_P(Bank, CutsOffWhatStillWaitsWhenItStops) {
  auto slow = begin<SlowRead>("ada", Duration(1h));
  world.run_until([] { return false; }, 1s);
  engine.reset();  // the sanitizers see to it that no frame is leaked
  EXPECT_FALSE(slow->has_value());
}

INSTANTIATE_TEST_SUITE_P(Loops, Bank, ::testing::Values(1U, 2U));

}  // namespace
}  // namespace troupe::engine::accounts
