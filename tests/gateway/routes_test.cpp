#include <gmock/gmock.h>

#include "tests/gateway/routes_fixture.hpp"

namespace troupe::gateway::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

using Routing = RoutesTest;

TEST_F(Routing, AnswersNotFoundBeforeAllElse) {
  EXPECT_TRUE(
      is_problem(send({http::Method::other, "/nowhere", "x", {{"Authorization", "Bearer x"}}}), 404, "not_found"));
  EXPECT_TRUE(is_problem(get("/things/"), 404, "not_found"));
}

TEST_F(Routing, TellsTheMethodsOfAPath) {
  const auto refused = send({http::Method::patch, "/things/x", {}, {{"Authorization", "Bearer x"}}});
  EXPECT_TRUE(is_problem(refused, 405, "method_not_allowed"));
  EXPECT_EQ(header(refused, "Allow"), "GET, HEAD, PUT, DELETE, OPTIONS");
  const auto options = send({http::Method::options, "/things"});
  EXPECT_EQ(options.status, 204);
  EXPECT_EQ(header(options, "Allow"), "GET, HEAD, POST, OPTIONS");
  EXPECT_EQ(header(send({http::Method::options, "/docs"}), "Allow"), "GET, HEAD, OPTIONS");
  EXPECT_TRUE(is_problem(send({http::Method::post, "/docs"}), 405, "method_not_allowed"));
}

TEST_F(Routing, ChecksInTheOrderOfTheContract) {
  Asked asked{http::Method::post, "/things", "too large", {}};
  EXPECT_TRUE(is_problem(send(asked), 401, "unauthenticated"));
  asked.headers = {customer()};
  EXPECT_TRUE(is_problem(send(asked), 403, "forbidden"));
  asked.headers = {admin()};
  EXPECT_TRUE(is_problem(send(asked), 413, "too_large"));
  asked.body = "{";
  EXPECT_TRUE(is_problem(send(asked), 415, "unsupported_media"));
  asked.headers.emplace_back("Content-Type", "application/json; charset=UTF-8");
  EXPECT_TRUE(is_problem(send(asked), 400, "invalid"));
  asked.body = R"({"name":"lamp","amount":5})";
  EXPECT_EQ(send(asked).status, 201);
}

TEST_F(Routing, RefusesABadTokenOnEveryRoute) {
  const auto thing = create();
  EXPECT_EQ(get(thing).status, 200);
  for (const auto* value : {"Bearer x", "Bearer", "Basic abc", ""}) {
    const auto answer = get(thing, {{"Authorization", value}});
    EXPECT_TRUE(is_problem(answer, 401, "unauthenticated")) << value;
    EXPECT_EQ(header(answer, "WWW-Authenticate"), "Bearer");
  }
  const auto bearer = customer();
  EXPECT_EQ(get(thing, {bearer}).status, 200);
  session_holds = false;
  EXPECT_TRUE(is_problem(get(thing, {bearer}), 401, "unauthenticated"));
}

TEST_F(Routing, LetsOnlySelfOrTheRoleInWithoutALookUp) {
  const std::string own = to_text(Uuid{1, 2});
  const auto loads = things.loads;
  EXPECT_TRUE(is_problem(get("/users/" + own), 401, "unauthenticated"));
  EXPECT_TRUE(is_problem(get("/users/" + to_text(Uuid{3, 4}), {customer()}), 403, "forbidden"));
  EXPECT_TRUE(is_problem(get("/users/x", {customer()}), 403, "forbidden"));
  EXPECT_EQ(things.loads, loads);
  EXPECT_TRUE(is_problem(get("/users/" + own, {customer()}), 404, "not_found"));
  EXPECT_TRUE(is_problem(get("/users/x", {admin()}), 404, "not_found"));
}

TEST_F(Routing, FindsTheEntityOfWhoeverIsSignedIn) {
  const auto thing = create();
  const auto owner = parse_uuid(thing.substr(thing.rfind('/') + 1));
  ASSERT_TRUE(owner);
  const auto own = get("/mine", {token(*owner, "customer")});
  EXPECT_EQ(own.status, 200);
  EXPECT_EQ(own.body, get(thing).body);
  EXPECT_TRUE(is_problem(get("/mine", {customer()}), 404, "not_found"));
  EXPECT_TRUE(is_problem(get("/mine"), 401, "unauthenticated"));
}

TEST_F(Routing, NamesAllFaultsAtOnce) {
  const auto answer =
      post("/things?colour=red", R"({"name":"","amount":101,"size":1})", {admin(), {"Idempotency-Key", "two words"}});
  ASSERT_TRUE(is_problem(answer, 400, "invalid"));
  for (const auto* pointer : {"\"/name\"", "\"/amount\"", "\"/size\"", "\"?colour\"", "Idempotency-Key"}) {
    EXPECT_THAT(answer.body, HasSubstr(pointer));
  }
}

TEST_F(Routing, NamesTheWholeDocumentWhereItIsNone) {
  for (const auto* body : {"", " ", "[]", "{"}) {
    const auto answer = post("/things", body, {admin()});
    ASSERT_TRUE(is_problem(answer, 400, "invalid"));
    EXPECT_THAT(answer.body, HasSubstr("\"pointer\":\"\""));
    EXPECT_THAT(answer.body, Not(HasSubstr("/name")));
  }
}

TEST_F(Routing, TakesFieldsFromTheQuery) {
  create("lamp");
  create("chair");
  EXPECT_THAT(get("/things?name=chair", {admin()}).body, Not(HasSubstr("lamp")));
  EXPECT_THAT(get("/things?limit=2", {admin()}).body, HasSubstr("lamp"));
  const auto answer = get("/things?limit=0&name=%FF&x=1", {admin()});
  ASSERT_TRUE(is_problem(answer, 400, "invalid"));
  for (const auto* pointer : {"\"?limit\"", "\"?name\"", "\"?x\""}) EXPECT_THAT(answer.body, HasSubstr(pointer));
  EXPECT_TRUE(is_problem(get("/things?limit=", {admin()}), 400, "invalid"));
}

TEST_F(Routing, NarrowsAListToItsCaller) {
  create("lamp");
  EXPECT_THAT(get("/things", {admin()}).body, HasSubstr("\"amount\":0"));
  EXPECT_THAT(get("/things", {customer()}).body, HasSubstr("\"amount\":1"));
  EXPECT_EQ(get("/things?user_id=" + to_text(Uuid{1, 2}), {customer()}).status, 200);
  EXPECT_TRUE(is_problem(get("/things?user_id=" + to_text(Uuid{3, 4}), {customer()}), 403, "forbidden"));
  EXPECT_TRUE(is_problem(get("/things?user_id=x", {customer()}), 403, "forbidden"));
  EXPECT_TRUE(is_problem(get("/things?limit=0&user_id=x", {customer()}), 400, "invalid"));
}

TEST_F(Routing, TellsWhereTheCreatedIs) {
  const auto location = create();
  EXPECT_EQ(location.size(), std::string("/things/").size() + uuid_text_size);
  EXPECT_THAT(get(location).body, HasSubstr(location.substr(8)));
}

TEST_F(Routing, FindsNothingUnderWhatIsNoId) {
  EXPECT_TRUE(is_problem(get("/things/x"), 404, "not_found"));
  EXPECT_TRUE(is_problem(post("/things/x/stock", "{}"), 400, "invalid")) << "the body comes first";
  EXPECT_TRUE(is_problem(post("/things/x/stock", R"({"delta":1})"), 404, "not_found"));
}

TEST_F(Routing, FindsNothingAtAPathThatIsNotUtf8) {
  EXPECT_TRUE(table->match("/things/lamp").resource);
  EXPECT_FALSE(table->match("/things/\xff").resource);
  EXPECT_FALSE(table->match("/things/%ff").resource);
}

TEST_F(Routing, TakesAnEmptyBodyWhereNoFieldIsWanted) {
  const auto thing = create();
  EXPECT_EQ(post(thing + "/touch", "").status, 200);
  EXPECT_EQ(post(thing + "/touch", "{}").status, 200);
  EXPECT_TRUE(is_problem(post(thing + "/touch", R"({"a":1})"), 400, "invalid"));
}

TEST_F(Routing, AnswersDoneWithoutContent) {
  const auto thing = create();
  const auto removed = send({http::Method::delete_, thing, {}, {admin()}});
  EXPECT_EQ(removed.status, 204);
  EXPECT_TRUE(removed.body.empty());
  EXPECT_TRUE(is_problem(get(thing), 404, "not_found"));
}

TEST_F(Routing, TagsAnswersAndSparesTheKnown) {
  const auto thing = create();
  const auto first = get(thing);
  const auto tag = header(first, "ETag");
  EXPECT_EQ(tag, etag_of(first.body));
  for (const std::string& known : {tag, "W/" + tag, "\"other\", " + tag, std::string("*")}) {
    const auto answer = get(thing, {{"If-None-Match", known}});
    EXPECT_EQ(answer.status, 304) << known;
    EXPECT_TRUE(answer.body.empty());
    EXPECT_EQ(header(answer, "ETag"), tag);
  }
  EXPECT_EQ(get(thing, {{"If-None-Match", "\"other\""}}).status, 200);
  EXPECT_TRUE(is_problem(get(thing, {{"If-None-Match", "other"}}), 400, "invalid"));
  const auto head = send({http::Method::head, thing, {}, {{"If-None-Match", tag}}});
  EXPECT_EQ(head.status, 304);
}

TEST_F(Routing, HonoursIfMatch) {
  const auto thing = create();
  const auto tag = header(get(thing), "ETag");
  const auto rename = [&](const std::string& if_match) {
    Asked asked{http::Method::put, thing, R"({"name":"stool"})", {admin(), {"Content-Type", "application/json"}}};
    if (!if_match.empty()) asked.headers.emplace_back("If-Match", if_match);
    return send(asked);
  };
  EXPECT_TRUE(is_problem(rename("\"stale\""), 412, "precondition_failed"));
  EXPECT_TRUE(is_problem(rename("W/" + tag), 412, "precondition_failed"));
  EXPECT_TRUE(is_problem(rename("stale"), 400, "invalid"));
  EXPECT_EQ(rename("\"stale\", " + tag).status, 200);
  EXPECT_TRUE(is_problem(rename(tag), 412, "precondition_failed"));
  EXPECT_EQ(rename("*").status, 200);
  EXPECT_EQ(rename("").status, 200);
  const Asked in_body{
      http::Method::put, thing, R"({"name":"x","if_match":[]})", {admin(), {"Content-Type", "application/json"}}};
  EXPECT_THAT(send(in_body).body, HasSubstr("/if_match")) << "the field is the header's alone";
}

TEST_F(Routing, RunsHandlersOfTheApplication) {
  const auto answer = post("/echo", R"({"text":"hi"})", {customer()});
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(answer.body, R"({"text":"hi","role":"customer"})");
  EXPECT_TRUE(is_problem(post("/echo", R"({"text":"no"})"), 401, "unauthenticated"));
}

TEST_F(Routing, TellsFailuresWithoutWhatIsInside) {
  const auto thing = create();
  const std::vector<std::tuple<std::string, std::uint16_t, std::string>> failures{
      {"crash", 500, "internal"},     {"slow", 504, "timeout"},      {"busy", 503, "overloaded"},
      {"away", 503, "unavailable"},   {"lost", 504, "timeout"},      {"faulty", 400, "invalid"},
      {"conflict", 409, "conflict"},  {"sold_out", 422, "sold_out"}, {"not_found", 404, "not_found"},
      {"forbidden", 403, "forbidden"}};
  for (const auto& [how, status, code] : failures) {
    const auto answer = post(thing + "/failure", R"({"how":")" + how + R"("})", {customer()});
    EXPECT_TRUE(is_problem(answer, status, code)) << how;
    EXPECT_THAT(answer.body, Not(HasSubstr("secret")));
    EXPECT_EQ(header(answer, "Retry-After"), status == 503 ? "1" : "");
  }
}

TEST_F(Routing, TellsOfAnEntityThatCannotBeMadeWithoutWhatIsInside) {
  *things_cannot_be_made = true;
  for (const bool has_key : {false, true}) {
    std::vector headers{admin()};
    if (has_key) headers.emplace_back("Idempotency-Key", "k-1");
    const auto answer = post("/things", R"({"name":"lamp","amount":1})", headers);
    EXPECT_TRUE(is_problem(answer, 500, "internal"));
    EXPECT_THAT(answer.body, Not(HasSubstr("secret")));
  }
}

TEST_F(Routing, TellsTheOperatorAloneOfARejectionThatNoProblemIsKnownOf) {
  const auto thing = create();
  for (const bool has_key : {false, true}) {
    told.clear();
    std::vector headers{customer()};
    if (has_key) headers.emplace_back("Idempotency-Key", "k-1");
    const auto answer = post(thing + "/failure", R"({"how":"surprise"})", headers);
    EXPECT_TRUE(is_problem(answer, 500, "internal"));
    EXPECT_THAT(answer.body, Not(HasSubstr("as asked")));
    EXPECT_THAT(told, ElementsAre(AllOf(HasSubstr("POST /things/{id}/failure was rejected with the code 'surprise'"),
                                        HasSubstr("as asked"))));
  }
}

TEST_F(Routing, SurvivesAHandlerThatThrowsBeforeItIsACoroutine) {
  for (const auto& headers : {std::vector{customer()}, {}}) {
    const auto answer = post("/stumble", R"({"text":"hi"})", headers);
    EXPECT_TRUE(is_problem(answer, 500, "internal"));
    EXPECT_THAT(answer.body, Not(HasSubstr("secret")));
  }
}

TEST_F(Routing, SurvivesAnAuthenticatorThatThrows) {
  authenticator_throws = true;
  const auto answer = get("/things", {customer()});
  EXPECT_TRUE(is_problem(answer, 500, "internal"));
  EXPECT_THAT(answer.body, Not(HasSubstr("secret")));
  authenticator_throws = false;
  EXPECT_EQ(get("/things", {customer()}).status, 200);
}

TEST_F(Routing, FindsNothingUnderATextThatIsNoKey) {
  for (const std::string& name : {std::string(), std::string("lamp"), std::string(301, 'x')}) {
    EXPECT_TRUE(is_problem(post("/named", R"({"name":")" + name + R"(","if_match":[]})"), 404, "not_found"));
  }
}

TEST_F(Routing, NamesEveryRequest) {
  const std::string trace = "0af7651916cd43dd8448eb211c80319c";
  const auto answer =
      get("/nowhere", {{"X-Request-Id", "r-1"}, {"traceparent", "00-" + trace + "-b7ad6b7169203331-01"}});
  EXPECT_EQ(header(answer, "X-Request-Id"), "r-1");
  EXPECT_THAT(answer.body, HasSubstr(trace));
  EXPECT_NE(header(get("/nowhere"), "X-Request-Id"), header(get("/nowhere"), "X-Request-Id"));
}

TEST_F(Routing, AllowsOnlyTheOriginsOfItsSettings) {
  const auto preflight = [&](std::string origin) {
    return send(
        {http::Method::options, "/things", {}, {{"Origin", origin}, {"Access-Control-Request-Method", "POST"}}});
  };
  EXPECT_EQ(header(preflight("https://shop.example"), "Access-Control-Allow-Origin"), "https://shop.example");
  EXPECT_THAT(header(preflight("https://shop.example"), "Access-Control-Allow-Methods"), HasSubstr("POST"));
  EXPECT_EQ(header(preflight("https://evil.example"), "Access-Control-Allow-Origin"), "");
}

}  // namespace
}  // namespace troupe::gateway::testing
