#include <troupe/testing/equivalence.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "tests/testing/counter.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;

const std::string path = "/counters/" + to_text(Uuid{7, 7});

void adds_up(ScenarioDriver& driver) {
  const auto ada = driver.token({1, 1}, "customer");
  driver.post(path + "/additions", R"({"amount":40})", {ada});
  driver.together(std::vector<HttpRequest>(3, {"POST", path + "/additions", R"({"amount":20})", {ada}}));
  driver.post(path + "/additions", R"({"amount":20})", {ada});
  driver.get(path);
}

node::Application counting() {
  node::Application application("counting", "test");
  application.add<counter::Declaration>();
  return application;
}

TEST(Equivalence, HoldsForADomainThatKeepsToItsContract) {
  const auto application = counting();
  Equivalence counters(application, {{"adds up", &adds_up}});
  EXPECT_EQ(counters.differences(seeds(2)), "");
}

/// A domain that says of a message that it may be repeated, though it adds.
namespace visits {

struct Count {
  std::int64_t visits = 0;
};
struct Visit {
  using Reply = Count;
  static constexpr auto effect = Effect::idempotent;
  std::string from;
};
using Api = Protocol<"visit", Visit>;

class Page : public Entity<Api, Count> {
 public:
  Task<Count> on(Visit) {
    ++edit().visits;
    co_return state();
  }
};

struct Declaration {
  using Entities = troupe::Entities<Page>;
  static void routes(gateway::Routes& r) { r.post<Api, Visit>("/pages/{id}/visits").says("Counts a visit"); }
};

}  // namespace visits

TEST(Equivalence, TellsOfAMessageThatMayNotBeRepeatedThoughItSaysSo) {
  node::Application application("visits", "test");
  application.add<visits::Declaration>();
  const std::string visit = "/pages/" + to_text(Uuid{7, 7}) + "/visits";
  Equivalence pages(application, {{"two visits", [&visit](ScenarioDriver& driver) {
                                     driver.post(visit, R"({"from":"home"})");
                                     driver.post(visit, R"({"from":"home"})");
                                   }}});
  EXPECT_THAT(pages.differences({1}),
              AllOf(HasSubstr("'gateway visit' with messages encoded and delivered twice, seed 1"),
                    HasSubstr("TROUPE_TEST_SEED=1 repeats it"), HasSubstr("scenario 'two visits', step 2"),
                    HasSubstr(R"({"visits":2})"), HasSubstr(R"({"visits":3})")));
}

/// A domain that keeps a trace of every delivery, on purpose; and perhaps counts deliveries where it should not.
namespace room {

struct Trace {
  std::string guest;
};
struct State {
  std::int64_t guests = 0;
  Table<Uuid, Trace> traces;
};
struct Enter {
  using Reply = Done;
  static constexpr auto effect = Effect::idempotent;
  std::string guest;
};
using Api = Protocol<"room", Enter>;

enum class Counted : std::uint8_t { guests, deliveries };

template <Counted counted>
class Room : public Entity<Api, State> {
 public:
  Task<Done> on(Enter m) {
    bool known = false;
    this->state().traces.each([&](const Uuid&, const Trace& trace) { return !(known = trace.guest == m.guest); });
    State& s = this->edit();
    if (!known || counted == Counted::deliveries) ++s.guests;
    s.traces.put(this->template new_id<Uuid>(), {std::move(m.guest)});
    co_return Done{};
  }
};

template <Counted counted>
struct Declaration {
  using Entities = troupe::Entities<Room<counted>>;
  static void routes(gateway::Routes& r) { r.post<Api, Enter>("/rooms/{id}/guests").says("Lets a guest in"); }
};

Remains take_out_traces(State& s) {
  s.traces.remove_all();
  return Remains::state;
}

/// With messages delivered twice, or over links that do not break, where nothing is.
template <Counted counted>
std::string difference(std::vector<Residue> residue, const ClusterOptions& where) {
  node::Application application("rooms", "test");
  application.add<Declaration<counted>>();
  const std::string guests = "/rooms/" + to_text(Uuid{7, 7}) + "/guests";
  EquivalenceOptions options;
  options.residue = std::move(residue);
  Equivalence rooms(application,
                    {{"two guests",
                      [&guests](ScenarioDriver& driver) {
                        driver.post(guests, R"({"guest":"Ada"})");
                        driver.post(guests, R"({"guest":"Bob"})");
                      }}},
                    std::move(options));
  return rooms.difference_on(where);
}

const ClusterOptions twice{.placement = "gateway room", .messages = ClusterOptions::Messages::encoded_twice};

}  // namespace room

TEST(Equivalence, LeavesResidueOutWhereCallsAreRepeated) {
  constexpr auto guests = room::Counted::guests;
  EXPECT_THAT(room::difference<guests>({}, room::twice), HasSubstr("the final state"));
  EXPECT_EQ(room::difference<guests>({Residue::in<room::Room<guests>>(&room::take_out_traces)}, room::twice), "");
}

TEST(Equivalence, FindsARealDifferenceBesideResidue) {
  constexpr auto deliveries = room::Counted::deliveries;
  const auto found =
      room::difference<deliveries>({Residue::in<room::Room<deliveries>>(&room::take_out_traces)}, room::twice);
  EXPECT_THAT(found, AllOf(HasSubstr("the final state"), HasSubstr(R"("guests":2)"), HasSubstr(R"("guests":4)")));
}

/// Answers as it is told to, and keeps what it was asked.
class ScriptedClient final : public Client {
 public:
  explicit ScriptedClient(std::deque<HttpAnswer> answers) : answers_(std::move(answers)) {}

  std::vector<HttpAnswer> exchange(std::vector<HttpRequest> requests) override {
    std::vector<HttpAnswer> answers;
    for (auto& request : requests) {
      asked.push_back(std::move(request));
      answers.push_back(std::move(answers_.at(0)));
      answers_.pop_front();
    }
    return answers;
  }
  void pass(std::chrono::milliseconds time) override { passed += time; }

  std::vector<HttpRequest> asked;
  std::chrono::milliseconds passed{0};

 private:
  std::deque<HttpAnswer> answers_;
};

using Answers = std::deque<HttpAnswer>;
HttpAnswer answer(std::uint16_t status, std::string body = {}) { return {status, {}, std::move(body)}; }

TEST(ScenarioDriver, RepeatsWhatHasNoOutcomeUnderTheSameKey) {
  ScriptedClient client(Answers{answer(503), answer(504), answer(201, "made")});
  Names names;
  ScenarioDriver driver(client, names, ScenarioDriver::Repeats::open_outcomes);
  driver.begin("a scenario");
  EXPECT_EQ(driver.post("/things", "{}").status, 201);
  ASSERT_EQ(client.asked.size(), 3U);
  ASSERT_NE(client.asked[0].find_header("Idempotency-Key"), nullptr);
  EXPECT_EQ(client.asked[0].headers, client.asked[2].headers);
}

TEST(ScenarioDriver, TakesWhatARepetitionFindsGoneAsRemoved) {
  ScriptedClient client(Answers{answer(504), answer(404, "no such thing"), answer(404)});
  Names names;
  ScenarioDriver driver(client, names, ScenarioDriver::Repeats::open_outcomes);
  EXPECT_EQ(driver.remove("/things/1").status, 204);
  EXPECT_EQ(driver.remove("/things/1").status, 404) << "of the first attempt it is the answer";
}

TEST(ScenarioDriver, LooksAtWhatARepetitionFindsChanged) {
  HttpAnswer changed = answer(200, "the thing");
  changed.headers.add("ETag", "\"2\"");
  ScriptedClient client(Answers{answer(504), answer(412), std::move(changed)});
  Names names;
  ScenarioDriver driver(client, names, ScenarioDriver::Repeats::open_outcomes);
  const auto outcome = driver.put("/things/1", "{}", {{"If-Match", "\"1\""}});
  EXPECT_EQ(outcome.status, 200);
  EXPECT_EQ(outcome.body, "the thing");
  EXPECT_EQ(outcome.header("ETag"), "") << "as in an answer to a change";
}

TEST(ScenarioDriver, KnowsFromEarlierAnswersWhatHadToCome) {
  const auto tagged = [](const char* tag) {
    HttpAnswer answer{200, {}, {}};
    answer.headers.add("ETag", tag);
    return answer;
  };
  HttpAnswer replayed = answer(422, "refused");
  replayed.headers.add("Idempotency-Replayed", "true");
  ScriptedClient client(Answers{answer(204), answer(503), answer(404),            // removed twice
                                tagged("\"2\""), answer(503), answer(412),        // changed by an old tag
                                answer(200), answer(503), answer(412),            // which was not told
                                answer(422, "refused"), answer(503), replayed});  // one key twice
  Names names;
  ScenarioDriver driver(client, names, ScenarioDriver::Repeats::open_outcomes);
  driver.remove("/things/1");
  EXPECT_EQ(driver.remove("/things/1").status, 404);
  driver.put("/things/2", "{}", {{"If-Match", "\"1\""}});
  EXPECT_EQ(driver.put("/things/2", "{}", {{"If-Match", "\"1\""}}).status, 412);
  driver.put("/things/3", "{}", {{"If-Match", "\"1\""}});
  EXPECT_EQ(driver.put("/things/3", "{}", {{"If-Match", "\"1\""}}).status, 412);
  driver.post("/things", "{}", {{"Idempotency-Key", "mine"}});
  EXPECT_EQ(driver.post("/things", "{}", {{"Idempotency-Key", "mine"}}).header("Idempotency-Replayed"), "true");
}

TEST(ScenarioDriver, RecordsAnOpenOutcomeWhereNothingBreaks) {
  ScriptedClient client(Answers{answer(503)});
  Names names;
  ScenarioDriver driver(client, names, ScenarioDriver::Repeats::never);
  EXPECT_EQ(driver.get("/things").status, 503);
  EXPECT_THAT(driver.transcript().at(0).answers, HasSubstr("503"));
}

TEST(ScenarioDriver, WaitsForWhatIsWantedAndRecordsOnlyThat) {
  ScriptedClient client(
      Answers{answer(200, "not yet"), answer(200, "not yet"), answer(200, "now"), answer(200, "other")});
  Names names;
  ScenarioDriver driver(client, names, ScenarioDriver::Repeats::never);
  driver.until({"GET", "/things"}, [](const HttpAnswer& answer) { return answer.body == "now"; });
  ASSERT_EQ(driver.transcript().size(), 1U);
  EXPECT_EQ(driver.transcript()[0].answers, "200\nnow");
  EXPECT_THROW(driver.until({"GET", "/things"}, [](const HttpAnswer&) { return false; }, 0ms), std::runtime_error);
}

TEST(Transcripts, DifferWhereAStepOrAnAnswerDoes) {
  const Transcript two{{"pages", "GET /a", "200"}, {"pages", "GET /b", "200"}};
  EXPECT_FALSE(difference(two, two));
  EXPECT_THAT(difference(two, {two[0], {"pages", "GET /b", "404"}}).value(),
              AllOf(HasSubstr("scenario 'pages', step 2"), HasSubstr("GET /b"), HasSubstr("404")));
  EXPECT_THAT(difference(two, {two[0]}).value(), HasSubstr("nothing more"));
  EXPECT_THAT(difference(DurableState{"a", "b", "b"}, DurableState{"a", "b", "c"}).value(),
              AllOf(HasSubstr("lacks b"), HasSubstr("has   c")));
}

}  // namespace
}  // namespace troupe::testing
