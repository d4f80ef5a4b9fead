// What one node of several does with a protocol that they share out.

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <troupe/actor/current_time.hpp>
#include <troupe/engine/engine.hpp>
#include <troupe/engine/sweeps.hpp>
#include <troupe/loop/simulation.hpp>
#include "tests/engine/scripted_store.hpp"

namespace troupe::engine::tickets {
namespace {

using namespace std::chrono_literals;

// Tickets that are over at a certain time, each on the node that its key says.
struct Open {
  using Reply = Done;
  static constexpr auto effect = Effect::idempotent;
  Time over;
};
struct Close {
  using Reply = Done;
  static constexpr auto effect = Effect::idempotent;
};
struct Over {
  using Reply = std::vector<std::string>;
  static constexpr auto effect = Effect::read;
  static constexpr auto scope = Scope::directory;
  Time until;
};
struct All {
  using Reply = Page<std::string>;
  static constexpr auto effect = Effect::read;
  static constexpr auto scope = Scope::directory;
  bool by_hand = false;
};
using TicketApi = Protocol<"ticket", Open, Close, Over, All>;

struct TicketState {
  std::optional<Time> over;
};

class Ticket : public Entity<TicketApi, TicketState, Indexes<Index<"over", &TicketState::over>>> {
 public:
  explicit Ticket(std::map<std::string, int>* closed) : closed_(closed) {}

  Task<Done> on(Open m) {
    edit().over = m.over;
    co_return Done{};
  }
  Task<Done> on(Close) {
    ++(*closed_)[key().to_string()];
    edit().over.reset();
    co_return Done{};
  }
  static std::vector<std::string> on(Over m, const Rows& rows) {
    std::vector<std::string> over;
    rows.up_to<"over">(m.until).each([&](const Key& key, const TicketState&) {
      over.push_back(key.to_string());
      return true;
    });
    return over;
  }
  static Page<std::string> on(All m, const Rows& rows) {
    const auto name = [](const Key& key, const TicketState&) { return key.to_string(); };
    if (!m.by_hand) return rows.page(10, std::nullopt, name);
    Page<std::string> page;
    rows.each([&](const Key& key, const TicketState& state) {
      page.items.push_back(name(key, state));
      return true;
    });
    return page;
  }

 private:
  std::map<std::string, int>* closed_;
};

Task<Done> close_over(Share<TicketApi> tickets) {
  const Time now = co_await current_time();
  const auto over = co_await tickets.ask<Over>(now);
  std::vector<TryAsk<Close>> asks;
  for (const auto& name : over) asks.push_back(actor<TicketApi>(Key(name)).try_ask<Close>());
  if (!asks.empty()) static_cast<void>(co_await all(std::move(asks)));
  co_return Done{};
}

template <class M, class To, class... F>
Task<ReplyOf<M>> asking(To to, F... fields) {
  co_return co_await to.template ask<M>(std::move(fields)...);
}

/// The other nodes, as far as this one can tell: out of reach, or saying no to everything.
struct Others final : RemoteEntities {
  std::set<std::string> gone;
  std::map<std::string, int> asked;

  void deliver(Host& host, EnvelopePtr envelope, std::uint64_t hash, loop::Loop&) override {
    const std::string& owner = host.owners()[host.owner_of(hash)];
    ++asked[owner];
    const auto kind = gone.contains(owner) ? Failure::Kind::not_executed : Failure::Kind::rejected;
    refuse(std::move(envelope), kind);
  }
  void query(Host&, EnvelopePtr envelope, loop::Loop&) override {
    ++asked["all"];
    refuse(std::move(envelope), gone.empty() ? Failure::Kind::rejected : Failure::Kind::not_executed);
  }
  // All is answered at once.
  void forget(Host&, const Envelope&, std::uint64_t, loop::Loop&) noexcept override {}
  void follow(Host&, const Envelope&, std::uint64_t, const deadlock::Probe&, loop::Loop&) override {}

 private:
  static void refuse(EnvelopePtr envelope, Failure::Kind kind) {
    const std::string_view code = kind == Failure::Kind::rejected ? std::string_view("no") : failure_code::unavailable;
    envelope->failure = std::make_unique<Failure>(kind, std::string(code), "");
    envelope->done = true;
    Engine::answer(std::move(envelope));
  }
};

struct Reports final : Reporter {
  std::vector<std::string> breakers;
  std::vector<std::string> crashes;
  void crashed(const CrashReport& report) override {
    crashes.push_back(std::string(report.message) + ": " + std::string(report.what));
  }
  void trouble(std::string_view) override {}
  void breaker_changed(const Edge::Branch& branch, resilience::Breaker::Change change) override {
    breakers.push_back(branch.name() + (change == resilience::Breaker::Change::opened ? " opened" : " closed"));
  }
};

/// The node "one" of a group of three.
class Group : public ::testing::Test {
 protected:
  static constexpr std::array nodes = {"one", "two", "three"};

  void TearDown() override {
    engine.stop(0ms);
    store.close();
  }

  /// `policy` is that of the edge from roots to tickets.
  void open(const resilience::CallPolicy& policy = {}) {
    engine.set_call_policies([policy](std::string_view, std::string_view) { return policy; });
    HostOptions options;
    options.owns = [](std::uint32_t shard) { return shard % nodes.size() == 0; };
    for (std::uint32_t shard = 0; shard < options.shards; ++shard) options.owners.emplace_back(nodes[shard % 3]);
    engine.host(entity_type<Ticket>(&closed), &store, std::move(options));
    engine.use(others);
  }
  /// A key whose entity lives on that node.
  std::string ticket_of(std::string_view node, int number = 0) const {
    const Host& host = *engine.find_host("ticket");
    for (int i = 0;; ++i) {
      std::string name = "t" + std::to_string(i);
      if (host.owners()[host.owner_of(Key(name).shard_hash())] == node && number-- == 0) return name;
    }
  }

  template <class T>
  Outcome<T> run(Task<T> task) {
    std::optional<Outcome<T>> result;
    loop::Loop& loop = engine.loop(0);
    loop.call([&, task = std::move(task)]() mutable {
      engine.run(loop, {Shared<Origin>(new Origin(Principal::of_node("one"), "")), loop.now() + 10s}, std::move(task),
                 [&](Outcome<T> o) { result.emplace(std::move(o)); });
    });
    EXPECT_TRUE(world.run_until([&] { return result.has_value(); }, 1h));
    return std::move(*result);
  }
  Outcome<Done> close(const std::string& name) { return run(asking<Close>(actor<TicketApi>(Key(name)))); }
  std::uint64_t retries_to(std::string_view node) const {
    std::uint64_t retries = 0;
    for (const auto& edge : engine.edges()) {
      for (const auto& branch : edge->branches()) {
        if (edge->from() == gateway_caller && branch->to() == node) retries += branch->retries();
      }
    }
    return retries;
  }

  loop::Simulation world{7};
  Reports reports;
  ScriptedStore store{world.workers()};
  std::map<std::string, int> closed;
  Others others;
  Engine engine{world, reports};
};

TEST_F(Group, SweepsWhatLivesHereThoughOthersAreGone) {
  open();
  others.gone = {"two", "three"};
  std::vector<std::string> failures;
  Sweeps sweeps(engine, "one", [&](const auto& sweep, const auto& why) { failures.push_back(sweep + ' ' + why.code); });
  sweeps.add(Domain("ticket").sweep<TicketApi>("closing", 1s, &close_over).sweeps().front());
  engine.start();
  const std::string first = ticket_of("one");
  const std::string later = ticket_of("one", 1);
  ASSERT_TRUE(run(asking<Open>(actor<TicketApi>(Key(first)), world.wall_time())).ok());
  ASSERT_TRUE(run(asking<Open>(actor<TicketApi>(Key(later)), world.wall_time() + Duration(10s))).ok());
  sweeps.start();
  world.advance(1min);
  EXPECT_EQ(closed, (std::map<std::string, int>{{first, 1}, {later, 1}})) << "each once";
  EXPECT_TRUE(failures.empty()) << failures.front();
  EXPECT_TRUE(others.asked.empty()) << "nobody else was asked";
  engine.stop(0ms);
}

TEST_F(Group, SweepsNothingWhereNoEntityOfTheProtocolLives) {
  engine.know(protocol_info<TicketApi>);
  engine.use(others);
  int runs = 0;
  Sweeps sweeps(engine, "one", [&](const auto&, const auto&) { ++runs; });
  sweeps.add(Domain("ticket")
                 .sweep<TicketApi>("closing", 1s,
                                   [&runs](Share<TicketApi> tickets) {
                                     ++runs;
                                     return close_over(tickets);
                                   })
                 .sweeps()
                 .front());
  engine.start();
  sweeps.start();
  world.advance(1min);
  EXPECT_EQ(runs, 0);
  engine.stop(0ms);
}

TEST_F(Group, KeepsCallsFromTheDeadOwnerOnly) {
  open({.attempts = 1, .breaker = resilience::BreakerOptions{.failures = 3, .within = 10s, .open = 5s}});
  engine.start();
  others.gone = {"two"};
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(close(ticket_of("two", i)).not_executed());
  EXPECT_EQ(reports.breakers, std::vector<std::string>{"gateway -> ticket (two) opened"});
  const auto kept = close(ticket_of("two", 3));
  EXPECT_NE(kept.failure().detail.find("the breaker of gateway -> ticket (two) is open"), std::string::npos)
      << kept.failure().detail;
  EXPECT_EQ(others.asked["two"], 3) << "and no more";
  EXPECT_TRUE(close(ticket_of("three")).rejected("no")) << "an answer of the other node";
  EXPECT_TRUE(close(ticket_of("one")).ok());

  others.gone.clear();
  world.advance(6s);
  EXPECT_TRUE(close(ticket_of("two")).rejected("no"));
  EXPECT_EQ(reports.breakers.back(), "gateway -> ticket (two) closed");
}

TEST_F(Group, HasABreakerOfItsOwnForWhatAsksEveryOwner) {
  open({.attempts = 1, .breaker = resilience::BreakerOptions{.failures = 3, .within = 10s, .open = 5s}});
  engine.start();
  others.gone = {"two"};
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(run(asking<Over>(directory<TicketApi>(), world.wall_time())).not_executed());
  EXPECT_EQ(others.asked["all"], 3);
  EXPECT_EQ(reports.breakers, std::vector<std::string>{"gateway -> ticket (all nodes) opened"});
  EXPECT_TRUE(close(ticket_of("one")).ok());
  EXPECT_TRUE(run(asking<Over>(Share<TicketApi>(), world.wall_time())).ok()) << "the rows of this node";
}

TEST_F(Group, SpendsTheRetriesOfOneOwnerOnThatOwner) {
  open({.attempts = 2, .budget_percent = 20});
  engine.start();
  others.gone = {"two"};
  for (int i = 0; i < 200; ++i) EXPECT_TRUE(close(ticket_of("two")).not_executed());
  const std::uint64_t spent = retries_to("two");
  EXPECT_LT(spent, 100U) << "its budget is spent";
  EXPECT_GE(spent, 40U);
  others.gone = {"three"};
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(close(ticket_of("three")).not_executed());
  EXPECT_EQ(retries_to("three"), 5U) << "the reserve of another owner is untouched";
}

TEST_F(Group, SaysThatAPageWasMadeByHand) {
  HostOptions alone;
  engine.host(entity_type<Ticket>(&closed), &store, std::move(alone));
  engine.start();
  ASSERT_TRUE(run(asking<Open>(actor<TicketApi>(Key("t")), world.wall_time())).ok());
  EXPECT_EQ(run(asking<All>(directory<TicketApi>(), false))->items, std::vector<std::string>{"t"});
  const auto page = run(asking<All>(directory<TicketApi>(), true));
  ASSERT_FALSE(page.ok()) << "it could not be merged with the rows of other nodes, so no node answers it";
  EXPECT_EQ(page.failure().code, failure_code::actor_crashed);
  ASSERT_EQ(reports.crashes.size(), 1U);
  EXPECT_EQ(reports.crashes[0],
            "All: the page that answers ticket.All was not made by rows.page(), or was changed after");
}

EnvelopePtr envelope() { return EnvelopePtr(new TypedEnvelope<All>(&message_info<TicketApi, All>, std::in_place)); }

TEST(Merging, RefusesPartsOfDifferentOrders) {
  EnvelopePtr whole = envelope();
  std::vector<EnvelopePtr> parts = {envelope(), envelope()};
  const Cursor by_time{Key("b"), Cursor::ByValue{"over", Direction::ascending, std::int64_t{1}}};
  for (const auto& [part, place] : {std::pair(parts[0].get(), Cursor{Key("a")}), std::pair(parts[1].get(), by_time)}) {
    static_cast<TypedEnvelope<All>&>(*part).reply.emplace(Page<std::string>{{"x"}, std::nullopt});
    part->trace = std::make_unique<PageTrace>();
    part->trace->places = {place};
  }
  whole->info->merge(*whole, parts);
  ASSERT_TRUE(whole->failure);
  EXPECT_EQ(whole->failure->code, failure_code::incompatible);
  EXPECT_EQ(whole->failure->detail, "the nodes list ticket.All in different orders");
}

TEST(Merging, RefusesAPartThatDoesNotTellWhereItsItemsStand) {
  EnvelopePtr whole = envelope();
  std::vector<EnvelopePtr> parts = {envelope()};
  static_cast<TypedEnvelope<All>&>(*parts[0]).reply.emplace(Page<std::string>{{"a", "b"}, std::nullopt});
  parts[0]->trace = std::make_unique<PageTrace>(PageTrace{{{Key("a")}}, 10, Direction::ascending});
  whole->info->merge(*whole, parts);
  ASSERT_TRUE(whole->failure);
  EXPECT_EQ(whole->failure->code, failure_code::actor_crashed);
}

}  // namespace
}  // namespace troupe::engine::tickets
