#include <troupe/cli/http_get.hpp>

#include <utility>
#include <variant>

namespace troupe::cli {

namespace {

std::string explain(const http::ClientFailure& failure, Duration limit) {
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
      return "it does not answer within " + troupe::to_text(limit);
  }
  return failure.detail;
}

}  // namespace

HttpGetResult to_get_result(http::ClientResult result, Duration limit) {
  if (const auto* failure = std::get_if<http::ClientFailure>(&result)) return {{}, explain(*failure, limit)};
  auto& response = std::get<http::Response>(result);
  if (response.status != 200) {
    return {{},
            "it answered " + std::to_string(response.status) + ' ' + std::string(http::reason_phrase(response.status))};
  }
  // Without a length, an answer that broke off looks like a whole one.
  if (!response.headers.find("Content-Length")) return {{}, "its answer tells no length"};
  return {std::move(response.body), {}};
}

std::vector<HttpGetResult> get_from_all(const std::vector<topology::Address>& addresses, std::string_view path,
                                        Duration limit) {
  std::vector<http::ClientRequest> requests;
  for (const auto& address : addresses) {
    http::ClientRequest& request = requests.emplace_back();
    request.host = address.host;
    request.port = address.port;
    request.target = path;
    request.deadline = limit;
  }
  std::vector<HttpGetResult> results;
  for (auto& result : http::send_all(std::move(requests))) results.push_back(to_get_result(std::move(result), limit));
  return results;
}

}  // namespace troupe::cli
