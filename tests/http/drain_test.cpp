#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "tests/http/http_fixture.hpp"

namespace troupe::http::testing {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds patience{10'000};

bool is_ready(const std::future<void>& future) { return future.wait_for(patience) == std::future_status::ready; }

TEST(Drain, EndsAtOnceWhenNothingIsOpen) {
  RunningServer running({}, 2);
  EXPECT_TRUE(is_ready(running.drain(patience)));
  EXPECT_EQ(running.server().stats().accepted, 0u);
}

TEST(Drain, ClosesIdleConnectionsAtOnce) {
  RunningServer running({}, 2);
  Client silent(running.port());
  Client idle(running.port());
  idle.send(get("/once"));
  EXPECT_EQ(idle.receive().status, 200);
  const auto drained = running.drain(patience);
  EXPECT_TRUE(idle.ended());
  EXPECT_TRUE(silent.ended());
  EXPECT_TRUE(is_ready(drained));
}

TEST(Drain, FinishesTheRequestsInFlight) {
  RunningServer running({}, 2);
  Client client(running.port());
  client.send(get("/hold") + get("/hold"));
  running.service().await_held(2);
  Client idle(running.port());
  idle.send(get("/idle"));
  EXPECT_EQ(idle.receive().status, 200);
  const auto drained = running.drain(patience);
  EXPECT_TRUE(idle.ended());  // so the drain has begun on its loop; the held ones are still to come
  running.service().release(0);
  running.service().release(1);
  EXPECT_EQ(client.receive().body, "held 0");
  const Answer last = client.receive();
  EXPECT_EQ(last.body, "held 1");
  EXPECT_TRUE(client.ended());
  client.abort();
  EXPECT_TRUE(is_ready(drained));
}

TEST(Drain, WaitsForNobodyWhoGoesOnSendingWhatIsRefused) {
  Limits limits;
  limits.discard_bytes = 2'000'000;
  limits.body_time = std::chrono::minutes{10};
  limits.linger_time = milliseconds{30};
  RunningServer running(limits);
  Client client(running.port());
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000000\r\n\r\n");
  EXPECT_EQ(client.receive().status, 413);
  const auto drained = running.drain(std::chrono::minutes{10});
  const std::string piece(100'000, 'x');
  constexpr int most = 20'000;
  int sent = 0;
  while (sent < most && client.try_send(piece)) ++sent;
  EXPECT_LT(sent, most);
  EXPECT_TRUE(is_ready(drained));
}

TEST(Drain, SaysThatTheLastAnswerIsTheLast) {
  RunningServer running;
  Client client(running.port());
  client.send(get("/hold"));
  running.service().await_held(1);
  Client idle(running.port());
  idle.send(get("/idle"));
  EXPECT_EQ(idle.receive().status, 200);
  const auto drained = running.drain(patience);
  EXPECT_TRUE(idle.ended());
  running.service().release(0);
  EXPECT_EQ(client.receive().headers.at("connection"), "close");
  client.finish_sending();
  EXPECT_TRUE(is_ready(drained));
}

TEST(Drain, AnswersARequestThatHasBegun) {
  RunningServer running;
  Client client(running.port());
  client.send(get("/seen"));
  EXPECT_EQ(client.receive().status, 200);
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.receive().status, 100);
  Client idle(running.port());
  idle.send(get("/idle"));
  EXPECT_EQ(idle.receive().status, 200);
  const auto drained = running.drain(patience);
  EXPECT_TRUE(idle.ended());
  client.send("body");
  const Answer answer = client.receive();
  EXPECT_EQ(answer.body, "body");
  EXPECT_EQ(answer.headers.at("connection"), "close");
  client.finish_sending();
  EXPECT_TRUE(is_ready(drained));
}

TEST(Drain, CutsWhatIsLeftAtItsBound) {
  RunningServer running;
  Client client(running.port());
  client.send(get("/hold"));
  running.service().await_held(1);
  EXPECT_TRUE(is_ready(running.drain(milliseconds(20))));
  EXPECT_TRUE(client.ended());
  running.service().release(0);  // too late: it must do no harm
}

TEST(Drain, DoesNotWaitForAnsweredClientsThatDoNotClose) {
  RunningServer running({.linger_time = std::chrono::hours(1)}, 2);
  Client before(running.port());
  before.send(get("/last", "Connection: close\r\n"));
  EXPECT_EQ(before.receive().body, "/last");
  Client meanwhile(running.port());
  meanwhile.send(get("/hold"));
  running.service().await_held(1);
  const auto drained = running.drain(std::chrono::hours(1));
  EXPECT_TRUE(before.ended());
  running.service().release(0);
  EXPECT_TRUE(is_ready(drained));
  EXPECT_EQ(meanwhile.receive().body, "held 0") << "it is still there to be read";
  EXPECT_TRUE(meanwhile.ended());
}

/// Sends requests until told to stop; -1 when an answer was not whole.
int load(std::uint16_t port, std::promise<void>& started, const std::atomic<bool>& stop) {
  int answered = 0;
  while (!stop) {
    try {
      Client client(port);
      for (bool open = true; open && !stop;) {
        client.send(get("/load"));
        const Answer answer = client.receive();
        if (answer.body != "/load") return -1;
        if (++answered == 10) started.set_value();
        open = !answer.headers.contains("connection");
      }
    } catch (const std::runtime_error&) {
      // Closed between two requests, for the server saw it idle, or no longer accepted.
    }
  }
  return answered;
}

TEST(Drain, LosesNoAnswerUnderLoad) {
  RunningServer running({}, 2);
  std::atomic<bool> stop = false;
  std::vector<std::promise<void>> started(4);
  std::vector<std::future<int>> clients;
  for (auto& promise : started) {
    clients.push_back(std::async(std::launch::async, load, running.port(), std::ref(promise), std::cref(stop)));
  }
  for (auto& promise : started) promise.get_future().wait();
  EXPECT_TRUE(is_ready(running.drain(patience)));
  stop = true;
  for (auto& client : clients) EXPECT_GE(client.get(), 10);
  EXPECT_EQ(running.server().stats().open_connections, 0u);
}

}  // namespace
}  // namespace troupe::http::testing
