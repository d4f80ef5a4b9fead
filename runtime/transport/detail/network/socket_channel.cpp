#include <troupe/transport/detail/network/socket_channel.hpp>

#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>

#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <cstring>

namespace troupe::transport::detail {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

std::optional<tcp::endpoint> tcp_endpoint(const Endpoint& endpoint) {
  if (endpoint.protocol().family() == AF_UNIX) return std::nullopt;
  tcp::endpoint tcp;
  if (endpoint.size() > tcp.capacity()) return std::nullopt;
  std::memcpy(tcp.data(), endpoint.data(), endpoint.size());
  tcp.resize(endpoint.size());
  return tcp;
}

/// Probes of a closed window that may be unanswered though the peer is there: one may be under way at any moment.
constexpr int probes_under_way = 1;

}  // namespace

std::optional<Endpoint> endpoint_of(const LinkAddress& address) {
  if (address.is_unix()) return Endpoint(asio::local::stream_protocol::endpoint(address.path));
  error_code not_numeric;
  const auto ip = asio::ip::make_address(address.host, not_numeric);
  if (not_numeric) return std::nullopt;
  return Endpoint(tcp::endpoint(ip, address.port));
}

LinkAddress address_of(const Endpoint& endpoint) {
  const auto tcp = tcp_endpoint(endpoint);
  return {.host = tcp->address().to_string(), .port = tcp->port(), .path = {}};
}

SocketChannel::SocketChannel(loop::ThreadedLoops& loops, Socket socket, Endpoint peer)
    : loops_(loops), socket_(std::move(socket)), peer_(peer) {
  error_code error;
  socket_.non_blocking(true, error);
  // A Unix socket has no such option, and needs none.
  if (peer_.protocol().family() != AF_UNIX) socket_.set_option(tcp::no_delay(true), error);
}

Proximity SocketChannel::proximity() const {
  const auto tcp = tcp_endpoint(peer_);
  if (!tcp) return Proximity::same_host;
  const asio::ip::address address = tcp->address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return make_address_v4(asio::ip::v4_mapped, address.to_v6()).is_loopback() ? Proximity::same_host
                                                                               : Proximity::other_host;
  }
  return address.is_loopback() ? Proximity::same_host : Proximity::other_host;
}

void SocketChannel::start(ChannelUser& user) {
  user_ = &user;
  read();
}

void SocketChannel::read() {
  const auto space = user_->input_space();
  socket_.async_read_some(
      asio::buffer(space.data(), space.size()),
      [self = shared_from_this()](const error_code& error, std::size_t size) { self->on_read(error, size); });
}

void SocketChannel::on_read(const error_code& error, std::size_t size) {
  if (user_ == nullptr) return;
  if (error) return lost(error);
  ChannelUser* const user = user_;
  user->on_input(size);
  // A new user has begun to read by itself.
  if (user_ == user) read();
}

std::size_t SocketChannel::write(std::span<const std::byte> octets) {
  error_code error;
  const std::size_t taken = socket_.write_some(asio::buffer(octets.data(), octets.size()), error);
  if (error && error != asio::error::would_block && error != asio::error::try_again) {
    asio::post(socket_.get_executor(), [self = shared_from_this(), error] { self->lost(error); });
  } else if (taken < octets.size()) {
    wait_writable();
  }
  return taken;
}

void SocketChannel::wait_writable() {
  socket_.async_wait(Socket::wait_write, [self = shared_from_this()](const error_code& error) {
    if (self->user_ == nullptr) return;
    if (error) return self->lost(error);
    self->user_->on_writable();
  });
}

void SocketChannel::lost(const error_code& error) {
  if (user_ == nullptr) return;
  ChannelUser& user = *user_;
  close();
  user.on_closed(error == asio::error::eof ? "the peer closed the connection" : error.message());
}

void SocketChannel::close() {
  user_ = nullptr;
  error_code ignored;
  socket_.shutdown(Socket::shutdown_both, ignored);
  socket_.close(ignored);
}

std::chrono::milliseconds SocketChannel::unacknowledged() {
  // Both ends of a Unix socket are in one kernel: the peer is gone when reading says so.
  if (peer_.protocol().family() == AF_UNIX) return {};
  int waiting = 0;
  tcp_info info{};
  socklen_t size = sizeof info;
  // A socket that cannot tell is broken, and reading says so.
  if (::ioctl(socket_.native_handle(), SIOCOUTQ, &waiting) != 0 || waiting == 0) return {};
  if (::getsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return {};
  // A peer that does not read closes its window. Then nothing is sent but probes, ever more rarely, so that the time
  // since the last acknowledgement says little.
  if (info.tcpi_unacked == 0 && info.tcpi_probes <= probes_under_way) return {};
  return std::chrono::milliseconds(info.tcpi_last_ack_recv);
}

void SocketChannel::give_up_after(std::chrono::milliseconds limit) {
  error_code ignored;
  using UserTimeout = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_USER_TIMEOUT>;
  if (peer_.protocol().family() != AF_UNIX) socket_.set_option(UserTimeout(static_cast<int>(limit.count())), ignored);
}

void SocketChannel::move_to(loop::Loop& loop, std::function<void(std::shared_ptr<Channel>)> then) {
  user_ = nullptr;
  error_code error;
  const auto handle = socket_.release(error);
  auto& io = loops_.io(loop.index());
  Socket socket(io);
  if (!error) socket.assign(peer_.protocol(), handle, error);
  auto moved = std::make_shared<SocketChannel>(loops_, std::move(socket), peer_);
  asio::post(io, [moved = std::move(moved), then = std::move(then)] { then(moved); });
}

}  // namespace troupe::transport::detail
