#include <gtest/gtest.h>

#include <troupe/engine/engine.hpp>
#include <troupe/engine/remote_entities.hpp>
#include <troupe/loop/simulation.hpp>
#include "tests/engine/scripted_store.hpp"

// Asks that came from elsewhere and that nobody waits for any more: what has not begun does not begin.
namespace troupe::engine::tallies {
namespace {

using namespace std::chrono_literals;

struct Count {
  using Reply = std::vector<std::uint32_t>;
  static constexpr auto effect = Effect::read;
};
struct Add {
  using Reply = Done;
  static constexpr auto effect = Effect::keyed;
};
struct List {
  using Reply = std::vector<std::string>;
  static constexpr auto effect = Effect::read;
  static constexpr auto scope = Scope::directory;
};
using Api = Protocol<"tally", Count, Add, List>;

struct State {
  std::uint32_t count = 0;
};

class Tally : public Entity<Api, State> {
 public:
  Task<std::vector<std::uint32_t>> on(Count) const { co_return std::vector{state().count}; }
  Task<Done> on(Add) {
    ++edit().count;
    co_return Done{};
  }
  static std::vector<std::string> on(List, const Rows&) { return {"all"}; }
};

struct Asker final : RemoteAsker {
  EnvelopePtr answered;
  void respond(EnvelopePtr envelope) override { answered = std::move(envelope); }
};

struct Silent final : Reporter {
  void crashed(const CrashReport&) override {}
  void trouble(std::string_view) override {}
};

class ALateAsk : public ::testing::Test {
 protected:
  void SetUp() override {
    engine.host(entity_type<Tally>(), &store);
    engine.start();
  }
  void TearDown() override { store.close(); }

  template <Message M>
  EnvelopePtr envelope(const Shared<Asker>& asker, std::chrono::milliseconds patience) {
    EnvelopePtr envelope(new TypedEnvelope<M>(&message_info<Api, M>, M{}));
    envelope->target = Key("ada");
    envelope->deadline = engine.loop(0).now() + patience;
    envelope->responder = asker;
    return envelope;
  }
  /// Hands it to the engine on its loop, does `then` there at once, and waits for the answer.
  void ask(EnvelopePtr envelope, const Shared<Asker>& asker, std::function<void()> then = [] {}) {
    engine.loop(0).call([this, envelope = std::move(envelope), then = std::move(then)]() mutable {
      engine.accept(*engine.hosts().front(), std::move(envelope), engine.loop(0));
      then();
    });
    ASSERT_TRUE(world.run_until([&] { return static_cast<bool>(asker->answered); }, 1min));
  }

  loop::Simulation world{7};
  Silent reports;
  ScriptedStore store{world.workers()};
  Engine engine{world, reports};
  const Shared<Asker> asker{new Asker};
};

TEST_F(ALateAsk, OfADirectoryIsNotBegun) {
  ask(envelope<List>(asker, 0ms), asker);
  ASSERT_TRUE(asker->answered->failure);
  EXPECT_EQ(asker->answered->failure->code, failure_code::expired);
  EXPECT_TRUE(asker->answered->failure->not_executed());
  const Shared<Asker> patient(new Asker);
  ask(envelope<List>(patient, 1s), patient);
  EXPECT_FALSE(patient->answered->failure);
}

TEST_F(ALateAsk, IsNotRepeatedWhereItsOperationMayBeForgotten) {
  const auto ask_again = [&](Duration age, const Shared<Asker>& who) {
    EnvelopePtr repeated = envelope<Add>(who, 1s);
    repeated->operation = make_uuid(world.wall_time() - age, 0, 7);
    repeated->attempt = 1;
    ask(std::move(repeated), who);
  };
  ask_again(31 * 24h, asker);
  ASSERT_TRUE(asker->answered->failure);
  EXPECT_EQ(asker->answered->failure->code, "operation_forgotten");
  EXPECT_TRUE(asker->answered->failure->rejected()) << "an outbox must not ask for ever";
  const Shared<Asker> younger(new Asker);
  ask_again(29 * 24h, younger);
  EXPECT_FALSE(younger->answered->failure);
  EXPECT_EQ(store.commits, 1U);
}

TEST_F(ALateAsk, IsNotBegunWhenItsOperationHasBeenLookedUp) {
  const Shared<Asker> first(new Asker);
  ask(envelope<Count>(first, 1s), first);
  EnvelopePtr repeated = envelope<Add>(asker, 1s);
  repeated->operation = make_uuid(world.wall_time(), 0, 7);
  repeated->attempt = 1;
  ask(std::move(repeated), asker, [this] { asker->give_up(); });
  ASSERT_TRUE(asker->answered->failure);
  EXPECT_EQ(asker->answered->failure->code, failure_code::expired);
  EXPECT_EQ(store.commits, 0U);
  const Shared<Asker> last(new Asker);
  ask(envelope<Count>(last, 1s), last);
  EXPECT_FALSE(last->answered->failure) << "the entity goes on";
}

}  // namespace
}  // namespace troupe::engine::tallies
