#include <troupe/http/server.hpp>

#include <algorithm>
#include <atomic>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <charconv>
#include <optional>

#include <troupe/http/detail/handshakes.hpp>
#include <troupe/http/detail/loop_connections.hpp>
#include <troupe/http/detail/session.hpp>

namespace troupe::http {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;
using Acceptor = boost::asio::basic_socket_acceptor<tcp, Executor>;
using std::chrono::milliseconds;

/// Connections over the limit that are told so at the same time; more are closed without a word.
constexpr std::size_t refused_at_once = 64;

/// Rest after a failed accept: out of file descriptors, most likely.
constexpr milliseconds accept_pause{100};

struct HostPort {
  std::string host;
  std::string port;
};

HostPort split_address(std::string_view address) {
  const auto colon = address.rfind(':');
  const auto fail = [&](const char* what) {
    throw ListenError("cannot listen on " + std::string(address) + ": " + what);
  };
  if (colon == std::string_view::npos) fail("want host:port");
  std::string_view host = address.substr(0, colon);
  const std::string_view port = address.substr(colon + 1);
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (error != std::errc() || end != port.data() + port.size()) fail("the port is a number from 0 to 65535");
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    fail("an IPv6 address stands in brackets");
  }
  if (host.empty()) fail("want host:port");
  return {.host = std::string(host), .port = std::string(port)};
}

std::string to_text(const tcp::endpoint& endpoint) {
  const std::string host = endpoint.address().to_string();
  return (endpoint.address().is_v6() ? "[" + host + "]" : host) + ":" + std::to_string(endpoint.port());
}

}  // namespace

/// Acceptor and the connections of each loop; shared with the operations under way, so that these may report after the
/// server is gone.
class Server::Core : public std::enable_shared_from_this<Server::Core> {
 public:
  Core(std::vector<boost::asio::io_context*> loops, Service& service, ServerOptions options)
      : options_(std::move(options)),
        acceptor_(loops.at(0)->get_executor()),
        pause_(loops.at(0)->get_executor()),
        grace_(loops.at(0)->get_executor()) {
    for (std::size_t i = 0; i < loops.size(); ++i) {
      loops_.push_back(
          std::make_shared<LoopConnections>(*loops[i], i, service, options_, open_connections_, body_bytes_));
    }
  }

  void listen(std::string_view address);
  void accept();
  void stop_accepting();
  void drain(milliseconds bound, std::function<void()> done);
  void close_all() {
    drained_ = {};
    stop_accepting();
    for (const auto& connections : loops_) connections->close_all();
  }

  tcp::endpoint endpoint() const { return endpoint_; }
  ServerStats stats() const;
  boost::asio::io_context& first_loop() { return loops_.front()->loop(); }

 private:
  /// The index of the loop that the next connection belongs to.
  std::size_t take_turn() { return std::exchange(next_loop_, (next_loop_ + 1) % loops_.size()); }
  void on_accept(const error_code& error, Socket socket, std::size_t loop);
  void assign(Socket socket, std::size_t loop);
  /// Of a drain: accepts those who are connected already, and no others.
  void accept_the_last();
  void accepted_the_last();
  void drained();

  const ServerOptions options_;
  std::atomic<std::size_t> open_connections_{0};
  std::atomic<std::size_t> body_bytes_{0};
  std::vector<std::shared_ptr<LoopConnections>> loops_;
  std::size_t next_loop_ = 0;
  Acceptor acceptor_;
  bool accepting_ = false;
  Timer pause_;
  Timer grace_;
  tcp::endpoint endpoint_;
  std::size_t draining_loops_ = 0;
  std::function<void()> drained_;
};

void Server::Core::listen(std::string_view address) {
  const HostPort where = split_address(address);
  const auto check = [&](const error_code& error) {
    if (error) throw ListenError("cannot listen on " + std::string(address) + ": " + error.message());
  };
  error_code error;
  tcp::resolver resolver(first_loop());
  const auto found = resolver.resolve(where.host, where.port, tcp::resolver::passive, error);
  check(error);
  const tcp::endpoint endpoint = found.begin()->endpoint();
  acceptor_.open(endpoint.protocol(), error);
  check(error);
  // Not SO_REUSEPORT: a port that another process serves is an error, not half of the connections.
  acceptor_.set_option(boost::asio::socket_base::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(boost::asio::socket_base::max_listen_connections, error);
  if (!error) endpoint_ = acceptor_.local_endpoint(error);
  if (error) {
    error_code ignored;
    acceptor_.close(ignored);
    check(error);
  }
  accept();
}

void Server::Core::accept() {
  const std::size_t loop = take_turn();
  accepting_ = true;
  acceptor_.async_accept(loops_[loop]->loop(),
                         [core = shared_from_this(), loop](const error_code& error, Socket socket) {
                           core->on_accept(error, std::move(socket), loop);
                         });
}

void Server::Core::on_accept(const error_code& error, Socket socket, std::size_t loop) {
  accepting_ = false;
  if (!error) assign(std::move(socket), loop);
  if (!acceptor_.is_open()) return accepted_the_last();
  if (!error || error == boost::asio::error::connection_aborted) return accept();
  pause_.expires_after(accept_pause);
  pause_.async_wait([core = shared_from_this()](const error_code& cancelled) {
    if (!cancelled && core->acceptor_.is_open()) core->accept();
  });
}

void Server::Core::assign(Socket socket, std::size_t loop) {
  const std::shared_ptr<LoopConnections>& connections = loops_[loop];
  const std::size_t open = open_connections_.fetch_add(1, std::memory_order_relaxed) + 1;
  if (open > options_.limits.connections + refused_at_once) {
    open_connections_.fetch_sub(1, std::memory_order_relaxed);
    return;
  }
  const auto admission =
      open > options_.limits.connections ? LoopConnections::Admission::refused : LoopConnections::Admission::welcome;
  if (&connections->loop() == &first_loop()) return connections->adopt(std::move(socket), admission);
  boost::asio::post(connections->loop(),
                    [core = shared_from_this(), connections, admission, socket = std::move(socket)]() mutable {
                      connections->adopt(std::move(socket), admission);
                    });
}

void Server::Core::stop_accepting() {
  error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
  grace_.cancel();
}

void Server::Core::drain(milliseconds bound, std::function<void()> done) {
  drained_ = std::move(done);
  for (const auto& connections : loops_) {
    boost::asio::post(connections->loop(), [connections, bound] { connections->drain(bound); });
  }
  // To close the socket at once would reset those whose requests wait to be accepted.
  begin_no_handshakes(acceptor_.native_handle());
  grace_.expires_after(std::min(bound, options_.limits.drain_accept_time));
  grace_.async_wait([core = shared_from_this()](const error_code& cancelled) {
    if (!cancelled) core->accept_the_last();
  });
}

void Server::Core::accept_the_last() {
  error_code error;
  acceptor_.non_blocking(true, error);
  // No more can have waited; a client that connects on and on would hold up the drain.
  int left = boost::asio::socket_base::max_listen_connections;
  while (left-- > 0 && (!error || error == boost::asio::error::connection_aborted)) {
    const std::size_t loop = take_turn();
    Socket socket = acceptor_.accept(loops_[loop]->loop(), error);
    if (!error) assign(std::move(socket), loop);
  }
  const bool another = accepting_;  // it may have been accepted, and reports in any case
  stop_accepting();
  if (!another) accepted_the_last();
}

void Server::Core::accepted_the_last() {
  if (!drained_) return;
  draining_loops_ = loops_.size();
  for (const auto& connections : loops_) {
    boost::asio::post(connections->loop(), [core = shared_from_this(), connections] {
      connections->await_end([core] { boost::asio::post(core->first_loop(), [core] { core->drained(); }); });
    });
  }
}

void Server::Core::drained() {
  if (--draining_loops_ == 0 && drained_) std::exchange(drained_, {})();
}

ServerStats Server::Core::stats() const {
  ServerStats stats;
  stats.open_connections = open_connections_.load(std::memory_order_relaxed);
  for (const auto& connections : loops_) {
    const LoopConnections::Counters& counters = connections->counters();
    stats.accepted += counters.accepted.value();
    stats.refused_connections += counters.refused_connections.value();
    stats.requests += counters.requests.value();
    stats.in_flight += counters.in_flight.value();
    stats.refusals += counters.refusals.value();
    stats.timeouts += counters.timeouts.value();
    stats.crashes += counters.crashes.value();
  }
  return stats;
}

Server::Server(std::vector<boost::asio::io_context*> loops, Service& service, ServerOptions options)
    : core_(std::make_shared<Core>(std::move(loops), service, std::move(options))) {}

Server::~Server() { core_->close_all(); }

void Server::listen(std::string_view address) { core_->listen(address); }

std::string Server::address() const { return to_text(core_->endpoint()); }

std::uint16_t Server::port() const { return core_->endpoint().port(); }

void Server::drain(milliseconds bound, std::function<void()> done) {
  boost::asio::post(core_->first_loop(),
                    [core = core_, bound, done = std::move(done)]() mutable { core->drain(bound, std::move(done)); });
}

ServerStats Server::stats() const { return core_->stats(); }

}  // namespace troupe::http
