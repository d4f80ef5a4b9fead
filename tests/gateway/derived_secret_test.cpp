#include <troupe/gateway/derived_secret.hpp>

#include <gtest/gtest.h>

#include <string>

#include <troupe/wire/hex.hpp>

namespace troupe::gateway {
namespace {

std::string derived(std::string_view secret, std::string_view purpose) {
  std::string text;
  append_hex(text, derived_secret(secret, purpose));
  return text;
}

TEST(DerivedSecret, IsWhatOthersDeriveByTheSameStandard) {
  std::string secret;
  for (char c = 0; c < 32; ++c) secret.push_back(c);
  EXPECT_EQ(derived(secret, "links"), "f4862172602fb9d8450347e933e81e9dbb929cb6d91989fe190166a8195f2a3b");
  EXPECT_EQ(derived(secret, "token-key"), "ebb6dafe05586f1d676f90e835f912fc1c36544710a046bb2587db3d62d09ab6");
}

TEST(DerivedSecret, DiffersByItsPurposeAndItsSecret) {
  EXPECT_NE(derived("secret", "links"), derived("secret", "token-key"));
  EXPECT_NE(derived("secret", "links"), derived("another", "links"));
}

}  // namespace
}  // namespace troupe::gateway
