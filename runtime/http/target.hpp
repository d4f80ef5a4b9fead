#pragma once

#include <boost/container/small_vector.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/wire/fault.hpp>

namespace troupe::http {

/// The segments of a path as sent: `/products/p%201` has `products` and `p%201`, `/` has none, `/a/` has `a` and an
/// empty one.
using PathSegments = boost::container::small_vector<std::string_view, 8>;

/// Lifetime: the segments refer to `path`.
PathSegments split_path(std::string_view path);

/// Decodes `%XX`; nothing when an escape is broken or the outcome is not UTF-8.
/// Source: RFC 3986, 2.1.
std::optional<std::string> percent_decode(std::string_view text);

struct QueryParameter {
  std::string name;
  std::string value;

  bool operator==(const QueryParameter&) const = default;
};

/// The decoded parameters of a query, in their order, and all that is wrong with it.
struct Query {
  std::vector<QueryParameter> parameters;
  std::vector<Fault> faults;  ///< pointers are `?name`
};

/// Splits and decodes a query; `+` is a space, as forms have it. A parameter that comes twice is a fault, for one
/// reader would take the first and another the last.
Query parse_query(std::string_view query);

}  // namespace troupe::http
