#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <troupe/http/server.hpp>
#include "tests/http_client/connection.hpp"

namespace troupe::http::testing {

/// A service for tests: answers by path.
///
/// `/echo` the body; `/hold` waits for `release`; `/drop` drops its Respond; `/throw` throws; `/big` answers 4 MiB;
/// `/none` 204; `/unchanged` 304; any other path itself. A body that is too large answers 413 everywhere.
class TestService final : public Service {
 public:
  explicit TestService(std::vector<boost::asio::io_context*> loops) : loops_(std::move(loops)) {}

  void handle(Request request, Respond respond) override;
  Response refuse(const Refusal& refusal) override;
  void crashed(std::string_view what) noexcept override;

  /// Blocks until that many requests for `/hold` wait.
  void await_held(std::size_t count);
  /// Answers the held request with this index (in order of arrival).
  void release(std::size_t index);
  std::size_t held() const;
  std::string last_crash() const;
  Request last_request() const;

 private:
  struct Held {
    std::size_t loop;
    std::shared_ptr<Respond> respond;
  };

  std::vector<boost::asio::io_context*> loops_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Held> held_;
  std::string last_crash_;
  Request last_request_;
};

/// A server on loops of its own threads, on a port that the system chose.
class RunningServer {
 public:
  explicit RunningServer(Limits limits = {}, std::size_t loops = 1);
  ~RunningServer();

  std::uint16_t port() const { return server_->port(); }
  Server& server() { return *server_; }
  TestService& service() { return *service_; }
  /// Keeps the first loop from everything until the promise is kept.
  std::promise<void> occupy();
  /// Begins to drain; ready when drained.
  std::future<void> drain(std::chrono::milliseconds bound);
  /// Drains and joins, so that a leak or a hang shows in the test that caused it.
  void stop();

 private:
  std::vector<std::unique_ptr<boost::asio::io_context>> loops_;
  std::unique_ptr<TestService> service_;
  std::unique_ptr<Server> server_;
  std::vector<std::thread> threads_;
  std::vector<std::function<void()>> release_work_;
};

using http_client::Answer;
using http_client::Body;
using http_client::Connection;

/// A connection that is open.
Connection connect_to(const RunningServer& running);
Connection connect_to(std::uint16_t port);

std::string get(std::string_view path, std::string_view more_fields = "");
std::string post(std::string_view path, std::string_view body, std::string_view more_fields = "");

}  // namespace troupe::http::testing
