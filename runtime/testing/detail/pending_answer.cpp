#include <troupe/testing/detail/pending_answer.hpp>

#include <stdexcept>
#include <utility>

namespace troupe::testing::detail {

namespace {

http::Method method_of(std::string_view name) {
  using http::Method;
  for (const auto method :
       {Method::get, Method::head, Method::post, Method::put, Method::patch, Method::delete_, Method::options}) {
    if (to_string(method) == name) return method;
  }
  return Method::other;
}

http::Request to_request(HttpRequest request, std::size_t loop) {
  http::Request made;
  made.method = method_of(request.method);
  made.method_name = std::move(request.method);
  made.target = std::move(request.target);
  made.body = std::move(request.body);
  made.loop = loop;
  for (const auto& [name, value] : request.headers) made.headers.add(name, value);
  if (!made.body.empty() && !made.headers.find("Content-Type")) made.headers.add("Content-Type", "application/json");
  return made;
}

}  // namespace

HttpAnswer PendingAnswer::take() {
  if (!response_) throw std::runtime_error("the gateway dropped the request without an answer");
  return {response_->status, std::move(response_->headers), std::move(response_->body)};
}

std::shared_ptr<PendingAnswer> ask(http::Service& service, loop::Loop& loop, HttpRequest request) {
  const auto pending = std::make_shared<PendingAnswer>();
  loop.call([&service, pending, request = to_request(std::move(request), loop.index())]() mutable {
    service.handle(std::move(request), http::Respond(pending, 1));
  });
  return pending;
}

}  // namespace troupe::testing::detail
