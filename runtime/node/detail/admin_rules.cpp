#include <troupe/node/detail/admin_rules.hpp>

#include <algorithm>

#include <troupe/wire/json.hpp>

namespace troupe::node {

namespace {

/// A command needs no more than its path.
struct Nothing {};

/// `name:port`, `[v6]:port` or either without the port.
std::string_view without_port(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

/// No page is served from an address that is not the server's own.
bool is_ip_address(std::string_view host) {
  const bool looks_like_one =
      host.starts_with('[') || std::ranges::all_of(host, [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
  return looks_like_one && topology::parse_address(std::string(host) + ":0").has_value();
}

bool is_json(std::string_view content_type) {
  auto media_type = content_type.substr(0, content_type.find(';'));
  while (media_type.ends_with(' ') || media_type.ends_with('\t')) media_type.remove_suffix(1);
  return http::equal_ignoring_case(media_type, "application/json");
}

gateway::Problem problem(std::string code, std::string detail) {
  gateway::Problem made;
  made.code = std::move(code);
  made.detail = std::move(detail);
  return made;
}

}  // namespace

std::optional<gateway::Problem> AdminRules::refused_host(const http::Request& request) const {
  const auto host = request.headers.find("Host");
  if (host && is_ours(without_port(*host))) return std::nullopt;
  return problem("misdirected", "the Host of the request is " + (host ? '"' + std::string(*host) + '"' : "missing") +
                                    "; ask by an IP address, as localhost, or by the name in the node's `admin` (" +
                                    admin_.host + ")");
}

bool AdminRules::is_ours(std::string_view host) const {
  return is_ip_address(host) || http::equal_ignoring_case(host, "localhost") ||
         http::equal_ignoring_case(host, admin_.host);
}

std::optional<gateway::Problem> refused_content(const http::Request& request) {
  const auto type = request.headers.find("Content-Type");
  const bool once = request.headers.count("Content-Type") == 1;
  if (!once || !is_json(*type) || request.headers.find("Content-Encoding")) {
    return problem("unsupported_media", "a command is a JSON object, {}, sent as Content-Type: application/json");
  }
  if (request.body_state == http::BodyState::too_large) return problem("too_large", "a command has no more than {}");
  auto command = wire::from_json<Nothing>(request.body);
  if (command) return std::nullopt;
  auto refused = problem("invalid", "a command is a JSON object without members: {}");
  refused.errors = command.faults();
  return refused;
}

http::Response admin_response(const gateway::Problem& problem) {
  static const gateway::ProblemKinds kinds = [] {
    gateway::ProblemKinds made;
    made.add({"misdirected", 421, "Not a name of this node"});
    made.add({"operation_forgotten", 409, "Too old to be retried"});
    return made;
  }();
  return to_response(kinds, problem);
}

http::Response admin_refusal(std::string code, std::string detail) {
  return admin_response(problem(std::move(code), std::move(detail)));
}

}  // namespace troupe::node
