#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace troupe::gateway {

/// The secret that tokens are signed with.
using TokenKey = std::array<std::uint8_t, 32>;

/// Reads a key from base64url without padding; nothing unless it is 32 bytes.
std::optional<TokenKey> parse_token_key(std::string_view text);
std::string to_base64url(const TokenKey& key);

/// What a token says of who bears it.
struct TokenClaims {
  std::string subject;
  std::string role;
  std::chrono::sys_seconds issued_at;
  std::chrono::sys_seconds expires_at;
  std::uint64_t generation = 0;  ///< of the subject's sessions: a new password ends those of a lower one

  bool operator==(const TokenClaims&) const = default;
};

/// Why a token is not accepted; for logs and metrics, for a client hears one answer.
enum class TokenFault : std::uint8_t {
  malformed,
  forged,  ///< not signed with this key, or by another algorithm
  expired,
  not_yet_valid,  ///< issued in the future, beyond the skew of clocks
};

std::string_view to_string(TokenFault fault);

/// Issues and verifies JSON Web Tokens signed with HMAC-SHA256; the time is handed in.
///
/// Threads: const functions from any.
/// Source: RFC 7519, RFC 7515; the algorithm is fixed, as RFC 8725 advises.
class TokenSigner {
 public:
  /// How far ahead of ours the clock of another gateway may be.
  static constexpr std::chrono::seconds clock_skew{60};
  static constexpr std::size_t max_token_bytes = 1024;

  explicit TokenSigner(const TokenKey& key);
  /// Signs with the first, of at least one, and accepts tokens of all: keys that are being replaced.
  explicit TokenSigner(std::span<const TokenKey> keys);
  ~TokenSigner();
  TokenSigner(TokenSigner&&) noexcept;
  TokenSigner& operator=(TokenSigner&&) noexcept;

  std::string issue(const TokenClaims& claims) const;
  std::variant<TokenClaims, TokenFault> verify(std::string_view token, std::chrono::sys_seconds now) const;

 private:
  struct KeyedState;
  std::vector<std::unique_ptr<const KeyedState>> states_;  ///< HMAC after each key: copied for each token
};

}  // namespace troupe::gateway
