#include "tests/http_client/connection.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cerrno>
#include <cstring>
#include <utility>

namespace troupe::http_client {
namespace {

namespace http = boost::beast::http;
using Parser = http::response_parser<http::string_body>;

[[noreturn]] void lost(std::string_view what) { throw ConnectionLost(std::string{what} + ": " + std::strerror(errno)); }

Answer answer_of(http::response<http::string_body> message) {
  Answer answer;
  answer.status = static_cast<int>(message.result_int());
  for (const auto& field : message) {
    if (message.count(field.name_string()) > 1) {
      throw std::runtime_error("the answer has two fields " + std::string{field.name_string()});
    }
    answer.headers.push_back({std::string{field.name_string()}, std::string{field.value()}});
  }
  answer.body = std::move(message.body());
  return answer;
}

}  // namespace

Connection::Connection(std::string address, std::chrono::milliseconds limit)
    : address_(std::move(address)), limit_(limit) {}

Connection::~Connection() { close(); }

Connection::Connection(Connection&& other) noexcept
    : address_(std::move(other.address_)),
      limit_(other.limit_),
      socket_(std::exchange(other.socket_, -1)),
      received_(std::move(other.received_)) {}

void Connection::close() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
  received_.clear();
}

void Connection::reset() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

void Connection::open() {
  close();
  const auto colon = address_.rfind(':');
  sockaddr_in target{};
  target.sin_family = AF_INET;
  target.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address_.substr(colon + 1))));
  ::inet_pton(AF_INET, address_.substr(0, colon).c_str(), &target.sin_addr);
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&target), sizeof target) != 0) lost("connect " + address_);
}

bool Connection::stale() const {
  pollfd ready{socket_, POLLIN, 0};
  char byte = 0;
  return ::poll(&ready, 1, 0) > 0 && ::recv(socket_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) <= 0;
}

Answer Connection::exchange(const Request& request) {
  if (socket_ < 0 || stale()) open();
  write(bytes_of(request));
  auto answer = read(request.method == "HEAD" ? Body::absent : Body::announced);
  if (boost::beast::iequals(answer.header("Connection").value_or(""), "close")) close();
  return answer;
}

void Connection::write(std::string_view bytes) {
  if (!try_write(bytes)) lost("send");
}

bool Connection::try_write(std::string_view bytes) {
  if (socket_ < 0) open();
  while (!bytes.empty()) {
    await(POLLOUT);
    const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EINTR && errno != EAGAIN) return false;
    if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void Connection::end_of_input() { ::shutdown(socket_, SHUT_WR); }

void Connection::await(short event) const {
  pollfd ready{socket_, event, 0};
  if (::poll(&ready, 1, static_cast<int>(limit_.count())) != 0) return;
  throw ConnectionLost(address_ + " keeps silent", ConnectionLost::Why::timed_out);
}

bool Connection::receive() {
  await(POLLIN);
  std::array<char, 65536> buffer;
  const auto count = ::recv(socket_, buffer.data(), buffer.size(), 0);
  if (count < 0) lost("receive");
  received_.append(buffer.data(), static_cast<std::size_t>(count));
  return count > 0;
}

Answer Connection::read(Body body) {
  Parser parser;
  parser.eager(true);
  parser.skip(body == Body::absent);
  parser.body_limit(boost::none);
  while (!parser.is_done()) {
    boost::beast::error_code error;
    received_.erase(0, parser.put(boost::asio::buffer(received_), error));
    if (error && error != http::error::need_more) throw std::runtime_error("not an answer: " + error.message());
    if (parser.is_done() || receive()) continue;
    if (!parser.got_some()) throw ConnectionLost("closed before an answer");
    parser.put_eof(error);
    if (error) throw ConnectionLost("closed within an answer: '" + received_ + "'");
  }
  return answer_of(parser.release());
}

std::string Connection::read_to_end() {
  while (receive()) {
  }
  return std::exchange(received_, {});
}

bool Connection::closed_by_peer() {
  if (socket_ < 0) return true;  // exchange() followed the answer's `Connection: close`
  try {
    read_to_end();
    return true;
  } catch (const ConnectionLost& lost) {
    return lost.why() == ConnectionLost::Why::ended;
  }
}

bool Connection::ended_in_order() { return received_.empty() && !receive(); }

}  // namespace troupe::http_client
