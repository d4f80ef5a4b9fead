#include "actors/user/password.hpp"

#include <gtest/gtest.h>

namespace shop::user {
namespace {

constexpr troupe::Uuid salt{0x0102030405060708, 0x090a0b0c0d0e0f10};

TEST(Password, IsTheOneOfItsHashAndNoOther) {
  const std::string hash = hash_password("correct horse", salt);
  EXPECT_TRUE(is_password(hash, "correct horse"));
  EXPECT_FALSE(is_password(hash, "Correct horse"));
  EXPECT_FALSE(is_password(hash, ""));
  EXPECT_FALSE(is_password(std::nullopt, "correct horse"));
}

TEST(Password, IsHashedInTheStandardForm) {
  const std::string hash = hash_password("correct horse", salt);
  EXPECT_TRUE(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$AQIDBAUGBwgJCgsMDQ4PEA$")) << hash;
  EXPECT_EQ(hash, hash_password("correct horse", salt));
  EXPECT_NE(hash, hash_password("correct horse", troupe::Uuid{1, 2}));
}

TEST(Password, MayHoldAnyBytes) {
  const std::string odd("nul\0 and \xff", 10);
  const std::string hash = hash_password(odd, salt);
  EXPECT_TRUE(is_password(hash, odd));
  EXPECT_FALSE(is_password(hash, odd.substr(0, 3)));
}

TEST(Password, MatchesNoHashThatIsNone) { EXPECT_FALSE(is_password("$argon2id$v=19$nonsense", "correct horse")); }

}  // namespace
}  // namespace shop::user
