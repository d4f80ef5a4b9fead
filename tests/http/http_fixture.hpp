#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <troupe/http/server.hpp>

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

/// An answer as the client reads it.
struct Answer {
  int status = 0;
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;
};

/// A raw TCP client; every wait ends after ten seconds with an exception.
class Client {
 public:
  explicit Client(std::uint16_t port);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void send(std::string_view bytes);
  /// Sends what the server takes; false once it no longer does.
  bool try_send(std::string_view bytes);
  /// One answer with its body; `head_only` for an answer to HEAD.
  enum class Expect { body, head_only };
  Answer receive(Expect expect = Expect::body);
  /// Whether the server has ended the connection in order (no reset), with nothing before the end.
  bool ended();
  void finish_sending();
  /// Closes with a reset.
  void abort();

 private:
  bool fill();

  int fd_ = -1;
  std::string buffer_;
};

std::string get(std::string_view path, std::string_view more_fields = "");
std::string post(std::string_view path, std::string_view body, std::string_view more_fields = "");

}  // namespace troupe::http::testing
