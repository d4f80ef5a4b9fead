#include <troupe/http/server.hpp>

#include <gmock/gmock.h>

#include "tests/http/http_fixture.hpp"

namespace troupe::http::testing {
namespace {

using ::testing::HasSubstr;

TEST(Server, AnswersManyRequestsOnOneConnection) {
  RunningServer running;
  Connection client = connect_to(running);
  for (int i = 0; i < 3; ++i) {
    const std::string path = "/n/" + std::to_string(i);
    client.write(get(path));
    const Answer answer = client.read();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, path);
    EXPECT_EQ(answer.header("content-type"), "text/plain");
    EXPECT_EQ(answer.header("date"), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(answer.header("connection"), std::nullopt);
  }
}

TEST(Server, HandsTheRequestOverAsSent) {
  RunningServer running;
  Connection client = connect_to(running);
  client.write(post("/echo?a=%20b", "content", "X-Thing:  value \r\nx-thing: other\r\n"));
  EXPECT_EQ(client.read().body, "content");
  const Request request = running.service().last_request();
  EXPECT_EQ(request.method, Method::post);
  EXPECT_EQ(request.target, "/echo?a=%20b");
  EXPECT_EQ(request.path(), "/echo");
  EXPECT_EQ(request.query(), "a=%20b");
  EXPECT_EQ(request.headers.find("X-THING"), "value");
  EXPECT_EQ(request.headers.count("X-Thing"), 2u);
  EXPECT_EQ(request.headers.find("absent"), std::nullopt);
  EXPECT_THAT(request.peer.to_string(), HasSubstr("127.0.0.1:"));
}

TEST(Server, TakesARequestInPieces) {
  RunningServer running;
  Connection client = connect_to(running);
  for (const char c : post("/echo", "slow but steady")) client.write(std::string_view(&c, 1));
  EXPECT_EQ(client.read().body, "slow but steady");
}

TEST(Server, TakesATargetInAbsoluteForm) {
  RunningServer running;
  Connection client = connect_to(running);
  client.write(get("http://test/there?q"));
  EXPECT_EQ(client.read().body, "/there");
  client.write(get("http://test"));
  EXPECT_EQ(client.read().body, "/");
}

TEST(Server, HandsUnknownMethodsToTheService) {
  RunningServer running;
  Connection client = connect_to(running);
  client.write("BREW /pot HTTP/1.1\r\nHost: test\r\n\r\n");
  EXPECT_EQ(client.read().status, 200);
  EXPECT_EQ(running.service().last_request().method, Method::other);
  EXPECT_EQ(running.service().last_request().method_name, "BREW");
}

TEST(Server, AnswersPipelinedRequestsInTheirOrder) {
  RunningServer running;
  Connection client = connect_to(running);
  client.write(get("/hold") + get("/second") + get("/hold") + get("/fourth"));
  running.service().await_held(2);
  running.service().release(1);
  running.service().release(0);
  EXPECT_EQ(client.read().body, "held 0");
  EXPECT_EQ(client.read().body, "/second");
  EXPECT_EQ(client.read().body, "held 1");
  EXPECT_EQ(client.read().body, "/fourth");
}

TEST(Server, BoundsTheRequestsInFlight) {
  Limits limits;
  limits.pipelined = 3;
  RunningServer running(limits);
  Connection client = connect_to(running);
  std::string requests;
  for (int i = 0; i < 7; ++i) requests += get("/hold");
  client.write(requests);
  running.service().await_held(3);
  for (std::size_t i = 0; i < 7; ++i) {
    EXPECT_LE(running.service().held(), 3 + i);
    running.service().await_held(i + 1);
    running.service().release(i);
    EXPECT_EQ(client.read().body, "held " + std::to_string(i));
  }
}

TEST(Server, AnswersAThousandPipelinedRequests) {
  RunningServer running;
  Connection client = connect_to(running);
  std::string requests;
  for (int i = 0; i < 1000; ++i) requests += get("/" + std::to_string(i));
  client.write(requests);
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(client.read().body, "/" + std::to_string(i));
}

TEST(Server, SendsNoBodyWhereHttpWantsNone) {
  RunningServer running;
  Connection client = connect_to(running);
  client.write("HEAD /some HTTP/1.1\r\nHost: test\r\n\r\n" + get("/none") + get("/unchanged") + get("/after"));
  const Answer head = client.read(Body::absent);
  EXPECT_EQ(head.header("content-length"), "5");
  const Answer none = client.read();
  EXPECT_EQ(none.status, 204);
  EXPECT_EQ(none.header("content-length"), std::nullopt);
  EXPECT_EQ(client.read().status, 304);
  EXPECT_EQ(client.read().body, "/after");
}

TEST(Server, ClosesWhenTheClientAsksForIt) {
  RunningServer running;
  Connection client = connect_to(running);
  client.write(get("/last", "Connection: close\r\n"));
  const Answer answer = client.read();
  EXPECT_EQ(answer.body, "/last");
  EXPECT_EQ(answer.header("connection"), "close");
  EXPECT_TRUE(client.ended_in_order());
}

TEST(Server, SpeaksHttp10) {
  RunningServer running;
  Connection kept = connect_to(running);
  kept.write("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(kept.read().header("connection"), "keep-alive");
  kept.write("GET /b HTTP/1.0\r\n\r\n");
  EXPECT_EQ(kept.read().header("connection"), "close");
  EXPECT_TRUE(kept.ended_in_order());
}

TEST(Server, ReadsChunkedBodies) {
  RunningServer running;
  Connection client = connect_to(running);
  const std::string head = "POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n";
  client.write(head + "5\r\nhello\r\n7;name=value\r\n, world\r\n0\r\nX-Trailer: ignored\r\n\r\n" + get("/next"));
  EXPECT_EQ(client.read().body, "hello, world");
  EXPECT_EQ(running.service().last_request().headers.find("x-trailer"), std::nullopt);
  EXPECT_EQ(client.read().body, "/next");
}

TEST(Server, ReadsAnEmptyChunkedBodyByteByByte) {
  RunningServer running;
  Connection client = connect_to(running);
  const std::string request = "POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
  for (const char c : request) client.write(std::string_view(&c, 1));
  const Answer answer = client.read();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "");
}

TEST(Server, InvitesTheBodyThatAClientHoldsBack) {
  RunningServer running;
  Connection client = connect_to(running);
  client.write("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read().status, 100);
  client.write("body");
  EXPECT_EQ(client.read().body, "body");
}

TEST(Server, InvitesABodyOnlyAfterTheAnswersBeforeIt) {
  RunningServer running;
  Connection client = connect_to(running);
  client.write(get("/hold") + "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  running.service().await_held(1);
  running.service().release(0);
  EXPECT_EQ(client.read().body, "held 0");
  EXPECT_EQ(client.read().status, 100);
  client.write("body");
  EXPECT_EQ(client.read().body, "body");
}

TEST(Server, RefusesATooLargeBodyBeforeItIsSent) {
  RunningServer running;
  Connection client = connect_to(running);
  client.write("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 2000000\r\nExpect: 100-continue\r\n\r\n");
  const Answer answer = client.read();
  EXPECT_EQ(answer.status, 413);
  EXPECT_EQ(answer.header("connection"), "close");
  EXPECT_TRUE(client.ended_in_order());
}

TEST(Server, AnswersAClientThatHasFinishedSending) {
  RunningServer running;
  Connection client = connect_to(running);
  client.write(get("/hold") + get("/second"));
  client.end_of_input();
  running.service().await_held(1);
  running.service().release(0);
  EXPECT_EQ(client.read().body, "held 0");
  EXPECT_EQ(client.read().body, "/second");
  EXPECT_TRUE(client.ended_in_order());
}

TEST(Server, AnswersADroppedOrCrashedRequestWith500) {
  RunningServer running;
  Connection client = connect_to(running);
  client.write(get("/drop"));
  EXPECT_EQ(client.read().status, 500);
  client.write(get("/throw"));
  EXPECT_EQ(client.read().status, 500);
  EXPECT_EQ(running.service().last_crash(), "a bug of the service");
  client.write(get("/on"));
  EXPECT_EQ(client.read().status, 200);
}

/// Connects, and asks until the server has found out that all other clients are gone.
Connection connect_once_alone(RunningServer& running) {
  Connection client = connect_to(running);
  do {
    client.write(get("/again"));
    EXPECT_EQ(client.read().status, 200);
  } while (running.server().stats().open_connections > 1);
  return client;
}

TEST(Server, ForgetsAClientThatVanishes) {
  RunningServer running;
  {
    Connection client = connect_to(running);
    client.write(get("/hold"));
    running.service().await_held(1);
    client.reset();
  }
  Connection other = connect_once_alone(running);
  running.service().release(0);
  other.write(get("/still"));
  EXPECT_EQ(other.read().body, "/still");
}

TEST(Server, CountsTheRequestsThatWaitForTheirAnswers) {
  RunningServer running;
  Connection client = connect_to(running);
  client.write(get("/hold") + get("/hold"));
  running.service().await_held(2);
  EXPECT_EQ(running.server().stats().in_flight, 2u);
  running.service().release(1);
  running.service().release(0);
  EXPECT_EQ(client.read().status, 200);
  EXPECT_EQ(client.read().status, 200);
  EXPECT_EQ(running.server().stats().in_flight, 0u);

  client.write(get("/hold"));
  running.service().await_held(3);
  client.reset();
  Connection other = connect_once_alone(running);
  EXPECT_EQ(running.server().stats().in_flight, 0u) << "nobody waits for it any more";
  running.service().release(2);
}

TEST(Server, SpreadsConnectionsOverItsLoops) {
  RunningServer running({}, 2);
  std::vector<std::size_t> seen(2);
  for (int i = 0; i < 4; ++i) {
    Connection client = connect_to(running);
    client.write(get("/where"));
    EXPECT_EQ(client.read().status, 200);
    ++seen.at(running.service().last_request().loop);
  }
  EXPECT_EQ(seen, (std::vector<std::size_t>{2, 2}));
}

TEST(Server, NamesTheAddressThatItCannotListenOn) {
  RunningServer running;
  boost::asio::io_context loop;
  TestService service({&loop});
  Server second({&loop}, service);
  const std::string taken = "127.0.0.1:" + std::to_string(running.port());
  for (const std::string& address :
       {taken, std::string("127.0.0.1"), std::string("127.0.0.1:99999"), std::string("::1:80"), std::string(":80"),
        std::string("no.such.host.invalid:1")}) {
    try {
      second.listen(address);
      ADD_FAILURE() << "listens on " << address;
    } catch (const ListenError& error) {
      EXPECT_THAT(error.what(), HasSubstr(address));
    }
  }
  second.listen("127.0.0.1:0");
  EXPECT_NE(second.port(), 0);
  EXPECT_EQ(second.address(), "127.0.0.1:" + std::to_string(second.port()));
}

}  // namespace
}  // namespace troupe::http::testing
