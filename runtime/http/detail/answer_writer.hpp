#pragma once

#include <boost/asio/buffer.hpp>
#include <cstddef>
#include <cstdint>
#include <string>

#include <troupe/http/detail/answer.hpp>
#include <troupe/http/detail/loop_connections.hpp>

namespace troupe::http {

/// The answering half of a session: brings answers into the order of the requests, and keeps what is still to be sent.
///
/// Answers are sent at once, without waiting for readiness, and in one piece where several are ready; only what the
/// socket does not take is left for the session to wait for. Starts no operation of its own.
/// Lifetime: a part of its session; the connections outlive it.
class AnswerWriter {
 public:
  enum class Sent : std::uint8_t { all, part, broken };

  explicit AnswerWriter(LoopConnections& connections) : connections_(connections) {}

  /// Takes the next position in the order and returns its number. Units: of the body that is kept for it, bytes.
  std::uint64_t expect(AnswerFraming framing, std::size_t body_bytes);
  /// Puts it, and those that waited for it, behind what is to be sent; keeps it when an earlier one is missing.
  void answer(std::uint64_t sequence, Response response);
  /// No request follows the last one: its answer says so.
  void close_after_last() { pipeline_.close_after_last(); }
  void invite_body();

  /// Gives the socket what is ready; not while an earlier part waits for it.
  Sent send(Socket& socket);
  /// After Sent::part: what the socket has to take before anything else.
  boost::asio::const_buffer rest() const { return boost::asio::buffer(unsent_) + unsent_at_; }
  /// It has taken so much of the rest: whether that was all.
  Sent took(std::size_t bytes);

  /// Every request has its answer, if only in a buffer.
  bool answered_all() const { return pipeline_.empty(); }
  /// The socket has not taken all that was given to it.
  bool sending() const { return sending_; }
  /// The client takes too long over what is being sent.
  bool overdue() const { return sending_ && connections_.now() >= deadline_; }
  /// Another request may be read: neither requests nor their bodies nor answers pile up.
  bool has_room() const;
  /// Of the bodies whose requests wait.
  std::size_t body_bytes() const { return pipeline_.body_bytes(); }

  /// The connection is closed: what waits has no answer to come.
  void give_up();

 private:
  /// Brings the loop's account of requests without an answer up to date.
  void count_waiting(std::size_t waiting);

  LoopConnections& connections_;
  Pipeline pipeline_;
  std::string out_;             ///< answers to be sent
  std::string unsent_;          ///< answers that the socket did not take at once
  std::size_t unsent_at_ = 0;   ///< of it, sent
  std::size_t counted_ = 0;     ///< of requests, in the loop's account
  std::uint64_t deadline_ = 0;  ///< ticks
  bool sending_ = false;
};

}  // namespace troupe::http
