#include <troupe/topology/loader.hpp>

#include "tests/topology/shop_catalog.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace troupe::topology {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* secret_in_base64url = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
constexpr const char* secret_in_hex = "000102030405060708090a0b0c0d0E0F101112131415161718191a1b1c1d1e1f";

Checked<Topology> with(const std::string& secret, const Environment& variables = environment()) {
  Catalog catalog = shop_catalog();
  catalog.application = "shop";
  const std::string text =
      "name = \"t\"\nsecret = " + secret + "\n[nodes.main]\nhosts = [\"gateway\", \"user\", \"product\", \"order\"]\n";
  return parse(text, "t.toml", catalog, variables);
}

std::vector<std::string> octets_of(const std::string& secret) {
  const auto loaded = with(secret);
  EXPECT_TRUE(loaded) << (loaded.faults.empty() ? "" : to_string(loaded.faults[0]));
  return loaded ? loaded.value->secrets : std::vector<std::string>{};
}

std::vector<std::string> secret_faults(const std::string& secret, const Environment& variables = environment()) {
  std::vector<std::string> lines;
  for (const auto& fault : with(secret, variables).faults) lines.push_back(to_string(fault));
  return lines;
}

std::string in_quotes(const std::string& text) { return '"' + text + '"'; }

std::string counted_octets() {
  std::string octets;
  for (char c = 0; c < 32; ++c) octets.push_back(c);
  return octets;
}

TEST(Secrets, AreOctetsInEitherWriting) {
  EXPECT_THAT(octets_of(in_quotes(secret_in_base64url)), ElementsAre(counted_octets()));
  EXPECT_THAT(octets_of(in_quotes(secret_in_hex)), ElementsAre(counted_octets()));
  EXPECT_THAT(octets_of("\"\""), IsEmpty());
  EXPECT_THAT(octets_of("[]"), IsEmpty());
}

TEST(Secrets, AreSeveralWhileOneIsReplaced) {
  const std::string other(43, 'A');
  EXPECT_THAT(octets_of("[" + in_quotes(other) + ", " + in_quotes(secret_in_base64url) + "]"),
              ElementsAre(std::string(32, '\0'), counted_octets()));
  EXPECT_THAT(octets_of("[" + in_quotes(secret_in_base64url) + ", \"\"]"), ElementsAre(counted_octets()))
      << "${OLD_SECRET:-} is none where there is no old one";
}

TEST(Secrets, AreRefusedInTheirPlaceWhereTheyAreShort) {
  const std::string hint = "; make one with `shop secret`";
  EXPECT_THAT(secret_faults("\"0123456789abcdef\""),
              ElementsAre("t.toml:2:10: `secret` has 8 octets, and needs 32" + hint));
  EXPECT_THAT(secret_faults(in_quotes(std::string(secret_in_base64url).substr(0, 42))),
              ElementsAre("t.toml:2:10: `secret` is neither base64url without padding nor hexadecimal" + hint));
  EXPECT_THAT(secret_faults(in_quotes(std::string(40, 'Z'))),
              ElementsAre("t.toml:2:10: `secret` has 30 octets, and needs 32" + hint));
  EXPECT_THAT(secret_faults("\"a secret of many words that nobody guesses\""),
              ElementsAre("t.toml:2:10: `secret` is neither base64url without padding nor hexadecimal" + hint));
  EXPECT_THAT(secret_faults(in_quotes(secret_in_hex).substr(0, 59) + "\""),
              ElementsAre("t.toml:2:10: `secret` has 29 octets, and needs 32" + hint))
      << "digits that could be either are hexadecimal";
  EXPECT_THAT(secret_faults("\"${SECRET}\"", environment({{"SECRET", "swordfish"}})),
              ElementsAre(testing::StartsWith("t.toml:2:10: `secret` ")));
}

TEST(Secrets, AreRefusedOneByOneInAList) {
  EXPECT_THAT(secret_faults("[" + in_quotes(secret_in_base64url) + ", \"00\", 7]"),
              testing::UnorderedElementsAre(testing::StartsWith("t.toml:2:58: `secret` has 1 octets"),
                                            testing::StartsWith("t.toml:2:64: `secret` holds a whole number")));
  EXPECT_THAT(secret_faults("[\"\", " + in_quotes(secret_in_base64url) + "]"),
              ElementsAre(testing::StartsWith("t.toml:2:11: the first item of `secret` is empty")));
}

TEST(Secrets, AreShownByNoFault) {
  for (const auto& secret : {in_quotes("c0ffee"), in_quotes("swordfish"), "[" + in_quotes("swordfish") + "]"}) {
    for (const auto& line : secret_faults(secret)) {
      EXPECT_THAT(line, testing::Not(testing::AnyOf(testing::HasSubstr("c0ffee"), testing::HasSubstr("swordfish"))));
    }
  }
}

}  // namespace
}  // namespace troupe::topology
