#include "tests/shop/client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <utility>

namespace shop::testing {
namespace {

bool equal_without_case(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right,
                            [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
}

const std::string* find(const Headers& headers, std::string_view name) {
  for (const auto& header : headers) {
    if (equal_without_case(header.name, name)) return &header.value;
  }
  return nullptr;
}

[[noreturn]] void lost(std::string_view what) { throw ConnectionLost(std::string{what} + ": " + std::strerror(errno)); }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::optional<std::string> Answer::header(std::string_view name) const {
  const auto* value = find(headers, name);
  return value == nullptr ? std::nullopt : std::optional{*value};
}

Json Answer::json() const {
  boost::system::error_code error;
  auto value = boost::json::parse(body, error);
  if (error) throw std::runtime_error("not JSON: " + describe(*this));
  return value;
}

std::string describe(const Answer& answer) {
  auto text = std::to_string(answer.status) + '\n';
  for (const auto& [name, value] : answer.headers) text += name + ": " + value + '\n';
  constexpr std::size_t enough = 2000;
  return text + '\n' + answer.body.substr(0, enough) + '\n';
}

std::string escaped(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string result;
  for (const unsigned char byte : text) {
    if (std::isalnum(byte) != 0 || std::strchr("-._~", byte) != nullptr) {
      result += static_cast<char>(byte);
    } else {
      result.append({'%', digits[byte >> 4], digits[byte & 15]});
    }
  }
  return result;
}

std::string bytes_of(const Request& request) {
  auto text = request.method + ' ' + request.target + " HTTP/1.1\r\n";
  for (const auto& [name, value] : request.headers) text += name + ": " + value + "\r\n";
  if (find(request.headers, "Host") == nullptr) text += "Host: shop.test\r\n";
  const bool has_body = !request.body.empty() || request.method == "POST" || request.method == "PUT";
  const bool chunked = find(request.headers, "Transfer-Encoding") != nullptr;
  if (has_body && !chunked && find(request.headers, "Content-Length") == nullptr) {
    text += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  }
  return text + "\r\n" + request.body;
}

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
  const auto connection = answer.header("Connection");
  if (connection && equal_without_case(*connection, "close")) close();
  return answer;
}

void Connection::write(std::string_view bytes) {
  if (socket_ < 0) open();
  while (!bytes.empty()) {
    const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EINTR) lost("send");
    if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void Connection::end_of_input() { ::shutdown(socket_, SHUT_WR); }

bool Connection::receive() {
  pollfd ready{socket_, POLLIN, 0};
  if (::poll(&ready, 1, static_cast<int>(limit_.count())) == 0) {
    errno = ETIMEDOUT;
    lost("receive");
  }
  std::array<char, 65536> buffer;
  const auto count = ::recv(socket_, buffer.data(), buffer.size(), 0);
  if (count < 0) lost("receive");
  received_.append(buffer.data(), static_cast<std::size_t>(count));
  return count > 0;
}

std::string Connection::take_line() {
  std::size_t end = 0;
  while ((end = received_.find("\r\n")) == std::string::npos) {
    if (!receive()) throw ConnectionLost("closed within an answer's head: '" + received_ + "'");
  }
  auto line = received_.substr(0, end);
  received_.erase(0, end + 2);
  return line;
}

std::string Connection::take(std::size_t count) {
  while (received_.size() < count) {
    if (!receive()) throw ConnectionLost("closed within an answer's body");
  }
  auto bytes = received_.substr(0, count);
  received_.erase(0, count);
  return bytes;
}

std::string Connection::take_chunks() {
  std::string body;
  for (;;) {
    const auto size = std::stoul(take_line(), nullptr, 16);
    if (size == 0) break;
    body += take(size);
    take_line();
  }
  while (!take_line().empty()) {
  }
  return body;
}

Answer Connection::read(Body body) {
  Answer answer;
  const auto line = take_line();
  if (!line.starts_with("HTTP/1.") || line.size() < 12) throw std::runtime_error("not a status line: " + line);
  answer.status = std::stoi(line.substr(9, 3));
  for (auto text = take_line(); !text.empty(); text = take_line()) {
    const auto colon = text.find(':');
    if (colon == std::string::npos) throw std::runtime_error("not a header: " + text);
    answer.headers.push_back({text.substr(0, colon), std::string{trimmed(std::string_view{text}.substr(colon + 1))}});
  }
  if (body == Body::absent || answer.status < 200 || answer.status == 204 || answer.status == 304) return answer;
  const auto encoding = answer.header("Transfer-Encoding");
  const auto length = answer.header("Content-Length");
  if (encoding && equal_without_case(*encoding, "chunked")) {
    answer.body = take_chunks();
  } else {
    answer.body = length ? take(std::stoul(*length)) : read_to_end();
  }
  return answer;
}

std::string Connection::read_to_end() {
  while (receive()) {
  }
  return std::exchange(received_, {});
}

bool Connection::closed_by_peer() {
  if (socket_ < 0) return true;  // exchange() followed the answer's `Connection: close`
  try {
    while (receive()) {
    }
    return true;
  } catch (const ConnectionLost& lost) {
    return std::string_view(lost.what()).find(std::strerror(ETIMEDOUT)) == std::string_view::npos;
  }
}

}  // namespace shop::testing
