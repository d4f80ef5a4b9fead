#pragma once

#include <string>
#include <string_view>

#include <troupe/http/http.hpp>

// Reading the text of header fields. Source: RFC 9110, 5.5 and 5.6.
namespace troupe::gateway::detail {

/// Without the white space around it.
inline std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// All fields of that name as one list.
inline std::string joined(const http::Headers& headers, std::string_view name) {
  std::string list;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const auto field = headers[i];
    if (!http::equal_ignoring_case(field.name, name)) continue;
    if (!list.empty()) list += ", ";
    list += field.value;
  }
  return list;
}

}  // namespace troupe::gateway::detail
