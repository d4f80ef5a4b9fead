#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/engine/engine.hpp>
#include <troupe/loop/simulation.hpp>
#include "tests/engine/requests.hpp"
#include "tests/engine/scripted_store.hpp"

// A type of a domain's own whose codec or copy throws: a failure of the one call, wherever it shows.
namespace troupe::engine::vases {

/// Text that can't always be read, or copied.
struct Vase {
  std::string text;

  Vase() = default;
  explicit Vase(std::string made) : text(std::move(made)) {}
  Vase(const Vase& other) : text(other.text) {
    if (text == "unique") throw std::runtime_error("there is only one");
  }
  Vase(Vase&&) = default;
  Vase& operator=(const Vase&) = default;
  Vase& operator=(Vase&&) = default;
  ~Vase() = default;
};

}  // namespace troupe::engine::vases

template <>
struct troupe::wire::TextCodec<troupe::engine::vases::Vase> {
  static constexpr std::string_view description = "a vase";
  static std::string to_text(const engine::vases::Vase& vase) { return vase.text; }
  static std::optional<engine::vases::Vase> from_text(std::string_view text) {
    if (text == "broken") throw std::runtime_error("it lies in pieces");
    return engine::vases::Vase(std::string(text));
  }
};

namespace troupe::engine::vases {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Shown {
  Vase vase;
};
/// Its answer is what it was told to be.
struct Show {
  using Reply = Shown;
  static constexpr auto effect = Effect::keyed;
  std::string text;
};
struct Take {
  using Reply = Done;
  static constexpr auto effect = Effect::idempotent;
  Vase vase;
};
using Api = Protocol<"vase", Show, Take>;
struct State {
  std::uint32_t taken = 0;
};

class Shelf : public Entity<Api, State> {
 public:
  Task<Shown> on(Show m) {
    edit();
    co_return Shown{Vase(m.text)};
  }
  Task<Done> on(Take) {
    ++edit().taken;
    co_return Done{};
  }
};

struct Reports final : Reporter {
  std::vector<std::string> crashes;
  std::vector<std::string> troubles;
  void crashed(const CrashReport& report) override { crashes.emplace_back(report.what); }
  void trouble(std::string_view what) override { troubles.emplace_back(what); }
};

template <class M>
Task<ReplyOf<M>> asking(M message) {
  co_return co_await actor<Api>(Key("shelf")).template ask<M>(std::move(message));
}

class AThrowingCodec : public ::testing::TestWithParam<std::size_t> {
 protected:
  void SetUp() override {
    engine.set_call_policies([](auto, auto) { return resilience::CallPolicy{.timeout = 1s, .attempts = 3}; });
    host = &engine.host(entity_type<Shelf>(), &store);
  }
  void TearDown() override { store.close(); }

  template <class M>
  Pending<ReplyOf<M>> begin(M message) {
    return begin_request(engine, asking(std::move(message)));
  }
  template <class M>
  Outcome<ReplyOf<M>> ask(M message) {
    return end_of(world, begin(std::move(message)));
  }
  PendingSend send_of(std::uint64_t sequence, std::string body) {
    PendingSend send;
    send.sender = Key("sender" + std::to_string(sequence));
    send.row.sequence = sequence;
    send.row.operation = world.loop(0).make_id();
    send.row.protocol = "vase";
    send.row.target = Key("shelf");
    send.row.message = "Take";
    send.row.body = std::move(body);
    return send;
  }

  loop::Simulation world{7, GetParam()};
  Reports reports;
  ScriptedStore store{world.workers()};
  Engine engine{world, reports};
  Host* host = nullptr;
};

TEST_P(AThrowingCodec, LeavesAStoredSendWhereItIsAndTellsOfIt) {
  store.left_over = {send_of(1, R"({"vase":"broken"})"), send_of(2, R"({"vase":"whole"})")};
  engine.start();
  ASSERT_TRUE(world.run_until([&] { return host->pending_sends() == 0; }, 1h));
  EXPECT_THAT(reports.troubles, ElementsAre(HasSubstr("can't be delivered: its codec threw: it lies in pieces")));
  EXPECT_THAT(*store.rows.at(Key("shelf")).body, HasSubstr("1")) << "the other was delivered";
}

TEST_P(AThrowingCodec, LeavesTheAnswerOfARepeatedOperationUnknown) {
  engine.start();
  store.next_commits = {StoreStatus::unknown};
  store.keep_unknown = true;
  const auto shown = ask(Show{"broken"});
  ASSERT_FALSE(shown.ok());
  EXPECT_TRUE(shown.failure().unknown());
  EXPECT_THAT(shown.failure().detail, HasSubstr("it lies in pieces"));
  EXPECT_EQ(ask(Show{"whole"})->vase.text, "whole");
}

TEST_P(AThrowingCodec, EndsTheAttemptsOfWhatCannotBeCopied) {
  engine.start();
  store.loads_held = true;
  const auto taken = ask(Take{Vase("unique")});
  ASSERT_FALSE(taken.ok());
  EXPECT_EQ(taken.failure().code, failure_code::timeout);
  EXPECT_THAT(reports.troubles, ElementsAre("vase.Take can't be asked again: its copy threw: there is only one"));
  EXPECT_THAT(reports.crashes, IsEmpty());
  store.release_loads();
  EXPECT_TRUE(ask(Take{Vase("one of many")}).ok());
}

INSTANTIATE_TEST_SUITE_P(Loops, AThrowingCodec, ::testing::Values(1U, 2U));

}  // namespace troupe::engine::vases
