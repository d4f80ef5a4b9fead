#include <troupe/transport/socket_network.hpp>

#include <algorithm>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <filesystem>
#include <vector>

#include <troupe/loop/clock.hpp>
#include <troupe/transport/detail/network/socket_channel.hpp>

namespace troupe::transport {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using detail::Endpoint;
using detail::Executor;
using detail::Protocol;
using detail::Socket;
using detail::SocketChannel;
using Acceptor = asio::basic_socket_acceptor<Protocol, Executor>;
using Resolver = asio::ip::basic_resolver<tcp, Executor>;
using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;

/// Pause after a failed accept. Most likely no file descriptor is left.
constexpr std::chrono::milliseconds accept_pause{100};

/// Who may connect to a Unix socket is decided by the permissions of its file: the owner alone.
error_code keep_to_owner(const std::string& path) {
  std::error_code error;
  std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, error);
  return {error.value(), boost::system::system_category()};
}

/// Accepts on one loop; shared with the operation under way.
class AcceptOperation : public std::enable_shared_from_this<AcceptOperation> {
 public:
  AcceptOperation(loop::ThreadedLoops& loops, asio::io_context& io, Network::OnAccept on_accept)
      : loops_(loops), io_(io), acceptor_(io), pause_(io), on_accept_(std::move(on_accept)) {}

  error_code listen(const Endpoint& endpoint, const LinkAddress& address) {
    error_code error;
    acceptor_.open(endpoint.protocol(), error);
    // Not SO_REUSEPORT: a port that another process serves is an error, not half of the connections.
    if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error && address.is_unix()) error = keep_to_owner(address.path);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) stop();
    return error;
  }
  void accept() {
    acceptor_.async_accept(io_, [self = shared_from_this()](const error_code& error, Socket socket) {
      self->on_accept(error, std::move(socket));
    });
  }
  void stop() {
    on_accept_ = nullptr;
    error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
  }
  Endpoint endpoint() const { return acceptor_.local_endpoint(); }

 private:
  void on_accept(const error_code& error, Socket socket) {
    if (!on_accept_) return;
    if (error && error != asio::error::connection_aborted) {
      pause_.expires_after(accept_pause);
      pause_.async_wait([self = shared_from_this()](const error_code& cancelled) {
        if (!cancelled && self->on_accept_) self->accept();
      });
      return;
    }
    if (!error) {
      error_code gone;
      const Endpoint peer = socket.remote_endpoint(gone);
      if (!gone) on_accept_(std::make_shared<SocketChannel>(loops_, std::move(socket), peer));
    }
    if (on_accept_) accept();
  }

  loop::ThreadedLoops& loops_;
  asio::io_context& io_;
  Acceptor acceptor_;
  Timer pause_;
  Network::OnAccept on_accept_;
};

class SocketListener final : public Listener {
 public:
  SocketListener(std::shared_ptr<AcceptOperation> accepting, LinkAddress address)
      : accepting_(std::move(accepting)), address_(std::move(address)) {
    if (!address_.is_unix()) address_ = detail::address_of(accepting_->endpoint());
    accepting_->accept();
  }
  ~SocketListener() override {
    accepting_->stop();
    if (!address_.is_unix()) return;
    std::error_code ignored;
    std::filesystem::remove(address_.path, ignored);
  }
  SocketListener(const SocketListener&) = delete;
  SocketListener& operator=(const SocketListener&) = delete;

  LinkAddress address() const override { return address_; }

 private:
  std::shared_ptr<AcceptOperation> accepting_;
  LinkAddress address_;
};

/// A socket's file that nobody listens on any more: its process ended without a chance to remove it.
bool is_stale(asio::io_context& io, const LinkAddress& address) {
  std::error_code unreadable;
  if (!std::filesystem::is_socket(address.path, unreadable)) return false;
  Socket probe(io);
  error_code error;
  probe.connect(*detail::endpoint_of(address), error);
  return error == asio::error::connection_refused;
}

/// One attempt to connect, over all the addresses that a name has; shared with the operations under way.
class ConnectAttempt : public std::enable_shared_from_this<ConnectAttempt> {
 public:
  ConnectAttempt(loop::ThreadedLoops& loops, asio::io_context& io, Network::OnConnect done)
      : loops_(loops), socket_(io), resolver_(io), limit_(io), done_(std::move(done)) {}

  void begin(const LinkAddress& address, std::chrono::milliseconds limit) {
    limit_.expires_after(limit);
    limit_.async_wait([self = shared_from_this()](const error_code& cancelled) {
      if (!cancelled) self->end(nullptr, "it does not answer in time");
    });
    if (const auto endpoint = detail::endpoint_of(address)) {
      endpoints_ = {*endpoint};
      return next();
    }
    resolver_.async_resolve(address.host, std::to_string(address.port),
                            [self = shared_from_this()](const error_code& error, const auto& found) {
                              if (error) return self->end(nullptr, "its name is not known: " + error.message());
                              for (const auto& entry : found) self->endpoints_.emplace_back(entry.endpoint());
                              self->next();
                            });
  }

 private:
  void next() {
    if (!done_) return;
    if (next_ == endpoints_.size()) return end(nullptr, why_);
    const Endpoint& endpoint = endpoints_[next_++];
    error_code ignored;
    socket_.close(ignored);
    socket_.async_connect(endpoint, [self = shared_from_this(), endpoint](const error_code& error) {
      self->on_connect(error, endpoint);
    });
  }
  void on_connect(const error_code& error, const Endpoint& peer) {
    if (!done_) return;
    if (!error) return end(std::make_shared<SocketChannel>(loops_, std::move(socket_), peer), {});
    why_ = error.message();
    next();
  }
  void end(std::shared_ptr<Channel> channel, const std::string& why) {
    if (!done_) return;
    limit_.cancel();
    resolver_.cancel();
    if (!channel) {
      error_code ignored;
      socket_.close(ignored);
    }
    std::exchange(done_, nullptr)(std::move(channel), why);
  }

  loop::ThreadedLoops& loops_;
  Socket socket_;
  Resolver resolver_;
  Timer limit_;
  Network::OnConnect done_;
  std::vector<Endpoint> endpoints_;
  std::size_t next_ = 0;
  std::string why_ = "its name has no address";
};

}  // namespace

std::unique_ptr<Listener> SocketNetwork::listen(const LinkAddress& address, loop::Loop& loop, OnAccept on_accept) {
  auto& io = loops_.io(loop.index());
  const auto fail = [&](const std::string& what) {
    throw ListenError("cannot listen for links on " + to_string(address) + ": " + what);
  };
  auto endpoint = detail::endpoint_of(address);
  if (!endpoint) {
    error_code error;
    Resolver resolver(io);
    const auto found = resolver.resolve(address.host, std::to_string(address.port), tcp::resolver::passive, error);
    if (error || found.empty()) fail(error.message());
    endpoint = Endpoint(found.begin()->endpoint());
  }
  auto accepting = std::make_shared<AcceptOperation>(loops_, io, std::move(on_accept));
  if (address.is_unix() && is_stale(io, address)) std::filesystem::remove(address.path);
  if (const error_code error = accepting->listen(*endpoint, address)) fail(error.message());
  return std::make_unique<SocketListener>(std::move(accepting), address);
}

void SocketNetwork::connect(const LinkAddress& address, loop::Loop& loop, std::chrono::milliseconds limit,
                            OnConnect done) {
  std::make_shared<ConnectAttempt>(loops_, loops_.io(loop.index()), std::move(done))->begin(address, limit);
}

Network::Nonce SocketNetwork::nonce(loop::Loop&) {
  Nonce nonce{};
  const auto octets = loop::system_secret(nonce.size());
  std::ranges::copy(octets, nonce.begin());
  return nonce;
}

}  // namespace troupe::transport
