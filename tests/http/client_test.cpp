#include <troupe/http/client.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "tests/http/http_fixture.hpp"

namespace troupe::http::testing {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;
using ::testing::HasSubstr;
using Kind = ClientFailure::Kind;
using std::chrono::milliseconds;

/// A server that takes one connection, says what it is told to, and closes or stays.
class ScriptedServer {
 public:
  enum class AtTheEnd { closes, stays };

  ScriptedServer(boost::asio::io_context& loop, std::string says, AtTheEnd at_the_end)
      : acceptor_(loop, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)),
        peer_(loop),
        says_(std::move(says)),
        at_the_end_(at_the_end) {
    acceptor_.async_accept(peer_, [this](const error_code& error) {
      if (!error) listen();
    });
  }

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  /// Reads the request first: to close over unread data would reset the connection.
  void listen() {
    peer_.async_read_some(boost::asio::buffer(request_), [this](const error_code& error, std::size_t) {
      if (!error) say();
    });
  }
  void say() {
    boost::asio::async_write(peer_, boost::asio::buffer(says_), [this](const error_code&, std::size_t) {
      error_code ignored;
      if (at_the_end_ == AtTheEnd::closes) peer_.shutdown(tcp::socket::shutdown_send, ignored);
    });
  }

  tcp::acceptor acceptor_;
  tcp::socket peer_;
  std::string says_;
  AtTheEnd at_the_end_;
  std::array<char, 4096> request_{};
};

ClientResult send(boost::asio::io_context& loop, ClientRequest request) {
  std::optional<ClientResult> result;
  http::Client(loop).send(std::move(request), [&](ClientResult ended) {
    result = std::move(ended);
    loop.stop();
  });
  loop.run();
  loop.restart();
  return std::move(result).value();
}

ClientRequest to(std::uint16_t port, std::string target = "/") {
  ClientRequest request;
  request.host = "127.0.0.1";
  request.port = port;
  request.target = std::move(target);
  return request;
}

/// What a client makes of these octets.
ClientResult hear(std::string says, ScriptedServer::AtTheEnd at_the_end = ScriptedServer::AtTheEnd::closes,
                  milliseconds deadline = std::chrono::seconds(10)) {
  boost::asio::io_context loop;
  ScriptedServer server(loop, std::move(says), at_the_end);
  ClientRequest request = to(server.port());
  request.deadline = deadline;
  request.max_body_bytes = 1000;
  return send(loop, std::move(request));
}

std::optional<Kind> failure_of(const ClientResult& result) {
  const auto* failure = std::get_if<ClientFailure>(&result);
  return failure ? std::optional(failure->kind) : std::nullopt;
}

class HttpClient : public ::testing::Test {
 protected:
  Response get(std::string target) { return std::get<Response>(send(loop_, to(server_.port(), std::move(target)))); }

  RunningServer server_;
  boost::asio::io_context loop_;
};

TEST_F(HttpClient, GetsWhatTheServerAnswers) {
  const auto response = get("/a?b=c");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "/a");
  EXPECT_EQ(response.headers.find("content-type"), "text/plain");
  EXPECT_EQ(server_.service().last_request().target, "/a?b=c");
  EXPECT_EQ(server_.service().last_request().headers.find("Host"), "127.0.0.1:" + std::to_string(server_.port()));
}

TEST_F(HttpClient, SendsMethodFieldsAndBody) {
  ClientRequest request = to(server_.port(), "/echo");
  request.method = Method::put;
  request.headers.add("X-Request-Id", "r-1");
  request.body = std::string(100'000, 'x');
  const auto response = std::get<Response>(send(loop_, std::move(request)));
  EXPECT_EQ(response.body, std::string(100'000, 'x'));
  EXPECT_EQ(server_.service().last_request().method, Method::put);
  EXPECT_EQ(server_.service().last_request().headers.find("X-Request-Id"), "r-1");
}

TEST_F(HttpClient, KnowsAnswersWithoutABody) {
  EXPECT_EQ(get("/none").status, 204);
  EXPECT_EQ(get("/unchanged").status, 304);
  ClientRequest request = to(server_.port(), "/x");
  request.method = Method::head;
  const auto head = std::get<Response>(send(loop_, std::move(request)));
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.body, "");
}

TEST_F(HttpClient, TakesABodyUpToTheLimitAndNoMore) {
  EXPECT_EQ(get("/big").body.size(), 4u * 1024 * 1024);
  ClientRequest request = to(server_.port(), "/big");
  request.max_body_bytes = 4 * 1024 * 1024 - 1;
  EXPECT_EQ(failure_of(send(loop_, std::move(request))), Kind::too_large);
}

TEST_F(HttpClient, EndsAtTheDeadline) {
  ClientRequest request = to(server_.port(), "/hold");
  request.deadline = milliseconds(50);
  EXPECT_EQ(failure_of(send(loop_, std::move(request))), Kind::timeout);
}

TEST_F(HttpClient, SendsNoTargetThatWouldEndItsLine) {
  for (const char* target : {"", "/a b", "/\r\nX: y", "/\x7f", "/\xc3\xbc"}) {
    EXPECT_EQ(failure_of(send(loop_, to(server_.port(), target))), Kind::invalid) << target;
  }
}

TEST_F(HttpClient, AsksManyServersAtTheSameTime) {
  const auto results = send_all({to(server_.port(), "/1"), to(1, "/2"), to(server_.port(), "/3")});
  ASSERT_EQ(results.size(), 3u);
  EXPECT_EQ(std::get<Response>(results[0]).body, "/1");
  EXPECT_EQ(failure_of(results[1]), Kind::unreachable);
  EXPECT_THAT(std::get<ClientFailure>(results[1]).detail, HasSubstr("Connection refused"));
  EXPECT_EQ(std::get<Response>(results[2]).body, "/3");
  EXPECT_TRUE(send_all({}).empty());
}

TEST_F(HttpClient, FindsAHostByItsName) {
  ClientRequest request = to(server_.port(), "/name");
  request.host = "localhost";
  EXPECT_EQ(std::get<Response>(send(loop_, std::move(request))).body, "/name");
}

TEST(HostileServer, IsToldByWhatIsWrongWithItsAnswer) {
  const std::string header = "HTTP/1.1 200 OK\r\n";
  const std::pair<std::string, Kind> answers[] = {
      {"", Kind::closed},
      {"SSH-2.0-OpenSSH_9.2\r\n", Kind::malformed},
      {"HTTP/1.1 2x0 OK\r\n\r\n", Kind::malformed},
      {"HTTP/9.1 200 OK\r\n\r\n", Kind::malformed},
      {"HTTP/1.1 101 Switching Protocols\r\n\r\n", Kind::malformed},
      {header + "Content-Length: -1\r\n\r\nbody", Kind::malformed},
      {header + "Content-Length:\r\n\r\nbody", Kind::malformed},
      {header + "Content-Length: 4\r\nContent-Length: 5\r\n\r\nbody", Kind::malformed},
      {header + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", Kind::malformed},
      {header + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", Kind::malformed},
      {header + "Content-Length: 4\r\n", Kind::cut_short},
      {header + "Content-Length: 5\r\n\r\nbody", Kind::cut_short},
      {header + "Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n", Kind::cut_short},
      {header + "Content-Length: 1001\r\n\r\n", Kind::too_large},
      {header + "Content-Length: 99999999999999999999999\r\n\r\n", Kind::malformed},
      {header + "Transfer-Encoding: chunked\r\n\r\n3e9\r\n" + std::string(1001, 'x') + "\r\n0\r\n\r\n",
       Kind::too_large},
      {header + "\r\n" + std::string(1001, 'x'), Kind::too_large},
      {header + "A: " + std::string(20'000, 'x') + "\r\n\r\n", Kind::too_large},
      {std::string(100'000, 'x'), Kind::malformed},
  };
  for (const auto& [says, kind] : answers) EXPECT_EQ(failure_of(hear(says)), kind) << says.substr(0, 100);
}

TEST(HostileServer, WearsNobodyOutByBeingSlow) {
  for (const char* says : {"", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbo"}) {
    EXPECT_EQ(failure_of(hear(says, ScriptedServer::AtTheEnd::stays, milliseconds(50))), Kind::timeout) << says;
  }
}

TEST(HttpClientAnswer, IsWholeWithoutALengthWhenTheConnectionEnds) {
  EXPECT_EQ(std::get<Response>(hear("HTTP/1.1 200 OK\r\n\r\nbody")).body, "body");
}

TEST(HttpClientAnswer, IsTheOneAfterInterimAnswers) {
  const auto response =
      std::get<Response>(hear("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\n"
                              "Content-Length: 4\r\n\r\nbody",
                              ScriptedServer::AtTheEnd::stays));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "body");
  EXPECT_FALSE(response.headers.find("A"));
}

TEST(HttpClientAnswer, IsPutTogetherFromChunks) {
  EXPECT_EQ(
      std::get<Response>(hear("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nbo\r\n2\r\ndy\r\n0\r\n\r\n",
                              ScriptedServer::AtTheEnd::stays))
          .body,
      "body");
}

}  // namespace
}  // namespace troupe::http::testing
