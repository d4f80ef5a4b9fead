#include <troupe/cli/schema_document.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using wire::Compatibility;
using wire::SchemaChange;

SchemaDocument shop() {
  MessageDocument get{"Get", Effect::read, Scope::entity, {}, "{name:string,}"};
  MessageDocument reserve{"Reserve", Effect::idempotent, Scope::entity, {{"order", "id"}, {"quantity", "u32"}}, "{}"};
  return {"shop", {{"product", {get, reserve}}, {"user", {get}}}};
}

TEST(SchemaDocument, IsReadBackAsItIsPrinted) {
  std::vector<Fault> faults;
  const auto read = read_schema_document(to_json(shop()), faults);
  ASSERT_TRUE(read);
  EXPECT_EQ(to_json(*read), to_json(shop()));
  EXPECT_THAT(compare(*read, shop()), IsEmpty());
}

TEST(SchemaDocument, IsReadEvenIfALaterVersionTellsMore) {
  std::vector<Fault> faults;
  EXPECT_TRUE(read_schema_document(R"({"application":"shop","protocols":[],"more":1})", faults));
}

TEST(SchemaDocument, IsRefusedWhereItIsNone) {
  for (
      const auto* text :
      {"", "[]", R"({"application":"shop"})",
       R"({"application":"a","protocols":[{"name":"p","messages":[{"name":"M","effect":"often","scope":"entity","fields":[],"reply":"{}"}]}]})",
       R"({"application":"a","protocols":[{"name":"p","messages":[{"name":"M","effect":"once","scope":"entity","fields":[{"name":"x","type":"u9"}],"reply":"{}"}]}]})",
       R"({"application":"a","protocols":[{"name":"p","messages":[{"name":"M","effect":"once","scope":"entity","fields":[],"reply":"{"}]}]})"}) {
    std::vector<Fault> faults;
    EXPECT_FALSE(read_schema_document(text, faults)) << text;
    EXPECT_FALSE(faults.empty()) << text;
  }
}

TEST(SchemaDocument, MayGetMessagesAndProtocols) {
  auto now = shop();
  now.protocols[0].messages.push_back({"Remove", Effect::once, Scope::entity, {}, "{}"});
  now.protocols.push_back({"zebra", {}});
  const auto changes = compare(shop(), now);
  EXPECT_THAT(changes, ElementsAre(SchemaChange{Compatibility::compatible, "product.Remove", "the message was added"},
                                   SchemaChange{Compatibility::compatible, "zebra", "the protocol was added"}));
  EXPECT_TRUE(compatible(changes));
}

TEST(SchemaDocument, MayNotLoseMessagesOrProtocols) {
  auto now = shop();
  now.protocols[0].messages.pop_back();
  now.protocols.pop_back();
  EXPECT_THAT(compare(shop(), now),
              ElementsAre(SchemaChange{Compatibility::breaking, "product.Reserve", "the message was removed"},
                          SchemaChange{Compatibility::breaking, "user", "the protocol was removed"}));
}

TEST(SchemaDocument, HoldsEffectAndScopeForPartOfTheContract) {
  auto now = shop();
  now.protocols[0].messages[1].effect = Effect::once;
  now.protocols[0].messages[0].scope = Scope::directory;
  EXPECT_THAT(
      compare(shop(), now),
      ElementsAre(
          SchemaChange{Compatibility::breaking, "product.Get", "its scope changed from entity to directory"},
          SchemaChange{Compatibility::breaking, "product.Reserve", "its effect changed from idempotent to once"}));
}

TEST(SchemaDocument, ComparesFieldsAndReplies) {
  auto now = shop();
  now.protocols[0].messages[1].fields.push_back({"note", "optional<string>"});
  now.protocols[0].messages[0].reply = "{name:string,price:u32,}";
  EXPECT_THAT(
      compare(shop(), now),
      ElementsAre(SchemaChange{Compatibility::breaking, "product.Get reply.price", "was added, and is not optional"},
                  SchemaChange{Compatibility::compatible, "product.Reserve.note", "was added, and is optional"}));
}

}  // namespace
}  // namespace troupe::cli
