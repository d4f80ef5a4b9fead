#include <troupe/wire/schema_compatibility.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <string>
#include <vector>

#include <troupe/wire/msgpack.hpp>
#include <troupe/wire/schema.hpp>
#include "tests/wire/samples.hpp"

namespace troupe::wire {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr auto compatible_change = Compatibility::compatible;
constexpr auto breaking_change = Compatibility::breaking;

TEST(Description, IsReadBackAsItIsWritten) {
  for (const std::string& text :
       {std::string("u32"), std::string("{}"), std::string("enum()"), describe(schema_of<samples::Everything>()),
        describe(schema_of<samples::Place>()), describe(schema_of<samples::Tree>())}) {
    const auto shape = read_description(text);
    ASSERT_TRUE(shape) << text;
    EXPECT_EQ(to_string(*shape), text);
  }
}

TEST(Description, IsRefusedWhereItIsNone) {
  std::string deep;
  for (int i = 0; i < 200; ++i) deep += "list<";
  deep += "u8";
  for (int i = 0; i < 200; ++i) deep += ">";
  std::string many = "enum(";
  for (int i = 0; i < 100'000; ++i) many += "n" + std::to_string(i) + ",";
  for (const std::string& text : {std::string(),
                                  std::string("u33"),
                                  std::string("{"),
                                  std::string("{a:u8}"),
                                  std::string("{a:u8,a:u8,}"),
                                  std::string("{:u8,}"),
                                  std::string("{1:u8,}"),
                                  std::string("enum(a)"),
                                  std::string("enum(a,a,)"),
                                  std::string("list<>"),
                                  std::string("list<u8"),
                                  std::string("list<u8,u8>"),
                                  std::string("array<u8>"),
                                  std::string("array<u8,-1>"),
                                  std::string("array<u8,99999999999999999999>"),
                                  std::string("map<u8>"),
                                  std::string("^"),
                                  std::string("^0"),
                                  std::string("variant(a,)"),
                                  std::string("u8 "),
                                  std::string("u8u8"),
                                  deep,
                                  many + ")",
                                  std::string(longest_description + 1, 'a')}) {
    EXPECT_FALSE(read_description(text)) << text.substr(0, 80);
  }
}

struct Case {
  const char* what;
  const char* before;
  const char* after;
  std::vector<SchemaChange> changes;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all{
      {"nothing", "{a:u8,}", "{a:u8,}", {}},
      {"an optional field added",
       "{a:u8,}",
       "{a:u8,b:optional<u8>,}",
       {{compatible_change, "b", "was added, and is optional"}}},
      {"an optional field removed",
       "{a:u8,b:optional<u8>,}",
       "{a:u8,}",
       {{compatible_change, "b", "was removed, and is optional"}}},
      {"fields in another order",
       "{a:u8,b:u8,}",
       "{b:u8,a:u8,}",
       {{compatible_change, "", "has its fields in another order"}}},
      {"a field added", "{}", "{a:u8,}", {{breaking_change, "a", "was added, and is not optional"}}},
      {"a field removed", "{a:u8,}", "{}", {{breaking_change, "a", "was removed, and is not optional"}}},
      {"a field renamed",
       "{a:u8,}",
       "{b:u8,}",
       {{breaking_change, "a", "was removed, and is not optional"},
        {breaking_change, "b", "was added, and is not optional"}}},
      {"a wider integer", "{a:u8,}", "{a:u16,}", {{breaking_change, "a", "changed from u8 to u16"}}},
      {"a field that became optional",
       "{a:u8,}",
       "{a:optional<u8>,}",
       {{breaking_change, "a", "became optional: a peer that leaves it out is not understood"}}},
      {"a field that is optional no more",
       "{a:optional<u8>,}",
       "{a:u8,}",
       {{breaking_change, "a", "is optional no more: a peer that leaves it out is not understood"}}},
      {"the type of an optional field",
       "{a:optional<u8>,}",
       "{a:optional<i8>,}",
       {{breaking_change, "a", "changed from u8 to i8"}}},
      {"deep inside",
       "{a:list<map<string,{b:u8,}>>,}",
       "{a:list<map<string,{b:u8,c:optional<id>,}>>,}",
       {{compatible_change, "a[]{}.c", "was added, and is optional"}}},
      {"a map's key", "map<id,u8>", "map<text,u8>", {{breaking_change, "{key}", "changed from id to text"}}},
      {"an array's size",
       "{a:array<u8,2>,}",
       "{a:array<u8,3>,}",
       {{breaking_change, "a", "changed from array<u8,2> to array<u8,3>"}}},
      {"a list that became a set", "list<u8>", "set<u8>", {{breaking_change, "", "changed from list<u8> to set<u8>"}}},
      {"an enumerator added",
       "{a:enum(x,),}",
       "{a:enum(x,y,),}",
       {{breaking_change, "a", "got the enumerator y, which older peers cannot read"}}},
      {"an enumerator removed", "{a:enum(x,y,),}", "{a:enum(x,),}", {{breaking_change, "a", "lost the enumerator y"}}},
      {"enumerators in another order",
       "enum(x,y,)",
       "enum(y,x,)",
       {{compatible_change, "", "has its enumerators in another order"}}},
      {"an alternative added",
       "variant(x:u8,)",
       "variant(x:u8,y:u8,)",
       {{breaking_change, "", "got the alternative y, which older peers cannot read"}}},
      {"inside an alternative",
       "variant(x:{},)",
       "variant(x:{a:optional<u8>,},)",
       {{compatible_change, "x.a", "was added, and is optional"}}},
      {"no description", "{a:u8,}", "{a:", {{breaking_change, "", "has a description that cannot be read"}}},
  };
  return all;
}

TEST(SchemaCompatibility, ListsEveryDifference) {
  for (const auto& [what, before, after, changes] : cases()) {
    EXPECT_EQ(compare(before, after), changes) << what;
    EXPECT_EQ(compatible(compare(before, after)), compatible(compare(after, before))) << what;
  }
}

struct Before {
  std::string product;
  samples::Color color{};
  std::optional<std::string> note;
};
struct After {
  std::optional<std::uint32_t> quantity;
  samples::Color color{};
  std::string product;
};

TEST(SchemaCompatibility, MeansThatKeyedEncodingIsUnderstoodBothWays) {
  ASSERT_TRUE(compatible(compare(describe(schema_of<Before>()), describe(schema_of<After>()))));
  Bytes octets;
  write_msgpack(octets, Before{"lamp", samples::Color::green, "a note"}, Encoding::keyed);
  const auto after = from_msgpack<After>(octets, Encoding::keyed);
  ASSERT_TRUE(after) << after.faults().front();
  EXPECT_EQ(after->product, "lamp");
  EXPECT_EQ(after->color, samples::Color::green);
  octets.clear();
  write_msgpack(octets, After{7, samples::Color::red, "chair"}, Encoding::keyed);
  const auto before = from_msgpack<Before>(octets, Encoding::keyed);
  ASSERT_TRUE(before) << before.faults().front();
  EXPECT_EQ(before->product, "chair");
  EXPECT_FALSE(before->note);
}

// ── Properties ───────────────────────────────────────────────────────────────────────────────────────────────────────

TypeShape any_shape(int depth);

TypeShape any_aggregate(int depth) {
  TypeShape shape;
  shape.kind = "{";
  for (const char* name : {"a", "b", "c", "d"}) {
    if (*rc::gen::arbitrary<bool>()) continue;
    shape.names.emplace_back(name);
    shape.parts.push_back(any_shape(depth + 1));
  }
  return shape;
}

TypeShape any_shape(int depth) {
  const auto wrapped = [&](std::string kind) {
    TypeShape shape;
    shape.kind = std::move(kind);
    shape.parts.push_back(any_aggregate(depth + 1));
    return shape;
  };
  if (depth > 3) return TypeShape{"u8", 0, {}, {}};
  switch (*rc::gen::inRange(0, 6)) {
    case 0:
      return TypeShape{*rc::gen::element<std::string>("u8", "string", "id", "time"), 0, {}, {}};
    case 1:
      return TypeShape{"enum", 0, {"x", "y"}, {}};
    case 2:
      return wrapped("optional");
    case 3:
      return wrapped("list");
    case 4:
      return wrapped("set");
    default:
      return any_aggregate(depth);
  }
}

/// Does to every aggregate what is compatible: drops and adds optional fields, and shuffles.
TypeShape changed_compatibly(TypeShape shape) {
  for (auto& part : shape.parts) part = changed_compatibly(part);
  if (shape.kind != "{") return shape;
  for (std::size_t i = shape.names.size(); i-- > 0;) {
    if (shape.parts[i].kind != "optional" || *rc::gen::arbitrary<bool>()) continue;
    shape.names.erase(shape.names.begin() + static_cast<std::ptrdiff_t>(i));
    shape.parts.erase(shape.parts.begin() + static_cast<std::ptrdiff_t>(i));
  }
  if (*rc::gen::arbitrary<bool>()) {
    shape.names.emplace_back("fresh");
    shape.parts.push_back({"optional", 0, {}, {{"u8", 0, {}, {}}}});
  }
  const auto turn = static_cast<std::ptrdiff_t>(*rc::gen::inRange<std::size_t>(0, shape.names.size() + 1));
  std::rotate(shape.names.begin(), shape.names.begin() + turn, shape.names.end());
  std::rotate(shape.parts.begin(), shape.parts.begin() + turn, shape.parts.end());
  return shape;
}

TEST(SchemaCompatibility, HoldsForEveryMixOfCompatibleChanges) {
  EXPECT_TRUE(rc::check([] {
    const TypeShape before = any_shape(0);
    const TypeShape after = changed_compatibly(before);
    RC_ASSERT(read_description(to_string(after)) == after);
    RC_ASSERT(compare(before, before).empty());
    RC_ASSERT(compatible(compare(before, after)));
    RC_ASSERT(compatible(compare(after, before)));
  }));
}

TEST(SchemaCompatibility, EndsWithARequiredFieldWhereverItComesAndWhateverElseChanges) {
  EXPECT_TRUE(rc::check([] {
    const TypeShape before = any_aggregate(0);
    TypeShape after = changed_compatibly(before);
    TypeShape* place = &after;
    while (!place->parts.empty() && *rc::gen::arbitrary<bool>()) {
      place = &place->parts[*rc::gen::inRange<std::size_t>(0, place->parts.size())];
    }
    // A field that only one side knows hides what is inside.
    RC_PRE(place->kind == "{" && to_string(after).find("fresh") == std::string::npos);
    place->names.emplace_back("required");
    place->parts.push_back({"u8", 0, {}, {}});
    RC_ASSERT(!compatible(compare(before, after)));
    RC_ASSERT(!compatible(compare(after, before)));
  }));
}

TEST(SchemaCompatibility, IsTheSameFromBothSides) {
  EXPECT_TRUE(rc::check([] {
    const TypeShape one = any_shape(0);
    const TypeShape other = any_shape(0);
    RC_ASSERT(compatible(compare(one, other)) == compatible(compare(other, one)));
    RC_ASSERT(compare(one, other).empty() == (one == other));
  }));
}

}  // namespace
}  // namespace troupe::wire
