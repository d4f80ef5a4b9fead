#include <troupe/http/limits.hpp>

#include <gmock/gmock.h>

#include "tests/http/http_fixture.hpp"

namespace troupe::http::testing {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

constexpr milliseconds soon{30};

TEST(Limits, AnswersWhatIsNotHttpAndCloses) {
  const std::vector<std::string> bad{
      "GARBAGE\r\n\r\n",
      "\x16\x03\x01\x02\x01\x01\xfc\x03\x03 TLS\r\n\r\n",
      "GET /\r\n\r\n",
      "GET / HTTP/2.0\r\nHost: a\r\n\r\n",
      "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET / HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
      "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nNo colon\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n",
      "GET / HTTP/1.1\nHost: a\n\n\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1x\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
  };
  RunningServer running;
  for (const std::string& bytes : bad) {
    SCOPED_TRACE(bytes);
    Client client(running.port());
    client.send(bytes);
    const Answer answer = client.receive();
    EXPECT_EQ(answer.status, 400);
    EXPECT_NE(answer.body, "");
    EXPECT_EQ(answer.headers.at("connection"), "close");
    EXPECT_TRUE(client.ended());
  }
  EXPECT_EQ(running.server().stats().refusals, bad.size());
}

TEST(Limits, AnswersTheGoodRequestsBeforeABadOne) {
  RunningServer running;
  Client client(running.port());
  client.send(get("/hold") + get("/good") + "BAD\r\n\r\n" + get("/never"));
  running.service().await_held(1);
  running.service().release(0);
  EXPECT_EQ(client.receive().body, "held 0");
  EXPECT_EQ(client.receive().body, "/good");
  EXPECT_EQ(client.receive().status, 400);
  EXPECT_TRUE(client.ended());
}

TEST(Limits, RefusesAHeaderThatIsTooLong) {
  RunningServer running;
  const std::string value(1000, 'v');
  std::string many = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 17; ++i) many += "X-" + std::to_string(i) + ": " + value + "\r\n";
  const std::vector<std::string> long_headers{
      many + "\r\n",
      "GET /" + std::string(20'000, 'p') + " HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(5'000'000, 'x') + "\r\n\r\n",
  };
  for (const std::string& bytes : long_headers) {
    Client client(running.port());
    client.send(bytes);
    const Answer answer = client.receive();
    EXPECT_EQ(answer.status, 431);
    EXPECT_THAT(answer.body, HasSubstr("16384"));
    EXPECT_TRUE(client.ended());
  }
}

TEST(Limits, RefusesALongHeaderThatArrivesLineByLine) {
  RunningServer running;
  Client client(running.port());
  client.send("GET / HTTP/1.1\r\nHost: a\r\n");
  const std::string line = "X: " + std::string(500, 'x') + "\r\n";
  for (int i = 0; i < 40; ++i) client.send(line);
  EXPECT_EQ(client.receive().status, 431);
  EXPECT_TRUE(client.ended());
}

TEST(Limits, TakesAHeaderJustBelowTheLimit) {
  RunningServer running;
  Client client(running.port());
  client.send(get("/long", "X: " + std::string(16'000, 'x') + "\r\n"));
  EXPECT_EQ(client.receive().status, 200);
}

TEST(Limits, ReadsAndDropsATooLargeBodySoThatTheClientSeesTheAnswer) {
  RunningServer running;
  Client client(running.port());
  client.send(post("/echo", std::string(3'000'000, 'x')) + get("/next"));
  EXPECT_EQ(client.receive().status, 413);
  EXPECT_EQ(client.receive().body, "/next");

  const std::string chunk = "10000\r\n" + std::string(65536, 'c') + "\r\n";
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 40; ++i) client.send(chunk);
  client.send("0\r\n\r\n");
  EXPECT_EQ(client.receive().status, 413);
  client.send(post("/echo", std::string(1024 * 1024, 'y')));
  EXPECT_EQ(client.receive().body.size(), 1024u * 1024u);
}

TEST(Limits, CutsABodyThatIsBeyondAllMeasure) {
  Limits limits;
  limits.discard_bytes = 4'000'000;
  RunningServer running(limits);
  Client client(running.port());
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000000\r\n\r\n");
  const std::string piece(100'000, 'x');
  for (int i = 0; i < 45; ++i) client.send(piece);
  const Answer answer = client.receive();
  EXPECT_EQ(answer.status, 413);
  EXPECT_EQ(answer.headers.at("connection"), "close");
}

TEST(Limits, LetsAClientFinishABodyBeyondAllMeasureToSeeTheAnswer) {
  Limits limits;
  limits.discard_bytes = 2'000'000;
  RunningServer running(limits);
  Client client(running.port());
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 30000000\r\n\r\n");
  const std::string piece(100'000, 'x');
  for (int i = 0; i < 300; ++i) client.send(piece);
  EXPECT_EQ(client.receive().status, 413);
  EXPECT_TRUE(client.ended());
}

TEST(Limits, EndsAClientThatNeverFinishesARefusedBody) {
  Limits limits;
  limits.discard_bytes = 2'000'000;
  limits.body_time = limits.linger_time = soon;
  RunningServer running(limits);
  Client client(running.port());
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000000\r\n\r\n");
  EXPECT_EQ(client.receive().status, 413);
  const std::string piece(100'000, 'x');
  while (client.try_send(piece)) {
  }
}

TEST(Limits, AnswersASlowHeaderWith408) {
  Limits limits;
  limits.header_time = soon;
  RunningServer running(limits);
  Client client(running.port());
  client.send("GET / HTTP/1.1\r\nHos");
  EXPECT_EQ(client.receive().status, 408);
  EXPECT_TRUE(client.ended());
}

TEST(Limits, AnswersASlowBodyWith408) {
  Limits limits;
  limits.body_time = soon;
  RunningServer running(limits);
  Client client(running.port());
  client.send(get("/first") + "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nonly this");
  EXPECT_EQ(client.receive().body, "/first");
  EXPECT_EQ(client.receive().status, 408);
  EXPECT_TRUE(client.ended());
}

TEST(Limits, GivesASlowServiceItsTime) {
  Limits limits;
  limits.header_time = limits.body_time = soon;
  RunningServer running(limits);
  Client waiting(running.port());
  waiting.send(get("/hold"));
  running.service().await_held(1);
  Client slow(running.port());
  slow.send("GET ");
  EXPECT_EQ(slow.receive().status, 408);  // by now the limits have passed
  running.service().release(0);
  EXPECT_EQ(waiting.receive().body, "held 0");
}

TEST(Limits, ClosesAConnectionThatNeverSpeaks) {
  Limits limits;
  limits.idle_time = soon;
  RunningServer running(limits);
  Client silent(running.port());
  EXPECT_TRUE(silent.ended());
  EXPECT_EQ(running.server().stats().timeouts, 1u);
}

TEST(Limits, ClosesAnIdleConnectionWithoutAWord) {
  Limits limits;
  limits.idle_time = milliseconds(400);  // enough to get the first request through on a busy machine
  RunningServer running(limits);
  Client idle(running.port());
  idle.send(get("/once"));
  EXPECT_EQ(idle.receive().status, 200);
  EXPECT_TRUE(idle.ended());
  EXPECT_EQ(running.server().stats().timeouts, 1u);
}

TEST(Limits, CutsAClientThatNeverReads) {
  Limits limits;
  limits.write_time = soon;
  RunningServer running(limits);
  Client client(running.port());
  std::string requests;
  for (int i = 0; i < 16; ++i) requests += get("/big");
  client.send(requests);
  Client other(running.port());
  while (running.server().stats().timeouts == 0 || running.server().stats().open_connections > 1) {
    other.send(get("/other"));
    ASSERT_EQ(other.receive().status, 200);
  }
}

TEST(Limits, SendsAnswersThatTheSocketDoesNotTakeAtOnce) {
  RunningServer running;
  Client client(running.port());
  client.send(get("/big") + get("/big") + get("/after"));
  EXPECT_EQ(client.receive().body.size(), 4u * 1024 * 1024);
  EXPECT_EQ(client.receive().body.size(), 4u * 1024 * 1024);
  EXPECT_EQ(client.receive().body, "/after");
}

TEST(Limits, RefusesConnectionsOverTheLimit) {
  Limits limits;
  limits.connections = 2;
  RunningServer running(limits);
  Client first(running.port());
  auto second = std::make_unique<Client>(running.port());
  first.send(get("/a"));
  EXPECT_EQ(first.receive().status, 200);
  second->send(get("/b"));
  EXPECT_EQ(second->receive().status, 200);
  {
    Client third(running.port());
    third.send(get("/c"));
    EXPECT_EQ(third.receive().status, 503);
    EXPECT_TRUE(third.ended());
  }
  second.reset();
  while (running.server().stats().open_connections > 1) {
    first.send(get("/again"));
    EXPECT_EQ(first.receive().status, 200);
  }
  Client fourth(running.port());
  fourth.send(get("/d"));
  EXPECT_EQ(fourth.receive().body, "/d");
  EXPECT_EQ(running.server().stats().refused_connections, 1u);
}

TEST(Limits, BoundsTheBodiesInMemoryOverAllConnections) {
  RunningServer running({.body_bytes = 1000, .total_body_bytes = 1500}, 2);
  Client held(running.port());
  held.send(post("/hold", std::string(1000, 'a')));
  running.service().await_held(1);
  Client arriving(running.port());
  arriving.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 450\r\n\r\n" + std::string(400, 'b'));
  {
    Client refused(running.port());
    refused.send(post("/echo", std::string(600, 'c')));
    const Answer answer = refused.receive();
    EXPECT_EQ(answer.status, 503);
    EXPECT_TRUE(refused.ended());
  }
  Client small(running.port());
  small.send(get("/small"));
  EXPECT_EQ(small.receive().status, 200) << "what has no body is served";
  arriving.send(std::string(50, 'b'));
  EXPECT_EQ(arriving.receive().body, std::string(400, 'b') + std::string(50, 'b'));
  running.service().release(0);
  EXPECT_EQ(held.receive().body, "held 0");
  // All that was counted is given back: by answers, by refusals and by who leaves in the middle.
  arriving.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\n" + std::string(800, 'd'));
  arriving.abort();
  while (running.server().stats().open_connections > 2) {
    small.send(get("/again"));
    EXPECT_EQ(small.receive().status, 200);
  }
  small.send(post("/echo", std::string(1000, 'e')));
  EXPECT_EQ(small.receive().body, std::string(1000, 'e'));
  held.send(post("/hold", std::string(1000, 'f')));
  running.service().await_held(2);
  small.send(post("/echo", std::string(500, 'g')));
  EXPECT_EQ(small.receive().body, std::string(500, 'g'));
  running.service().release(1);
}

TEST(Limits, RefusesARequestThatEndsInside) {
  RunningServer running;
  Client client(running.port());
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nonly this");
  client.finish_sending();
  EXPECT_EQ(client.receive().status, 400);
  EXPECT_TRUE(client.ended());
}

}  // namespace
}  // namespace troupe::http::testing
