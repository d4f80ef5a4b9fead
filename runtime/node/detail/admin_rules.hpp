#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <troupe/gateway/problem.hpp>
#include <troupe/http/http.hpp>
#include <troupe/topology/address.hpp>

namespace troupe::node {

/// What the operations listener demands of requests. It asks for no credentials, so a web page in the browser of
/// somebody who can reach it must not be able to use it.
///
/// A page of another origin can send no JSON without being asked for leave first, which is never given. A page whose
/// own name was made to point here (DNS rebinding) sends that name as Host: only what no foreign page can be named is
/// taken, which is any IP address, `localhost`, and the name in the node's own `admin` address. Ports are not compared,
/// for they may be forwarded.
class AdminRules {
 public:
  explicit AdminRules(topology::Address admin) : admin_(std::move(admin)) {}

  /// Why a request is refused by its Host; nothing: it is not.
  std::optional<gateway::Problem> refused_host(const http::Request& request) const;

 private:
  bool is_ours(std::string_view host) const;

  const topology::Address admin_;
};

/// Why a POST is refused by what it carries; nothing: it has a JSON object without members.
std::optional<gateway::Problem> refused_content(const http::Request& request);

/// Of the gateway's problems, or those that only the operations listener has: misdirected, operation_forgotten.
http::Response admin_response(const gateway::Problem& problem);
http::Response admin_refusal(std::string code, std::string detail);

}  // namespace troupe::node
