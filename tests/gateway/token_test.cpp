#include <troupe/gateway/token.hpp>

#include <gtest/gtest.h>
#include <sodium.h>

#include <troupe/wire/bytes.hpp>

namespace troupe::gateway {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

constexpr sys_seconds now{seconds(1'800'000'000)};

TokenKey key_of(std::uint8_t fill) {
  TokenKey key;
  key.fill(fill);
  return key;
}

TokenClaims claims() {
  return {.subject = "u-1", .role = "customer", .issued_at = now, .expires_at = now + seconds(60), .generation = 7};
}

std::string encode(std::string_view text) {
  const auto* bytes = reinterpret_cast<const std::byte*>(text.data());
  return troupe::to_base64url(Bytes(bytes, bytes + text.size()));
}

/// A token of any header and payload, signed as a holder of the key would.
std::string sign(const TokenKey& key, std::string_view header, std::string_view payload) {
  const std::string text = encode(header) + "." + encode(payload);
  std::array<unsigned char, crypto_auth_hmacsha256_BYTES> signature;
  crypto_auth_hmacsha256(signature.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                         key.data());
  return text + "." + encode({reinterpret_cast<const char*>(signature.data()), signature.size()});
}

std::string fault_of(const std::variant<TokenClaims, TokenFault>& outcome) {
  const auto* fault = std::get_if<TokenFault>(&outcome);
  return fault ? std::string(to_string(*fault)) : "accepted";
}

constexpr std::string_view header = R"({"alg":"HS256","typ":"JWT"})";
constexpr std::string_view payload = R"({"sub":"u-1","role":"customer","iat":1800000000,"exp":1800000060,"gen":7})";

TEST(Token, CarriesItsClaims) {
  const TokenSigner signer(key_of(1));
  const auto outcome = signer.verify(signer.issue(claims()), now);
  ASSERT_TRUE(std::holds_alternative<TokenClaims>(outcome)) << fault_of(outcome);
  EXPECT_EQ(std::get<TokenClaims>(outcome), claims());
}

TEST(Token, IsAJsonWebToken) {
  const TokenSigner signer(key_of(1));
  EXPECT_EQ(signer.issue(claims()), sign(key_of(1), header, payload));
}

TEST(Token, IsGoodWhileItsKeyIsReplaced) {
  const std::array<TokenKey, 2> keys{key_of(2), key_of(1)};
  const TokenSigner both(keys);
  EXPECT_EQ(both.issue(claims()), sign(key_of(2), header, payload)) << "the first signs";
  EXPECT_EQ(fault_of(both.verify(sign(key_of(2), header, payload), now)), "accepted");
  EXPECT_EQ(fault_of(both.verify(sign(key_of(1), header, payload), now)), "accepted");
  EXPECT_EQ(fault_of(both.verify(sign(key_of(3), header, payload), now)), "forged");
}

TEST(Token, ExpiresAtItsTime) {
  const TokenSigner signer(key_of(1));
  const std::string token = signer.issue(claims());
  EXPECT_EQ(fault_of(signer.verify(token, now + seconds(59))), "accepted");
  EXPECT_EQ(fault_of(signer.verify(token, now + seconds(60))), "expired");
}

TEST(Token, IsNotAcceptedBeforeItsIssueBeyondTheSkew) {
  const TokenSigner signer(key_of(1));
  const std::string token = signer.issue(claims());
  EXPECT_EQ(fault_of(signer.verify(token, now - TokenSigner::clock_skew)), "accepted");
  EXPECT_EQ(fault_of(signer.verify(token, now - TokenSigner::clock_skew - seconds(1))), "not_yet_valid");
}

TEST(Token, OfAnotherKeyIsForged) {
  EXPECT_EQ(fault_of(TokenSigner(key_of(1)).verify(TokenSigner(key_of(2)).issue(claims()), now)), "forged");
}

TEST(Token, TakesOnlyItsOwnAlgorithm) {
  const TokenSigner signer(key_of(1));
  const std::vector<std::pair<std::string_view, std::string_view>> headers{
      {R"({"typ":"JWT","alg":"HS256"})", "accepted"},
      {R"({"alg":"HS256"})", "accepted"},
      {R"({"alg":"HS256","kid":"k1"})", "accepted"},
      {R"({"alg":"none"})", "forged"},
      {R"({"alg":"None","typ":"JWT"})", "forged"},
      {R"({"alg":"hs256","typ":"JWT"})", "forged"},
      {R"({"alg":"HS512","typ":"JWT"})", "forged"},
      {R"({"alg":"RS256","typ":"JWT"})", "forged"},
      {R"({"typ":"JWT"})", "forged"},
      {R"({"alg":"HS256","typ":"JWE"})", "forged"},
      {R"({"alg":"HS256","crit":["exp"]})", "forged"},
      {R"({"alg":"HS256","alg":"none"})", "forged"},
      {R"(["HS256"])", "forged"},
      {"", "forged"},
  };
  for (const auto& [text, expected] : headers) {
    EXPECT_EQ(fault_of(signer.verify(sign(key_of(1), text, payload), now)), expected) << text;
  }
}

TEST(Token, WithoutASignatureIsForged) {
  const TokenSigner signer(key_of(1));
  const std::string unsigned_token = encode(R"({"alg":"none"})") + "." + encode(payload) + ".";
  EXPECT_EQ(fault_of(signer.verify(unsigned_token, now)), "forged");
}

TEST(Token, ChangedAnywhereIsRefused) {
  const TokenSigner signer(key_of(1));
  const std::string token = signer.issue(claims());
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_NE(fault_of(signer.verify(changed, now)), "accepted") << "at " << i;
    EXPECT_NE(fault_of(signer.verify(token.substr(0, i), now)), "accepted") << "cut at " << i;
  }
}

TEST(Token, OfABrokenFormIsMalformed) {
  const TokenSigner signer(key_of(1));
  const std::string good = signer.issue(claims());
  const std::string no_signature = good.substr(0, good.rfind('.'));
  const std::vector<std::string> bad{
      "",
      ".",
      "..",
      "...",
      "a.b",
      good + ".",
      good + "=",
      good + " ",
      " " + good,
      no_signature,
      std::string(2000, 'a'),
      good + std::string(2000, 'a'),
      no_signature + ".!!!!",
  };
  for (const std::string& token : bad) EXPECT_NE(fault_of(signer.verify(token, now)), "accepted") << token;
}

TEST(Token, WithOtherClaimsIsMalformed) {
  const std::vector<std::string_view> payloads{
      "",
      "{}",
      "null",
      R"({"sub":"","role":"customer","iat":1800000000,"exp":1800000060,"gen":7})",
      R"({"sub":1,"role":"customer","iat":1800000000,"exp":1800000060,"gen":7})",
      R"({"sub":"u-1","role":"customer","iat":1800000000,"gen":7})",
      R"({"sub":"u-1","role":"customer","iat":1800000000,"exp":"1800000060","gen":7})",
      R"({"sub":"u-1","role":"customer","iat":1800000000,"exp":1e99,"gen":7})",
      R"({"sub":"u-1","role":"customer","iat":1800000000,"exp":1800000060,"gen":-1})",
      R"({"sub":"u-1","role":"customer","iat":1800000000,"exp":1800000060,"gen":7,"nbf":1})",
      R"({"sub":"u-1","role":"customer","iat":1800000000,"exp":1800000060,"gen":7)",
  };
  const TokenSigner signer(key_of(1));
  for (const std::string_view text : payloads) {
    EXPECT_EQ(fault_of(signer.verify(sign(key_of(1), header, text), now)), "malformed") << text;
  }
}

TEST(TokenKey, IsThirtyTwoBytesOfBase64url) {
  const TokenKey key = key_of(0xfb);
  const auto read = parse_token_key(to_base64url(key));
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, key);
  const std::string good = to_base64url(key);
  for (const std::string& bad : {std::string(), good.substr(1), good + "A", good + "=", "+" + good.substr(1),
                                 good.substr(0, 42) + "_", std::string("secret")}) {
    EXPECT_FALSE(parse_token_key(bad)) << bad;
  }
}

}  // namespace
}  // namespace troupe::gateway
