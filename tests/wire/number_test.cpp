#include <gtest/gtest.h>

#include <limits>

#include <troupe/wire/json.hpp>
#include <troupe/wire/msgpack.hpp>
#include <troupe/wire/schema.hpp>
#include <troupe/wire/validate.hpp>

// An enum class that is a number travels as that number.
namespace troupe::wire {

namespace number {

enum class Revision : std::uint32_t {};
enum class Offset : std::int16_t {};

}  // namespace number

template <>
inline constexpr bool is_number<number::Revision> = true;
template <>
inline constexpr bool is_number<number::Offset> = true;

namespace number {

struct Typed {
  Revision revision{};
  Offset offset{};

  static void check(Checker<Typed>& c) { c.field(&Typed::revision).range(0, 10); }
};
struct Plain {
  std::uint32_t revision = 0;
  std::int16_t offset = 0;
};

namespace {

const Typed typed{Revision{7}, Offset{-3}};
const Plain plain{7, -3};

TEST(TypedNumber, HasTheFormAndTheSchemaOfThePlainOne) {
  EXPECT_EQ(to_json(typed), to_json(plain));
  EXPECT_EQ(describe(schema_of<Typed>()), describe(schema_of<Plain>()));
  for (const auto encoding : {Encoding::positional, Encoding::keyed}) {
    Bytes of_typed;
    Bytes of_plain;
    write_msgpack(of_typed, typed, encoding);
    write_msgpack(of_plain, plain, encoding);
    EXPECT_EQ(of_typed, of_plain);
    const auto read = from_msgpack<Typed>(of_plain, encoding);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->revision, typed.revision);
    EXPECT_EQ(read->offset, typed.offset);
  }
}

TEST(TypedNumber, IsReadWithinItsBounds) {
  const auto read = from_stored_json<Typed>(R"({"revision":4294967295,"offset":-32768})");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->revision, Revision{std::numeric_limits<std::uint32_t>::max()});
  EXPECT_EQ(read->offset, Offset{-32768});
  EXPECT_FALSE(from_stored_json<Typed>(R"({"revision":4294967296,"offset":0})"));
  EXPECT_FALSE(from_stored_json<Typed>(R"({"revision":-1,"offset":0})"));
}

TEST(TypedNumber, HasRules) {
  std::vector<Fault> faults;
  validate(Typed{Revision{11}, Offset{}}, faults);
  EXPECT_EQ(faults.size(), 1U);
}

}  // namespace
}  // namespace number
}  // namespace troupe::wire
