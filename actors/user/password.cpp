#include "actors/user/password.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <array>
#include <new>
#include <stdexcept>
#include <string_view>

namespace shop::user {

namespace {

constexpr unsigned long long passes = 2;
constexpr std::size_t memory_kibibytes = 19 * 1024;
constexpr std::size_t hash_bytes = 32;

using Salt = std::array<std::byte, 16>;
using Hash = std::array<unsigned char, hash_bytes>;
static_assert(sizeof(Salt) == crypto_pwhash_argon2id_SALTBYTES);

/// Chooses the fastest implementation that this processor has, once.
void start_sodium() {
  static const bool started = sodium_init() >= 0;
  if (!started) throw std::runtime_error("libsodium can't be started");
}

Hash derive(std::string_view password, const Salt& salt) {
  Hash hash;
  const int failed = crypto_pwhash_argon2id(hash.data(), hash.size(), password.data(), password.size(),
                                            reinterpret_cast<const unsigned char*>(salt.data()), passes,
                                            memory_kibibytes * 1024, crypto_pwhash_argon2id_ALG_ARGON2ID13);
  if (failed != 0) throw std::bad_alloc();  // its only failure within these limits
  return hash;
}

std::string base64(const void* bytes, std::size_t size) {
  constexpr int variant = sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
  std::string text(sodium_base64_encoded_len(size, variant), '\0');
  sodium_bin2base64(text.data(), text.size(), static_cast<const unsigned char*>(bytes), size, variant);
  text.pop_back();  // the terminator
  return text;
}

}  // namespace

std::string hash_password(troupe::Secret password, troupe::Uuid salt) {
  start_sodium();
  const Salt salt_bytes = troupe::to_bytes(salt);
  const Hash hash = derive(password.reveal(), salt_bytes);
  return fmt::format("$argon2id$v=19$m={},t={},p=1${}${}", memory_kibibytes, passes,
                     base64(salt_bytes.data(), salt_bytes.size()), base64(hash.data(), hash.size()));
}

bool is_password(std::optional<std::string> hash, troupe::Secret password) {
  start_sodium();
  if (!hash) {
    static_cast<void>(derive(password.reveal(), Salt{}));
    return false;
  }
  const std::string_view text = password.reveal();
  return crypto_pwhash_argon2id_str_verify(hash->c_str(), text.data(), text.size()) == 0;
}

}  // namespace shop::user
