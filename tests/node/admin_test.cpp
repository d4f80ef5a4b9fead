#include <troupe/node/detail/admin.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <troupe/loop/simulation.hpp>
#include <troupe/observe/dead_letters.hpp>
#include <troupe/testing/detail/pending_answer.hpp>
#include <troupe/testing/detail/report_collector.hpp>
#include <troupe/wire/json.hpp>
#include "tests/engine/scripted_store.hpp"
#include "tests/testing/gossip.hpp"

namespace troupe::node {
namespace {

using namespace std::chrono_literals;
namespace gossip = testing::gossip;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::HttpAnswer;
using testing::HttpRequest;
using ::testing::IsEmpty;

const testing::Header json{"Content-Type", "application/json"};

/// The operations listener of a node with a speaker and a listener, without sockets.
class AdminListener : public ::testing::Test {
 protected:
  AdminListener() {
    engine_.host(entity_type<gossip::speaker::Speaker>(), &speakers_);
    engine_.host(entity_type<gossip::listener::Listener>(), &listeners_);
    engine_.start();
    AdminSources sources;
    sources.node = "n0";
    sources.topology = "test";
    sources.address = {"Ops.Example", 9101, {}};
    sources.refresh = [](const std::function<void()>& then) { then(); };
    sources.status = [] { return observe::Status{}; };
    sources.metrics = [] { return std::string("metrics\n"); };
    sources.readiness = [this](const auto& then) { then(observe::readiness_of({check_})); };
    admin_.emplace(engine_, std::move(sources));
  }
  ~AdminListener() override {
    engine_.stop(0ms);
    speakers_.close();
    listeners_.close();
  }

  HttpAnswer ask(HttpRequest request) {
    if (!request.find_header("Host")) request.headers.push_back({"Host", "127.0.0.1:9101"});
    const auto pending = testing::detail::ask(*admin_, engine_.loop(0), std::move(request));
    EXPECT_TRUE(world_.run_until([&] { return pending->is_over(); }, 1h));
    return pending->take();
  }
  HttpAnswer get(std::string target) { return ask({"GET", std::move(target)}); }
  HttpAnswer post(std::string target) { return ask({"POST", std::move(target), "{}", {json}}); }
  HttpAnswer get_as(std::string host, std::string target = "/dead-letters") {
    return ask({"GET", std::move(target), {}, {{"Host", std::move(host)}}});
  }

  /// Of the listener's sends as well: it sends nothing, and could.
  static DeadLetter letter(std::uint64_t number) {
    DeadLetter made;
    made.sender = Key("ada");
    made.send.sequence = number;
    made.send.operation = made_now(number);
    made.send.protocol = "listener";
    made.send.target = Key("bob");
    made.send.message = "Hear";
    made.send.body = R"({"text":"poison"})";
    made.send.principal = Principal::of_user({1, 2}, "customer");
    made.send.trace = "a-trace";
    made.attempts = 5;
    made.reason = "the actor failed on Hear";
    return made;
  }
  static Uuid made_now(std::uint64_t number) {
    static const auto now = loop::Simulation(1, 1).wall_time().time_since_epoch().count();
    return {static_cast<std::uint64_t>(now) << 16, number};
  }
  static std::string id_of(std::uint64_t number, std::string protocol = "speaker") {
    return to_text(DeadLetterId{std::move(protocol), made_now(number)});
  }
  std::vector<std::string> listed(const std::string& query = {}) {
    std::vector<std::string> ids;
    const auto list = wire::from_stored_json<observe::DeadLetterList>(get("/dead-letters" + query).body);
    for (const auto& each : list->dead_letters) ids.push_back(each.id);
    next_ = list->next;
    return ids;
  }
  static void expect_problem(const HttpAnswer& answer, std::uint16_t status, const std::string& code) {
    EXPECT_EQ(answer.status, status) << answer.body;
    EXPECT_EQ(answer.header("Content-Type"), "application/problem+json");
    EXPECT_THAT(answer.body, HasSubstr("\"type\":\"urn:troupe:" + code + '"'));
  }

  loop::Simulation world_{3, 2};
  testing::detail::ReportCollector reports_;
  engine::ScriptedStore speakers_{world_.workers()};
  engine::ScriptedStore listeners_{world_.workers()};
  engine::Engine engine_{world_, reports_};
  observe::Check check_{"node", observe::Health::ok, std::nullopt};
  std::optional<Admin> admin_;
  std::optional<std::string> next_;
};

TEST_F(AdminListener, TakesAddressesAndItsOwnNamesForHosts) {
  for (const auto* host : {"127.0.0.1", "127.0.0.1:9101", "10.1.2.3:80", "[::1]", "[fe80::2]:9101", "localhost",
                           "LocalHost:7777", "ops.example", "ops.example:1"}) {
    for (const auto* path : {"/", "/status", "/dead-letters"})
      EXPECT_EQ(get_as(host, path).status, 200) << host << path;
  }
}

TEST_F(AdminListener, RefusesTheNamesThatAForeignPageMayHave) {
  speakers_.letters = {letter(1)};
  for (const auto* host : {"evil.example", "evil.example:9101", "localhost.evil.example", "127.0.0.1.evil.example", "",
                           "1.2.3", "[::1", "[evil]", "ops.example.evil.example", "127.0.0.1@evil.example"}) {
    for (const auto* path : {"/", "/status", "/dead-letters", "/nowhere"}) {
      expect_problem(get_as(host, path), 421, "misdirected");
    }
    const auto dropped = ask({"POST", "/dead-letters/" + id_of(1) + "/drop", "{}", {json, {"Host", host}}});
    expect_problem(dropped, 421, "misdirected");
    EXPECT_THAT(dropped.body, HasSubstr("`admin` (Ops.Example)"));
  }
  EXPECT_EQ(speakers_.letters.size(), 1U);
}

TEST_F(AdminListener, TellsProbesAndMetricsUnderAnyName) {
  for (const auto* path : {"/livez", "/readyz", "/metrics"}) EXPECT_EQ(get_as("edge.cluster.local", path).status, 200);
}

TEST_F(AdminListener, TellsWhetherTheNodeIsReady) {
  const auto ready = get("/readyz");
  EXPECT_EQ(ready.status, 200);
  EXPECT_EQ(ready.body, R"({"status":"ok","checks":[{"name":"node","status":"ok","detail":null}]})");
  check_ = {"node", observe::Health::failing, "it is ending"};
  const auto ending = get("/readyz");
  EXPECT_EQ(ending.status, 503);
  EXPECT_EQ(ending.body,
            R"({"status":"failing","checks":[{"name":"node","status":"failing","detail":"it is ending"}]})");
}

TEST_F(AdminListener, TakesCommandsOnlyAsJson) {
  speakers_.letters = {letter(1)};
  const std::string drop = "/dead-letters/" + id_of(1) + "/drop";
  const std::vector<std::pair<HttpRequest, std::string>> refused{
      {{"POST", drop, "{}", {{"Content-Type", "text/plain"}}}, "unsupported_media"},
      {{"POST", drop, "{}", {{"Content-Type", "application/x-www-form-urlencoded"}}}, "unsupported_media"},
      {{"POST", drop, "{}", {{"Content-Type", "application/jsonp"}}}, "unsupported_media"},
      {{"POST", drop, "{}", {json, {"Content-Type", "text/plain"}}}, "unsupported_media"},
      {{"POST", drop, "{}", {json, {"Content-Encoding", "gzip"}}}, "unsupported_media"},
      {{"POST", drop, "", {}}, "unsupported_media"},
      {{"POST", drop, "", {json}}, "invalid"},
      {{"POST", drop, "nothing", {json}}, "invalid"},
      {{"POST", drop, "[]", {json}}, "invalid"},
      {{"POST", drop, R"({"all":true})", {json}}, "invalid"},
  };
  for (const auto& [request, code] : refused) {
    expect_problem(ask(request), code == "invalid" ? 400 : 415, code);
  }
  EXPECT_EQ(speakers_.letters.size(), 1U);
  EXPECT_EQ(ask({"POST", drop, " { } ", {{"Content-Type", "Application/JSON ; charset=utf-8"}}}).status, 200);
  EXPECT_THAT(speakers_.letters, IsEmpty());
}

TEST_F(AdminListener, SaysWhichMethodsAPathTakes) {
  speakers_.letters = {letter(1)};
  const std::string one = "/dead-letters/" + id_of(1);
  for (const auto* method : {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"}) {
    for (const auto* command : {"/retry", "/drop"}) {
      const auto answer = ask({method, one + command});
      expect_problem(answer, 405, "method_not_allowed");
      EXPECT_EQ(answer.header("Allow"), "POST");
    }
  }
  for (const auto& path : {std::string("/status"), std::string("/dead-letters"), one}) {
    const auto answer = post(path);
    expect_problem(answer, 405, "method_not_allowed");
    EXPECT_EQ(answer.header("Allow"), "GET, HEAD");
  }
}

TEST_F(AdminListener, ListsDeadLettersPageByPage) {
  speakers_.letters = {letter(1), letter(3), letter(2)};
  listeners_.letters = {letter(4)};
  EXPECT_THAT(listed(), ElementsAre(id_of(4, "listener"), id_of(1), id_of(2), id_of(3)));
  EXPECT_FALSE(next_);
  EXPECT_THAT(listed("?limit=3"), ElementsAre(id_of(4, "listener"), id_of(1), id_of(2)));
  EXPECT_EQ(next_, id_of(2));
  EXPECT_THAT(listed("?limit=3&after=" + *next_), ElementsAre(id_of(3)));
  const auto answer = get("/dead-letters?limit=1");
  EXPECT_THAT(answer.body,
              HasSubstr(R"({"node":"n0","topology":"test","dead_letters":[{"id":")" + id_of(4, "listener") +
                        R"(","sender":"listener/ada","receiver":"listener/bob",)"
                        R"("message":"Hear","sent_at":"1970-)"));
  EXPECT_THAT(answer.body, ::testing::Not(HasSubstr("poison"))) << "messages are shown one by one";
  EXPECT_EQ(answer.header("Cache-Control"), "no-store");
}

TEST_F(AdminListener, SaysWhatIsWrongWithTheQueryOfAList) {
  for (const auto* query : {"?limit=0", "?limit=1001", "?limit=x", "?after=nothing", "?all", "?limit=1&limit=2"}) {
    expect_problem(get(std::string("/dead-letters") + query), 400, "invalid");
  }
}

TEST_F(AdminListener, ShowsOneDeadLetterWhole) {
  speakers_.letters = {letter(1)};
  const auto shown = get("/dead-letters/" + id_of(1));
  ASSERT_EQ(shown.status, 200) << shown.body;
  EXPECT_THAT(shown.body, HasSubstr(R"("attempts":5,"reason":"the actor failed on Hear"},"sequence":1,)"
                                    R"("principal":{"kind":"user","user":")" +
                                    to_text(Uuid{1, 2}) +
                                    R"(","role":"customer"},"trace":"a-trace",)"
                                    R"("body":{"text":"poison"}})"));
}

TEST_F(AdminListener, KnowsNoOtherDeadLetters) {
  speakers_.letters = {letter(1)};
  for (const auto& path :
       {"/dead-letters/" + id_of(2), "/dead-letters/" + id_of(1, "listener"), "/dead-letters/" + id_of(1, "nobody"),
        "/dead-letters/" + id_of(1) + "/bury", "/dead-letters/" + id_of(1) + "/", std::string("/dead-letters/"),
        std::string("/dead-letters/speaker"), std::string("/dead-letters/speaker/1"),
        std::string("/dead-letters/") + id_of(1) + "/drop/drop"}) {
    expect_problem(get(path), 404, "not_found");
  }
  for (const auto* command : {"/retry", "/drop"})
    expect_problem(post("/dead-letters/" + id_of(2) + command), 404, "not_found");
}

TEST_F(AdminListener, HasADeadLetterDeliveredAgain) {
  speakers_.letters = {letter(1)};
  EXPECT_EQ(post("/dead-letters/" + id_of(1) + "/retry").status, 200);
  const auto died_again = [this] {
    return !reports_.lines.empty() && reports_.lines.back().starts_with("a send of speaker ada is a dead letter");
  };
  ASSERT_TRUE(world_.run_until(died_again, 1h)) << "bob is not cured";
  EXPECT_THAT(listed(), ElementsAre(id_of(1)));
}

TEST_F(AdminListener, RefusesToRetryWhatIsTooOld) {
  speakers_.letters = {letter(1)};
  world_.advance(24h * 30);
  const auto refused = post("/dead-letters/" + id_of(1) + "/retry");
  expect_problem(refused, 409, "operation_forgotten");
  EXPECT_THAT(refused.body, HasSubstr("remembered for 30 days"));
  EXPECT_EQ(post("/dead-letters/" + id_of(1) + "/drop").status, 200);
}

TEST_F(AdminListener, TellsThatAStoreDoesNotAnswer) {
  using enum StoreStatus;
  speakers_.letters = {letter(1)};
  speakers_.next_queries = {unavailable, overloaded};
  expect_problem(get("/dead-letters/" + id_of(1)), 503, "unavailable");
  expect_problem(get("/dead-letters"), 503, "overloaded");
  speakers_.next_moves = {full, unknown};
  expect_problem(post("/dead-letters/" + id_of(1) + "/drop"), 503, "unavailable");
  expect_problem(post("/dead-letters/" + id_of(1) + "/drop"), 504, "timeout");
}

}  // namespace
}  // namespace troupe::node
