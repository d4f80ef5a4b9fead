#include "tests/bench/beast_server.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <cstdio>
#include <memory>
#include <optional>
#include <thread>
#include <type_traits>
#include <vector>

namespace troupe::bench {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

/// One connection, whose requests are answered at once (`Answer`) or later (`AnswerLater`).
template <class Answering>
class Session : public std::enable_shared_from_this<Session<Answering>> {
 public:
  Session(tcp::socket socket, const Answering& answer) : socket_(std::move(socket)), answer_(answer) {
    socket_.set_option(tcp::no_delay(true));
  }

  void read() {
    request_ = {};
    http::async_read(socket_, buffer_, request_,
                     [self = this->shared_from_this()](beast::error_code error, std::size_t) {
                       if (!error) self->answer();
                     });
  }

 private:
  void answer() {
    if constexpr (std::is_same_v<Answering, Answer>) {
      write(answer_(request_));
    } else {
      answer_(request_, [self = this->shared_from_this()](Response response) {
        asio::post(self->socket_.get_executor(),
                   [self, response = std::move(response)]() mutable { self->write(std::move(response)); });
      });
    }
  }

  void write(Response&& response) {
    response_.emplace(std::move(response));
    http::async_write(socket_, *response_, [self = this->shared_from_this()](beast::error_code error, std::size_t) {
      if (!error && self->response_->keep_alive()) self->read();
    });
  }

  tcp::socket socket_;
  const Answering& answer_;
  beast::flat_buffer buffer_;
  Request request_;
  std::optional<Response> response_;
};

struct Loop {
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> work = asio::make_work_guard(context);
};

template <class Answering>
void accept(tcp::acceptor& acceptor, std::vector<std::unique_ptr<Loop>>& loops, std::size_t next,
            const Answering& answer) {
  acceptor.async_accept(loops[next]->context, [&, next](beast::error_code error, tcp::socket socket) {
    if (error) return;
    asio::io_context& home = loops[next]->context;
    asio::post(home, [session = std::make_shared<Session<Answering>>(std::move(socket), answer)] { session->read(); });
    accept(acceptor, loops, (next + 1) % loops.size(), answer);
  });
}

template <class Answering>
void serve_on(std::size_t loop_count, const Answering& answer) {
  std::vector<std::unique_ptr<Loop>> loops;
  for (std::size_t i = 0; i < loop_count; ++i) loops.push_back(std::make_unique<Loop>());

  asio::io_context& first = loops[0]->context;
  tcp::acceptor acceptor(first, {asio::ip::address_v4::loopback(), 0});
  accept(acceptor, loops, 0, answer);
  asio::signal_set signals(first, SIGTERM, SIGINT);
  signals.async_wait([&](beast::error_code, int) {
    for (const auto& loop : loops) loop->context.stop();
  });

  std::printf("ready gateway=127.0.0.1:%d\n", static_cast<int>(acceptor.local_endpoint().port()));
  std::fflush(stdout);
  std::vector<std::jthread> threads;
  for (std::size_t i = 1; i < loops.size(); ++i) threads.emplace_back([&loop = *loops[i]] { loop.context.run(); });
  first.run();
}

}  // namespace

Response json_response(const Request& request, http::status status, std::string body) {
  Response response{status, request.version()};
  response.set(http::field::content_type, "application/json");
  response.keep_alive(request.keep_alive());
  response.body() = std::move(body);
  response.prepare_payload();
  return response;
}

void serve(std::size_t loops, const Answer& answer) { serve_on(loops, answer); }
void serve_later(std::size_t loops, const AnswerLater& answer) { serve_on(loops, answer); }

}  // namespace troupe::bench
