#include <troupe/gateway/detail/idempotency_key.hpp>

#include <algorithm>

namespace troupe::gateway::detail {
namespace {

constexpr std::size_t max_key_characters = 255;

bool is_well_formed(std::string_view key) {
  return !key.empty() && key.size() <= max_key_characters &&
         std::all_of(key.begin(), key.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

}  // namespace

std::optional<std::string_view> idempotency_key(const Route& route, const http::Headers& headers) {
  if (route.idempotency_key == Route::IdempotencyKey::ignored) return std::nullopt;
  return headers.find("Idempotency-Key");
}

void check_idempotency_key(const Route& route, const http::Headers& headers, std::vector<Fault>& faults) {
  const auto key = idempotency_key(route, headers);
  if (!key || (headers.count("Idempotency-Key") == 1 && is_well_formed(*key))) return;
  faults.push_back({"", "Idempotency-Key must be one value of 1 to 255 visible characters"});
}

Task<Answer> perform_under_key(const Route& route, const http::Request& request, const Principal& principal,
                               std::string_view key, const IdempotencySecrets& secrets) {
  Perform perform;
  perform.method = to_string(route.method);
  perform.target = request.path();
  if (!request.query().empty()) perform.target.append("?").append(request.query());
  perform.body = request.body;
  // Where nobody is signed in, two strangers may choose one key: theirs is told apart by the request.
  const auto name_by = [&](const IdempotencySecret& secret) {
    return principal.kind == Principal::Kind::user
               ? keyed_digest(secret, {"user", to_text(principal.user), key})
               : keyed_digest(secret, {"anyone", key, perform.method, perform.target, perform.body});
  };
  if (secrets.size() == 1) {
    const std::string name = name_by(secrets.front());
    return perform_once(route.keeper->envelope(Key(name), std::move(perform)));
  }
  // In one order for all gateways: two that wait for each other would never end.
  std::vector<std::string> names;
  for (const auto& secret : secrets) names.push_back(name_by(secret));
  std::ranges::sort(names);
  const auto repeated = std::ranges::unique(names);
  names.erase(repeated.begin(), repeated.end());
  const Key first(names.front());
  perform.also_under.emplace(names.begin() + 1, names.end());
  return perform_once(route.keeper->envelope(first, std::move(perform)));
}

}  // namespace troupe::gateway::detail
