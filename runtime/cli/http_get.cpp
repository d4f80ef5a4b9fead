#include <troupe/cli/http_get.hpp>

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <optional>
#include <utility>

#include <troupe/cli/descriptor.hpp>
#include <troupe/cli/resolved.hpp>
#include <troupe/loop/clock.hpp>

namespace troupe::cli {

namespace {

/// Far above what a node has to tell: who sends more is no node.
constexpr std::size_t longest_answer = 16 * 1024 * 1024;

/// One question over a connection of its own, which never blocks.
class Question {
 public:
  Question(const topology::Address& address, std::string_view path);

  bool ended() const { return stage_ == Stage::ended; }
  pollfd waits_for() const {
    return {socket_.number(), static_cast<short>(stage_ == Stage::answer ? POLLIN : POLLOUT), 0};
  }
  /// The socket is ready.
  void go_on();
  void give_up(std::string why);
  void fail(std::string_view what) { give_up("it can't be reached: " + std::string(what)); }
  Heard take() { return trouble_.empty() ? read_answer(answer_) : Heard{{}, std::move(trouble_)}; }

 private:
  enum class Stage : std::uint8_t { connection, request, answer, ended };

  void connect(const addrinfo& place);
  void send();
  void receive();

  Descriptor socket_;
  Stage stage_ = Stage::connection;
  std::string request_;  ///< still to be sent
  std::string answer_;
  std::string trouble_;
};

Question::Question(const topology::Address& address, std::string_view path) {
  request_.append("GET ").append(path).append(" HTTP/1.1\r\nHost: ").append(to_string(address));
  request_.append("\r\nConnection: close\r\n\r\n");
  std::string why;
  if (const auto resolved = resolve(address, why)) {
    connect(*resolved);
  } else {
    fail(why);
  }
}

void Question::connect(const addrinfo& place) {
  socket_ = Descriptor(::socket(place.ai_family, place.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, place.ai_protocol));
  if (!socket_) return fail(std::strerror(errno));
  if (::connect(socket_.number(), place.ai_addr, place.ai_addrlen) == 0) {
    stage_ = Stage::request;
  } else if (errno != EINPROGRESS) {
    fail(std::strerror(errno));
  }
}

void Question::go_on() {
  if (stage_ == Stage::connection) {
    int error = 0;
    socklen_t size = sizeof error;
    if (::getsockopt(socket_.number(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
    if (error != 0) return fail(std::strerror(error));
    stage_ = Stage::request;
  }
  if (stage_ == Stage::request) return send();
  if (stage_ == Stage::answer) receive();
}

void Question::send() {
  const auto sent = ::send(socket_.number(), request_.data(), request_.size(), MSG_NOSIGNAL);
  if (sent < 0) {
    if (errno != EAGAIN && errno != EINTR) fail(std::strerror(errno));
    return;
  }
  request_.erase(0, static_cast<std::size_t>(sent));
  if (request_.empty()) stage_ = Stage::answer;
}

void Question::receive() {
  std::array<char, 16 * 1024> piece;
  const auto received = ::recv(socket_.number(), piece.data(), piece.size(), 0);
  if (received < 0) {
    if (errno != EAGAIN && errno != EINTR) fail(std::strerror(errno));
    return;
  }
  if (received == 0) {
    stage_ = Stage::ended;
    return;
  }
  answer_.append(piece.data(), static_cast<std::size_t>(received));
  if (answer_.size() > longest_answer) give_up("what answers there is no node: it sends without an end");
}

void Question::give_up(std::string why) {
  stage_ = Stage::ended;
  trouble_ = std::move(why);
}

/// Waits until one of them can go on, or `end`.
void wait(std::vector<Question>& questions, Instant end) {
  std::vector<pollfd> sockets;
  std::vector<Question*> waiting;
  for (auto& question : questions) {
    if (question.ended()) continue;
    sockets.push_back(question.waits_for());
    waiting.push_back(&question);
  }
  const auto left = std::max(std::chrono::ceil<Duration>(end - loop::system_clock().monotonic()), Duration{0});
  if (::poll(sockets.data(), sockets.size(), static_cast<int>(left.count())) <= 0) return;
  for (std::size_t i = 0; i < sockets.size(); ++i) {
    if (sockets[i].revents != 0) waiting[i]->go_on();
  }
}

/// The value of a field, of a header whose lines end in CRLF.
std::optional<std::string_view> find_field(std::string_view header, std::string_view name) {
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; };
  while (!header.empty()) {
    const auto line = header.substr(0, header.find("\r\n"));
    header.remove_prefix(std::min(header.size(), line.size() + 2));
    if (line.size() <= name.size() || line[name.size()] != ':') continue;
    if (!std::equal(name.begin(), name.end(), line.begin(), [&](char n, char c) { return same(c, n); })) continue;
    const auto value = line.substr(name.size() + 1);
    return value.substr(std::min(value.find_first_not_of(' '), value.size()));
  }
  return std::nullopt;
}

}  // namespace

Heard read_answer(std::string_view answer) {
  if (answer.empty()) return {{}, "it closed the connection without an answer"};
  const auto end_of_header = answer.find("\r\n\r\n");
  if (!answer.starts_with("HTTP/1.1 ") || end_of_header == std::string_view::npos) {
    return {{}, "what answers there does not speak HTTP"};
  }
  const auto header = answer.substr(0, end_of_header + 2);
  const auto status = header.substr(9, header.find("\r\n") - 9);
  if (!status.starts_with("200 ")) return {{}, "it answered " + std::string(status)};
  const auto body = answer.substr(end_of_header + 4);
  const auto length = find_field(header, "content-length").value_or("");
  std::size_t size = 0;
  const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), size);
  if (error != std::errc() || end != length.data() + length.size()) return {{}, "its answer tells no length"};
  if (body.size() < size) return {{}, "its answer broke off"};
  return {std::string(body.substr(0, size)), {}};
}

std::vector<Heard> get_from_all(const std::vector<topology::Address>& addresses, std::string_view path,
                                Duration limit) {
  std::vector<Question> questions;
  questions.reserve(addresses.size());
  for (const auto& address : addresses) questions.emplace_back(address, path);
  const auto all_ended = [&] { return std::ranges::all_of(questions, &Question::ended); };
  const Instant end = loop::system_clock().monotonic() + limit;
  while (!all_ended() && loop::system_clock().monotonic() < end) wait(questions, end);
  std::vector<Heard> heard;
  for (auto& question : questions) {
    if (!question.ended()) question.give_up("it does not answer within " + troupe::to_text(limit));
    heard.push_back(question.take());
  }
  return heard;
}

}  // namespace troupe::cli
