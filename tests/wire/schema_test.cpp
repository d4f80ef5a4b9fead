#include <troupe/wire/schema.hpp>

#include <gtest/gtest.h>

#include <string>

#include <troupe/wire/hash.hpp>
#include "tests/wire/samples.hpp"

namespace troupe::wire {
namespace {

using samples::Color;
using samples::Everything;
using samples::Line;
using samples::OrderId;
using samples::Place;
using samples::Tree;

TEST(Schema, DescribesWhatTravels) {
  EXPECT_EQ(describe(schema_of<Line>()), "{product:string,quantity:u32,}");
  EXPECT_EQ(describe(schema_of<Place>()),
            "{items:list<{product:string,quantity:u32,}>,note:optional<string>,"
            "color:optional<enum(red,green,dark_blue,)>,}");
  EXPECT_EQ(describe(schema_of<Tree>()), "{children:list<^1>,}");
  EXPECT_EQ(describe(schema_of<Everything>()),
            "{flag:bool,tiny:i8,small:u16,medium:i32,large:i64,huge:u64,real:f64,narrow:f32,text:string,bytes:bytes,"
            "at:time,wait:duration,order:id,cursor:text,color:enum(red,green,dark_blue,),note:optional<string>,"
            "lines:list<{product:string,quantity:u32,}>,gaps:list<optional<i32>>,pair:array<i16,2>,tags:set<string>,"
            "counts:map<string,i64>,by_order:map<id,{product:string,quantity:u32,}>,by_number:map<i16,bool>,"
            "by_cursor:map<text,string>,choice:variant(monostate:{},card:{number:string,},"
            "line:{product:string,quantity:u32,},int64:i64,),tree:{children:list<^1>,},}");
}

TEST(Schema, NamesTypesAndCarriesRules) {
  const Schema& place = schema_of<Place>();
  EXPECT_EQ(place.name, "Place");
  EXPECT_EQ(place.full_name, "troupe::wire::samples::Place");
  ASSERT_EQ(place.fields.size(), 3u);
  ASSERT_NE(place.fields[0].rules, nullptr);
  EXPECT_EQ(place.fields[0].rules->items->most, 3u);
  const Schema& line = place.fields[0].schema().element();
  EXPECT_EQ(&line, &schema_of<Line>());
  EXPECT_EQ(line.fields[1].rules->range->most, 10'000);
  EXPECT_EQ(schema_of<Tree>().fields[0].rules, nullptr);
  EXPECT_EQ(schema_of<OrderId>().name, "order");
  EXPECT_EQ(schema_of<samples::Cursor>().description, "a cursor");
}

// Nodes of different builds compare these numbers: a change of them is a change of the protocol.
TEST(Schema, HasAFingerprintThatStays) {
  EXPECT_EQ(stable_hash(""), 0x2d06'8005'38d3'94c2u);
  EXPECT_EQ(fingerprint<Line>(), stable_hash("{product:string,quantity:u32,}"));
  EXPECT_EQ(fingerprint<Line>(), 0x6e7a'5224'8324'685eu);
}

struct Renamed {
  std::string item;
  std::uint32_t quantity = 0;
};
struct Wider {
  std::string product;
  std::uint64_t quantity = 0;
};
struct Swapped {
  std::uint32_t quantity = 0;
  std::string product;
};
struct Looser {
  std::string product;
  std::optional<std::uint32_t> quantity;
};
struct OtherName {
  std::string product;
  std::uint32_t quantity = 0;
};

TEST(Schema, HasAnotherFingerprintWhenTheFieldsDiffer) {
  EXPECT_NE(fingerprint<Line>(), fingerprint<Renamed>());
  EXPECT_NE(fingerprint<Line>(), fingerprint<Wider>());
  EXPECT_NE(fingerprint<Line>(), fingerprint<Swapped>());
  EXPECT_NE(fingerprint<Line>(), fingerprint<Looser>());
  EXPECT_EQ(fingerprint<Line>(), fingerprint<OtherName>());
}

}  // namespace
}  // namespace troupe::wire
