#include <openssl/hmac.h>

#include <boost/json.hpp>
#include <cstdint>

#include "tests/shop/shop_test.hpp"

namespace shop::testing {
namespace {

// 32 bytes each, base64url without padding, as SHOP_TOKEN_KEY takes them.
constexpr std::string_view own_key_bytes = "0123456789abcdef0123456789abcdef";
constexpr std::string_view other_key_bytes = "fedcba9876543210fedcba9876543210";

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string encode(std::string_view bytes) {
  std::string result;
  std::uint32_t pending = 0;
  int bits = 0;
  for (const unsigned char byte : bytes) {
    pending = (pending << 8) | byte;
    for (bits += 8; bits >= 6; bits -= 6) result += alphabet[(pending >> (bits - 6)) & 63];
  }
  if (bits > 0) result += alphabet[(pending << (6 - bits)) & 63];
  return result;
}

std::string decode(std::string_view text) {
  std::string result;
  std::uint32_t pending = 0;
  int bits = 0;
  for (const char letter : text) {
    pending = (pending << 6) | static_cast<std::uint32_t>(alphabet.find(letter));
    bits += 6;
    if (bits >= 8) result += static_cast<char>((pending >> (bits -= 8)) & 255);
  }
  return result;
}

struct Token {
  boost::json::object header;
  boost::json::object claims;
};

Token taken_apart(std::string_view token) {
  const auto first = token.find('.');
  const auto second = token.find('.', first + 1);
  return {boost::json::parse(decode(token.substr(0, first))).as_object(),
          boost::json::parse(decode(token.substr(first + 1, second - first - 1))).as_object()};
}

std::string unsigned_part(const Token& token) {
  return encode(boost::json::serialize(token.header)) + '.' + encode(boost::json::serialize(token.claims));
}

std::string signed_with(std::string_view key, const Token& token, const EVP_MD* digest = EVP_sha256()) {
  const auto part = unsigned_part(token);
  std::string signature(EVP_MAX_MD_SIZE, '\0');
  unsigned length = 0;
  HMAC(digest, key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(part.data()),
       part.size(), reinterpret_cast<unsigned char*>(signature.data()), &length);
  return part + '.' + encode(std::string_view{signature}.substr(0, length));
}

ShopOptions with_token_key(std::string_view bytes) {
  return {.environment = with_admin({{"SHOP_TOKEN_KEY", encode(bytes)}})};
}

class Tokens : public ::testing::Test {
 protected:
  ::testing::AssertionResult is_refused(const std::string& token) {
    Session session{shop_.address()};
    return is_problem(session.get("/orders", {{"Authorization", "Bearer " + token}}), 401, "unauthenticated");
  }

  RunningShop shop_{with_token_key(own_key_bytes)};
  User user_ = sign_up(shop_.address());
  Token token_ = taken_apart(user_.session.token());
};

TEST_F(Tokens, AreSignedWithTheGivenKeyByHs256) {
  EXPECT_EQ(token_.header.at("alg"), "HS256");
  ASSERT_TRUE(token_.claims.contains("exp"));
  Session again{shop_.address(), signed_with(own_key_bytes, token_)};
  EXPECT_TRUE(has_status(again.get("/orders"), 200)) << "or none of the forgeries below proves anything";
}

TEST_F(Tokens, OfAnotherKeyAreRefused) { EXPECT_TRUE(is_refused(signed_with(other_key_bytes, token_))); }

TEST_F(Tokens, ThatHaveExpiredAreRefused) {
  auto expired = token_;
  expired.claims["exp"] = expired.claims.at("exp").to_number<std::int64_t>() - 13 * 3600;
  if (expired.claims.contains("iat"))
    expired.claims["iat"] = expired.claims.at("iat").to_number<std::int64_t>() - 13 * 3600;
  EXPECT_TRUE(is_refused(signed_with(own_key_bytes, expired)));
}

TEST_F(Tokens, WithChangedClaimsAreRefused) {
  auto changed = token_;
  changed.claims["exp"] = changed.claims.at("exp").to_number<std::int64_t>() + 1;
  const auto& genuine = user_.session.token();
  EXPECT_TRUE(is_refused(unsigned_part(changed) + genuine.substr(genuine.rfind('.'))));
}

TEST_F(Tokens, WithoutASignatureAreRefused) {
  for (const auto* algorithm : {"none", "None", "NONE", ""}) {
    auto naked = token_;
    naked.header["alg"] = algorithm;
    EXPECT_TRUE(is_refused(unsigned_part(naked) + '.')) << algorithm;
    EXPECT_TRUE(is_refused(unsigned_part(naked))) << algorithm;
    EXPECT_TRUE(is_refused(signed_with(own_key_bytes, naked))) << algorithm;
  }
  EXPECT_TRUE(is_refused(unsigned_part(token_) + '.'));
}

TEST_F(Tokens, OfAnotherAlgorithmAreRefused) {
  auto other = token_;
  other.header["alg"] = "HS512";
  EXPECT_TRUE(is_refused(signed_with(own_key_bytes, other, EVP_sha512())));
  other.header["alg"] = "RS256";
  EXPECT_TRUE(is_refused(signed_with(own_key_bytes, other)));
}

TEST_F(Tokens, WithStrangeClaimsDoNoHarm) {
  for (const auto& claim : token_.claims) {
    auto lacking = token_;
    lacking.claims.erase(claim.key());
    auto mistyped = token_;
    mistyped.claims[claim.key()] = boost::json::array{1};
    for (const auto& strange : {lacking, mistyped}) {
      Session session{shop_.address(), signed_with(own_key_bytes, strange)};
      EXPECT_LT(session.get("/orders").status, 500) << claim.key();
    }
  }
}

TEST_F(Tokens, ThatNeverExpireAreRefused) {
  auto eternal = token_;
  eternal.claims.erase("exp");
  EXPECT_TRUE(is_refused(signed_with(own_key_bytes, eternal)));
}

TEST_F(Tokens, ThatAreNoTokensAreRefused) {
  const auto& genuine = user_.session.token();
  for (const auto& text :
       {std::string{"x"}, std::string{"."}, std::string{".."}, std::string{"a.b.c"}, std::string{"a.b.c.d"},
        genuine + "x", genuine + ".", "x" + genuine, genuine.substr(0, genuine.size() - 2), std::string(8'000, 'a'),
        std::string(8'000, '.'), genuine + " " + genuine}) {
    EXPECT_TRUE(is_refused(text)) << text.substr(0, 60);
  }
  Session session{shop_.address()};
  for (const auto* header : {"Bearer", "Bearer ", "Basic YTpi", "Digest x", "nonsense"}) {
    EXPECT_TRUE(is_problem(session.get("/orders", {{"Authorization", header}}), 401, "unauthenticated")) << header;
  }
}

TEST_F(Tokens, ThatAreNotValidAreRefusedOnEveryRoute) {
  Session session{shop_.address(), signed_with(other_key_bytes, token_)};
  for (const auto* target : {"/products", "/products/x", "/orders", "/orders/x", "/orders/x/status", "/users/x",
                             "/payments?order_id=x", "/openapi.json", "/docs"}) {
    EXPECT_TRUE(is_problem(session.get(target), 401, "unauthenticated")) << target;
  }
  for (const auto* target : {"/users", "/sessions", "/products", "/orders", "/products/x/stock", "/orders/x/payment",
                             "/orders/x/shipment"}) {
    EXPECT_TRUE(is_problem(session.post(target, {{"a", 1}}), 401, "unauthenticated")) << target;
  }
}

TEST_F(Tokens, LastThroughARestartAndEndWithTheirKey) {
  EXPECT_EQ(shop_.process().stop().code, 0);
  shop_.start_again();
  Session again{shop_.address(), user_.session.token()};
  EXPECT_TRUE(has_status(again.get("/orders"), 200));
  EXPECT_EQ(shop_.process().stop().code, 0);
  shop_.options() = with_token_key(other_key_bytes);
  shop_.start_again();
  Session late{shop_.address(), user_.session.token()};
  EXPECT_TRUE(is_problem(late.get("/orders"), 401, "unauthenticated"));
}

TEST(TokenKeys, AreMadeAtTheFirstStartAndKept) {
  RunningShop shop;
  const auto user = sign_up(shop.address());
  shop.process().kill();
  shop.start_again();
  Session again{shop.address(), user.session.token()};
  EXPECT_TRUE(has_status(again.get("/orders"), 200));
  RunningShop other;
  Session foreign{other.address(), user.session.token()};
  EXPECT_TRUE(is_problem(foreign.get("/orders"), 401, "unauthenticated")) << "every installation has a key of its own";
}

TEST(TokenKeys, OfTheWrongFormEndTheStart) {
  for (const auto& key : {encode(own_key_bytes.substr(1)), std::string{"hush-hush"}, std::string(43, '!')}) {
    const TemporaryFolder folder;
    write_text(folder.path() / "topology.toml", monolith({}));
    const auto ended = run_to_end(
        shop_command(folder.path(), {"run", "--topology", "topology.toml"}, with_admin({{"SHOP_TOKEN_KEY", key}})));
    EXPECT_EQ(ended.exit.code, 2) << "another start can't help; signal " << ended.exit.signal;
    EXPECT_NE(ended.error.find("SHOP_TOKEN_KEY"), std::string::npos) << ended.error;
    EXPECT_EQ(ended.error.find(key), std::string::npos) << "a secret stays out of the logs";
  }
}

}  // namespace
}  // namespace shop::testing
