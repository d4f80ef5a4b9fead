#include <troupe/gateway/detail/conditional.hpp>

#include <algorithm>

#include <troupe/gateway/detail/field_text.hpp>
#include <troupe/wire/etag.hpp>

namespace troupe::gateway::detail {
namespace {

std::string_view without_weakness(std::string_view tag) { return tag.starts_with("W/") ? tag.substr(2) : tag; }

}  // namespace

bool read_if_match(const http::Headers& headers, std::vector<std::string>& tags, std::vector<Fault>& faults) {
  if (!headers.find("If-Match")) return false;
  auto parsed = parse_entity_tags(joined(headers, "If-Match"));
  if (!parsed) {
    faults.push_back({"", "If-Match must be * or a list of entity tags in quotes"});
    return false;
  }
  tags = *std::move(parsed);
  return true;
}

void check_if_none_match(const http::Headers& headers, std::vector<Fault>& faults) {
  if (!headers.find("If-None-Match") || parse_entity_tags(joined(headers, "If-None-Match"))) return;
  faults.push_back({"", "If-None-Match must be * or a list of entity tags in quotes"});
}

void tag(http::Response& response, const std::string& etag, const http::Headers& request) {
  response.headers.add("ETag", etag);
  if (!request.find("If-None-Match")) return;
  const auto known = parse_entity_tags(joined(request, "If-None-Match"));
  if (!known) return;
  const bool matches = std::any_of(known->begin(), known->end(),
                                   [&](const std::string& one) { return one == "*" || without_weakness(one) == etag; });
  if (!matches) return;
  response.status = 304;
  response.body.clear();
}

}  // namespace troupe::gateway::detail
