#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include <troupe/http/http.hpp>

namespace troupe::http {

/// Why the server itself, not a service, answers.
enum class RefusalCode : std::uint8_t {
  invalid,           ///< 400: not HTTP/1.1 as RFC 9112 has it
  header_too_large,  ///< 431
  request_timeout,   ///< 408: the client is too slow
  overloaded,        ///< 503: too many connections
  internal,          ///< 500: the service dropped its Respond
};

struct Refusal {
  RefusalCode code = RefusalCode::internal;
  std::string_view detail;
  std::size_t loop = 0;  ///< index of the loop that refuses
};

/// Where a Respond delivers; the server's connections, or a test.
class ResponseSink {
 public:
  virtual ~ResponseSink() = default;
  virtual void answer(std::uint64_t sequence, Response response) = 0;
  /// The service dropped the Respond of this request without an answer.
  virtual void abandon(std::uint64_t sequence) = 0;
};

/// The right, and the duty, to answer one request, once.
///
/// Dropping it unused answers 500. It keeps nothing alive: when the client has gone, answering does nothing.
/// Threads: used and dropped on the loop that called Service::handle.
class Respond {
 public:
  Respond(std::weak_ptr<ResponseSink> sink, std::uint64_t sequence) : sink_(std::move(sink)), sequence_(sequence) {}
  Respond(Respond&& other) noexcept : sink_(std::move(other.sink_)), sequence_(other.sequence_) {}
  Respond& operator=(Respond&& other) noexcept;
  ~Respond() { drop(); }

  void operator()(Response response);

 private:
  void drop() noexcept;

  std::weak_ptr<ResponseSink> sink_;
  std::uint64_t sequence_;
};

/// What a Server serves: the seam between HTTP and everything above it.
///
/// The server reads header and body, checks what HTTP itself demands, and hands every well-formed request on.
/// Threads: called on every loop of the server, at the same time on different loops.
/// Errors: what `handle` throws is reported to `crashed`; the request is answered 500.
class Service {
 public:
  virtual ~Service() = default;

  /// Answers by `respond`, now or later. A body over the limit arrives as BodyState::too_large.
  virtual void handle(Request request, Respond respond) = 0;

  /// The form of an answer that the server gives by itself.
  virtual Response refuse(const Refusal& refusal) = 0;

  /// `handle` threw: a bug, to be logged.
  virtual void crashed(std::string_view what) noexcept = 0;
};

}  // namespace troupe::http
