#include <troupe/node/detail/admin.hpp>

#include <utility>

#include <troupe/observe/page.hpp>
#include <troupe/wire/json.hpp>

namespace troupe::node {

namespace {

constexpr std::string_view json_type = "application/json";

http::Response answer(std::uint16_t status, std::string_view type, std::string body) {
  http::Response response;
  response.status = status;
  response.headers.add("Content-Type", type);
  response.headers.add("Cache-Control", "no-store");
  response.body = std::move(body);
  return response;
}

}  // namespace

Admin::Admin(engine::Engine& engine, AdminSources sources)
    : engine_(engine),
      sources_(std::move(sources)),
      rules_(sources_.address),
      dead_letters_(engine, sources_.node, sources_.topology) {}

void Admin::handle(http::Request request, http::Respond respond) {
  engine_.loop(0).refresh();
  const std::string_view path = request.path();
  const bool is_probe = path == "/livez" || path == "/readyz" || path == "/metrics";
  if (!is_probe) {
    if (const auto refused = rules_.refused_host(request)) return respond(admin_response(*refused));
  }
  if (DeadLetterRoutes::has(request)) return dead_letters_.handle(request, std::move(respond));
  if (!is_probe && path != "/" && path != "/status")
    return respond(admin_refusal("not_found", "there is no such path"));
  if (request.method != http::Method::get && request.method != http::Method::head) {
    auto refused = admin_refusal("method_not_allowed", "this path takes GET and HEAD");
    refused.headers.add("Allow", "GET, HEAD");
    return respond(std::move(refused));
  }
  if (path == "/livez") return respond(answer(200, json_type, wire::to_json(observe::Liveness{})));
  if (path == "/readyz") return ready(std::move(respond));
  if (path == "/status") {
    return with_fresh_numbers(std::move(respond),
                              [this] { return answer(200, json_type, wire::to_json(sources_.status())); });
  }
  if (path == "/metrics") {
    return with_fresh_numbers(std::move(respond),
                              [this] { return answer(200, observe::prometheus_media_type, sources_.metrics()); });
  }
  auto page = answer(200, "text/html; charset=utf-8", std::string(observe::admin_page()));
  page.headers.add("Content-Security-Policy", observe::admin_page_policy);
  respond(std::move(page));
}

void Admin::with_fresh_numbers(http::Respond respond, std::function<http::Response()> make) {
  auto held = std::make_shared<http::Respond>(std::move(respond));
  sources_.refresh([held, make = std::move(make)] { (*held)(make()); });
}

void Admin::ready(http::Respond respond) {
  auto held = std::make_shared<http::Respond>(std::move(respond));
  sources_.readiness([held](const observe::Readiness& readiness) {
    (*held)(answer(static_cast<std::uint16_t>(observe::http_status(readiness)), json_type, wire::to_json(readiness)));
  });
}

http::Response Admin::refuse(const http::Refusal& refusal) {
  constexpr std::uint16_t statuses[] = {400, 431, 408, 503, 500};
  return answer(statuses[static_cast<std::size_t>(refusal.code)], "text/plain; charset=utf-8",
                std::string(refusal.detail));
}

void Admin::crashed(std::string_view what) noexcept {
  sources_.log.error("the admin listener failed on a request", {{"what", what}});
}

}  // namespace troupe::node
