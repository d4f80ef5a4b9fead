#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>

#include <troupe/http/detail/socket.hpp>
#include <troupe/http/server.hpp>

namespace troupe::http {

class Session;

/// Counted by one loop, read by any thread.
class Counter {
 public:
  void add(std::uint64_t count = 1) { value_.store(value() + count, std::memory_order_relaxed); }
  void take(std::uint64_t count) { value_.store(value() - count, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// The connections of one loop, and the clock that their limits are kept by: a timer that ticks while there are any.
///
/// Threads: its loop's, but for the counters.
class LoopConnections : public std::enable_shared_from_this<LoopConnections> {
 public:
  enum class Admission : std::uint8_t { welcome, refused };

  struct Counters {
    Counter accepted, refused_connections, requests, in_flight, refusals, timeouts, crashes;
  };

  /// Lifetime: loop, service, options and both counts outlive the last session.
  LoopConnections(boost::asio::io_context& loop, std::size_t index, Service& service, const ServerOptions& options,
                  std::atomic<std::size_t>& open_connections, std::atomic<std::size_t>& body_bytes);
  ~LoopConnections();

  void adopt(Socket socket, Admission admission);
  /// A session has closed.
  void leave(std::list<std::shared_ptr<Session>>::iterator position);

  /// Ends idle connections at once, those that have not asked yet soon, and the others with their last answer, all of
  /// them after `bound`. Others may still be adopted.
  void drain(std::chrono::milliseconds bound);
  /// Calls `done` when all have ended. None is adopted any more.
  void await_end(std::function<void()> done);
  bool draining() const { return draining_; }
  void close_all();

  /// Units: ticks.
  std::uint64_t now() const { return now_; }
  /// The first tick that is certainly not before `time` has passed.
  std::uint64_t after(std::chrono::milliseconds time) const;

  boost::asio::io_context& loop() { return loop_; }
  std::size_t index() const { return index_; }
  Service& service() { return service_; }
  /// Of all loops: see Limits::total_body_bytes.
  std::atomic<std::size_t>& body_bytes() { return body_bytes_; }
  const Limits& limits() const { return options_.limits; }
  std::string_view date_line() const { return date_line_; }
  Counters& counters() { return counters_; }

 private:
  void start_ticking();
  void tick();
  void refresh_date();
  void finish_drain();
  /// While draining: ends the connections of clients that are silent.
  void start_hurrying();
  void hurry();

  boost::asio::io_context& loop_;
  const std::size_t index_;
  Service& service_;
  const ServerOptions& options_;
  std::atomic<std::size_t>& open_connections_;
  std::atomic<std::size_t>& body_bytes_;
  const std::chrono::milliseconds tick_;

  std::list<std::shared_ptr<Session>> sessions_;
  Timer timer_;
  Timer hurry_;
  std::uint64_t now_ = 0;
  bool ticking_ = false;
  std::string date_line_;
  Counters counters_;

  bool draining_ = false;
  bool hurrying_ = false;
  bool closed_ = false;
  std::uint64_t drain_deadline_ = 0;
  std::function<void()> drained_;
};

}  // namespace troupe::http
