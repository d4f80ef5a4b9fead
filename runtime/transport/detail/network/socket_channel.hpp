#pragma once

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>

#include <troupe/loop/loop_driver.hpp>
#include <troupe/transport/network.hpp>

namespace troupe::transport::detail {

using Executor = boost::asio::io_context::executor_type;
using Protocol = boost::asio::generic::stream_protocol;
using Endpoint = Protocol::endpoint;
using Socket = boost::asio::basic_stream_socket<Protocol, Executor>;

/// The Unix socket or numeric TCP address; empty where the host is a name.
std::optional<Endpoint> endpoint_of(const LinkAddress& address);
LinkAddress address_of(const Endpoint& endpoint);

/// A socket as a channel. Writes at once and waits only for what the socket does not take.
class SocketChannel final : public Channel, public std::enable_shared_from_this<SocketChannel> {
 public:
  /// `peer` is where it leads: a socket whose other end has gone could not say any more.
  SocketChannel(loop::ThreadedLoops& loops, Socket socket, Endpoint peer);

  void start(ChannelUser& user) override;
  std::size_t write(std::span<const std::byte> octets) override;
  void close() override;
  Proximity proximity() const override;
  std::chrono::milliseconds unacknowledged() override;
  void give_up_after(std::chrono::milliseconds limit) override;
  void move_to(loop::Loop& loop, std::function<void(std::shared_ptr<Channel>)> then) override;

 private:
  void read();
  void on_read(const boost::system::error_code& error, std::size_t size);
  void wait_writable();
  void lost(const boost::system::error_code& error);

  loop::ThreadedLoops& loops_;
  Socket socket_;
  const Endpoint peer_;
  ChannelUser* user_ = nullptr;
};

}  // namespace troupe::transport::detail
