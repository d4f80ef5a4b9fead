#include "tests/http/http_fixture.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <stdexcept>

namespace troupe::http::testing {
namespace {

constexpr std::size_t big_bytes = 4 * 1024 * 1024;

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
  const bool enough = changed_.wait_for(lock, process::patience, [&] { return held_.size() >= count; });
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

std::promise<void> RunningServer::occupy() {
  std::promise<void> release;
  std::promise<void> occupied;
  auto reached = occupied.get_future();
  boost::asio::post(*loops_.front(), [&occupied, released = release.get_future().share()] {
    occupied.set_value();
    released.wait();
  });
  reached.wait();
  return release;
}

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

http_client::Connection connect_to(const RunningServer& running) { return connect_to(running.port()); }

http_client::Connection connect_to(std::uint16_t port) {
  http_client::Connection connection("127.0.0.1:" + std::to_string(port));
  connection.open();
  return connection;
}

std::string get(std::string_view path, std::string_view more_fields) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: test\r\n" + std::string(more_fields) + "\r\n";
}

std::string post(std::string_view path, std::string_view body, std::string_view more_fields) {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: test\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n" + std::string(more_fields) + "\r\n" + std::string(body);
}

}  // namespace troupe::http::testing
