#include "runtime/gateway/detail/session.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

namespace troupe::gateway {
namespace {

using boost::system::error_code;

/// Beyond the longest header, what a read may bring: pipelined requests, a body.
constexpr std::size_t read_ahead_bytes = 16 * 1024;

/// Kept of an output buffer between answers.
constexpr std::size_t retained_output_bytes = 64 * 1024;

void recycle(std::string& buffer) {
  buffer.clear();
  if (buffer.capacity() > retained_output_bytes) buffer.shrink_to_fit();
}

PeerAddress address_of(const boost::asio::ip::tcp::endpoint& endpoint) {
  PeerAddress peer;
  peer.port = endpoint.port();
  const auto store = [&peer](const auto& bytes) {
    std::copy(bytes.begin(), bytes.end(), peer.bytes.begin());
    peer.size = static_cast<std::uint8_t>(bytes.size());
  };
  if (endpoint.address().is_v4()) {
    store(endpoint.address().to_v4().to_bytes());
  } else {
    store(endpoint.address().to_v6().to_bytes());
  }
  return peer;
}

AnswerForm form_of(const RequestParser& parser, Method method, AnswerForm::Connection otherwise) {
  AnswerForm form;
  form.body = method == Method::head ? AnswerForm::Body::head_only : AnswerForm::Body::full;
  form.connection = otherwise;
  if (form.connection == AnswerForm::Connection::keep_alive && parser.is_http_1_0()) {
    form.connection = AnswerForm::Connection::keep_alive_1_0;
  }
  return form;
}

}  // namespace

Session::Session(std::shared_ptr<Lane> lane, Socket socket)
    : lane_(std::move(lane)), socket_(std::move(socket)), input_(lane_->limits().header_bytes + read_ahead_bytes) {}

void Session::start(Place place) {
  place_ = place;
  prepare_socket();
  settle();
}

void Session::refuse_connection(Place place) {
  place_ = place;
  prepare_socket();
  refuse(RefusalCode::overloaded, "too many connections");
}

void Session::prepare_socket() {
  // Each may fail when the client has gone already; the first read or write tells.
  error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
  const auto endpoint = socket_.remote_endpoint(ignored);
  if (!ignored) peer_ = address_of(endpoint);
}

void Session::read() {
  if (reading_ || peer_done_) return;
  reading_ = true;
  const auto room = input_.prepare();
  socket_.async_read_some(
      boost::asio::buffer(room.data(), room.size()),
      [self = shared_from_this()](const error_code& error, std::size_t received) { self->on_read(error, received); });
}

void Session::on_read(const error_code& error, std::size_t received) {
  reading_ = false;
  if (phase_ == Phase::closed) return;
  if (error && error != boost::asio::error::eof) return close();
  peer_done_ = error == boost::asio::error::eof;
  if (phase_ == Phase::lingering) return on_linger(received);
  input_.commit(received);
  process();
}

bool Session::may_parse() const {
  const Limits& limits = lane_->limits();
  return phase_ == Phase::serving && !last_request_ && pipeline_.size() < limits.pipelined &&
         pipeline_.body_bytes() < limits.body_bytes && out_.size() + unsent_.size() < limits.unsent_bytes;
}

void Session::process() {
  process_posted_ = false;
  processing_ = true;
  starved_ = false;
  while (may_parse() && parse()) {
  }
  if (starved_ && peer_done_ && parser_ && phase_ == Phase::serving) {
    refuse(RefusalCode::invalid, "the connection ended inside a request");
  }
  processing_ = false;
  settle();
}

void Session::process_soon() {
  if (process_posted_) return;
  process_posted_ = true;
  boost::asio::post(socket_.get_executor(), [self = shared_from_this()] { self->process(); });
}

bool Session::parse() {
  if (!parser_) {
    // RFC 9112, 2.2: empty lines before a request are to be skipped.
    while (!input_.empty() && (input_.bytes().front() == '\r' || input_.bytes().front() == '\n')) input_.consume(1);
    if (!input_.empty()) parser_.emplace(lane_->limits());
  }
  if (input_.empty()) {
    starved_ = true;
    return false;
  }
  const RequestParser::Step step = parser_->feed(input_.bytes());
  input_.consume(step.consumed);
  if (!count_bodies()) {
    refuse(RefusalCode::overloaded, "too many request bodies at the same time");
    return false;
  }
  switch (step.state) {
    case RequestParser::State::complete:
      dispatch();
      return true;
    case RequestParser::State::refused:
      refuse(step.code, step.detail);
      return false;
    case RequestParser::State::partial:
      break;
  }
  if (parser_->header_done() && parser_->expects_continue() && parser_->body_too_large() && input_.empty()) {
    parser_->cut_body();
    dispatch();
    return false;
  }
  if (input_.full()) {
    refuse(RefusalCode::invalid, "malformed request: a chunk's header or trailer is too long");
    return false;
  }
  starved_ = true;
  return false;
}

bool Session::count_bodies() {
  const std::size_t held = (parser_ ? parser_->body_bytes() : 0) + pipeline_.body_bytes();
  std::atomic<std::size_t>& all = lane_->body_bytes();
  if (held <= counted_bytes_) {
    if (held < counted_bytes_) all.fetch_sub(counted_bytes_ - held, std::memory_order_relaxed);
    counted_bytes_ = held;
    return true;
  }
  const std::size_t more = held - counted_bytes_;
  std::size_t before = all.load(std::memory_order_relaxed);
  do {
    if (before + more > lane_->limits().total_body_bytes) return false;
  } while (!all.compare_exchange_weak(before, before + more, std::memory_order_relaxed));
  counted_bytes_ = held;
  return true;
}

void Session::count_waiting(std::size_t waiting) {
  Counter& all = lane_->counters().in_flight;
  all.take(counted_waiting_);
  all.add(waiting);
  counted_waiting_ = waiting;
}

void Session::dispatch() {
  Request request = parser_->take();
  request.peer = peer_;
  request.loop = lane_->index();
  const auto connection =
      parser_->keep_alive() && !lane_->draining() ? AnswerForm::Connection::keep_alive : AnswerForm::Connection::close;
  if (connection == AnswerForm::Connection::close) last_request_ = true;
  const auto sequence = pipeline_.open(form_of(*parser_, request.method, connection), request.body.size());
  parser_.reset();
  body_invited_ = false;
  awaited_ = Awaited::nothing;
  lane_->counters().requests.add();
  count_waiting(pipeline_.size());
  try {
    lane_->service().handle(std::move(request), Respond(weak_from_this(), sequence));
  } catch (const std::exception& exception) {
    lane_->counters().crashes.add();
    lane_->service().crashed(exception.what());
  } catch (...) {
    lane_->counters().crashes.add();
    lane_->service().crashed("an exception of an unknown type");
  }
}

void Session::refuse(RefusalCode code, std::string_view detail) {
  last_request_ = true;
  parser_.reset();
  count_bodies();
  awaited_ = Awaited::nothing;
  lane_->counters().refusals.add();
  const AnswerForm form{.body = AnswerForm::Body::full, .connection = AnswerForm::Connection::close};
  answer(pipeline_.open(form, 0), lane_->service().refuse({.code = code, .detail = detail, .loop = lane_->index()}));
}

void Session::answer(std::uint64_t sequence, Response response) {
  if (phase_ != Phase::serving) return;
  pipeline_.answer(sequence, std::move(response), [this](AnswerForm form, const Response& ready) {
    append_answer(out_, ready, form, lane_->date_line());
  });
  count_bodies();
  count_waiting(pipeline_.size());
  if (processing_) return;
  if (pipeline_.empty()) {
    settle();
  } else {
    settle_soon();  // the next answer may follow in this turn of the loop: one write for both
  }
}

void Session::abandon(std::uint64_t sequence) {
  if (phase_ != Phase::serving) return;
  answer(sequence, lane_->service().refuse({.code = RefusalCode::internal,
                                            .detail = "the request was given up without an answer",
                                            .loop = lane_->index()}));
}

void Session::invite_body() {
  if (!parser_ || body_invited_ || !starved_ || !input_.empty() || !pipeline_.empty()) return;
  if (!parser_->header_done() || !parser_->expects_continue()) return;
  body_invited_ = true;
  out_.append("HTTP/1.1 100 Continue\r\n\r\n");
}

void Session::settle() {
  settle_posted_ = false;
  if (phase_ != Phase::serving) return;
  invite_body();
  flush();
  if (phase_ != Phase::serving) return;
  const bool last_answered = pipeline_.empty() && !sending_;
  if (last_answered && (last_request_ || (peer_done_ && starved_))) return finish();
  if (may_parse()) {
    if (starved_) {
      read();
    } else {
      process_soon();
    }
  }
  if (parser_) {
    await(parser_->header_done() ? Awaited::body : Awaited::header);
  } else {
    await(pipeline_.empty() ? Awaited::request : Awaited::nothing);
  }
}

void Session::settle_soon() {
  if (settle_posted_) return;
  settle_posted_ = true;
  boost::asio::post(socket_.get_executor(), [self = shared_from_this()] { self->settle(); });
}

void Session::await(Awaited awaited) {
  if (awaited_ == awaited) return;
  awaited_ = awaited;
  const Limits& limits = lane_->limits();
  switch (awaited) {
    case Awaited::nothing:
      break;
    case Awaited::request:
      read_deadline_ = lane_->after(limits.idle_time);
      break;
    case Awaited::header:
      read_deadline_ = lane_->after(limits.header_time);
      break;
    case Awaited::body:
      read_deadline_ = lane_->after(limits.body_time);
      break;
  }
}

void Session::flush() {
  if (sending_ || out_.empty()) return;
  error_code error;
  const std::size_t sent = socket_.send(boost::asio::buffer(out_), 0, error);
  if (error && error != boost::asio::error::would_block) return close();
  if (sent == out_.size()) return recycle(out_);

  sending_ = true;
  write_deadline_ = lane_->after(lane_->limits().write_time);
  unsent_.swap(out_);
  unsent_at_ = sent;
  send_rest();
}

void Session::send_rest() {
  socket_.async_write_some(
      boost::asio::buffer(unsent_) + unsent_at_,
      [self = shared_from_this()](const error_code& error, std::size_t sent) { self->on_sent(error, sent); });
}

void Session::on_sent(const error_code& error, std::size_t sent) {
  if (phase_ == Phase::closed) return;
  if (error) return close();
  unsent_at_ += sent;
  if (unsent_at_ < unsent_.size()) return send_rest();
  sending_ = false;
  recycle(unsent_);
  settle();
}

void Session::tick() {
  const std::uint64_t now = lane_->now();
  if (phase_ == Phase::lingering) {
    if (now >= read_deadline_) close();
    return;
  }
  if (sending_ && now >= write_deadline_) {
    lane_->counters().timeouts.add();
    return close();
  }
  if (awaited_ == Awaited::nothing || now < read_deadline_) return;
  if (awaited_ == Awaited::request && sending_) return;  // write_time decides
  lane_->counters().timeouts.add();
  switch (awaited_) {
    case Awaited::nothing:
      break;
    case Awaited::request:
      finish();
      break;
    case Awaited::header:
      refuse(RefusalCode::request_timeout, "the request's header did not arrive in time");
      break;
    case Awaited::body:
      refuse(RefusalCode::request_timeout, "the request's body did not arrive in time");
      break;
  }
}

void Session::drain() {
  if (phase_ != Phase::serving) return;
  if (!pipeline_.empty()) {
    last_request_ = true;
    parser_.reset();
    awaited_ = Awaited::nothing;
    pipeline_.close_after_last();
    return;
  }
  if (sending_ && !parser_) {
    last_request_ = true;
    return;
  }
  // A request that has begun, or waits to be read, is still answered: the client has seen the connection open.
  error_code ignored;
  if (parser_ || socket_.available(ignored) > 0) return;
  close();
}

void Session::hurry() {
  if (phase_ != Phase::lingering) return;
  if (std::exchange(silent_, true)) close();
}

void Session::finish() {
  if (peer_done_) return close();
  // To close while the client sends would reset the connection, and the client lose the answer.
  phase_ = Phase::lingering;
  error_code ignored;
  socket_.shutdown(boost::asio::socket_base::shutdown_send, ignored);
  read_deadline_ = lane_->after(lane_->limits().linger_time);
  input_.clear();
  read();
}

void Session::on_linger(std::size_t received) {
  lingered_bytes_ += received;
  silent_ = false;
  if (peer_done_ || lingered_bytes_ > lane_->limits().discard_bytes) return close();
  read();
}

void Session::close() {
  if (phase_ == Phase::closed) return;
  phase_ = Phase::closed;
  lane_->body_bytes().fetch_sub(std::exchange(counted_bytes_, 0), std::memory_order_relaxed);
  count_waiting(0);
  error_code ignored;
  socket_.close(ignored);
  lane_->leave(place_);
}

}  // namespace troupe::gateway
