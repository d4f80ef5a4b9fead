#include <troupe/cli/status/node_request.hpp>

#include <utility>
#include <variant>

#include <troupe/wire/json.hpp>

namespace troupe::cli {

namespace {

/// What is read of a problem document.
struct Problem {
  std::string detail;
};

/// What it says; nothing for any other answer.
std::string detail_of(const http::Response& response) {
  if (response.headers.find("Content-Type") != "application/problem+json") return {};
  const auto document = wire::from_stored_json<Problem>(response.body);
  return document ? document->detail : std::string();
}

}  // namespace

std::string trouble_of(const http::ClientFailure& failure) {
  using Kind = http::ClientFailure::Kind;
  switch (failure.kind) {
    case Kind::invalid:
    case Kind::unreachable:
      return "it can't be reached: " + failure.detail;
    case Kind::closed:
      return "it closed the connection without an answer";
    case Kind::cut_short:
      return "its answer broke off";
    case Kind::malformed:
      return "what answers there does not speak HTTP: " + failure.detail;
    case Kind::too_large:
      return "what answers there is no node: it sends without an end";
    case Kind::timeout:
      return "it does not answer within " + troupe::to_text(node_patience);
  }
  return failure.detail;
}

http::ClientRequest to_http_request(const NodeRequest& asked) {
  http::ClientRequest request;
  request.host = asked.address.host;
  request.port = asked.address.port;
  request.target = asked.path;
  request.deadline = node_patience;
  if (asked.kind == NodeRequest::Kind::read) return request;
  request.method = http::Method::post;
  request.headers.add("Content-Type", "application/json");
  request.body = "{}";
  return request;
}

NodeAnswer to_node_answer(http::ClientResult result) {
  if (const auto* failure = std::get_if<http::ClientFailure>(&result)) return {0, {}, trouble_of(*failure)};
  auto& response = std::get<http::Response>(result);
  const std::uint16_t status = response.status;
  if (status != 200) {
    const std::string detail = detail_of(response);
    return {status,
            {},
            "it answered " + std::to_string(status) + ' ' + std::string(http::reason_phrase(status)) +
                (detail.empty() ? "" : ": " + detail)};
  }
  // Without a length, an answer that broke off looks like a whole one.
  if (!response.headers.find("Content-Length")) return {0, {}, "its answer tells no length"};
  return {status, std::move(response.body), {}};
}

std::vector<NodeAnswer> ask_nodes(const std::vector<NodeRequest>& requests) {
  std::vector<http::ClientRequest> sent;
  for (const auto& request : requests) sent.push_back(to_http_request(request));
  std::vector<NodeAnswer> answers;
  for (auto& result : http::send_all(std::move(sent))) answers.push_back(to_node_answer(std::move(result)));
  return answers;
}

}  // namespace troupe::cli
