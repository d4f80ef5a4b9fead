#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "tests/http/http_fixture.hpp"

namespace troupe::http::testing {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds patience{60'000};

bool is_ready(const std::future<void>& future) { return future.wait_for(patience) == std::future_status::ready; }

TEST(Drain, EndsSoonWhenNothingIsOpen) {
  RunningServer running({}, 2);
  EXPECT_TRUE(is_ready(running.drain(patience)));
  EXPECT_EQ(running.server().stats().accepted, 0u);
}

TEST(Drain, ClosesIdleConnectionsAtOnce) {
  RunningServer running({}, 2);
  Connection silent = connect_to(running);
  Connection idle = connect_to(running);
  idle.write(get("/once"));
  EXPECT_EQ(idle.read().status, 200);
  const auto drained = running.drain(patience);
  EXPECT_TRUE(idle.ended_in_order());
  EXPECT_TRUE(silent.ended_in_order());
  EXPECT_TRUE(is_ready(drained));
}

TEST(Drain, FinishesTheRequestsInFlight) {
  RunningServer running({}, 2);
  Connection client = connect_to(running);
  client.write(get("/hold") + get("/hold"));
  running.service().await_held(2);
  Connection idle = connect_to(running);
  idle.write(get("/idle"));
  EXPECT_EQ(idle.read().status, 200);
  const auto drained = running.drain(patience);
  EXPECT_TRUE(idle.ended_in_order());  // so the drain has begun on its loop; the held ones are still to come
  running.service().release(0);
  running.service().release(1);
  EXPECT_EQ(client.read().body, "held 0");
  const Answer last = client.read();
  EXPECT_EQ(last.body, "held 1");
  EXPECT_TRUE(client.ended_in_order());
  client.reset();
  EXPECT_TRUE(is_ready(drained));
}

TEST(Drain, WaitsForNobodyWhoGoesOnSendingWhatIsRefused) {
  Limits limits;
  limits.discard_bytes = 2'000'000;
  limits.body_time = std::chrono::minutes{10};
  limits.linger_time = milliseconds{30};
  RunningServer running(limits);
  Connection client = connect_to(running);
  client.write("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000000\r\n\r\n");
  EXPECT_EQ(client.read().status, 413);
  const auto drained = running.drain(std::chrono::minutes{10});
  const std::string piece(100'000, 'x');
  constexpr int most = 20'000;
  int sent = 0;
  while (sent < most && client.try_write(piece)) ++sent;
  EXPECT_LT(sent, most);
  EXPECT_TRUE(is_ready(drained));
}

/// Begins to drain, and returns once a client that waits for nothing has seen the end of its connection.
std::future<void> drain_until_idle_clients_end(RunningServer& running) {
  Connection idle = connect_to(running);
  idle.write(get("/idle"));
  EXPECT_EQ(idle.read().status, 200);
  auto drained = running.drain(patience);
  EXPECT_TRUE(idle.ended_in_order());
  return drained;
}

TEST(Drain, SaysThatTheLastAnswerIsTheLast) {
  RunningServer running;
  Connection client = connect_to(running);
  client.write(get("/hold"));
  running.service().await_held(1);
  const auto drained = drain_until_idle_clients_end(running);
  running.service().release(0);
  EXPECT_EQ(client.read().header("connection"), "close");
  client.end_of_input();
  EXPECT_TRUE(is_ready(drained));
}

TEST(Drain, AnswersARequestThatHasBegun) {
  RunningServer running;
  Connection client = connect_to(running);
  client.write(get("/seen"));
  EXPECT_EQ(client.read().status, 200);
  client.write("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read().status, 100);
  const auto drained = drain_until_idle_clients_end(running);
  client.write("body");
  const Answer answer = client.read();
  EXPECT_EQ(answer.body, "body");
  EXPECT_EQ(answer.header("connection"), "close");
  client.end_of_input();
  EXPECT_TRUE(is_ready(drained));
}

TEST(Drain, CutsWhatIsLeftAtItsBound) {
  RunningServer running;
  Connection client = connect_to(running);
  client.write(get("/hold"));
  running.service().await_held(1);
  EXPECT_TRUE(is_ready(running.drain(milliseconds(20))));
  EXPECT_TRUE(client.ended_in_order());
  running.service().release(0);  // too late: it must do no harm
}

TEST(Drain, DoesNotWaitForAnsweredClientsThatDoNotClose) {
  RunningServer running({.linger_time = std::chrono::hours(1)}, 2);
  Connection before = connect_to(running);
  before.write(get("/last", "Connection: close\r\n"));
  EXPECT_EQ(before.read().body, "/last");
  Connection meanwhile = connect_to(running);
  meanwhile.write(get("/hold"));
  running.service().await_held(1);
  const auto drained = running.drain(std::chrono::hours(1));
  EXPECT_TRUE(before.ended_in_order());
  running.service().release(0);
  EXPECT_TRUE(is_ready(drained));
  EXPECT_EQ(meanwhile.read().body, "held 0") << "it is still there to be read";
  EXPECT_TRUE(meanwhile.ended_in_order());
}

TEST(Drain, AnswersWhoHasJustConnected) {
  Limits limits;
  limits.drain_linger_time = std::chrono::hours(1);
  RunningServer running(limits);
  Connection fresh = connect_to(running);
  const auto drained = drain_until_idle_clients_end(running);
  fresh.write(get("/first"));
  const Answer answer = fresh.read();
  EXPECT_EQ(answer.body, "/first");
  EXPECT_EQ(answer.header("connection"), "close");
  fresh.end_of_input();
  EXPECT_TRUE(is_ready(drained));
}

TEST(Drain, AnswersWhoWaitsToBeAccepted) {
  RunningServer running({}, 2);
  std::promise<void> release = running.occupy();
  std::vector<Connection> waiting;
  for (int i = 0; i < 3; ++i) waiting.push_back(connect_to(running));
  for (Connection& client : waiting) client.write(get("/waited"));
  const auto drained = running.drain(patience);
  release.set_value();
  for (Connection& client : waiting) EXPECT_EQ(client.read().body, "/waited");
  waiting.clear();
  EXPECT_TRUE(is_ready(drained));
}

/// Sends requests until told to stop; -1 when an answer was not whole.
int load(std::uint16_t port, std::promise<void>& started, const std::atomic<bool>& stop) {
  int answered = 0;
  while (!stop) {
    try {
      Connection client = connect_to(port);
      for (bool open = true; open && !stop;) {
        client.write(get("/load"));
        const Answer answer = client.read();
        if (answer.body != "/load") return -1;
        if (++answered == 10) started.set_value();
        open = !answer.header("connection");
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
