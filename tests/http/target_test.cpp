#include <troupe/http/target.hpp>

#include <gmock/gmock.h>

#include <troupe/http/http.hpp>

namespace troupe::http {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Target, HasAPathAndAQuery) {
  struct Row {
    std::string target, path, query;
  };
  for (const Row& row : std::vector<Row>{
           {"/", "/", ""},
           {"/a/b?c=d", "/a/b", "c=d"},
           {"/a?", "/a", ""},
           {"/a??b", "/a", "?b"},
           {"*", "*", ""},
           {"http://host:80/a?b", "/a", "b"},
           {"http://host", "/", ""},
           {"http://host?b", "/", "b"},
           {"/go?to=http://x/y", "/go", "to=http://x/y"},
           {"host:443", "host:443", ""},
       }) {
    Request request;
    request.target = row.target;
    EXPECT_EQ(request.path(), row.path) << row.target;
    EXPECT_EQ(request.query(), row.query) << row.target;
  }
}

TEST(Target, SplitsAPathIntoSegments) {
  EXPECT_THAT(split_path("/"), IsEmpty());
  EXPECT_THAT(split_path(""), IsEmpty());
  EXPECT_THAT(split_path("/a"), ElementsAre("a"));
  EXPECT_THAT(split_path("/a/b%2Fc"), ElementsAre("a", "b%2Fc"));
  EXPECT_THAT(split_path("/a/"), ElementsAre("a", ""));
  EXPECT_THAT(split_path("//a"), ElementsAre("", "a"));
}

TEST(Target, DecodesEscapes) {
  EXPECT_EQ(percent_decode(""), "");
  EXPECT_EQ(percent_decode("plain+text"), "plain+text");
  EXPECT_EQ(percent_decode("a%20b%2fC%2F"), "a b/C/");
  EXPECT_EQ(percent_decode("%E2%82%AC"), "\u20ac");
}

TEST(Target, RefusesBrokenEscapesAndWhatIsNotUtf8) {
  for (const std::string_view bad :
       {"%", "%2", "a%", "%zz", "%2x", "%%20", "%FF", "%C0%80", "%ED%A0%80", "%E2%82", "\xff"}) {
    EXPECT_EQ(percent_decode(bad), std::nullopt) << bad;
  }
}

TEST(Query, HasDecodedParametersInTheirOrder) {
  const Query query = parse_query("limit=10&q=a+b%2B&empty=&bare&&%63=d=e");
  EXPECT_THAT(query.faults, IsEmpty());
  EXPECT_THAT(query.parameters,
              ElementsAre(QueryParameter{"limit", "10"}, QueryParameter{"q", "a b+"}, QueryParameter{"empty", ""},
                          QueryParameter{"bare", ""}, QueryParameter{"c", "d=e"}));
  EXPECT_THAT(parse_query("").parameters, IsEmpty());
}

TEST(Query, TellsAllItsFaults) {
  const Query query = parse_query("a=1&b=%zz&a=2&c=%ff");
  EXPECT_THAT(query.faults, ElementsAre(Fault{"?b", "must be percent-encoded UTF-8"}, Fault{"?a", "must be given once"},
                                        Fault{"?c", "must be percent-encoded UTF-8"}));
}

TEST(Query, HasABoundedNumberOfParameters) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "&p" + std::to_string(i);
  const Query query = parse_query(text);
  EXPECT_EQ(query.parameters.size(), 64u);
  EXPECT_THAT(query.faults, ElementsAre(Fault{"?", "must have at most 64 parameters"}));
}

}  // namespace
}  // namespace troupe::http
