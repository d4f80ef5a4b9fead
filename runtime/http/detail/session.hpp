#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string_view>

#include <troupe/http/detail/answer_writer.hpp>
#include <troupe/http/detail/body_share.hpp>
#include <troupe/http/detail/loop_connections.hpp>
#include <troupe/http/detail/request_reader.hpp>

namespace troupe::http {

/// One connection: its socket, its time limits and its end.
///
/// The two halves of the work are parts of it, without callbacks of their own: a RequestReader makes requests of what
/// comes in, an AnswerWriter puts the answers in order and sends them. The session alone starts operations on the
/// socket, at most one read and one write at a time, hands requests to the service, and brings both halves together in
/// `settle`.
/// A connection goes through these phases, and may be closed from each:
///
///     serving     requests are read, handed to the service and answered
///        | the last request is known: `Connection: close`, a refusal, or the server drains
///     finishing   nothing more is parsed; the answers under way are the last
///        | all of them are sent
///     lingering   what the client still sends is dropped, until it closes or its time is up
///        |
///     closed      the socket is closed; operations that still report do nothing
///
/// Lifetime: owned by its LoopConnections until closed, then by the operations that are still to report. A Respond
/// holds it weakly.
class Session final : public ResponseSink, public std::enable_shared_from_this<Session> {
 public:
  using Position = std::list<std::shared_ptr<Session>>::iterator;

  /// The socket does not block.
  Session(std::shared_ptr<LoopConnections> connections, Socket socket, const PeerAddress& peer);

  void start(Position position);
  /// Answers `overloaded` to a connection over the limit.
  void refuse_connection(Position position);

  void tick();
  void drain();
  /// Closes when it lingers, or waits for its first request, and nothing has come since the last call.
  void hurry();
  void close();

  void answer(std::uint64_t sequence, Response response) override;
  void abandon(std::uint64_t sequence) override;

 private:
  enum class Phase : std::uint8_t { serving, finishing, lingering, closed };
  enum class Input : std::uint8_t { idle, reading, ended };  ///< ended: the client sends no more
  /// Whether received bytes are being parsed, or will be from the loop's queue.
  enum class Parsing : std::uint8_t { idle, posted, running };
  /// What is waited for from the client; each has its time limit.
  enum class Awaited : std::uint8_t { nothing, request, header, body };

  void read();
  void on_read(const boost::system::error_code& error, std::size_t received);

  void process();
  void process_soon();
  /// Parses up to the end of one request and hands it on; false when the input does not suffice.
  bool parse();
  void dispatch();
  bool may_parse() const;
  /// The connection still answers: it serves or finishes.
  bool answering() const { return phase_ == Phase::serving || phase_ == Phase::finishing; }
  void refuse(RefusalCode code, std::string_view detail);
  /// Takes what this connection holds of bodies into the server's account. False: that is full.
  bool count_bodies();

  /// Brings the connection up to date after input or answers: sends, reads on, ends.
  void settle();
  void settle_soon();
  void flush();
  void go_on_sending(AnswerWriter::Sent sent);
  void on_sent(const boost::system::error_code& error, std::size_t taken);
  Awaited awaited_next() const;
  void await(Awaited awaited);
  void finish();
  void on_linger();
  bool has_input() const;

  const std::shared_ptr<LoopConnections> connections_;
  Socket socket_;
  const PeerAddress peer_;
  Position position_;

  RequestReader requests_;
  AnswerWriter answers_;
  BodyShare bodies_;
  std::uint64_t read_deadline_ = 0;  ///< ticks
  std::uint64_t linger_end_ = 0;     ///< ticks

  Phase phase_ = Phase::serving;
  Awaited awaited_ = Awaited::nothing;
  Input input_ = Input::idle;
  Parsing parsing_ = Parsing::idle;
  bool settle_posted_ = false;
  bool has_asked_ = false;  ///< something has come from the client
  bool silent_ = false;     ///< nothing has come since the last `hurry`
};

}  // namespace troupe::http
