#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <troupe/http/http.hpp>
#include <troupe/wire/json.hpp>

namespace troupe::testing {

/// A header field: its name and its value.
using Header = std::pair<std::string, std::string>;

/// What is asked of an application from outside. A body is JSON where the headers don't say.
struct HttpRequest {
  std::string method;
  std::string target;
  std::string body{};
  std::vector<Header> headers{};

  const std::string* find_header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
      if (http::equal_ignoring_case(key, name)) return &value;
    }
    return nullptr;
  }
};

/// What a request was answered with.
struct HttpAnswer {
  std::uint16_t status = 0;
  http::Headers headers;
  std::string body;

  /// The first header of this name; empty where there is none.
  std::string header(std::string_view name) const { return std::string(headers.find(name).value_or("")); }

  /// The body as a domain's own type; fields that it lacks are skipped.
  /// Errors: throws std::runtime_error with the answer where it is something else.
  template <class T>
  T as() const {
    auto decoded = wire::from_stored_json<T>(body);
    if (!decoded) throw std::runtime_error("unexpected answer: " + std::to_string(status) + ' ' + body);
    return std::move(*decoded);
  }
};

}  // namespace troupe::testing
