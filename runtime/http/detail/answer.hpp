#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/http/http.hpp>

namespace troupe::http {

/// How one answer goes out: what its request, and the connection's state, make of it.
struct AnswerFraming {
  enum class Body : std::uint8_t { full, head_only };
  enum class Connection : std::uint8_t { keep_alive, keep_alive_1_0, close };

  Body body = Body::full;
  Connection connection = Connection::keep_alive;
};

/// Appends the answer as HTTP/1.1 sends it. `date` is a whole line with CRLF, or empty.
void append_answer(std::string& out, const Response& response, AnswerFraming framing, std::string_view date);

/// The requests of one connection that wait for their answers: these go out in the order of the requests.
class Pipeline {
 public:
  bool empty() const { return first_ == next_; }
  std::size_t size() const { return static_cast<std::size_t>(next_ - first_); }
  /// Bytes of the bodies whose requests wait.
  std::size_t body_bytes() const { return body_bytes_; }

  /// Takes the next position in the order and returns its number.
  std::uint64_t open(AnswerFraming framing, std::size_t body_bytes);
  /// No request follows the last one: its answer says so.
  void close_after_last();

  /// Hands this answer, and those that waited for it, to `emit(AnswerFraming, const Response&)`; keeps it when an
  /// earlier one is missing.
  template <class Emit>
  void answer(std::uint64_t sequence, Response response, Emit emit) {
    if (sequence != first_) {
      keep(sequence, std::move(response));
      return;
    }
    emit(slot(first_).framing, response);
    leave();
    while (!empty() && slot(first_).early) {
      emit(slot(first_).framing, *slot(first_).early);
      leave();
    }
  }

 private:
  struct Slot {
    AnswerFraming framing;
    std::size_t body_bytes = 0;
    std::unique_ptr<Response> early;  ///< the answer, given before its turn
  };

  Slot& slot(std::uint64_t sequence) { return slots_[sequence % slots_.size()]; }
  void keep(std::uint64_t sequence, Response response);
  void leave();
  void grow();

  std::vector<Slot> slots_ = std::vector<Slot>(1);  ///< a ring
  std::uint64_t first_ = 0;                         ///< the oldest unanswered request
  std::uint64_t next_ = 0;
  std::size_t body_bytes_ = 0;
};

}  // namespace troupe::http
