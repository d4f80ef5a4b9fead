#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string_view>

#include <troupe/gateway/detail/answer_writer.hpp>
#include <troupe/gateway/detail/body_share.hpp>
#include <troupe/gateway/detail/lane.hpp>
#include <troupe/gateway/detail/request_reader.hpp>

namespace troupe::gateway {

/// One connection: its socket, its time limits and its end.
///
/// The two halves of the work are parts of it, without callbacks of their own: a RequestReader makes requests of what
/// comes in, an AnswerWriter puts the answers in order and sends them. The session alone starts operations on the
/// socket, at most one read and one write at a time, hands requests to the service, and brings both halves together in
/// `settle`.
/// Lifetime: owned by its lane until closed, then by the operations that are still to report: each holds the session,
/// and does nothing once that is closed. A Respond holds it weakly.
class Session final : public Responder, public std::enable_shared_from_this<Session> {
 public:
  using Place = std::list<std::shared_ptr<Session>>::iterator;

  /// The socket does not block.
  Session(std::shared_ptr<Lane> lane, Socket socket, const PeerAddress& peer);

  void start(Place place);
  /// Answers `overloaded` to a connection over the limit.
  void refuse_connection(Place place);

  void tick();
  void drain();
  /// Closes when it lingers and nothing has come since the last call.
  void hurry();
  void close();

  void answer(std::uint64_t sequence, Response response) override;
  void abandon(std::uint64_t sequence) override;

 private:
  enum class Phase : std::uint8_t { serving, lingering, closed };
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

  const std::shared_ptr<Lane> lane_;
  Socket socket_;
  const PeerAddress peer_;
  Place place_;

  RequestReader requests_;
  AnswerWriter answers_;
  BodyShare bodies_;
  std::uint64_t read_deadline_ = 0;  ///< ticks
  std::uint64_t linger_end_ = 0;     ///< ticks

  Phase phase_ = Phase::serving;
  Awaited awaited_ = Awaited::nothing;
  bool reading_ = false;
  bool processing_ = false;
  bool settle_posted_ = false;
  bool process_posted_ = false;
  bool peer_done_ = false;     ///< the client sends no more
  bool last_request_ = false;  ///< nothing more is parsed: the answers under way are the last
  bool silent_ = false;        ///< nothing has come since the lane last hurried
};

}  // namespace troupe::gateway
