#include <troupe/gateway/derived_secret.hpp>

#include <sodium.h>

namespace troupe::gateway {

namespace {

const unsigned char* octets(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

}  // namespace

std::array<std::uint8_t, 32> derived_secret(std::string_view secret, std::string_view purpose) {
  // A key of the right length, however long the secret is.
  std::array<std::uint8_t, 32> key{};
  crypto_generichash(key.data(), key.size(), octets(secret), secret.size(), nullptr, 0);
  std::array<std::uint8_t, 32> derived{};
  crypto_generichash(derived.data(), derived.size(), octets(purpose), purpose.size(), key.data(), key.size());
  return derived;
}

}  // namespace troupe::gateway
