#include "runtime/gateway/token.hpp"

#include <sodium.h>

#include <span>

#include "runtime/wire/json.hpp"

namespace troupe::gateway {
namespace {

using Signature = std::array<std::uint8_t, crypto_auth_hmacsha256_BYTES>;

/// {"alg":"HS256","typ":"JWT"}
constexpr std::string_view own_header = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";

/// The JOSE header. Any other parameter (`crit`, `jwk`, `x5u`) is refused: none is understood here.
struct TokenHeader {
  std::string alg;
  std::optional<std::string> typ;
  std::optional<std::string> kid;
};

/// The claims by their names in the token.
struct TokenPayload {
  std::string sub;
  std::string role;
  std::int64_t iat = 0;
  std::int64_t exp = 0;
  std::uint64_t gen = 0;
};

void append_base64url(std::string& out, std::span<const std::uint8_t> bytes) {
  const std::size_t before = out.size();
  constexpr int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  out.resize(before + sodium_base64_encoded_len(bytes.size(), variant));
  sodium_bin2base64(out.data() + before, out.size() - before, bytes.data(), bytes.size(), variant);
  out.pop_back();  // the terminating zero
}

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// Strict: no padding, no foreign character, no stray bits.
std::optional<std::size_t> decode_base64url(std::string_view text, std::span<std::uint8_t> out) {
  std::size_t size = 0;
  const char* end = nullptr;
  const int failed = sodium_base642bin(out.data(), out.size(), text.data(), text.size(), nullptr, &size, &end,
                                       sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  if (failed != 0 || end != text.data() + text.size()) return std::nullopt;
  return size;
}

struct TokenParts {
  std::string_view header;
  std::string_view payload;
  std::string_view signature;
  std::string_view signed_text;  ///< header and payload, as signed
};

std::optional<TokenParts> split(std::string_view token) {
  const auto first = token.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const auto second = token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) return std::nullopt;
  return TokenParts{.header = token.substr(0, first),
                    .payload = token.substr(first + 1, second - first - 1),
                    .signature = token.substr(second + 1),
                    .signed_text = token.substr(0, second)};
}

template <class T>
std::optional<T> decode_json(std::string_view part) {
  std::array<std::uint8_t, TokenSigner::max_token_bytes> bytes;
  const auto size = decode_base64url(part, bytes);
  if (!size) return std::nullopt;
  auto decoded = wire::from_json<T>({reinterpret_cast<const char*>(bytes.data()), *size});
  if (!decoded) return std::nullopt;
  return *std::move(decoded);
}

bool names_our_algorithm(std::string_view header) {
  if (header == own_header) return true;
  const auto decoded = decode_json<TokenHeader>(header);
  return decoded && decoded->alg == "HS256" && (!decoded->typ || *decoded->typ == "JWT");
}

}  // namespace

std::optional<TokenKey> parse_token_key(std::string_view text) {
  TokenKey key;
  const auto size = decode_base64url(text, key);
  if (!size || *size != key.size()) return std::nullopt;
  return key;
}

std::string to_base64url(const TokenKey& key) {
  std::string text;
  append_base64url(text, key);
  return text;
}

std::string_view to_string(TokenFault fault) {
  switch (fault) {
    case TokenFault::malformed:
      return "malformed";
    case TokenFault::forged:
      return "forged";
    case TokenFault::expired:
      return "expired";
    case TokenFault::not_yet_valid:
      return "not_yet_valid";
  }
  return "malformed";
}

struct TokenSigner::KeyedState {
  crypto_auth_hmacsha256_state hmac;

  ~KeyedState() { sodium_memzero(&hmac, sizeof hmac); }
  Signature sign(std::string_view text) const {
    crypto_auth_hmacsha256_state state = hmac;
    Signature signature;
    crypto_auth_hmacsha256_update(&state, bytes_of(text).data(), text.size());
    crypto_auth_hmacsha256_final(&state, signature.data());
    return signature;
  }
};

TokenSigner::TokenSigner(const TokenKey& key) {
  auto state = std::make_unique<KeyedState>();
  crypto_auth_hmacsha256_init(&state->hmac, key.data(), key.size());
  state_ = std::move(state);
}

TokenSigner::~TokenSigner() = default;
TokenSigner::TokenSigner(TokenSigner&&) noexcept = default;
TokenSigner& TokenSigner::operator=(TokenSigner&&) noexcept = default;

std::string TokenSigner::issue(const TokenClaims& claims) const {
  const TokenPayload payload{.sub = claims.subject,
                             .role = claims.role,
                             .iat = claims.issued_at.time_since_epoch().count(),
                             .exp = claims.expires_at.time_since_epoch().count(),
                             .gen = claims.generation};
  std::string token(own_header);
  token.push_back('.');
  append_base64url(token, bytes_of(wire::to_json(payload)));
  const Signature signature = state_->sign(token);
  token.push_back('.');
  append_base64url(token, signature);
  return token;
}

std::variant<TokenClaims, TokenFault> TokenSigner::verify(std::string_view token, std::chrono::sys_seconds now) const {
  if (token.size() > max_token_bytes) return TokenFault::malformed;
  const auto parts = split(token);
  if (!parts) return TokenFault::malformed;

  Signature sent;
  const auto sent_size = decode_base64url(parts->signature, sent);
  if (!sent_size) return TokenFault::malformed;
  const Signature own = state_->sign(parts->signed_text);
  if (*sent_size != sent.size() || sodium_memcmp(sent.data(), own.data(), own.size()) != 0) return TokenFault::forged;
  if (!names_our_algorithm(parts->header)) return TokenFault::forged;

  auto payload = decode_json<TokenPayload>(parts->payload);
  if (!payload || payload->sub.empty()) return TokenFault::malformed;
  TokenClaims claims{.subject = std::move(payload->sub),
                     .role = std::move(payload->role),
                     .issued_at = std::chrono::sys_seconds(std::chrono::seconds(payload->iat)),
                     .expires_at = std::chrono::sys_seconds(std::chrono::seconds(payload->exp)),
                     .generation = payload->gen};
  if (claims.expires_at <= now) return TokenFault::expired;
  if (claims.issued_at > now + clock_skew) return TokenFault::not_yet_valid;
  return claims;
}

}  // namespace troupe::gateway
