#include <troupe/testing/names.hpp>

#include <gtest/gtest.h>

#include <troupe/contract/page.hpp>
#include <troupe/wire/id.hpp>

namespace troupe::testing {
namespace {

const std::string one = to_text(Uuid{1, 2});
const std::string other = to_text(Uuid{3, 4});

TEST(Names, NumberIdsByTheirFirstAppearance) {
  Names names;
  EXPECT_EQ(names.normalise("/orders/" + other + "?user=" + one + "&again=" + other),
            "/orders/<id 1>?user=<id 2>&again=<id 1>");
}

TEST(Names, NumberNoIdThatIsToBeBlurredAndWasNotSeen) {
  Names names;
  names.normalise(one);
  EXPECT_EQ(names.normalise(one + ' ' + other, Names::Unknown::blur), "<id 1> <id>");
  EXPECT_EQ(names.normalise(other), "<id 2>");
}

TEST(Names, FindIdsWithinWordsAndInTextThatJsonHolds) {
  Names names;
  EXPECT_EQ(names.normalise("{u-" + one + "}/x_" + other), "{u-<id 1>}/x_<id 2>");
  EXPECT_EQ(names.normalise(R"("{\"id\":\")" + one + R"(\"}")"), R"("{\"id\":\"<id 1>\"}")");
}

TEST(Names, StandForTimesTokensDigestsAndHashes) {
  Names names;
  EXPECT_EQ(names.normalise(R"({"at":"2026-01-01T00:00:12.345Z"})"), R"({"at":"<time>"})");
  EXPECT_EQ(names.normalise("Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln-bmF_0dXJl"), "Bearer <token>");
  EXPECT_EQ(names.normalise("0123456789abcdef0123456789abcdef"), "<digest>");
  EXPECT_EQ(names.normalise(R"("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA","next")"), R"("<hash>","next")");
}

TEST(Names, TellWhereACursorStands) {
  Names names;
  names.normalise(one);
  EXPECT_EQ(names.normalise(wire::TextCodec<Cursor>::to_text(Cursor{Key(Uuid{1, 2})})), "<cursor at <id 1>>");
}

TEST(Names, LeaveOtherWordsAlone) {
  Names names;
  const std::string text = R"({"name":"Tea","price":{"amount":450},"email":"ada@shop.test","card":"4242424242424242"})";
  EXPECT_EQ(names.normalise(text), text);
}

TEST(Names, GiveTheSameValueTheSameName) {
  Names names;
  EXPECT_EQ(names.name("etag", "\"a\""), "<etag 1>");
  EXPECT_EQ(names.name("etag", "\"b\""), "<etag 2>");
  EXPECT_EQ(names.name("etag", "\"a\""), "<etag 1>");
}

}  // namespace
}  // namespace troupe::testing
