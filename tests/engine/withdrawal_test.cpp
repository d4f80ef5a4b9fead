// Asks that are withdrawn while they are on their way to a shard of another loop.
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include <troupe/engine/engine.hpp>
#include <troupe/loop/simulation.hpp>
#include "tests/engine/no_reports.hpp"

namespace troupe::engine::desks {
namespace {

using namespace std::chrono_literals;

struct Hold {
  using Reply = Done;
};
struct Put {
  using Reply = Done;
  static constexpr auto effect = Effect::idempotent;
};
using Api = Protocol<"desk", Hold, Put>;

struct State {
  std::uint32_t puts = 0;
};

class Desk : public Entity<Api, State> {
 public:
  Task<Done> on(Hold) {
    co_await pause(30s);
    co_return Done{};
  }
  Task<Done> on(Put) {
    ++edit().puts;
    co_return Done{};
  }
};

struct Asker final : RemoteAsker {
  EnvelopePtr answered;
  void respond(EnvelopePtr envelope) override { answered = std::move(envelope); }
};

class Withdrawal : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  Withdrawal() : host(engine.host(entity_type<Desk>(), nullptr)), key(key_on(1)) { engine.start(); }

  Key key_on(std::size_t loop) const {
    for (std::uint64_t i = 1;; ++i) {
      const Key made(Uuid{1, i});
      if (host.shard_of(made.shard_hash())->loop().index() == loop) return made;
    }
  }
  template <Message M>
  Shared<Asker> ask() {
    const Shared<Asker> asker(new Asker);
    EnvelopePtr envelope(new TypedEnvelope<M>(&message_info<Api, M>, M{}));
    envelope->target = key;
    envelope->deadline = home.now() + 1min;
    envelope->responder = asker;
    engine.accept(host, std::move(envelope), home);
    return asker;
  }

  loop::Simulation world{GetParam(), 2};
  NoReports reports;
  Engine engine{world, reports};
  Host& host;
  loop::Loop& home = world.loop(0);
  const Key key;
};

TEST_P(Withdrawal, IsNeverFasterThanWhatItTakesBack) {
  // More than an actor handles before others of its loop get their turn.
  constexpr std::size_t puts = 200;
  Shared<Asker> hold;
  std::vector<Shared<Asker>> given_up;
  home.call([&] {
    hold = ask<Hold>();
    for (std::size_t i = 0; i < puts; ++i) given_up.push_back(ask<Put>());
    for (const auto& asker : given_up) {
      asker->give_up();
      engine.withdraw(host, key, home);
    }
  });
  world.advance(1s);
  EXPECT_FALSE(hold->answered) << "the desk is still busy";
  for (const auto& asker : given_up) {
    ASSERT_TRUE(asker->answered) << "it waits for its turn, though nobody waits for it";
    ASSERT_TRUE(asker->answered->failure);
    EXPECT_EQ(asker->answered->failure->code, failure_code::expired);
  }
  world.advance(1min);
  EXPECT_TRUE(hold->answered);
}

INSTANTIATE_TEST_SUITE_P(Seeds, Withdrawal, ::testing::Range<std::uint64_t>(1, 21));

}  // namespace
}  // namespace troupe::engine::desks
