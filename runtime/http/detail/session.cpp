#include <troupe/http/detail/session.hpp>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

namespace troupe::http {

using boost::system::error_code;

Session::Session(std::shared_ptr<LoopConnections> connections, Socket socket, const PeerAddress& peer)
    : connections_(std::move(connections)),
      socket_(std::move(socket)),
      peer_(peer),
      requests_(connections_->limits()),
      answers_(*connections_),
      bodies_(connections_->body_bytes(), connections_->limits().total_body_bytes) {}

void Session::start(Position position) {
  position_ = position;
  settle();
}

void Session::refuse_connection(Position position) {
  position_ = position;
  refuse(RefusalCode::overloaded, "too many connections");
}

void Session::read() {
  if (input_ != Input::idle) return;
  input_ = Input::reading;
  const auto room = requests_.room();
  socket_.async_read_some(
      boost::asio::buffer(room.data(), room.size()),
      [self = shared_from_this()](const error_code& error, std::size_t received) { self->on_read(error, received); });
}

void Session::on_read(const error_code& error, std::size_t received) {
  input_ = error == boost::asio::error::eof ? Input::ended : Input::idle;
  if (phase_ == Phase::closed) return;
  if (error && input_ != Input::ended) return close();
  if (phase_ == Phase::lingering) return on_linger();
  has_asked_ = has_asked_ || received > 0;
  requests_.received(received);
  process();
}

bool Session::may_parse() const { return phase_ == Phase::serving && answers_.has_room(); }

void Session::process() {
  parsing_ = Parsing::running;
  while (may_parse() && parse()) {
  }
  const bool cut_short = input_ == Input::ended && requests_.begun() != RequestReader::Begun::nothing;
  if (answering() && cut_short && requests_.starved()) {
    refuse(RefusalCode::invalid, "the connection ended inside a request");
  }
  parsing_ = Parsing::idle;
  settle();
}

void Session::process_soon() {
  if (parsing_ == Parsing::posted) return;
  parsing_ = Parsing::posted;
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
  auto [request, framing] = requests_.take();
  request.peer = peer_;
  request.loop = connections_->index();
  if (connections_->draining()) framing.connection = AnswerFraming::Connection::close;
  if (framing.connection == AnswerFraming::Connection::close) phase_ = Phase::finishing;
  const auto sequence = answers_.expect(framing, request.body.size());
  awaited_ = Awaited::nothing;
  connections_->counters().requests.add();
  try {
    connections_->service().handle(std::move(request), Respond(weak_from_this(), sequence));
  } catch (const std::exception& exception) {
    connections_->counters().crashes.add();
    connections_->service().crashed(exception.what());
  } catch (...) {
    connections_->counters().crashes.add();
    connections_->service().crashed("an exception of an unknown type");
  }
}

void Session::refuse(RefusalCode code, std::string_view detail) {
  phase_ = Phase::finishing;
  requests_.give_up();
  count_bodies();
  awaited_ = Awaited::nothing;
  connections_->counters().refusals.add();
  const AnswerFraming framing{.body = AnswerFraming::Body::full, .connection = AnswerFraming::Connection::close};
  answer(answers_.expect(framing, 0),
         connections_->service().refuse({.code = code, .detail = detail, .loop = connections_->index()}));
}

void Session::answer(std::uint64_t sequence, Response response) {
  if (!answering()) return;
  answers_.answer(sequence, std::move(response));
  count_bodies();
  if (parsing_ == Parsing::running) return;
  if (answers_.answered_all()) {
    settle();
  } else {
    settle_soon();  // the next answer may follow in this turn of the loop: one write for both
  }
}

void Session::abandon(std::uint64_t sequence) {
  if (!answering()) return;
  answer(sequence, connections_->service().refuse({.code = RefusalCode::internal,
                                                   .detail = "the request was given up without an answer",
                                                   .loop = connections_->index()}));
}

void Session::settle() {
  settle_posted_ = false;
  if (!answering()) return;
  if (answers_.answered_all() && requests_.invites_body()) answers_.invite_body();
  flush();
  if (!answering()) return;
  const bool last_answered = answers_.answered_all() && !answers_.sending();
  const bool no_more = phase_ == Phase::finishing || (input_ == Input::ended && requests_.starved());
  if (last_answered && no_more) return finish();
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
  const Limits& limits = connections_->limits();
  switch (awaited) {
    case Awaited::nothing:
      break;
    case Awaited::request:
      read_deadline_ = connections_->after(limits.idle_time);
      break;
    case Awaited::header:
      read_deadline_ = connections_->after(limits.header_time);
      break;
    case Awaited::body:
      read_deadline_ = connections_->after(limits.body_time);
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
  const std::uint64_t now = connections_->now();
  if (phase_ == Phase::lingering) {
    if (now >= read_deadline_) close();
    return;
  }
  if (answers_.overdue()) {
    connections_->counters().timeouts.add();
    return close();
  }
  if (awaited_ == Awaited::nothing || now < read_deadline_) return;
  if (awaited_ == Awaited::request && answers_.sending()) return;  // write_time decides
  connections_->counters().timeouts.add();
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
  if (!answering()) return;
  if (!answers_.answered_all()) {
    phase_ = Phase::finishing;
    requests_.give_up();
    awaited_ = Awaited::nothing;
    answers_.close_after_last();
    return;
  }
  const bool begun = requests_.begun() != RequestReader::Begun::nothing;
  if (answers_.sending() && !begun) {
    phase_ = Phase::finishing;
    return;
  }
  // A request that has begun, or waits to be read, is still answered: the client has seen the connection open. The
  // first one is on its way, most likely.
  if (begun || !has_asked_ || has_input()) return;
  close();
}

bool Session::has_input() const {
  error_code ignored;
  return socket_.available(ignored) > 0;
}

void Session::hurry() {
  const bool waits_for_the_first = phase_ == Phase::serving && !has_asked_ && !has_input();
  if (phase_ != Phase::lingering && !waits_for_the_first) return;
  if (std::exchange(silent_, true)) close();
}

void Session::finish() {
  if (input_ == Input::ended) return close();
  // To close while the client sends would reset the connection, and the client lose the answer.
  phase_ = Phase::lingering;
  error_code ignored;
  socket_.shutdown(boost::asio::socket_base::shutdown_send, ignored);
  linger_end_ = connections_->after(connections_->limits().body_time);
  read_deadline_ = connections_->after(connections_->limits().linger_time);
  requests_.discard();
  read();
}

void Session::on_linger() {
  silent_ = false;
  if (input_ == Input::ended) return close();
  // A server that drains waits for nobody who has been answered and goes on sending.
  if (!connections_->draining())
    read_deadline_ = std::min(linger_end_, connections_->after(connections_->limits().linger_time));
  read();
}

void Session::close() {
  if (phase_ == Phase::closed) return;
  phase_ = Phase::closed;
  bodies_.release();
  answers_.give_up();
  error_code ignored;
  socket_.close(ignored);
  connections_->leave(position_);
}

}  // namespace troupe::http
