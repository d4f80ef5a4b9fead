#include "actors/product/fold.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace shop::product {
namespace {

TEST(Fold, MakesNamesFoundByAPartWithoutRegardToCase) {
  const std::vector<std::pair<std::string, std::string>> finds{
      {"Xylophone", "xyLO"},    {"Bratäpfel", "ÄPFEL"}, {"ÉCLAIR", "clair"}, {"éclair two", "ÉCLAIR"},
      {"Чай чёрный", "ЧЁРНЫЙ"}, {"ΚΑΦΕΣ", "καφε"},      {"καφές", "ΚΑΦΈΣ"},  {"Straße", "STRASSE"},
      {"100% wool", "0% w"},    {"snake_case", "E_C"},  {"İstanbul", "İST"}, {"back\\slash", "k\\S"}};
  for (const auto& [name, part] : finds) {
    EXPECT_NE(fold(name).find(fold(part)), std::string::npos) << name << " by " << part;
  }
}

TEST(Fold, TakesComposedAndDecomposedAccentsForTheSame) { EXPECT_EQ(fold("e\u0301clair"), fold("\u00c9CLAIR")); }

TEST(Fold, KeepsLettersWithAndWithoutAccentsApart) { EXPECT_EQ(fold("É").find(fold("e")), std::string::npos); }

TEST(Fold, KeepsWhatHasNoCase) {
  EXPECT_EQ(fold(""), "");
  EXPECT_EQ(fold("茶 🍵 42"), "茶 🍵 42");
  EXPECT_EQ(fold(std::string("a\0B", 3)), std::string("a\0b", 3));
  EXPECT_EQ(fold("\xff"), "\xff") << "no UTF-8";
}

}  // namespace
}  // namespace shop::product
