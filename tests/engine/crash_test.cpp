#include <gtest/gtest.h>

#include <limits>

#include <troupe/engine/engine.hpp>
#include <troupe/loop/simulation.hpp>
#include "tests/engine/scripted_store.hpp"

// Bugs of a domain, at each point where they may show: an entity may crash, its node may not.
namespace troupe::engine::parcels {
namespace {

using namespace std::chrono_literals;

struct Got {
  double weight = 0;
  std::string text;
};
struct Get {
  using Reply = Got;
  static constexpr auto effect = Effect::read;
};
/// Weighs it; then tells what it was told to tell.
struct Weigh {
  using Reply = Got;
  static constexpr auto effect = Effect::keyed;
  double weight = 0;
  std::string told;
};
struct WeighAndCommit {
  using Reply = Done;
  double weight = 0;
};
struct Tell {
  using Reply = Done;
  std::string text;
};
struct TellMany {
  using Reply = Done;
  std::uint32_t times = 0;
};
struct Hear {
  using Reply = Done;
  static constexpr auto effect = Effect::idempotent;
  std::string text;
};
/// Its handler is a plain function that throws before there is a coroutine.
struct Stumble {
  using Reply = Done;
};
/// Asks itself by way of another, and then looks at the clock.
struct Round {
  using Reply = Got;
  static constexpr auto effect = Effect::read;
  std::uint32_t left = 0;
};

struct List {
  using Reply = std::vector<std::string>;
  static constexpr auto effect = Effect::read;
  static constexpr auto scope = Scope::directory;
  std::string bug;
};

using Api = Protocol<"parcel", Get, Weigh, WeighAndCommit, Tell, TellMany, Hear, Stumble, Round, List>;

const std::string not_utf8 = "\xff, which no text begins with";

struct State {
  double weight = 0;
};

Ref<Api> parcel(std::string_view name) { return actor<Api>(Key(name)); }

class Parcel : public Entity<Api, State> {
 public:
  explicit Parcel(std::shared_ptr<const bool> broken) {
    if (*broken) throw std::runtime_error("it can't be made today");
  }

  Task<Got> on(Get) const { co_return Got{state().weight, "a parcel of some weight"}; }
  Task<Got> on(Weigh m) {
    edit().weight = m.weight;
    co_return Got{m.weight, m.told};
  }
  Task<Done> on(WeighAndCommit m) {
    edit().weight = m.weight;
    co_await commit();
    co_return Done{};
  }
  Task<Done> on(Tell m) {
    send<Hear>(parcel("other"), m.text);
    co_return Done{};
  }
  Task<Done> on(TellMany m) {
    for (std::uint32_t i = 0; i < m.times; ++i) send<Hear>(parcel("other"), std::string("news"));
    co_return Done{};
  }
  Task<Done> on(Hear) { co_return Done{}; }
  Task<Done> on(Stumble) { throw std::runtime_error("it stumbled"); }
  Task<Got> on(Round m) const {
    const std::string next = key().text() == "here" ? "there" : "here";
    if (m.left > 0) static_cast<void>(co_await parcel(next).ask<Round>(m.left - 1));
    co_return Got{static_cast<double>(now().time_since_epoch().count()), principal().role};
  }
  static std::vector<std::string> on(List m, const Rows&) {
    if (m.bug == "an exception") throw std::runtime_error("it can't be listed");
    if (m.bug == "a number") throw 7;
    return {"all"};
  }
};

struct Reports final : Reporter {
  std::vector<std::string> crashes;
  std::vector<std::string> troubles;
  void crashed(const CrashReport& report) override {
    crashes.push_back(std::string(report.message) + ": " + std::string(report.what));
  }
  void trouble(std::string_view what) override { troubles.emplace_back(what); }
};

Task<std::vector<std::string>> listing(std::string bug) {
  co_return co_await directory<Api>().ask<List>(std::move(bug));
}

template <class M, class... F>
Task<ReplyOf<M>> asking(Ref<Api> to, F... fields) {
  co_return co_await to.template ask<M>(std::move(fields)...);
}

/// On one loop an entity runs at once, within its caller; on two, behind a mailbox of the engine's.
class ACrash : public ::testing::TestWithParam<std::size_t> {
 protected:
  void SetUp() override {
    engine.set_call_policies([](auto, auto) { return resilience::CallPolicy{.attempts = 1}; });
    engine.host(entity_type<Parcel>(broken), keeper());
    engine.start();
  }
  void TearDown() override { store.close(); }
  virtual Store* keeper() { return &store; }

  template <class T>
  Outcome<T> run(Task<T> task) {
    auto result = std::make_shared<std::optional<Outcome<T>>>();
    loop::Loop& loop = engine.loop(0);
    loop.call([this, &loop, result, task = std::move(task)]() mutable {
      engine.run(loop, {Shared<Origin>(new Origin(Principal::of_user({1, 2}, "clerk"), "")), loop.now() + 10s},
                 std::move(task), [result](Outcome<T> o) { result->emplace(std::move(o)); });
    });
    EXPECT_TRUE(world.run_until([&] { return result->has_value(); }, 1h));
    return std::move(**result);
  }
  template <class M, class... F>
  Outcome<ReplyOf<M>> ask(std::string_view name, F... fields) {
    return run(asking<M>(parcel(name), std::move(fields)...));
  }
  /// The names of entities on every loop.
  static std::vector<std::string> names() { return {"a", "b", "c", "d", "e"}; }

  static void expect_crash(const Failure& failure) {
    EXPECT_EQ(failure.code, failure_code::actor_crashed) << failure.detail;
    EXPECT_TRUE(failure.not_executed());
  }

  loop::Simulation world{7, GetParam()};
  Reports reports;
  ScriptedStore store{world.workers()};
  std::shared_ptr<bool> broken = std::make_shared<bool>(false);
  Engine engine{world, reports};
};

TEST_P(ACrash, IsAStateThatHasNoFormToRestIn) {
  for (const auto& name : names()) {
    ASSERT_TRUE(ask<Weigh>(name, 2.5, std::string()).ok());
    const auto weighed = ask<Weigh>(name, std::numeric_limits<double>::infinity(), std::string());
    ASSERT_FALSE(weighed.ok());
    expect_crash(weighed.failure());
    EXPECT_EQ(ask<Get>(name)->weight, 2.5) << "the entity goes on as it was";
  }
  EXPECT_EQ(reports.crashes.size(), names().size());
}

TEST_P(ACrash, IsAReplyThatCannotBeKept) {
  for (const auto& name : names()) {
    const auto weighed = ask<Weigh>(name, 1.0, not_utf8);
    ASSERT_FALSE(weighed.ok());
    expect_crash(weighed.failure());
    EXPECT_EQ(ask<Get>(name)->weight, 0) << "nothing of it was committed";
  }
}

TEST_P(ACrash, IsASendThatCannotBeKept) {
  for (const auto& name : names()) {
    const auto told = ask<Tell>(name, not_utf8);
    ASSERT_FALSE(told.ok());
    expect_crash(told.failure());
    EXPECT_TRUE(ask<Tell>(name, std::string("news")).ok());
  }
}

TEST_P(ACrash, IsACommitInTheMiddleOfWhatHasNoForm) {
  for (const auto& name : names()) {
    const auto weighed = ask<WeighAndCommit>(name, std::numeric_limits<double>::quiet_NaN());
    ASSERT_FALSE(weighed.ok());
    expect_crash(weighed.failure());
    EXPECT_TRUE(ask<WeighAndCommit>(name, 1.5).ok());
    EXPECT_EQ(ask<Get>(name)->weight, 1.5);
  }
}

TEST_P(ACrash, IsAHandlerThatThrowsBeforeItIsACoroutine) {
  for (const auto& name : names()) {
    const auto stumbled = ask<Stumble>(name);
    ASSERT_FALSE(stumbled.ok());
    expect_crash(stumbled.failure());
    EXPECT_TRUE(ask<Get>(name).ok());
  }
  EXPECT_EQ(reports.crashes.front(), "Stumble: it stumbled");
}

TEST_P(ACrash, IsAnEntityThatCannotBeMade) {
  *broken = true;
  for (const auto& name : names()) {
    const auto got = ask<Get>(name);
    ASSERT_FALSE(got.ok());
    expect_crash(got.failure());
  }
  EXPECT_EQ(reports.crashes.front(), "Get: it can't be made today");
  *broken = false;
  for (const auto& name : names()) EXPECT_TRUE(ask<Get>(name).ok());
}

TEST_P(ACrash, IsFollowedByAnotherAttemptToMakeTheEntity) {
  for (const auto& name : names()) ASSERT_TRUE(ask<Weigh>(name, 2.5, std::string()).ok());
  *broken = true;
  for (const auto& name : names()) EXPECT_FALSE(ask<Stumble>(name).ok());
  for (const auto& name : names()) expect_crash(ask<Get>(name).failure());
  *broken = false;
  for (const auto& name : names()) EXPECT_EQ(ask<Get>(name)->weight, 2.5);
}

TEST_P(ACrash, IsAStateThatCannotBeRead) {
  for (const auto& name : names()) {
    ASSERT_TRUE(ask<Weigh>(name, 2.5, std::string()).ok());
    auto& row = store.rows.at(Key(name)).body;
    const auto kept = std::exchange(row, "half of a row");
    world.advance(10min);
    expect_crash(ask<Get>(name).failure());
    store.next_loads = {StoreStatus::corrupt};
    expect_crash(ask<Get>(name).failure());
    row = kept;
    EXPECT_EQ(ask<Get>(name)->weight, 2.5);
  }
  EXPECT_EQ(reports.crashes.size(), 2 * names().size());
  EXPECT_TRUE(reports.troubles.empty());
}

TEST_P(ACrash, IsADirectoryHandlerThatThrows) {
  for (const std::string bug : {"an exception", "a number"}) {
    const auto listed = run(listing(bug));
    ASSERT_FALSE(listed.ok());
    expect_crash(listed.failure());
  }
  EXPECT_EQ(reports.crashes.front(), "List: it can't be listed");
  EXPECT_EQ(reports.crashes.size(), 2U);
  EXPECT_TRUE(run(listing("none")).ok());
}

TEST_P(ACrash, IsMoreSendsThanOneCommitHasRoomFor) {
  const auto told = ask<TellMany>("a", 65'537U);
  ASSERT_FALSE(told.ok());
  expect_crash(told.failure());
  EXPECT_TRUE(store.outbox.empty());
}

TEST_P(ACrash, IsNoneWhereAReadComesBackToTheEntityThatAsked) {
  const auto round = ask<Round>("here", 9U);
  ASSERT_TRUE(round.ok());
  EXPECT_EQ(round->weight, static_cast<double>(world.wall_time().time_since_epoch().count()));
  EXPECT_EQ(round->text, "clerk");
}

INSTANTIATE_TEST_SUITE_P(Loops, ACrash, ::testing::Values(1U, 2U));

class SendsThatPileUp : public ACrash {
  Store* keeper() override { return nullptr; }
};

TEST_P(SendsThatPileUp, KeepTurnsThatWouldSendMoreFromCommitting) {
  const Host& host = *engine.hosts().front();
  ASSERT_TRUE(ask<TellMany>("a", 60'000U).ok());
  ASSERT_TRUE(ask<TellMany>("a", 60'000U).ok());
  ASSERT_GT(host.pending_sends(), 100'000U) << "their receiver takes one at a time";
  const auto refused = ask<TellMany>("a", 1U);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.failure().code, failure_code::overloaded);
  EXPECT_TRUE(refused.not_executed());
  EXPECT_TRUE(ask<Weigh>("a", 1.0, std::string()).ok()) << "what sends nothing goes on";
  ASSERT_TRUE(world.run_until([&] { return host.pending_sends() == 0; }, 1h));
  EXPECT_TRUE(ask<TellMany>("a", 1U).ok());
}

INSTANTIATE_TEST_SUITE_P(Loops, SendsThatPileUp, ::testing::Values(1U));

}  // namespace
}  // namespace troupe::engine::parcels
