#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include <troupe/http/detail/answer.hpp>
#include <troupe/http/detail/input_buffer.hpp>
#include <troupe/http/detail/request_parser.hpp>

namespace troupe::http {

/// The reading half of a session: keeps what has been received and parses one request after the other.
///
///     nothing ── the first byte of a request ──▶ header ── the empty line ──▶ body ── complete: take() ──▶ nothing
///                                                  └──────── refused ────────┴──▶ the session takes no more
///
/// Knows neither socket nor time: the session receives into `room`, and keeps the time limits of what `begun` tells.
/// Lifetime: a part of its session; the limits outlive it.
class RequestReader {
 public:
  enum class State : std::uint8_t { starved, complete, refused };
  /// How much of the next request is there.
  enum class Begun : std::uint8_t { nothing, header, body };

  struct Step {
    State state = State::starved;
    RefusalCode code = RefusalCode::invalid;  ///< when refused
    std::string detail;                       ///< when refused
  };

  /// A request, and how it wants to be answered.
  struct Taken {
    Request request;
    AnswerFraming framing;
  };

  explicit RequestReader(const Limits& limits);

  std::span<char> room() { return input_.prepare(); }
  void received(std::size_t bytes);

  /// Parses on, up to the end of one request at most.
  Step step();
  /// After State::complete, once.
  Taken take();
  /// Gives up the request that has begun; what has been received stays.
  void give_up() { parser_.reset(); }
  /// Drops what has been received.
  void discard() { input_.clear(); }

  /// Nothing more can be parsed without more input.
  bool starved() const { return starved_; }
  Begun begun() const;
  /// Kept so far of a body that still arrives.
  std::size_t body_bytes() const { return parser_ ? parser_->body_bytes() : 0; }
  /// True once for a request whose client holds its body back until it hears `100 Continue`.
  bool invites_body();

 private:
  /// Begins a request with the first byte that can belong to one.
  void begin();

  const Limits& limits_;
  InputBuffer input_;
  std::optional<RequestParser> parser_;  ///< of the request that has begun to arrive
  bool starved_ = true;
  bool body_invited_ = false;
};

}  // namespace troupe::http
