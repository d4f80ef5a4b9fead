#include <troupe/gateway/routes.hpp>

#include <troupe/http/target.hpp>

namespace troupe::gateway {
namespace {

bool is_parameter(std::string_view segment) {
  return segment.size() > 2 && segment.starts_with('{') && segment.ends_with('}');
}

/// Errors: throws std::logic_error.
void check_pattern(std::string_view pattern) {
  if (!pattern.starts_with('/')) {
    throw std::logic_error("route pattern '" + std::string(pattern) + "' does not begin with '/'");
  }
  for (const std::string_view segment : http::split_path(pattern)) {
    const bool plain = segment.find_first_of("{}%?# ") == std::string_view::npos;
    if (segment.empty() || !(plain || is_parameter(segment))) {
      throw std::logic_error("route pattern '" + std::string(pattern) + "' has the bad segment '" +
                             std::string(segment) + "'");
    }
  }
}

}  // namespace

Route& Routes::add(http::Method method, std::string pattern, std::string_view name) {
  check_pattern(pattern);
  auto route = std::make_shared<Route>();
  route->method = method;
  route->id = std::string(to_string(method)) + ' ' + pattern;
  route->pattern = std::move(pattern);
  route->domain = domain_;
  route->keeper = keeper_;
  route->name.resize(name.size() * 2);
  route->name.resize(wire::detail::snake_case(name, route->name.data()));
  if (method == http::Method::post) route->idempotency_key = Route::IdempotencyKey::honoured;
  routes_.push_back(std::move(route));
  return *routes_.back();
}

}  // namespace troupe::gateway
