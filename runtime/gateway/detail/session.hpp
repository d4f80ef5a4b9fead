#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "runtime/gateway/detail/answer.hpp"
#include "runtime/gateway/detail/input_buffer.hpp"
#include "runtime/gateway/detail/lane.hpp"
#include "runtime/gateway/detail/request_parser.hpp"

namespace troupe::gateway {

/// One connection: reads and parses, hands requests to the service, writes answers in order.
///
/// At most one read and one write are under way. Answers are sent at once, without waiting for readiness, and in one
/// piece where several are ready; only what the socket does not take waits for it.
/// Lifetime: owned by its lane until closed, then by the operations that are still to report.
class Session final : public Responder, public std::enable_shared_from_this<Session> {
 public:
  using Place = std::list<std::shared_ptr<Session>>::iterator;

  Session(std::shared_ptr<Lane> lane, Socket socket);

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

  void prepare_socket();
  void read();
  void on_read(const boost::system::error_code& error, std::size_t received);

  void process();
  void process_soon();
  /// Parses one step; false when the input does not suffice.
  bool parse();
  void dispatch();
  bool may_parse() const;
  void refuse(RefusalCode code, std::string_view detail);
  void invite_body();
  /// Takes what this connection holds of bodies into the server's account. False: that is full.
  bool count_bodies();
  /// Brings the lane's account of requests without an answer up to date.
  void count_waiting(std::size_t waiting);

  /// Brings the connection up to date after input or answers: sends, reads on, ends.
  void settle();
  void settle_soon();
  void flush();
  void send_rest();
  void on_sent(const boost::system::error_code& error, std::size_t sent);
  void await(Awaited awaited);
  void finish();
  void on_linger(std::size_t received);

  const std::shared_ptr<Lane> lane_;
  Socket socket_;
  Place place_;
  PeerAddress peer_;

  InputBuffer input_;
  std::optional<RequestParser> parser_;  ///< of the request that has begun to arrive
  Pipeline pipeline_;
  std::string out_;            ///< answers to be sent
  std::string unsent_;         ///< answers that the socket did not take at once
  std::size_t unsent_at_ = 0;  ///< of it, sent

  std::uint64_t read_deadline_ = 0;  ///< ticks
  std::uint64_t write_deadline_ = 0;
  std::size_t lingered_bytes_ = 0;
  std::size_t counted_bytes_ = 0;    ///< of bodies, in the server's account
  std::size_t counted_waiting_ = 0;  ///< of requests, in the lane's account

  Phase phase_ = Phase::serving;
  Awaited awaited_ = Awaited::nothing;
  bool reading_ = false;
  bool sending_ = false;
  bool processing_ = false;
  bool settle_posted_ = false;
  bool process_posted_ = false;
  bool starved_ = true;        ///< nothing more can be parsed without more input
  bool peer_done_ = false;     ///< the client sends no more
  bool last_request_ = false;  ///< nothing more is parsed: the answers under way are the last
  bool silent_ = false;        ///< nothing has come since the lane last hurried
  bool body_invited_ = false;  ///< `100 Continue` is sent
};

}  // namespace troupe::gateway
