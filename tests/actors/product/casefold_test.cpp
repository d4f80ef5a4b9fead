#include "actors/product/casefold.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace shop::product {
namespace {

TEST(Casefold, MakesNamesFoundByAPartWithoutRegardToCase) {
  const std::vector<std::pair<std::string, std::string>> finds{
      {"Xylophone", "xyLO"},    {"Bratäpfel", "ÄPFEL"}, {"ÉCLAIR", "clair"}, {"éclair two", "ÉCLAIR"},
      {"Чай чёрный", "ЧЁРНЫЙ"}, {"ΚΑΦΕΣ", "καφε"},      {"καφές", "ΚΑΦΈΣ"},  {"Straße", "STRASSE"},
      {"100% wool", "0% w"},    {"snake_case", "E_C"},  {"İstanbul", "İST"}, {"back\\slash", "k\\S"}};
  for (const auto& [name, part] : finds) {
    EXPECT_NE(casefold(name).find(casefold(part)), std::string::npos) << name << " by " << part;
  }
}

TEST(Casefold, TakesComposedAndDecomposedAccentsForTheSame) {
  EXPECT_EQ(casefold("e\u0301clair"), casefold("\u00c9CLAIR"));
}

TEST(Casefold, KeepsLettersWithAndWithoutAccentsApart) {
  EXPECT_EQ(casefold("É").find(casefold("e")), std::string::npos);
}

TEST(Casefold, KeepsWhatHasNoCase) {
  EXPECT_EQ(casefold(""), "");
  EXPECT_EQ(casefold("茶 🍵 42"), "茶 🍵 42");
  EXPECT_EQ(casefold(std::string("a\0B", 3)), std::string("a\0b", 3));
  EXPECT_EQ(casefold("\xff"), "\xff") << "no UTF-8";
}

}  // namespace
}  // namespace shop::product
