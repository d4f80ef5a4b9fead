#include "runtime/node/admin.hpp"

#include <utility>
#include <vector>

#include "runtime/observe/page.hpp"
#include "runtime/wire/json.hpp"

namespace troupe::node {

namespace {

constexpr auto loop_patience = std::chrono::seconds(1);
constexpr std::string_view json_type = "application/json";

gateway::Response answer(std::uint16_t status, std::string_view type, std::string body) {
  gateway::Response response;
  response.status = status;
  response.headers.add("Content-Type", type);
  response.headers.add("Cache-Control", "no-store");
  response.body = std::move(body);
  return response;
}

/// One readiness request: waits for a sign of life from each loop.
struct Roll : engine::Timer {
  engine::Loop& loop;
  gateway::Respond respond;
  std::vector<observe::Check> checks;
  std::vector<observe::Check> loops;
  std::size_t missing;
  std::shared_ptr<Roll> self;  ///< while the timer may fire

  Roll(engine::Loop& loop, gateway::Respond respond, std::vector<observe::Check> checks, std::size_t count)
      : Timer(&Roll::over), loop(loop), respond(std::move(respond)), checks(std::move(checks)), missing(count) {
    for (std::size_t i = 0; i < count; ++i) {
      loops.push_back({"loop " + std::to_string(i), observe::Health::failing, "it does not answer"});
    }
  }

  void heard(std::size_t index) {
    if (!self) return;
    loops[index].status = observe::Health::ok;
    loops[index].detail.reset();
    if (--missing == 0) finish();
  }
  void finish() {
    loop.cancel_timer(*this);
    auto keep = std::exchange(self, nullptr);
    loops.insert(loops.end(), checks.begin(), checks.end());
    const auto readiness = observe::readiness_of(std::move(loops));
    respond(answer(static_cast<std::uint16_t>(observe::http_status(readiness)), json_type, wire::to_json(readiness)));
  }
  static void over(Timer& timer) { static_cast<Roll&>(timer).finish(); }
};

}  // namespace

Admin::Admin(engine::Engine& engine, AdminSources sources) : engine_(engine), sources_(std::move(sources)) {}

void Admin::handle(gateway::Request request, gateway::Respond respond) {
  engine_.loop(0).refresh();
  const std::string_view path = request.path();
  const bool known = path == "/" || path == "/livez" || path == "/readyz" || path == "/metrics" || path == "/status";
  if (!known) return respond(answer(404, json_type, R"({"status":404,"title":"Not Found"})"));
  if (request.method != gateway::Method::get && request.method != gateway::Method::head) {
    auto refused = answer(405, json_type, R"({"status":405,"title":"Method Not Allowed"})");
    refused.headers.add("Allow", "GET, HEAD");
    return respond(std::move(refused));
  }
  if (path == "/livez") return respond(answer(200, json_type, wire::to_json(observe::Liveness{})));
  if (path == "/readyz") return ready(std::move(respond));
  if (path == "/status") return respond(answer(200, json_type, wire::to_json(sources_.status())));
  if (path == "/metrics") return respond(answer(200, "text/plain; version=0.0.4; charset=utf-8", sources_.metrics()));
  auto page = answer(200, "text/html; charset=utf-8", std::string(observe::admin_page()));
  page.headers.add("Content-Security-Policy", observe::admin_page_policy);
  respond(std::move(page));
}

void Admin::ready(gateway::Respond respond) {
  engine::Loop& here = engine_.loop(0);
  auto roll = std::make_shared<Roll>(here, std::move(respond), sources_.checks(), engine_.loop_count());
  roll->self = roll;
  here.start_timer(*roll, here.now() + loop_patience);
  for (std::size_t i = 0; i < engine_.loop_count(); ++i) {
    engine_.loop(i).call([&here, roll, i] { here.call([roll, i] { roll->heard(i); }); });
  }
}

gateway::Response Admin::refuse(const gateway::Refusal& refusal) {
  constexpr std::uint16_t statuses[] = {400, 431, 408, 503, 500};
  return answer(statuses[static_cast<std::size_t>(refusal.code)], "text/plain; charset=utf-8",
                std::string(refusal.detail));
}

void Admin::crashed(std::string_view what) noexcept {
  sources_.log.error("the admin listener failed on a request", {{"what", what}});
}

}  // namespace troupe::node
