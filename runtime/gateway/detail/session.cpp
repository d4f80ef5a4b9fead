#include <troupe/gateway/detail/session.hpp>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

namespace troupe::gateway {

using boost::system::error_code;

Session::Session(std::shared_ptr<Lane> lane, Socket socket, const PeerAddress& peer)
    : lane_(std::move(lane)),
      socket_(std::move(socket)),
      peer_(peer),
      requests_(lane_->limits()),
      answers_(*lane_),
      bodies_(lane_->body_bytes(), lane_->limits().total_body_bytes) {}

void Session::start(Place place) {
  place_ = place;
  settle();
}

void Session::refuse_connection(Place place) {
  place_ = place;
  refuse(RefusalCode::overloaded, "too many connections");
}

void Session::read() {
  if (reading_ || peer_done_) return;
  reading_ = true;
  const auto room = requests_.room();
  socket_.async_read_some(
      boost::asio::buffer(room.data(), room.size()),
      [self = shared_from_this()](const error_code& error, std::size_t received) { self->on_read(error, received); });
}

void Session::on_read(const error_code& error, std::size_t received) {
  reading_ = false;
  if (phase_ == Phase::closed) return;
  if (error && error != boost::asio::error::eof) return close();
  peer_done_ = error == boost::asio::error::eof;
  if (phase_ == Phase::lingering) return on_linger();
  requests_.received(received);
  process();
}

bool Session::may_parse() const { return phase_ == Phase::serving && !last_request_ && answers_.has_room(); }

void Session::process() {
  process_posted_ = false;
  processing_ = true;
  while (may_parse() && parse()) {
  }
  if (requests_.starved() && peer_done_ && requests_.begun() != RequestReader::Begun::nothing &&
      phase_ == Phase::serving) {
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
  const RequestReader::Step step = requests_.step();
  if (!count_bodies()) {
    refuse(RefusalCode::overloaded, "too many request bodies at the same time");
    return false;
  }
  switch (step.state) {
    case RequestReader::State::starved:
      return false;
    case RequestReader::State::refused:
      refuse(step.code, step.detail);
      return false;
    case RequestReader::State::complete:
      break;
  }
  dispatch();
  return true;
}

bool Session::count_bodies() { return bodies_.hold(requests_.body_bytes() + answers_.body_bytes()); }

void Session::dispatch() {
  auto [request, form] = requests_.take();
  request.peer = peer_;
  request.loop = lane_->index();
  if (lane_->draining()) form.connection = AnswerForm::Connection::close;
  if (form.connection == AnswerForm::Connection::close) last_request_ = true;
  const auto sequence = answers_.expect(form, request.body.size());
  awaited_ = Awaited::nothing;
  lane_->counters().requests.add();
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
  requests_.give_up();
  count_bodies();
  awaited_ = Awaited::nothing;
  lane_->counters().refusals.add();
  const AnswerForm form{.body = AnswerForm::Body::full, .connection = AnswerForm::Connection::close};
  answer(answers_.expect(form, 0), lane_->service().refuse({.code = code, .detail = detail, .loop = lane_->index()}));
}

void Session::answer(std::uint64_t sequence, Response response) {
  if (phase_ != Phase::serving) return;
  answers_.answer(sequence, std::move(response));
  count_bodies();
  if (processing_) return;
  if (answers_.answered_all()) {
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

void Session::settle() {
  settle_posted_ = false;
  if (phase_ != Phase::serving) return;
  if (answers_.answered_all() && requests_.invites_body()) answers_.invite_body();
  flush();
  if (phase_ != Phase::serving) return;
  const bool last_answered = answers_.answered_all() && !answers_.sending();
  if (last_answered && (last_request_ || (peer_done_ && requests_.starved()))) return finish();
  if (may_parse()) {
    if (requests_.starved()) {
      read();
    } else {
      process_soon();
    }
  }
  await(awaited_next());
}

void Session::settle_soon() {
  if (settle_posted_) return;
  settle_posted_ = true;
  boost::asio::post(socket_.get_executor(), [self = shared_from_this()] { self->settle(); });
}

Session::Awaited Session::awaited_next() const {
  switch (requests_.begun()) {
    case RequestReader::Begun::nothing:
      break;
    case RequestReader::Begun::header:
      return Awaited::header;
    case RequestReader::Begun::body:
      return Awaited::body;
  }
  return answers_.answered_all() ? Awaited::request : Awaited::nothing;
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
  if (!answers_.sending()) go_on_sending(answers_.send(socket_));
}

void Session::go_on_sending(AnswerWriter::Sent sent) {
  switch (sent) {
    case AnswerWriter::Sent::all:
      break;
    case AnswerWriter::Sent::part:
      socket_.async_write_some(
          answers_.rest(),
          [self = shared_from_this()](const error_code& error, std::size_t taken) { self->on_sent(error, taken); });
      break;
    case AnswerWriter::Sent::broken:
      close();
      break;
  }
}

void Session::on_sent(const error_code& error, std::size_t taken) {
  if (phase_ == Phase::closed) return;
  if (error) return close();
  go_on_sending(answers_.took(taken));
  if (!answers_.sending()) settle();
}

void Session::tick() {
  const std::uint64_t now = lane_->now();
  if (phase_ == Phase::lingering) {
    if (now >= read_deadline_) close();
    return;
  }
  if (answers_.overdue()) {
    lane_->counters().timeouts.add();
    return close();
  }
  if (awaited_ == Awaited::nothing || now < read_deadline_) return;
  if (awaited_ == Awaited::request && answers_.sending()) return;  // write_time decides
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
  if (!answers_.answered_all()) {
    last_request_ = true;
    requests_.give_up();
    awaited_ = Awaited::nothing;
    answers_.close_after_last();
    return;
  }
  const bool begun = requests_.begun() != RequestReader::Begun::nothing;
  if (answers_.sending() && !begun) {
    last_request_ = true;
    return;
  }
  // A request that has begun, or waits to be read, is still answered: the client has seen the connection open.
  error_code ignored;
  if (begun || socket_.available(ignored) > 0) return;
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
  linger_end_ = lane_->after(lane_->limits().body_time);
  read_deadline_ = lane_->after(lane_->limits().linger_time);
  requests_.discard();
  read();
}

void Session::on_linger() {
  silent_ = false;
  if (peer_done_) return close();
  // A server that drains waits for nobody who has been answered and goes on sending.
  if (!lane_->draining()) read_deadline_ = std::min(linger_end_, lane_->after(lane_->limits().linger_time));
  read();
}

void Session::close() {
  if (phase_ == Phase::closed) return;
  phase_ = Phase::closed;
  bodies_.release();
  answers_.give_up();
  error_code ignored;
  socket_.close(ignored);
  lane_->leave(place_);
}

}  // namespace troupe::gateway
