#include <gmock/gmock.h>

#include "tests/gateway/routes_fixture.hpp"

namespace troupe::gateway::testing {
namespace {

using ::testing::HasSubstr;

class IdempotencyKeys : public RoutesTest {
 protected:
  static std::pair<std::string, std::string> key(std::string text) { return {"Idempotency-Key", std::move(text)}; }
  static bool is_replay(const http::Response& response) { return header(response, "Idempotency-Replayed") == "true"; }
  std::string stock(const std::string& thing) { return get(thing).body; }
};

const std::string lamp = R"({"name":"lamp","amount":5})";

TEST_F(IdempotencyKeys, RepeatTheFirstAnswer) {
  const auto first = post("/things", lamp, {admin(), key("k")});
  const auto second = post("/things", lamp, {admin(), key("k")});
  ASSERT_EQ(first.status, 201);
  EXPECT_FALSE(is_replay(first));
  EXPECT_TRUE(is_replay(second));
  EXPECT_EQ(second.status, 201);
  EXPECT_EQ(second.body, first.body);
  EXPECT_EQ(header(second, "Location"), header(first, "Location"));
  EXPECT_EQ(header(second, "Content-Type"), "application/json");
  EXPECT_EQ(things.rows.size(), 1U);
}

TEST_F(IdempotencyKeys, RepeatRefusals) {
  const auto thing = create();
  for (const auto& [target, status, code] : std::vector<std::tuple<std::string, std::uint16_t, std::string>>{
           {thing + "/stock", 422, "sold_out"}, {"/things/x/stock", 404, "not_found"}}) {
    const auto first = post(target, R"({"delta":-9})", {admin(), key(target.substr(0, 20))});
    const auto second = post(target, R"({"delta":-9})", {admin(), key(target.substr(0, 20))});
    EXPECT_TRUE(is_problem(first, status, code));
    EXPECT_TRUE(is_problem(second, status, code));
    EXPECT_EQ(second.body, first.body) << "the trace id included";
    EXPECT_TRUE(is_replay(second));
  }
}

TEST_F(IdempotencyKeys, BelongToOneRequest) {
  const auto thing = create();
  ASSERT_EQ(post(thing + "/stock", R"({"delta":1})", {admin(), key("k")}).status, 200);
  const auto conflicts = [&](const http::Response& r) { return is_problem(r, 422, "idempotency_conflict"); };
  EXPECT_TRUE(conflicts(post(thing + "/stock", R"({"delta":2})", {admin(), key("k")})));
  EXPECT_TRUE(conflicts(post(thing + "/stock", R"({ "delta":1})", {admin(), key("k")})));
  EXPECT_TRUE(conflicts(post("/things", lamp, {admin(), key("k")})));
  EXPECT_THAT(stock(thing), HasSubstr("\"amount\":6"));
}

TEST_F(IdempotencyKeys, AreKeptApartForEveryUserAndForRequestsOfAnyone) {
  const auto thing = create();
  const auto add = [&](std::string body, std::vector<std::pair<std::string, std::string>> headers) {
    headers.push_back(key("k"));
    return post(thing + "/stock", std::move(body), std::move(headers));
  };
  EXPECT_FALSE(is_replay(add(R"({"delta":1})", {admin()})));
  EXPECT_FALSE(is_replay(add(R"({"delta":1})", {customer()})));
  EXPECT_FALSE(is_replay(add(R"({"delta":1})", {})));
  EXPECT_FALSE(is_replay(add(R"({"delta":2})", {})));
  EXPECT_TRUE(is_replay(add(R"({"delta":1})", {})));
  EXPECT_THAT(stock(thing), HasSubstr("\"amount\":10"));
}

TEST_F(IdempotencyKeys, AreFreeAfterADay) {
  const auto thing = create();
  ASSERT_EQ(post(thing + "/stock", R"({"delta":1})", {key("k")}).status, 200);
  world.advance(25h);
  const auto later = post(thing + "/stock", R"({"delta":1})", {key("k")});
  EXPECT_FALSE(is_replay(later));
  EXPECT_THAT(stock(thing), HasSubstr("\"amount\":7"));
}

TEST_F(IdempotencyKeys, LeaveNothingBehindAfterADay) {
  const auto thing = create();
  const auto add = [&](const std::string& text) {
    return post(thing + "/stock", R"({"delta":1})", {key(text)}).status;
  };
  for (std::uint32_t i = 0; i < 2 * forgotten_at_once + 1; ++i) ASSERT_EQ(add("k" + std::to_string(i)), 200);
  world.advance(23h);
  EXPECT_EQ(keys.rows.size(), 2 * forgotten_at_once + 1);
  ASSERT_EQ(add("later"), 200);
  world.advance(1h + 2min);
  EXPECT_EQ(keys.rows.size(), 1U) << "the sweep goes on until all old ones are gone, and leaves the others";
  EXPECT_TRUE(is_replay(post(thing + "/stock", R"({"delta":1})", {key("later")})));
  world.advance(24h);
  EXPECT_TRUE(keys.rows.empty());
  EXPECT_TRUE(keys.inbox.empty());
}

TEST_F(IdempotencyKeys, AreForgottenAlsoWhereNoAnswerWasEverKept) {
  const auto thing = create();
  things.next_commits = {StoreStatus::full};
  EXPECT_TRUE(is_problem(post(thing + "/stock", R"({"delta":1})", {key("k")}), 503, "unavailable"));
  EXPECT_EQ(keys.rows.size(), 1U);
  world.advance(25h);
  EXPECT_TRUE(keys.rows.empty());
}

TEST_F(IdempotencyKeys, LetDuplicatesWait) {
  const auto thing = create();
  std::vector<PendingPtr> requests;
  for (int i = 0; i < 8; ++i) {
    requests.push_back(begin({http::Method::post,
                              thing + "/stock",
                              R"({"delta":1})",
                              {customer(), key("k"), {"Content-Type", "application/json"}}}));
  }
  int replays = 0;
  for (const auto& request : requests) {
    const auto answer = end(request);
    EXPECT_EQ(answer.status, 200);
    replays += is_replay(answer) ? 1 : 0;
  }
  EXPECT_EQ(replays, 7);
  EXPECT_THAT(stock(thing), HasSubstr("\"amount\":6"));
}

TEST_F(IdempotencyKeys, AreFreeAfterWhatWasInvalidOrNotDone) {
  const auto thing = create();
  EXPECT_TRUE(is_problem(post(thing + "/stock", "{}", {key("k")}), 400, "invalid"));
  things.next_commits = {StoreStatus::full};
  EXPECT_TRUE(is_problem(post(thing + "/stock", R"({"delta":1})", {key("k")}), 503, "unavailable"));
  const auto answer = post(thing + "/stock", R"({"delta":1})", {key("k")});
  EXPECT_EQ(answer.status, 200);
  EXPECT_FALSE(is_replay(answer));
  EXPECT_THAT(stock(thing), HasSubstr("\"amount\":6"));
}

TEST_F(IdempotencyKeys, FindTheSameEntityAfterAnUnknownOutcome) {
  things.held = true;
  const auto lost = post("/things", lamp, {admin(), key("k")});
  EXPECT_TRUE(is_problem(lost, 504, "timeout"));
  things.release();
  const auto again = post("/things", lamp, {admin(), key("k")});
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(things.rows.size(), 1U) << "one operation, one entity";
}

TEST_F(IdempotencyKeys, DoWhatIsDoneOnceOnlyOnceThoughTheAnswerWasLost) {
  const auto thing = create();
  things.held = true;
  EXPECT_TRUE(is_problem(post(thing + "/stock", R"({"delta":1})", {key("k")}), 504, "timeout"));
  things.release();
  EXPECT_EQ(post(thing + "/stock", R"({"delta":1})", {key("k")}).status, 200);
  EXPECT_THAT(stock(thing), HasSubstr("\"amount\":6"));
}

TEST_F(IdempotencyKeys, AreKnownWhileTheirSecretIsReplacedOnOneGatewayAfterTheOther) {
  const auto thing = create();
  for (const auto& [one, another] :
       std::vector<std::pair<IdempotencySecret, IdempotencySecret>>{{{1}, {2}}, {{2}, {1}}}) {
    // What a gateway may have, each next to what another may have at the same time.
    const std::vector<IdempotencySecrets> steps{{one}, {one, another}, {another, one}, {another}};
    for (std::size_t i = 0; i + 1 < steps.size(); ++i) {
      for (const bool forwards : {true, false}) {
        const auto name = "k" + std::to_string(one[0]) + std::to_string(i) + (forwards ? "f" : "b");
        const auto before = stock(thing);
        use_secrets(steps[forwards ? i : i + 1]);
        const auto first = post(thing + "/stock", R"({"delta":1})", {customer(), key(name)});
        EXPECT_EQ(first.status, 200) << name;
        use_secrets(steps[forwards ? i + 1 : i]);
        const auto second = post(thing + "/stock", R"({"delta":1})", {customer(), key(name)});
        EXPECT_TRUE(is_replay(second)) << name;
        EXPECT_EQ(second.body, first.body) << name;
        EXPECT_TRUE(
            is_problem(post(thing + "/stock", R"({"delta":2})", {customer(), key(name)}), 422, "idempotency_conflict"))
            << name;
        EXPECT_EQ(stock(thing), first.body) << name;
        EXPECT_NE(stock(thing), before) << name;
      }
    }
  }
}

TEST_F(IdempotencyKeys, HaveOneEffectWhereAnUnknownOutcomeMeetsAnotherSecret) {
  for (const auto& [one, another] :
       std::vector<std::pair<IdempotencySecret, IdempotencySecret>>{{{1}, {2}}, {{2}, {1}}}) {
    const auto thing = create();
    use_secrets({one});
    const auto name = "k" + std::to_string(one[0]);
    things.held = true;
    EXPECT_TRUE(is_problem(post(thing + "/stock", R"({"delta":1})", {customer(), key(name)}), 504, "timeout"));
    things.release();
    things.held = false;
    for (const auto& secrets : {IdempotencySecrets{one, another}, {another, one}, {another}}) {
      use_secrets(secrets);
      EXPECT_EQ(post(thing + "/stock", R"({"delta":1})", {customer(), key(name)}).status, 200);
    }
    EXPECT_THAT(stock(thing), HasSubstr("\"amount\":6"));
  }
}

TEST_F(IdempotencyKeys, StoreNoBodies) {
  const auto thing = create();
  ASSERT_EQ(post(thing + "/stock", R"({"delta":-4})", {key("very-own-key")}).status, 200);
  for (const auto& [name, row] : keys.rows) {
    EXPECT_EQ(row.body->find("delta"), std::string::npos);
    EXPECT_EQ(row.body->find("very-own-key"), std::string::npos);
  }
}

TEST_F(IdempotencyKeys, AreIgnoredWhereTheRouteSaysSo) {
  EXPECT_FALSE(is_replay(post("/echo", R"({"text":"a"})", {key("k")})));
  EXPECT_FALSE(is_replay(post("/echo", R"({"text":"b"})", {key("k")})));
}

TEST_F(IdempotencyKeys, HaveOneToTwoHundredFiftyFiveVisibleCharacters) {
  for (const auto& good : {std::string(255, 'k'), std::string("!"), std::string("\"a\",b;c~")}) {
    EXPECT_EQ(post("/things", lamp, {admin(), key(good)}).status, 201) << good;
  }
  for (const auto& bad : {std::string(256, 'k'), std::string(), std::string("a b"), std::string("\xc3\xa9")}) {
    EXPECT_TRUE(is_problem(post("/things", lamp, {admin(), key(bad)}), 400, "invalid")) << bad;
  }
}

}  // namespace
}  // namespace troupe::gateway::testing
