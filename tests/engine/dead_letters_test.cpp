// Sends on which their receiver crashes whenever it gets them.

#include <troupe/engine/dead_letters.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <troupe/engine/detail/outbox.hpp>
#include <troupe/engine/engine.hpp>
#include <troupe/loop/simulation.hpp>
#include <troupe/wire/json.hpp>
#include "tests/engine/scripted_store.hpp"

namespace troupe::engine::gossip {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Heard {
  std::vector<std::string> texts;
};
struct Hear {
  using Reply = Done;
  static constexpr auto effect = Effect::idempotent;
  std::string text;
};
using ListenerApi = Protocol<"listener", Hear>;

/// What the listeners of a test are like, and what they were told, understood or not.
struct Mood {
  enum class Stumbles : std::uint8_t { at_once, after_a_commit, not_at_all } stumbles = Stumbles::at_once;
  unsigned crashes = 0;
};

class Listener : public Entity<ListenerApi, Heard> {
 public:
  explicit Listener(Mood* mood) : mood_(mood) {}

  Task<Done> on(Hear m) {
    edit().texts.push_back(m.text);
    if (m.text == "poison" && mood_->stumbles != Mood::Stumbles::not_at_all) {
      edit().texts.back() = "half of it";
      if (mood_->stumbles == Mood::Stumbles::after_a_commit) co_await commit();
      ++mood_->crashes;
      throw std::runtime_error("it makes me ill");
    }
    co_return Done{};
  }

 private:
  Mood* mood_;
};

/// Sends the texts to the listener, in one turn.
struct Tell {
  using Reply = Done;
  std::vector<std::string> texts;
};
using SpeakerApi = Protocol<"speaker", Tell>;

struct Told {
  std::uint32_t texts = 0;
};

class Speaker : public Entity<SpeakerApi, Told, Asks<ListenerApi>> {
 public:
  Task<Done> on(Tell m) {
    edit().texts += static_cast<std::uint32_t>(m.texts.size());
    for (const auto& text : m.texts) send<Hear>(actor<ListenerApi>(Key("listener")), text);
    co_return Done{};
  }
};

struct Reports final : Reporter {
  std::vector<std::string> troubles;
  std::vector<std::string> burials;
  void crashed(const CrashReport&) override {}
  void trouble(std::string_view what) override { troubles.emplace_back(what); }
  void buried(std::string_view protocol, const DeadLetter& letter) override {
    burials.push_back(to_text(DeadLetterId{std::string(protocol), letter.send.operation}));
  }
};

template <class M, class To, class... F>
Task<ReplyOf<M>> asking(To to, F... fields) {
  co_return co_await to.template ask<M>(std::move(fields)...);
}

/// A speaker and a listener: on one loop or on two.
class PoisonedSend : public ::testing::TestWithParam<std::size_t> {
 protected:
  void SetUp() override { open(); }
  void TearDown() override { close(); }

  void close() {
    if (engine) engine->stop(0ms);
    speakers.close();
    listeners.close();
    engine.reset();
  }
  /// As after a crash: what lies in the outbox is found there.
  void open() {
    close();
    speakers.left_over = speakers.outbox;
    engine = std::make_unique<Engine>(world, reports);
    engine->set_call_policies([](auto, auto) { return resilience::CallPolicy{.attempts = 1}; });
    engine->host(entity_type<Speaker>(), speakers_keep_nothing ? nullptr : &speakers);
    engine->host(entity_type<Listener>(&mood), &listeners);
    engine->start();
    letters = std::make_unique<DeadLetters>(*engine);
  }

  template <class T>
  Outcome<T> run(Task<T> task) {
    auto result = std::make_shared<std::optional<Outcome<T>>>();
    loop::Loop& loop = engine->loop(0);
    loop.call([this, &loop, result, task = std::move(task)]() mutable {
      engine->run(loop, {Shared<Origin>(new Origin(Principal::of_user({1, 2}, "clerk"), "a-trace")), loop.now() + 10s},
                  std::move(task), [result](Outcome<T> o) { result->emplace(std::move(o)); });
    });
    EXPECT_TRUE(world.run_until([&] { return result->has_value(); }, 1h));
    return std::move(**result);
  }
  void tell(std::vector<std::string> texts, std::string_view speaker = "speaker") {
    ASSERT_TRUE(run(asking<Tell>(actor<SpeakerApi>(Key(speaker)), std::move(texts))).ok());
  }
  /// What is at rest: a listener that has just crashed may be kept from messages for a while.
  std::vector<std::string> heard() const {
    const auto row = listeners.rows.find(Key("listener"));
    if (row == listeners.rows.end() || !row->second.body) return {};
    return wire::from_stored_json<Heard>(*row->second.body)->texts;
  }

  /// What an operator is told.
  template <class T, class Begin>
  Outcome<T> operate(Begin begin) {
    auto result = std::make_shared<std::optional<Outcome<T>>>();
    loop::Loop& loop = engine->loop(0);
    loop.call([&] { begin(loop, [result](Outcome<T> o) { result->emplace(std::move(o)); }); });
    EXPECT_TRUE(world.run_until([&] { return result->has_value(); }, 1h));
    return std::move(**result);
  }
  Outcome<DeadLetter> retry(const DeadLetterId& id) {
    return operate<DeadLetter>([&](loop::Loop& loop, auto then) { letters->retry(loop, id, then); });
  }
  Outcome<DeadLetter> drop(const DeadLetterId& id) {
    return operate<DeadLetter>([&](loop::Loop& loop, auto then) { letters->drop(loop, id, then); });
  }
  Outcome<DeadLetter> find(const DeadLetterId& id) {
    return operate<DeadLetter>([&](loop::Loop& loop, auto then) { letters->find(loop, id, then); });
  }
  Outcome<DeadLetterPage> list(std::optional<DeadLetterId> after, std::size_t limit) {
    return operate<DeadLetterPage>([&](loop::Loop& loop, auto then) { letters->list(loop, after, limit, then); });
  }

  bool eventually(const std::function<bool()>& condition) { return world.run_until(condition, 1h); }
  bool all_is_delivered() {
    return eventually([this] { return engine->find_host("speaker")->pending_sends() == 0; });
  }
  void pass(std::chrono::milliseconds time) { world.advance(time); }
  DeadLetterId the_letter() const { return {"speaker", speakers.letters.at(0).send.operation}; }
  const std::vector<std::string> without_poison{"one", "two", "three"};

  loop::Simulation world{7, GetParam()};
  Reports reports;
  ScriptedStore speakers{world.workers()};
  ScriptedStore listeners{world.workers()};
  Mood mood;
  bool speakers_keep_nothing = false;
  std::unique_ptr<Engine> engine;
  std::unique_ptr<DeadLetters> letters;
};

TEST_P(PoisonedSend, BecomesADeadLetterAndThoseBehindItGoOnInOrder) {
  tell({"one", "poison", "two", "three"});
  ASSERT_TRUE(all_is_delivered());
  EXPECT_EQ(heard(), without_poison);
  EXPECT_EQ(mood.crashes, crashes_until_burial);
  ASSERT_EQ(speakers.letters.size(), 1U);
  const DeadLetter& letter = speakers.letters.front();
  EXPECT_EQ(letter.sender, Key("speaker"));
  EXPECT_EQ(letter.send.protocol, "listener");
  EXPECT_EQ(letter.send.message, "Hear");
  EXPECT_EQ(letter.send.body, R"({"text":"poison"})");
  EXPECT_EQ(letter.send.principal, Principal::of_user({1, 2}, "clerk"));
  EXPECT_EQ(letter.send.trace, "a-trace");
  EXPECT_EQ(letter.attempts, crashes_until_burial);
  EXPECT_EQ(letter.reason, "the actor failed on Hear");
  EXPECT_GT(letter.died_at, letter.send.at);
  EXPECT_THAT(speakers.outbox, IsEmpty());
  EXPECT_THAT(reports.burials, ElementsAre(to_text(the_letter())));
}

TEST_P(PoisonedSend, HoldsUpNoOtherSender) {
  tell({"poison"});
  tell({"one"}, "another speaker");
  EXPECT_TRUE(eventually([this] { return heard() == std::vector<std::string>{"one"}; }));
  ASSERT_TRUE(all_is_delivered());
  EXPECT_EQ(speakers.letters.size(), 1U);
}

TEST_P(PoisonedSend, IsGivenUpWhereItMayHaveBeenDoneInPartAsWell) {
  mood.stumbles = Mood::Stumbles::after_a_commit;
  tell({"poison", "one"});
  ASSERT_TRUE(all_is_delivered());
  EXPECT_EQ(mood.crashes, crashes_until_burial);
  ASSERT_EQ(speakers.letters.size(), 1U);
  EXPECT_EQ(speakers.letters.front().reason, "it may have been done in part: the actor failed on Hear");
  EXPECT_EQ(heard().back(), "one");
}

TEST_P(PoisonedSend, IsTheOnlyOneThatIsGivenUp) {
  listeners.next_commits.assign(20, StoreStatus::unavailable);
  tell({"one"});
  ASSERT_TRUE(all_is_delivered());
  EXPECT_THAT(heard(), ElementsAre("one"));
  EXPECT_THAT(speakers.letters, IsEmpty());
  EXPECT_THAT(reports.troubles, ElementsAre(HasSubstr("fails again and again (unavailable); it is tried on")));
}

TEST_P(PoisonedSend, CountsItsCrashesAndNoOtherFailure) {
  // To look the operation up fails now and then, so that deliveries end without a crash in between.
  using enum StoreStatus;
  tell({"one"});
  ASSERT_TRUE(all_is_delivered());
  listeners.next_loads = {unavailable, done, unavailable, unavailable, done, unavailable};
  tell({"poison"});
  ASSERT_TRUE(all_is_delivered());
  EXPECT_EQ(mood.crashes, crashes_until_burial);
  EXPECT_EQ(speakers.letters.at(0).attempts, crashes_until_burial);
}

TEST_P(PoisonedSend, IsCountedAnewAfterARestart) {
  tell({"poison", "one"});
  ASSERT_TRUE(eventually([this] { return mood.crashes == crashes_until_burial - 1U; }));
  open();
  ASSERT_TRUE(all_is_delivered());
  EXPECT_EQ(mood.crashes, 2U * crashes_until_burial - 1U);
  EXPECT_EQ(speakers.letters.size(), 1U);
  EXPECT_THAT(heard(), ElementsAre("one"));
}

TEST_P(PoisonedSend, StaysFirstUntilTheStoreTakesItsBurial) {
  using enum StoreStatus;
  speakers.next_moves = {unavailable, full, unknown, unavailable};
  tell({"poison", "one"});
  ASSERT_TRUE(eventually([this] { return speakers.moves == 3; }));
  EXPECT_THAT(heard(), IsEmpty()) << "those behind it wait";
  EXPECT_EQ(speakers.outbox.size(), 2U);
  ASSERT_TRUE(all_is_delivered());
  EXPECT_EQ(speakers.moves, 5U);
  EXPECT_EQ(mood.crashes, crashes_until_burial) << "it is not delivered any more";
  EXPECT_THAT(heard(), ElementsAre("one"));
  EXPECT_EQ(speakers.letters.size(), 1U);
  EXPECT_THAT(reports.troubles, ElementsAre(AllOf(HasSubstr("a send of speaker/speaker to listener/listener (Hear)"),
                                                  HasSubstr("can't become a dead letter (as scripted)"))));
}

TEST_P(PoisonedSend, StaysFirstWhereThereAreTooManyDeadLetters) {
  speakers.letters_beside = dead_letters_limit;
  tell({"poison", "one"});
  ASSERT_TRUE(eventually([this] { return !reports.troubles.empty(); }));
  EXPECT_THAT(reports.troubles.front(), HasSubstr("there are 100000 already: retry or drop some"));
  pass(1min);
  EXPECT_THAT(heard(), IsEmpty());
  EXPECT_EQ(speakers.moves, 0U);
  speakers.letters_beside = dead_letters_limit - 1;
  ASSERT_TRUE(all_is_delivered());
  EXPECT_THAT(heard(), ElementsAre("one"));
  EXPECT_EQ(speakers.letters.size(), 1U);
}

TEST_P(PoisonedSend, IsDroppedWhereItsSenderKeepsNothing) {
  speakers_keep_nothing = true;
  open();
  tell({"poison", "one"});
  ASSERT_TRUE(all_is_delivered());
  EXPECT_THAT(heard(), ElementsAre("one"));
  EXPECT_THAT(reports.troubles, ElementsAre(HasSubstr("is dropped: its sender lives in memory only")));
}

TEST_P(PoisonedSend, IsDoneOnceTheReceiverIsMendedAndItIsRetried) {
  tell({"poison", "one"});
  ASSERT_TRUE(all_is_delivered());
  const auto id = the_letter();
  mood.stumbles = Mood::Stumbles::not_at_all;
  const auto retried = retry(id);
  ASSERT_TRUE(retried.ok()) << retried.failure().detail;
  EXPECT_EQ(retried->send.message, "Hear");
  ASSERT_TRUE(all_is_delivered());
  EXPECT_THAT(heard(), ElementsAre("one", "poison"));
  EXPECT_THAT(speakers.letters, IsEmpty());
  EXPECT_THAT(speakers.outbox, IsEmpty());
  EXPECT_TRUE(listeners.inbox.contains({Key("listener"), id.operation})) << "it is the same operation";
  EXPECT_TRUE(retry(id).rejected("not_found"));
}

TEST_P(PoisonedSend, IsNotDoneASecondTimeByARetry) {
  tell({"poison"});
  ASSERT_TRUE(all_is_delivered());
  const auto id = the_letter();
  mood.stumbles = Mood::Stumbles::not_at_all;
  listeners.inbox[{Key("listener"), id.operation}] = {id.operation, "{}", Time{}};
  ASSERT_TRUE(retry(id).ok());
  ASSERT_TRUE(all_is_delivered());
  EXPECT_THAT(heard(), IsEmpty());
  EXPECT_THAT(speakers.letters, IsEmpty());
}

TEST_P(PoisonedSend, DiesAgainUnderTheSameNameWhereNothingWasMended) {
  tell({"poison"});
  ASSERT_TRUE(all_is_delivered());
  const auto id = the_letter();
  ASSERT_TRUE(retry(id).ok());
  ASSERT_TRUE(all_is_delivered());
  EXPECT_EQ(mood.crashes, 2U * crashes_until_burial);
  EXPECT_EQ(the_letter(), id);
  EXPECT_EQ(reports.burials.size(), 2U);
}

TEST_P(PoisonedSend, TakesItsPlaceAmongThoseThatWaitWhenItIsRetried) {
  tell({"poison"});
  ASSERT_TRUE(all_is_delivered());
  mood.stumbles = Mood::Stumbles::not_at_all;
  listeners.held = true;
  tell({"one", "two"});
  ASSERT_TRUE(retry(the_letter()).ok());
  listeners.release();
  ASSERT_TRUE(all_is_delivered());
  EXPECT_THAT(heard(), ElementsAre("one", "poison", "two")) << "the first one was under way";
}

TEST_P(PoisonedSend, IsDeliveredAfterARestartThatFollowsItsRetry) {
  tell({"poison"});
  ASSERT_TRUE(all_is_delivered());
  ASSERT_TRUE(retry(the_letter()).ok());
  mood.stumbles = Mood::Stumbles::not_at_all;
  open();
  ASSERT_TRUE(all_is_delivered());
  EXPECT_THAT(heard(), ElementsAre("poison"));
}

TEST_P(PoisonedSend, IsRetriedUntilItsReceiverMayHaveForgottenIt) {
  tell({"poison"});
  ASSERT_TRUE(all_is_delivered());
  const auto id = the_letter();
  pass(24h * 30 - 1h);
  ASSERT_TRUE(retry(id).ok());
  ASSERT_TRUE(all_is_delivered());
  ASSERT_EQ(the_letter(), id);
  pass(1h);
  mood.stumbles = Mood::Stumbles::not_at_all;
  const auto refused = retry(id);
  ASSERT_TRUE(refused.rejected("operation_forgotten"));
  EXPECT_THAT(refused.failure().detail, AllOf(HasSubstr(to_text(id)), HasSubstr("remembered for 30 days")));
  EXPECT_TRUE(find(id).ok()) << "it is still there";
  EXPECT_TRUE(drop(id).ok());
  EXPECT_THAT(heard(), IsEmpty());
}

TEST_P(PoisonedSend, TellsWhenTheStoreDoesNotDoWhatAnOperatorWants) {
  using enum StoreStatus;
  tell({"poison"});
  ASSERT_TRUE(all_is_delivered());
  const auto id = the_letter();
  speakers.next_moves = {unavailable, unknown};
  EXPECT_TRUE(retry(id).not_executed());
  EXPECT_TRUE(drop(id).unknown());
  speakers.next_queries = {unavailable, unavailable};
  EXPECT_TRUE(find(id).not_executed());
  EXPECT_TRUE(list({}, 10).not_executed());
  EXPECT_EQ(speakers.letters.size(), 1U);
  EXPECT_TRUE(drop(id).ok());
  EXPECT_THAT(speakers.letters, IsEmpty());
}

TEST_P(PoisonedSend, IsFoundByItsNameOnly) {
  tell({"poison"});
  ASSERT_TRUE(all_is_delivered());
  EXPECT_EQ(find(the_letter())->send.body, R"({"text":"poison"})");
  const Uuid operation = the_letter().operation;
  for (const DeadLetterId& other :
       {DeadLetterId{"listener", operation}, DeadLetterId{"nobody", operation}, DeadLetterId{"speaker", Uuid{1, 2}}}) {
    EXPECT_TRUE(find(other).rejected("not_found")) << to_text(other);
    EXPECT_TRUE(retry(other).rejected("not_found")) << to_text(other);
    EXPECT_TRUE(drop(other).rejected("not_found")) << to_text(other);
  }
}

TEST_P(PoisonedSend, IsListedWithThoseOfAllProtocolsPageByPage) {
  const auto letter = [](std::uint64_t number) {
    DeadLetter made;
    made.sender = Key("someone");
    made.send.operation = Uuid{1, number};
    made.send.body = "{}";
    return made;
  };
  listeners.letters = {letter(4), letter(1)};
  speakers.letters = {letter(3), letter(2), letter(5)};
  std::vector<std::string> names;
  std::optional<DeadLetterId> after;
  std::vector<std::size_t> sizes;
  do {
    const auto page = list(after, 2);
    ASSERT_TRUE(page.ok());
    sizes.push_back(page->letters.size());
    for (const auto& entry : page->letters) {
      names.push_back(entry.protocol + std::to_string(entry.letter.send.operation.low));
      EXPECT_EQ(entry.letter.send.body, "");
    }
    after = page->next;
  } while (after);
  EXPECT_THAT(names, ElementsAre("listener1", "listener4", "speaker2", "speaker3", "speaker5"));
  EXPECT_THAT(sizes, ElementsAre(2, 2, 1));
}

INSTANTIATE_TEST_SUITE_P(Loops, PoisonedSend, ::testing::Values(1, 2));

TEST(DeadLetterId, IsReadFromItsText) {
  const DeadLetterId id{"order", Uuid{12, 34}};
  EXPECT_EQ(parse_dead_letter_id(to_text(id)), id);
  for (const auto* text : {"", "order", "/", "order/", "order/12", "/00000000000000000000000001",
                           "order/00000000000000000000000000", "order/00000000000000000000000001x"}) {
    EXPECT_FALSE(parse_dead_letter_id(text)) << text;
  }
}

}  // namespace
}  // namespace troupe::engine::gossip
