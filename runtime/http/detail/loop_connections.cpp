#include <troupe/http/detail/loop_connections.hpp>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <ctime>

#include <troupe/http/detail/session.hpp>

namespace troupe::http {
namespace {

using std::chrono::milliseconds;

/// Fine enough for the shortest limit, and seldom enough to cost nothing.
milliseconds tick_for(const Limits& limits) {
  const milliseconds shortest =
      std::min({limits.header_time, limits.body_time, limits.idle_time, limits.write_time, limits.linger_time});
  return std::clamp(shortest / 8, milliseconds(2), milliseconds(250));
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

/// Makes it ready for a session; empty where the client has gone already, which the first read or write tells.
PeerAddress prepare(Socket& socket) {
  boost::system::error_code ignored;
  socket.non_blocking(true, ignored);
  socket.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
  const auto endpoint = socket.remote_endpoint(ignored);
  return ignored ? PeerAddress{} : address_of(endpoint);
}

}  // namespace

LoopConnections::LoopConnections(boost::asio::io_context& loop, std::size_t index, Service& service,
                                 const ServerOptions& options, std::atomic<std::size_t>& open_connections,
                                 std::atomic<std::size_t>& body_bytes)
    : loop_(loop),
      index_(index),
      service_(service),
      options_(options),
      open_connections_(open_connections),
      body_bytes_(body_bytes),
      tick_(tick_for(options.limits)),
      timer_(loop.get_executor()),
      hurry_(loop.get_executor()) {}

LoopConnections::~LoopConnections() = default;

void LoopConnections::adopt(Socket socket, Admission admission) {
  if (closed_) {
    open_connections_.fetch_sub(1, std::memory_order_relaxed);
    return;
  }
  const PeerAddress peer = prepare(socket);
  auto session = std::make_shared<Session>(shared_from_this(), std::move(socket), peer);
  sessions_.push_front(session);
  if (!ticking_) start_ticking();
  if (draining_ && !hurrying_) start_hurrying();
  if (admission == Admission::welcome) {
    counters_.accepted.add();
    session->start(sessions_.begin());
  } else {
    counters_.refused_connections.add();
    session->refuse_connection(sessions_.begin());
  }
}

void LoopConnections::leave(std::list<std::shared_ptr<Session>>::iterator position) {
  sessions_.erase(position);
  open_connections_.fetch_sub(1, std::memory_order_relaxed);
  if (sessions_.empty() && drained_) finish_drain();
}

std::uint64_t LoopConnections::after(milliseconds time) const {
  return now_ + static_cast<std::uint64_t>((time + tick_ - milliseconds(1)) / tick_) + 1;
}

void LoopConnections::start_ticking() {
  ticking_ = true;
  refresh_date();
  timer_.expires_after(tick_);
  timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    self->ticking_ = false;
    if (!error) self->tick();
  });
}

void LoopConnections::tick() {
  ++now_;
  const bool cut = draining_ && now_ >= drain_deadline_;
  for (auto next = sessions_.begin(); next != sessions_.end();) {
    const std::shared_ptr<Session> session = *next++;
    if (cut) {
      session->close();
    } else {
      session->tick();
    }
  }
  if (!sessions_.empty()) start_ticking();
}

void LoopConnections::refresh_date() {
  if (!options_.wall_clock) return;
  const std::time_t now = std::chrono::system_clock::to_time_t(options_.wall_clock());
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  std::array<char, 48> line{};
  const auto size = std::strftime(line.data(), line.size(), "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &utc);
  date_line_.assign(line.data(), size);
}

void LoopConnections::drain(milliseconds bound) {
  draining_ = true;
  drain_deadline_ = after(bound);
  for (auto next = sessions_.begin(); next != sessions_.end();) {
    const std::shared_ptr<Session> session = *next++;
    session->drain();
  }
  if (!sessions_.empty()) start_hurrying();
}

void LoopConnections::await_end(std::function<void()> done) {
  drained_ = std::move(done);
  if (sessions_.empty()) finish_drain();
}

void LoopConnections::start_hurrying() {
  hurrying_ = true;
  // Two rounds find a session silent.
  hurry_.expires_after(options_.limits.drain_linger_time / 2);
  hurry_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    self->hurrying_ = false;
    if (!error) self->hurry();
  });
}

void LoopConnections::hurry() {
  for (auto next = sessions_.begin(); next != sessions_.end();) {
    const std::shared_ptr<Session> session = *next++;
    session->hurry();
  }
  if (!sessions_.empty()) start_hurrying();
}

void LoopConnections::finish_drain() {
  timer_.cancel();
  hurry_.cancel();
  if (drained_) std::exchange(drained_, {})();
}

void LoopConnections::close_all() {
  drained_ = {};
  draining_ = true;
  closed_ = true;
  timer_.cancel();
  hurry_.cancel();
  while (!sessions_.empty()) {
    const std::shared_ptr<Session> session = sessions_.front();
    session->close();
  }
}

}  // namespace troupe::http
