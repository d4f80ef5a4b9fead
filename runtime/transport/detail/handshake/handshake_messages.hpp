#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <troupe/transport/identity.hpp>
#include <troupe/transport/refusal.hpp>
#include <troupe/wire/bytes.hpp>

/// The messages of the handshake, as docs/wire.md has them: keyed MessagePack, so that versions may add fields.
namespace troupe::transport::detail {

inline constexpr std::string_view magic = "TROUPE";
inline constexpr std::uint16_t wire_version = 2;
inline constexpr std::size_t preface_size = 8;
inline constexpr std::size_t nonce_size = 32;
inline constexpr std::size_t max_name = 128;
inline constexpr std::uint32_t max_loops = 1024;

/// Magic and version: what each end sends first.
std::array<std::byte, preface_size> preface();
/// A refusal where the octets, which are all of it, are no preface of this version.
std::optional<Refusal> check_preface(std::span<const std::byte, preface_size> octets);

struct Hello {
  std::string cluster;
  std::string role;
  std::string name;
  std::uint64_t incarnation = 0;
  Uuid instance;
  Bytes nonce;
  std::uint32_t loops = 1;
  std::uint32_t from_loop = 0;
  std::uint32_t to_loop = 0;
  std::optional<std::string> to_name;
};

struct Challenge {
  std::string cluster;
  std::string name;
  std::uint64_t incarnation = 0;
  Uuid instance;
  Bytes nonce;
  std::uint32_t loops = 1;
};

/// The body of a proof and of a welcome, which stands behind the 32 octets that prove the secret.
struct Terms {
  std::uint32_t loop = 0;    ///< of a welcome: the one that reads this link
  std::uint32_t window = 0;  ///< the credit that the other end begins with
  std::uint32_t max_frame = 0;
  Facts facts;
  Fingerprints protocols;
  std::optional<Features> features;  ///< of an end that has none, or of an earlier version: absent
};

struct Refused {
  std::string reason;
  std::string detail;
};

Bytes encode(const Hello& hello);
Bytes encode(const Challenge& challenge);
Bytes encode(const Terms& terms);
Bytes encode(const Refusal& refusal);
/// Empty for what is malformed or keeps no rule of its fields.
std::optional<Hello> decode_hello(std::span<const std::byte> octets);
std::optional<Challenge> decode_challenge(std::span<const std::byte> octets);
std::optional<Terms> decode_terms(std::span<const std::byte> octets);
Refusal decode_refusal(std::span<const std::byte> octets);

using Proof = std::array<std::byte, 32>;
enum class Side : std::uint8_t { dialer, acceptor };

/// HMAC-SHA256 with the secret over the side and all that was said: both nonces, roles and identities among it.
Proof prove(std::string_view secret, Side side, std::span<const std::byte> hello, std::span<const std::byte> challenge,
            std::span<const std::byte> terms);
/// In a time that does not tell where they differ.
bool equal(std::span<const std::byte> proof, const Proof& expected);

/// Names the first that differs.
std::optional<Refusal> compare_facts(const Facts& own, const Facts& theirs, const std::string& their_name);

}  // namespace troupe::transport::detail
