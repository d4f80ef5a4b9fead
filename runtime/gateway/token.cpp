#include <troupe/gateway/token.hpp>

#include <openssl/evp.h>
#include <sodium.h>

#include <algorithm>
#include <new>
#include <span>

#include <troupe/wire/bytes.hpp>
#include <troupe/wire/json.hpp>

namespace troupe::gateway {
namespace {

using Signature = std::array<std::uint8_t, 32>;

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
  const auto bytes = parse_base64url(part);
  if (!bytes) return std::nullopt;
  auto decoded = wire::from_json<T>({reinterpret_cast<const char*>(bytes->data()), bytes->size()});
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
  const auto bytes = parse_base64url(text);
  TokenKey key;
  if (!bytes || bytes->size() != key.size()) return std::nullopt;
  std::transform(bytes->begin(), bytes->end(), key.begin(),
                 [](std::byte byte) { return std::to_integer<std::uint8_t>(byte); });
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

/// HMAC (RFC 2104) whose two hashes have taken the key already. OpenSSL's own HMAC object would be used by one thread
/// at a time or cost four times as much in copying.
struct TokenSigner::KeyedState {
  explicit KeyedState(const TokenKey& key) : inner_(hash_of_padded(key, 0x36)), outer_(hash_of_padded(key, 0x5c)) {}

  Signature sign(std::string_view text) const {
    const Hash hash = new_hash();
    Signature digest;
    check(EVP_MD_CTX_copy_ex(hash.get(), inner_.get()));
    check(EVP_DigestUpdate(hash.get(), text.data(), text.size()));
    check(EVP_DigestFinal_ex(hash.get(), digest.data(), nullptr));
    check(EVP_MD_CTX_copy_ex(hash.get(), outer_.get()));
    check(EVP_DigestUpdate(hash.get(), digest.data(), digest.size()));
    check(EVP_DigestFinal_ex(hash.get(), digest.data(), nullptr));
    return digest;
  }

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  using Hash = std::unique_ptr<EVP_MD_CTX, Free>;

  static constexpr std::size_t block_bytes = 64;

  /// Only a lack of memory makes these fail.
  static void check(int succeeded) {
    if (succeeded != 1) throw std::bad_alloc();
  }
  static Hash new_hash() {
    Hash hash(EVP_MD_CTX_new());
    if (!hash) throw std::bad_alloc();
    return hash;
  }
  static Hash hash_of_padded(const TokenKey& key, std::uint8_t pad) {
    std::array<std::uint8_t, block_bytes> block;
    block.fill(pad);
    for (std::size_t i = 0; i < key.size(); ++i) block[i] ^= key[i];
    Hash hash = new_hash();
    check(EVP_DigestInit_ex(hash.get(), EVP_sha256(), nullptr));
    check(EVP_DigestUpdate(hash.get(), block.data(), block.size()));
    sodium_memzero(block.data(), block.size());
    return hash;
  }

  const Hash inner_;
  const Hash outer_;
};

TokenSigner::TokenSigner(const TokenKey& key) : TokenSigner(std::span(&key, 1)) {}

TokenSigner::TokenSigner(std::span<const TokenKey> keys) {
  for (const TokenKey& key : keys) states_.push_back(std::make_unique<const KeyedState>(key));
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
  const Signature signature = states_.front()->sign(token);
  token.push_back('.');
  append_base64url(token, signature);
  return token;
}

std::variant<TokenClaims, TokenFault> TokenSigner::verify(std::string_view token, std::chrono::sys_seconds now) const {
  if (token.size() > max_token_bytes) return TokenFault::malformed;
  const auto parts = split(token);
  if (!parts) return TokenFault::malformed;

  const auto signed_by = [&](const auto& state) {
    std::string own;
    append_base64url(own, state->sign(parts->signed_text));
    return parts->signature.size() == own.size() && sodium_memcmp(parts->signature.data(), own.data(), own.size()) == 0;
  };
  if (std::ranges::none_of(states_, signed_by)) return TokenFault::forged;
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
