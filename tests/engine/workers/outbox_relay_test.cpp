#include <map>
#include <vector>

#include "tests/engine/tree_fixture.hpp"

// The relay of a domain's outbox in the supervision tree: its end holds sends up, and neither loses nor doubles one.
namespace troupe::engine::letters {
namespace {

using namespace std::chrono_literals;
using supervision::SupervisorFlags;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// To be sent.
struct Take {
  using Is = Idempotent<>;
  std::uint32_t number = 0;
};
using ReaderApi = Protocol<"reader", Take>;

struct Taken {
  std::vector<std::uint32_t> numbers;
};

class Reader : public Entity<ReaderApi, Taken> {
 public:
  Task<Done> on(Take m) {
    edit().numbers.push_back(m.number);
    co_await pause(100ms);
    co_return Done{};
  }
};

/// Sends so many letters to the reader, in one turn.
struct Write {
  using Is = Once<>;
  std::uint32_t letters = 0;
};
using WriterApi = Protocol<"writer", Write>;

struct Written {
  std::uint32_t letters = 0;
};

class Writer : public Entity<WriterApi, Written, Asks<ReaderApi>> {
 public:
  Task<Done> on(Write m) {
    for (std::uint32_t i = 0; i < m.letters; ++i) send<Take>(actor<ReaderApi>(Key("reader")), ++edit().letters);
    co_return Done{};
  }
};

Task<Done> writing(std::uint32_t letters) { co_return co_await actor<WriterApi>(Key("writer")).ask<Write>(letters); }

class ARelay : public ::testing::TestWithParam<std::size_t> {
 protected:
  void SetUp() override {
    engine.host(entity_type<Writer>(), &writers, HostOptions{.domain = "post"});
    engine.host(entity_type<Reader>(), &readers, HostOptions{.domain = "post"});
    engine.supervise("node", [this](const std::string& path) {
      return path == "post/workers/outbox" ? std::optional(flags) : std::nullopt;
    });
  }
  void TearDown() override {
    engine.stop(0ms);
    writers.close();
    readers.close();
  }

  void write(std::uint32_t letters) { ASSERT_TRUE(end_of(world, begin_request(engine, writing(letters))).ok()); }
  void kill() {
    engine.loop(0).call([this] { EXPECT_TRUE(engine.kill("post/workers/outbox/outbox")); });
    world.advance(1ms);
  }
  std::vector<std::uint32_t> taken() {
    const auto row = readers.rows.find(Key("reader"));
    if (row == readers.rows.end() || !row->second.body) return {};
    return wire::from_stored_json<Taken>(*row->second.body)->numbers;
  }

  SupervisorFlags flags{.intensity = 1000};
  loop::Simulation world{7, GetParam()};
  rooms::Reports reports;
  ScriptedStore writers{world.workers()};
  ScriptedStore readers{world.workers()};
  Engine engine{world, reports};
};

TEST_P(ARelay, LosesAndDoublesNothingWheneverItIsKilled) {
  engine.start();
  write(20);
  for (int i = 0; i < 60; ++i) {
    world.advance(37ms);
    kill();
  }
  world.advance(1min);
  std::vector<std::uint32_t> all(20);
  for (std::uint32_t i = 0; i < 20; ++i) all[i] = i + 1;
  EXPECT_EQ(taken(), all);
  EXPECT_THAT(writers.outbox, IsEmpty());
  EXPECT_EQ(reports.lines.size(), 60U);
}

TEST_P(ARelay, DeliversNothingWhileItIsAway) {
  flags.backoff = resilience::Backoff{10s, 10s, resilience::Backoff::Jitter::equal};
  engine.start();
  write(1);
  kill();
  write(2);
  world.advance(1s);
  EXPECT_LE(taken().size(), 1U) << "what had arrived is handled";
  EXPECT_EQ(writers.outbox.size(), 3U);
  world.advance(1min);
  EXPECT_THAT(taken(), ElementsAre(1, 2, 3));
  EXPECT_THAT(writers.outbox, IsEmpty());
}

TEST_P(ARelay, EndsAtItsSupervisorWhateverIsThrownOnTheWay) {
  engine.start();
  writers.fails_to_acknowledge = "the book of letters burns";
  write(2);
  world.advance(10s);
  EXPECT_THAT(reports.lines, ElementsAre(HasSubstr("the book of letters burns")));
  EXPECT_THAT(taken(), ElementsAre(1, 2)) << "the first has arrived once, though it was delivered again";
  EXPECT_THAT(writers.outbox, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Loops, ARelay, ::testing::Values(1U, 2U));

}  // namespace
}  // namespace troupe::engine::letters
