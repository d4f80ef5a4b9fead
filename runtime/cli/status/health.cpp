#include <troupe/cli/status/health.hpp>

#include <algorithm>
#include <iostream>
#include <string_view>
#include <variant>
#include <vector>

#include <troupe/cli/status/node_request.hpp>
#include <troupe/observe/health.hpp>
#include <troupe/topology/fault.hpp>
#include <troupe/wire/json.hpp>

namespace troupe::cli {

namespace {

constexpr const char* default_admin = "127.0.0.1:9101";

/// Those checks that are so, as `NAME: DETAIL; NAME`.
std::string those(const observe::Readiness& readiness, observe::Health status) {
  std::string text;
  for (const auto& check : readiness.checks) {
    if (check.status != status) continue;
    text += (text.empty() ? "" : "; ") + check.name + (check.detail ? ": " + *check.detail : "");
  }
  std::ranges::replace_if(text, [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
  return text;
}

Verdict to_verdict(const observe::Readiness& readiness) {
  using observe::Health;
  if (readiness.status != Health::ok) return {failed, "not ready: " + those(readiness, Health::failing)};
  const auto degraded = those(readiness, Health::degraded);
  return {done, degraded.empty() ? "ready" : "ready, degraded: " + degraded};
}

}  // namespace

Verdict to_verdict(const http::ClientResult& result) {
  if (const auto* failure = std::get_if<http::ClientFailure>(&result)) return {failed, trouble_of(*failure)};
  const auto& response = std::get<http::Response>(result);
  const auto readiness = wire::from_json<observe::Readiness>(response.body, {}, wire::Unknown::skip);
  if (!readiness || (response.status != 200 && response.status != 503)) {
    return {failed, "what answers there is no node: it says " + std::to_string(response.status) + ' ' +
                        std::string(http::reason_phrase(response.status))};
  }
  return to_verdict(*readiness);
}

ExitCode health(const std::string& admin) {
  const auto address = topology::parse_address(admin.empty() ? default_admin : admin);
  if (!address || address->leaves_port_open()) {
    std::cerr << "--admin: " << topology::quote(admin) << " is no address; it is HOST:PORT, such as " << default_admin
              << '\n';
    return misused;
  }
  const auto answers = http::send_all({to_http_request({*address, "/readyz"})});
  const auto verdict = to_verdict(answers.front());
  std::cout << verdict.line << '\n';
  return verdict.code;
}

}  // namespace troupe::cli
