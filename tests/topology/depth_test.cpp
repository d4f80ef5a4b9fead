#include <troupe/topology/detail/depth.hpp>

#include <troupe/topology/loader.hpp>

#include "tests/topology/shop_catalog.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace troupe::topology {
namespace {

using detail::find_depth;

std::string repeated(std::string_view part, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += part;
  return text;
}

TEST(Depth, IsFoundWhereItBegins) {
  EXPECT_EQ(find_depth("x = 1\n" + repeated("a.", 20) + "b = 1\n"), (Position{2, 32, 0}));
  EXPECT_EQ(find_depth("[" + repeated("\"a\" . ", 20) + "b]\n")->line, 1U);
  EXPECT_EQ(find_depth("x = " + repeated("[", 17))->column, 21U);
  EXPECT_TRUE(find_depth("x = " + repeated("{a=", 17)));
  EXPECT_TRUE(find_depth("x = \"\"\"\"\"\"\"\"\n" + repeated("a.", 20))) << "quotes at the end of a long string";
  EXPECT_TRUE(find_depth("x = '''\n''\\'''\n" + repeated("a.", 20)));
  EXPECT_TRUE(find_depth("x = \"\\\"\" # \"\n" + repeated("a.", 20)));
  EXPECT_TRUE(find_depth("x = '\\'\n" + repeated("a.", 20)));
}

TEST(Depth, IsNoneInTextsAndComments) {
  const std::string deep = repeated("[.", 40);
  for (const std::string& text : {"x = \"" + deep + "\"\n", "x = '" + deep + "'\n", "# " + deep + "\n",
                                  "x = \"\"\"\n" + deep + "\\\"\"\"\" " + "\n", "x = '''\n''" + deep + "'''\n",
                                  std::string("x = [1.5, 2.5, 1979-05-27T07:32:00.999]\n"),
                                  "a.b.c.d.e.f = [[[[{ x.y = 1 }]]]]\n" + repeated("[a.b.c]\n", 1)}) {
    EXPECT_FALSE(find_depth(text)) << text;
  }
}

TEST(Depth, OfATopologyIsBounded) {
  for (const std::string& text : {repeated("a.", 20'000) + "b = 1\n", "[" + repeated("a.", 20'000) + "b]\n",
                                  "a = " + repeated("{ b.c = ", 200) + "1" + repeated("}", 200),
                                  "\"" + repeated("a\".\"", 20'000) + "b\" = 1\n"}) {
    const auto parsed = parse(text, "t.toml", shop_catalog(), environment());
    ASSERT_EQ(parsed.faults.size(), 1U);
    EXPECT_THAT(to_string(parsed.faults[0]), testing::HasSubstr("nested too deeply, or a key of too many parts; no "
                                                                "topology nests deeper than 16 levels"));
  }
}

}  // namespace
}  // namespace troupe::topology
