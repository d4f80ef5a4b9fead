#include "tests/http/http_fixture.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>

namespace troupe::http::testing {
namespace {

constexpr int patience_ms = 10'000;
constexpr std::size_t big_bytes = 4 * 1024 * 1024;

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

void await_ready(int fd, short events) {
  pollfd entry{.fd = fd, .events = events, .revents = 0};
  if (::poll(&entry, 1, patience_ms) == 0) throw std::runtime_error("the server does not answer");
}

Response text_answer(std::uint16_t status, std::string body) {
  Response response;
  response.status = status;
  response.headers.add("Content-Type", "text/plain");
  response.body = std::move(body);
  return response;
}

}  // namespace

void TestService::handle(Request request, Respond respond) {
  const std::string path(request.path());
  const std::lock_guard lock(mutex_);
  last_request_ = request;
  if (request.body_state == BodyState::too_large) return respond(text_answer(413, "too large"));
  if (path == "/echo") return respond(text_answer(200, std::move(request.body)));
  if (path == "/big") return respond(text_answer(200, std::string(big_bytes, 'b')));
  if (path == "/none") return respond(text_answer(204, "no one may see this"));
  if (path == "/unchanged") return respond(text_answer(304, "no one may see this"));
  if (path == "/throw") throw std::runtime_error("a bug of the service");
  if (path == "/drop") return;
  if (path == "/hold") {
    held_.push_back({.loop = request.loop, .respond = std::make_shared<Respond>(std::move(respond))});
    changed_.notify_all();
    return;
  }
  respond(text_answer(200, path));
}

Response TestService::refuse(const Refusal& refusal) {
  switch (refusal.code) {
    case RefusalCode::invalid:
      return text_answer(400, std::string(refusal.detail));
    case RefusalCode::header_too_large:
      return text_answer(431, std::string(refusal.detail));
    case RefusalCode::request_timeout:
      return text_answer(408, std::string(refusal.detail));
    case RefusalCode::overloaded:
      return text_answer(503, std::string(refusal.detail));
    case RefusalCode::internal:
      return text_answer(500, std::string(refusal.detail));
  }
  return {};
}

void TestService::crashed(std::string_view what) noexcept {
  const std::lock_guard lock(mutex_);
  last_crash_ = what;
}

void TestService::await_held(std::size_t count) {
  std::unique_lock lock(mutex_);
  const bool enough =
      changed_.wait_for(lock, std::chrono::milliseconds(patience_ms), [&] { return held_.size() >= count; });
  if (!enough) throw std::runtime_error("the requests did not arrive");
}

void TestService::release(std::size_t index) {
  const std::lock_guard lock(mutex_);
  const Held& held = held_.at(index);
  boost::asio::post(*loops_.at(held.loop),
                    [respond = held.respond, index] { (*respond)(text_answer(200, "held " + std::to_string(index))); });
}

std::size_t TestService::held() const {
  const std::lock_guard lock(mutex_);
  return held_.size();
}

std::string TestService::last_crash() const {
  const std::lock_guard lock(mutex_);
  return last_crash_;
}

Request TestService::last_request() const {
  const std::lock_guard lock(mutex_);
  return last_request_;
}

RunningServer::RunningServer(Limits limits, std::size_t loops) {
  std::vector<boost::asio::io_context*> pointers;
  for (std::size_t i = 0; i < loops; ++i) {
    loops_.push_back(std::make_unique<boost::asio::io_context>(1));
    pointers.push_back(loops_.back().get());
    auto guard = std::make_shared<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>>(
        loops_.back()->get_executor());
    release_work_.emplace_back([guard] { guard->reset(); });
  }
  service_ = std::make_unique<TestService>(pointers);
  ServerOptions options;
  options.limits = limits;
  options.wall_clock = [] { return std::chrono::system_clock::from_time_t(784111777); };
  server_ = std::make_unique<Server>(pointers, *service_, options);
  server_->listen("127.0.0.1:0");
  for (auto& loop : loops_) threads_.emplace_back([&loop] { loop->run(); });
}

RunningServer::~RunningServer() { stop(); }

std::future<void> RunningServer::drain(std::chrono::milliseconds bound) {
  auto promise = std::make_shared<std::promise<void>>();
  server_->drain(bound, [promise] { promise->set_value(); });
  return promise->get_future();
}

void RunningServer::stop() {
  if (threads_.empty()) return;
  // Not drained: a test that wants to see a drain does it itself.
  for (auto& release : release_work_) release();
  for (auto& loop : loops_) loop->stop();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
  server_.reset();
}

Client::Client(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return;
  const int error = errno;
  ::close(fd_);
  throw std::system_error(error, std::generic_category(), "connect");
}

Client::~Client() {
  if (fd_ >= 0) ::close(fd_);
}

void Client::send(std::string_view bytes) {
  if (!try_send(bytes)) fail("send");
}

bool Client::try_send(std::string_view bytes) {
  while (!bytes.empty()) {
    await_ready(fd_, POLLOUT);
    const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno == EAGAIN) continue;
    if (sent < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool Client::fill() {
  await_ready(fd_, POLLIN);
  std::array<char, 65536> bytes;
  const auto received = ::recv(fd_, bytes.data(), bytes.size(), 0);
  if (received < 0) fail("recv");
  buffer_.append(bytes.data(), static_cast<std::size_t>(received));
  return received > 0;
}

Answer Client::receive(Expect expect) {
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!fill()) throw std::runtime_error("the connection ended before an answer");
  }
  Answer answer;
  std::string_view head = std::string_view(buffer_).substr(0, end);
  answer.status = std::stoi(std::string(head.substr(head.find(' ') + 1, 3)));
  for (auto line = head.find("\r\n"); line != std::string_view::npos; line = head.find("\r\n", line + 2)) {
    const std::string_view field = head.substr(line + 2, head.find("\r\n", line + 2) - line - 2);
    std::string name(field.substr(0, field.find(':')));
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    if (!answer.headers.emplace(name, field.substr(name.size() + 2)).second) {
      throw std::runtime_error("the answer has two fields " + name);
    }
  }
  buffer_.erase(0, end + 4);
  const auto length = answer.headers.find("content-length");
  if (expect == Expect::head_only || length == answer.headers.end()) return answer;
  const std::size_t size = std::stoul(length->second);
  while (buffer_.size() < size) {
    if (!fill()) throw std::runtime_error("the connection ended inside an answer");
  }
  answer.body = buffer_.substr(0, size);
  buffer_.erase(0, size);
  return answer;
}

bool Client::ended() { return buffer_.empty() && !fill(); }

void Client::finish_sending() { ::shutdown(fd_, SHUT_WR); }

void Client::abort() {
  const linger reset{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  ::close(fd_);
  fd_ = -1;
}

std::string get(std::string_view path, std::string_view more_fields) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: test\r\n" + std::string(more_fields) + "\r\n";
}

std::string post(std::string_view path, std::string_view body, std::string_view more_fields) {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: test\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n" + std::string(more_fields) + "\r\n" + std::string(body);
}

}  // namespace troupe::http::testing
