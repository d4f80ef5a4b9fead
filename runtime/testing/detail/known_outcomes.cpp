#include <troupe/testing/detail/known_outcomes.hpp>

#include <string_view>

namespace troupe::testing::detail {

namespace {

std::string header_of(const HttpRequest& request, std::string_view name) {
  const auto* value = request.find_header(name);
  return value ? std::string(*value) : std::string();
}

}  // namespace

void KnownOutcomes::note(const HttpRequest& request, const HttpAnswer& outcome) {
  const bool done = outcome.status >= 200 && outcome.status < 300;
  if (done && request.method == "DELETE") removed_.insert(request.target);
  const auto tag = outcome.headers.find("ETag");
  const bool changed = done && request.method != "GET" && request.method != "HEAD";
  if (tag || changed) tags_[request.target] = tag.value_or("");
  if (request.find_header("Idempotency-Key")) keys_.insert(key_of(request));
}

bool KnownOutcomes::has_old_tag(const HttpRequest& request) const {
  const auto latest = tags_.find(request.target);
  return latest != tags_.end() && latest->second != header_of(request, "If-Match");
}

KnownOutcomes::Key KnownOutcomes::key_of(const HttpRequest& request) {
  return {header_of(request, "Authorization"), header_of(request, "Idempotency-Key")};
}

}  // namespace troupe::testing::detail
