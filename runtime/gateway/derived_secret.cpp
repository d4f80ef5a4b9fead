#include <troupe/gateway/derived_secret.hpp>

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace troupe::gateway {

namespace {

struct Free {
  void operator()(EVP_KDF* kdf) const { EVP_KDF_free(kdf); }
  void operator()(EVP_KDF_CTX* context) const { EVP_KDF_CTX_free(context); }
};

/// OpenSSL's parameters are not const, but are only read here.
OSSL_PARAM octets(const char* name, std::string_view value) {
  return OSSL_PARAM_construct_octet_string(name, const_cast<char*>(value.data()), value.size());
}

}  // namespace

std::array<std::uint8_t, 32> derived_secret(std::string_view secret, std::string_view purpose) {
  const std::unique_ptr<EVP_KDF, Free> kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
  const std::unique_ptr<EVP_KDF_CTX, Free> context(kdf ? EVP_KDF_CTX_new(kdf.get()) : nullptr);
  const std::string label = "troupe " + std::string(purpose);
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
                                   octets(OSSL_KDF_PARAM_KEY, secret), octets(OSSL_KDF_PARAM_INFO, label),
                                   OSSL_PARAM_construct_end()};
  std::array<std::uint8_t, 32> derived{};
  if (!context || EVP_KDF_derive(context.get(), derived.data(), derived.size(), parameters) != 1) {
    throw std::runtime_error("OpenSSL derives no key by HKDF");
  }
  return derived;
}

}  // namespace troupe::gateway
