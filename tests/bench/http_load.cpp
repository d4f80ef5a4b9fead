#include "tests/bench/http_load.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/bench/http_response.hpp"
#include "tests/bench/process_usage.hpp"

namespace troupe::bench {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;

constexpr std::size_t first_buffer_bytes = 16 * 1024;
constexpr std::size_t max_broken_connections = 1'000;
constexpr std::size_t shown_failure_bytes = 600;
constexpr std::chrono::seconds drain_limit{20};

std::chrono::nanoseconds own_cpu() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto time = [](const timeval& part) {
    return std::chrono::seconds(part.tv_sec) + std::chrono::microseconds(part.tv_usec);
  };
  return time(usage.ru_utime) + time(usage.ru_stime);
}

enum class Phase { warming_up, measuring, draining };

class Connection;

/// One run: the phase it is in and what it has counted.
class Run {
 public:
  Run(const LoadPlan& plan, NextRequest next_request) : plan_(plan), next_request_(std::move(next_request)) {}

  LoadReport execute();

  /// Fills in the next request; false when none is to be sent any more.
  bool next(std::string& request) {
    if (phase_ == Phase::draining) return false;
    next_request_(sequence_++, request);
    return true;
  }
  void answered(unsigned status, Clock::duration latency, std::string_view answer);
  void broke();
  void connection_ended() {
    if (--open_connections_ == 0) context_.stop();
  }

 private:
  void begin_measuring();
  void end_measuring();
  LoadReport summarize();

  const LoadPlan& plan_;
  NextRequest next_request_;
  asio::io_context context_{1};
  asio::steady_timer timer_{context_};
  std::vector<std::unique_ptr<Connection>> connections_;
  std::size_t open_connections_ = 0;
  Phase phase_ = Phase::warming_up;
  std::uint64_t sequence_ = 0;
  std::vector<std::uint64_t> latencies_ns_;
  Clock::time_point begin_;
  std::chrono::nanoseconds server_cpu_{};
  std::chrono::nanoseconds client_cpu_{};
  LoadReport report_;
};

/// One keep-alive connection: write a request, read its answer, again.
class Connection {
 public:
  Connection(asio::io_context& context, std::uint16_t port, Run& run)
      : run_(run), endpoint_(asio::ip::address_v4::loopback(), port), socket_(context), buffer_(first_buffer_bytes) {}

  void connect() {
    socket_ = tcp::socket(socket_.get_executor());
    socket_.connect(endpoint_);
    socket_.set_option(tcp::no_delay(true));
    socket_.non_blocking(true);
    held_ = 0;
  }

  void begin(Clock::time_point now) {
    if (!run_.next(request_)) return run_.connection_ended();
    sent_at_ = now;
    boost::system::error_code error;
    const std::size_t written = socket_.write_some(asio::buffer(request_), error);
    if (error && error != asio::error::would_block) return reconnect();
    if (written == request_.size()) return read();
    asio::async_write(socket_, asio::buffer(request_) + written,
                      [this](boost::system::error_code failure, std::size_t) { failure ? reconnect() : read(); });
  }

 private:
  void read() {
    socket_.async_read_some(asio::buffer(buffer_.data() + held_, buffer_.size() - held_),
                            [this](boost::system::error_code failure, std::size_t bytes) {
                              if (failure) return reconnect();
                              held_ += bytes;
                              consume();
                            });
  }

  void consume() {
    const std::string_view held(buffer_.data(), held_);
    const ResponseFrame frame = read_response(held);
    if (frame.framing == Framing::malformed) return reconnect();
    if (frame.framing == Framing::incomplete) {
      if (held_ == buffer_.size()) buffer_.resize(buffer_.size() * 2);
      return read();
    }
    const Clock::time_point now = Clock::now();
    run_.answered(frame.status, now - sent_at_, held.substr(0, frame.bytes));
    held_ = 0;  // With one request in flight nothing can follow the answer.
    if (frame.closes) connect();
    begin(now);
  }

  void reconnect() {
    run_.broke();
    connect();
    begin(Clock::now());
  }

  Run& run_;
  tcp::endpoint endpoint_;
  tcp::socket socket_;
  std::string request_;
  std::vector<char> buffer_;
  std::size_t held_ = 0;
  Clock::time_point sent_at_;
};

void Run::answered(unsigned status, Clock::duration latency, std::string_view answer) {
  ++report_.statuses[status];
  const bool good = status >= 200 && status < 300;
  if (!good && report_.first_failure.empty()) report_.first_failure = answer.substr(0, shown_failure_bytes);
  if (phase_ != Phase::measuring) return;
  if (!good) {
    ++report_.failed;
    return;
  }
  ++report_.answered;
  latencies_ns_.push_back(static_cast<std::uint64_t>(std::chrono::nanoseconds(latency).count()));
  if (plan_.requests && report_.answered >= *plan_.requests) end_measuring();
}

void Run::broke() {
  if (phase_ == Phase::measuring) ++report_.failed;
  if (++report_.broken_connections > max_broken_connections)
    throw std::runtime_error("the server broke more than " + std::to_string(max_broken_connections) + " connections");
}

void Run::begin_measuring() {
  phase_ = Phase::measuring;
  server_cpu_ = plan_.server ? process_tree_cpu(*plan_.server) : std::chrono::nanoseconds{};
  client_cpu_ = own_cpu();
  begin_ = Clock::now();
  timer_.expires_after(plan_.longest);
  timer_.async_wait([this](boost::system::error_code error) {
    if (!error && phase_ == Phase::measuring) end_measuring();
  });
}

void Run::end_measuring() {
  report_.seconds = std::chrono::duration<double>(Clock::now() - begin_).count();
  client_cpu_ = own_cpu() - client_cpu_;
  if (plan_.server) server_cpu_ = process_tree_cpu(*plan_.server) - server_cpu_;
  phase_ = Phase::draining;
  timer_.expires_after(drain_limit);
  timer_.async_wait([this](boost::system::error_code error) {
    if (!error) context_.stop();
  });
}

LoadReport Run::execute() {
  latencies_ns_.reserve(1 << 20);
  for (std::size_t i = 0; i < plan_.connections; ++i) {
    connections_.push_back(std::make_unique<Connection>(context_, plan_.port, *this));
    connections_.back()->connect();
  }
  open_connections_ = connections_.size();
  timer_.expires_after(plan_.warm_up);
  timer_.async_wait([this](boost::system::error_code error) {
    if (!error) begin_measuring();
  });
  for (const auto& connection : connections_) connection->begin(Clock::now());
  context_.run();
  report_.failed += open_connections_;  // Requests that the server never answered.
  return summarize();
}

LoadReport Run::summarize() {
  if (latencies_ns_.empty()) {
    throw std::runtime_error("no request was answered with 2xx in the measured part; first failure: " +
                             (report_.first_failure.empty() ? "none" : report_.first_failure));
  }
  std::sort(latencies_ns_.begin(), latencies_ns_.end());
  const auto percentile = [this](double share) {
    const auto rank = static_cast<std::size_t>(share * static_cast<double>(latencies_ns_.size() - 1));
    return static_cast<double>(latencies_ns_[rank]) / 1'000;
  };
  report_.p50_us = percentile(0.50);
  report_.p90_us = percentile(0.90);
  report_.p99_us = percentile(0.99);
  report_.max_us = percentile(1);
  // Refusals cost the server too, so they share its bill.
  const double answers = static_cast<double>(report_.answered + report_.failed);
  report_.server_cpu_us = static_cast<double>(server_cpu_.count()) / 1'000 / answers;
  report_.client_cpu_us = static_cast<double>(client_cpu_.count()) / 1'000 / answers;
  return std::move(report_);
}

}  // namespace

LoadReport run_load(const LoadPlan& plan, NextRequest next_request) {
  return Run(plan, std::move(next_request)).execute();
}

}  // namespace troupe::bench
