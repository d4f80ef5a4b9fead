#include <troupe/transport/detail/handshake/handshake_messages.hpp>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstring>
#include <stdexcept>

#include <troupe/wire/big_endian.hpp>
#include <troupe/wire/msgpack.hpp>

namespace troupe::transport::detail {
namespace {

constexpr auto keyed = wire::Encoding::keyed;
constexpr std::size_t max_detail = 1024;
constexpr std::size_t shown_of_fact = 200;

bool is_loop_count(std::uint32_t loops) { return loops > 0 && loops <= max_loops; }

bool is_name(const std::string& name) { return !name.empty() && name.size() <= max_name; }

template <class T>
std::optional<T> decode(std::span<const std::byte> octets) {
  auto decoded = wire::from_msgpack<T>(octets, keyed);
  if (!decoded) return std::nullopt;
  return std::move(*decoded);
}

void append_part(Bytes& out, std::span<const std::byte> part) {
  const std::size_t at = out.size();
  out.resize(at + sizeof(std::uint32_t));
  wire::store_big_u32(out.data() + at, static_cast<std::uint32_t>(part.size()));
  out.insert(out.end(), part.begin(), part.end());
}

std::string shown(const std::string& value) {
  return value.size() <= shown_of_fact ? "\"" + value + "\"" : "\"" + value.substr(0, shown_of_fact) + "…\"";
}

std::string shown(const Facts& facts, const std::string& key) {
  const auto found = facts.find(key);
  return found == facts.end() ? "nothing" : shown(found->second);
}

}  // namespace

std::array<std::byte, preface_size> preface() {
  std::array<std::byte, preface_size> octets{};
  std::memcpy(octets.data(), magic.data(), magic.size());
  octets[6] = static_cast<std::byte>(wire_version >> 8);
  octets[7] = static_cast<std::byte>(wire_version & 0xff);
  return octets;
}

std::optional<Refusal> check_preface(std::span<const std::byte, preface_size> octets) {
  if (std::memcmp(octets.data(), magic.data(), magic.size()) != 0) {
    return Refusal{RefusalReason::malformed, "this is no link of a Troupe node"};
  }
  const unsigned version = (std::to_integer<unsigned>(octets[6]) << 8) | std::to_integer<unsigned>(octets[7]);
  if (version == wire_version) return std::nullopt;
  return Refusal{RefusalReason::wrong_version,
                 "one end speaks version " + std::to_string(version) + " of the link protocol, the other version " +
                     std::to_string(wire_version) + ": stop all nodes, and start them with one build"};
}

Bytes encode(const Hello& hello) { return wire::to_msgpack(hello, keyed); }
Bytes encode(const Challenge& challenge) { return wire::to_msgpack(challenge, keyed); }
Bytes encode(const Terms& terms) { return wire::to_msgpack(terms, keyed); }
Bytes encode(const Refusal& refusal) {
  return wire::to_msgpack(Refused{to_text(refusal.reason), refusal.detail.substr(0, max_detail)}, keyed);
}

std::optional<Hello> decode_hello(std::span<const std::byte> octets) {
  auto hello = decode<Hello>(octets);
  if (!hello || !is_name(hello->name) || !is_name(hello->cluster) || hello->nonce.size() != nonce_size ||
      !is_loop_count(hello->loops) || (hello->role != "node" && hello->role != "client")) {
    return std::nullopt;
  }
  return hello;
}

std::optional<Challenge> decode_challenge(std::span<const std::byte> octets) {
  auto challenge = decode<Challenge>(octets);
  if (!challenge || !is_name(challenge->name) || challenge->nonce.size() != nonce_size ||
      !is_loop_count(challenge->loops)) {
    return std::nullopt;
  }
  return challenge;
}

std::optional<Terms> decode_terms(std::span<const std::byte> octets) {
  auto terms = decode<Terms>(octets);
  if (!terms || terms->window == 0 || terms->max_frame == 0) return std::nullopt;
  return terms;
}

Refusal decode_refusal(std::span<const std::byte> octets) {
  auto refused = decode<Refused>(octets);
  if (!refused) return {RefusalReason::unknown, "the peer refused without a readable reason"};
  return {parse_refusal_reason(refused->reason), refused->detail.substr(0, max_detail)};
}

Proof prove(std::string_view secret, Side side, std::span<const std::byte> hello, std::span<const std::byte> challenge,
            std::span<const std::byte> terms) {
  const std::string_view label = side == Side::dialer ? "troupe dialer" : "troupe acceptor";
  Bytes said;
  append_part(said, std::as_bytes(std::span(label)));
  append_part(said, hello);
  append_part(said, challenge);
  append_part(said, terms);
  Proof proof{};
  // A null key would mean the one of the call before.
  const char* key = secret.empty() ? "" : secret.data();
  unsigned size = 0;
  if (HMAC(EVP_sha256(), key, static_cast<int>(secret.size()), reinterpret_cast<const unsigned char*>(said.data()),
           said.size(), reinterpret_cast<unsigned char*>(proof.data()), &size) == nullptr ||
      size != proof.size()) {
    throw std::runtime_error("OpenSSL computes no HMAC-SHA256");
  }
  return proof;
}

bool equal(std::span<const std::byte> proof, const Proof& expected) {
  return proof.size() == expected.size() && CRYPTO_memcmp(proof.data(), expected.data(), expected.size()) == 0;
}

std::optional<Refusal> compare_facts(const Facts& own, const Facts& theirs, const std::string& their_name) {
  auto mine = own.begin();
  auto other = theirs.begin();
  while (mine != own.end() || other != theirs.end()) {
    if (mine != own.end() && other != theirs.end() && *mine == *other) {
      ++mine;
      ++other;
      continue;
    }
    const bool ours_first = other == theirs.end() || (mine != own.end() && mine->first <= other->first);
    const std::string& key = ours_first ? mine->first : other->first;
    return Refusal{RefusalReason::differs,
                   key + " is " + shown(own, key) + " here, and " + shown(theirs, key) + " on " + their_name};
  }
  return std::nullopt;
}

}  // namespace troupe::transport::detail
