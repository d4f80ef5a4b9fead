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
    Connection client = connect_to(running);
    client.write(bytes);
    const Answer answer = client.read();
    EXPECT_EQ(answer.status, 400);
    EXPECT_NE(answer.body, "");
    EXPECT_EQ(answer.header("connection"), "close");
    EXPECT_TRUE(client.ended_in_order());
  }
  EXPECT_EQ(running.server().stats().refusals, bad.size());
}

TEST(Limits, AnswersTheGoodRequestsBeforeABadOne) {
  RunningServer running;
  Connection client = connect_to(running);
  client.write(get("/hold") + get("/good") + "BAD\r\n\r\n" + get("/never"));
  running.service().await_held(1);
  running.service().release(0);
  EXPECT_EQ(client.read().body, "held 0");
  EXPECT_EQ(client.read().body, "/good");
  EXPECT_EQ(client.read().status, 400);
  EXPECT_TRUE(client.ended_in_order());
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
    Connection client = connect_to(running);
    client.write(bytes);
    const Answer answer = client.read();
    EXPECT_EQ(answer.status, 431);
    EXPECT_THAT(answer.body, HasSubstr("16384"));
    EXPECT_TRUE(client.ended_in_order());
  }
}

TEST(Limits, RefusesALongHeaderThatArrivesLineByLine) {
  RunningServer running;
  Connection client = connect_to(running);
  client.write("GET / HTTP/1.1\r\nHost: a\r\n");
  const std::string line = "X: " + std::string(500, 'x') + "\r\n";
  for (int i = 0; i < 40; ++i) client.write(line);
  EXPECT_EQ(client.read().status, 431);
  EXPECT_TRUE(client.ended_in_order());
}

TEST(Limits, TakesAHeaderJustBelowTheLimit) {
  RunningServer running;
  Connection client = connect_to(running);
  client.write(get("/long", "X: " + std::string(16'000, 'x') + "\r\n"));
  EXPECT_EQ(client.read().status, 200);
}

TEST(Limits, ReadsAndDropsATooLargeBodySoThatTheClientSeesTheAnswer) {
  RunningServer running;
  Connection client = connect_to(running);
  client.write(post("/echo", std::string(3'000'000, 'x')) + get("/next"));
  EXPECT_EQ(client.read().status, 413);
  EXPECT_EQ(client.read().body, "/next");

  const std::string chunk = "10000\r\n" + std::string(65536, 'c') + "\r\n";
  client.write("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 40; ++i) client.write(chunk);
  client.write("0\r\n\r\n");
  EXPECT_EQ(client.read().status, 413);
  client.write(post("/echo", std::string(1024 * 1024, 'y')));
  EXPECT_EQ(client.read().body.size(), 1024u * 1024u);
}

TEST(Limits, CutsABodyThatIsBeyondAllMeasure) {
  Limits limits;
  limits.discard_bytes = 4'000'000;
  RunningServer running(limits);
  Connection client = connect_to(running);
  client.write("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000000\r\n\r\n");
  const std::string piece(100'000, 'x');
  for (int i = 0; i < 45; ++i) client.write(piece);
  const Answer answer = client.read();
  EXPECT_EQ(answer.status, 413);
  EXPECT_EQ(answer.header("connection"), "close");
}

TEST(Limits, LetsAClientFinishABodyBeyondAllMeasureToSeeTheAnswer) {
  Limits limits;
  limits.discard_bytes = 2'000'000;
  RunningServer running(limits);
  Connection client = connect_to(running);
  client.write("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 30000000\r\n\r\n");
  const std::string piece(100'000, 'x');
  for (int i = 0; i < 300; ++i) client.write(piece);
  EXPECT_EQ(client.read().status, 413);
  EXPECT_TRUE(client.ended_in_order());
}

TEST(Limits, EndsAClientThatNeverFinishesARefusedBody) {
  Limits limits;
  limits.discard_bytes = 2'000'000;
  limits.body_time = limits.linger_time = soon;
  RunningServer running(limits);
  Connection client = connect_to(running);
  client.write("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000000\r\n\r\n");
  EXPECT_EQ(client.read().status, 413);
  const std::string piece(100'000, 'x');
  while (client.try_write(piece)) {
  }
}

TEST(Limits, AnswersASlowHeaderWith408) {
  Limits limits;
  limits.header_time = soon;
  RunningServer running(limits);
  Connection client = connect_to(running);
  client.write("GET / HTTP/1.1\r\nHos");
  EXPECT_EQ(client.read().status, 408);
  EXPECT_TRUE(client.ended_in_order());
}

TEST(Limits, AnswersASlowBodyWith408) {
  Limits limits;
  limits.body_time = soon;
  RunningServer running(limits);
  Connection client = connect_to(running);
  client.write(get("/first") + "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nonly this");
  EXPECT_EQ(client.read().body, "/first");
  EXPECT_EQ(client.read().status, 408);
  EXPECT_TRUE(client.ended_in_order());
}

TEST(Limits, GivesASlowServiceItsTime) {
  Limits limits;
  limits.header_time = limits.body_time = soon;
  RunningServer running(limits);
  Connection waiting = connect_to(running);
  waiting.write(get("/hold"));
  running.service().await_held(1);
  Connection slow = connect_to(running);
  slow.write("GET ");
  EXPECT_EQ(slow.read().status, 408);  // by now the limits have passed
  running.service().release(0);
  EXPECT_EQ(waiting.read().body, "held 0");
}

TEST(Limits, ClosesAConnectionThatNeverSpeaks) {
  Limits limits;
  limits.idle_time = soon;
  RunningServer running(limits);
  Connection silent = connect_to(running);
  EXPECT_TRUE(silent.ended_in_order());
  EXPECT_EQ(running.server().stats().timeouts, 1u);
}

TEST(Limits, ClosesAnIdleConnectionWithoutAWord) {
  Limits limits;
  limits.idle_time = milliseconds(400);
  RunningServer running(limits);
  // On a busy machine a request may come too late on a connection that has just been opened: then once more.
  for (std::uint64_t connections = 1;; ++connections) {
    Connection idle = connect_to(running);
    try {
      idle.write(get("/once"));
      EXPECT_EQ(idle.read().status, 200);
    } catch (const http_client::ConnectionLost&) {
      continue;
    }
    EXPECT_TRUE(idle.ended_in_order());
    EXPECT_EQ(running.server().stats().timeouts, connections);
    return;
  }
}

TEST(Limits, CutsAClientThatNeverReads) {
  Limits limits;
  limits.write_time = soon;
  RunningServer running(limits);
  Connection client = connect_to(running);
  std::string requests;
  for (int i = 0; i < 16; ++i) requests += get("/big");
  client.write(requests);
  Connection other = connect_to(running);
  while (running.server().stats().timeouts == 0 || running.server().stats().open_connections > 1) {
    other.write(get("/other"));
    ASSERT_EQ(other.read().status, 200);
  }
}

TEST(Limits, SendsAnswersThatTheSocketDoesNotTakeAtOnce) {
  RunningServer running;
  Connection client = connect_to(running);
  client.write(get("/big") + get("/big") + get("/after"));
  EXPECT_EQ(client.read().body.size(), 4u * 1024 * 1024);
  EXPECT_EQ(client.read().body.size(), 4u * 1024 * 1024);
  EXPECT_EQ(client.read().body, "/after");
}

TEST(Limits, RefusesConnectionsOverTheLimit) {
  Limits limits;
  limits.connections = 2;
  RunningServer running(limits);
  Connection first = connect_to(running);
  std::optional<Connection> second = connect_to(running);
  first.write(get("/a"));
  EXPECT_EQ(first.read().status, 200);
  second->write(get("/b"));
  EXPECT_EQ(second->read().status, 200);
  {
    Connection third = connect_to(running);
    third.write(get("/c"));
    EXPECT_EQ(third.read().status, 503);
    EXPECT_TRUE(third.ended_in_order());
  }
  second.reset();
  while (running.server().stats().open_connections > 1) {
    first.write(get("/again"));
    EXPECT_EQ(first.read().status, 200);
  }
  Connection fourth = connect_to(running);
  fourth.write(get("/d"));
  EXPECT_EQ(fourth.read().body, "/d");
  EXPECT_EQ(running.server().stats().refused_connections, 1u);
}

TEST(Limits, BoundsTheBodiesInMemoryOverAllConnections) {
  RunningServer running({.body_bytes = 1000, .total_body_bytes = 1500}, 2);
  Connection held = connect_to(running);
  held.write(post("/hold", std::string(1000, 'a')));
  running.service().await_held(1);
  Connection arriving = connect_to(running);
  arriving.write("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 450\r\n\r\n" + std::string(400, 'b'));
  {
    Connection refused = connect_to(running);
    refused.write(post("/echo", std::string(600, 'c')));
    const Answer answer = refused.read();
    EXPECT_EQ(answer.status, 503);
    EXPECT_TRUE(refused.ended_in_order());
  }
  Connection small = connect_to(running);
  small.write(get("/small"));
  EXPECT_EQ(small.read().status, 200) << "what has no body is served";
  arriving.write(std::string(50, 'b'));
  EXPECT_EQ(arriving.read().body, std::string(400, 'b') + std::string(50, 'b'));
  running.service().release(0);
  EXPECT_EQ(held.read().body, "held 0");
  // All that was counted is given back: by answers, by refusals and by who leaves in the middle.
  arriving.write("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\n" + std::string(800, 'd'));
  arriving.reset();
  while (running.server().stats().open_connections > 2) {
    small.write(get("/again"));
    EXPECT_EQ(small.read().status, 200);
  }
  small.write(post("/echo", std::string(1000, 'e')));
  EXPECT_EQ(small.read().body, std::string(1000, 'e'));
  held.write(post("/hold", std::string(1000, 'f')));
  running.service().await_held(2);
  small.write(post("/echo", std::string(500, 'g')));
  EXPECT_EQ(small.read().body, std::string(500, 'g'));
  running.service().release(1);
}

TEST(Limits, RefusesARequestThatEndsInside) {
  RunningServer running;
  Connection client = connect_to(running);
  client.write("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nonly this");
  client.end_of_input();
  EXPECT_EQ(client.read().status, 400);
  EXPECT_TRUE(client.ended_in_order());
}

}  // namespace
}  // namespace troupe::http::testing
