#include <troupe/wire/reflect.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include <troupe/wire/fixed_string.hpp>

namespace troupe::wire::reflected {
namespace {

struct Empty {};

struct Money {
  long amount = 0;
  std::string currency;
};

enum class Color { red, green, dark_blue };
enum class Sparse : std::uint8_t { first = 1, last = 63 };

template <class T>
struct Scope {
  enum class Kind { plain, rare };
};

struct Everything {
  using Reply = Empty;
  static constexpr int effect = 1;

  std::string text;
  unsigned quantity = 7;
  std::optional<long> price;
  std::optional<std::string> note;
  std::vector<std::string> tags;
  Money money;
  std::variant<int, std::string> choice;
  std::variant<Money> only_choice;
  std::map<std::string, int> counts;
  std::array<int, 3> triple{};
  Empty empty;
  std::optional<Money> maybe_money;
  std::set<int> numbers;
  Color color = Color::red;
  std::optional<bool> maybe_flag;
  double ratio = 0;
  std::vector<std::byte> bytes;
};

struct One {
  Money only;
};

struct Tree {
  std::vector<Tree> children;
};

template <FixedString Tag>
struct Tagged {
  int value = 0;
};

struct Full {
  int f00, f01, f02, f03, f04, f05, f06, f07, f08, f09, f10, f11, f12, f13, f14, f15;
  int f16, f17, f18, f19, f20, f21, f22, f23, f24, f25, f26, f27, f28, f29, f30, f31;
  int f32, f33, f34, f35, f36, f37, f38, f39, f40, f41, f42, f43, f44, f45, f46, f47;
  int f48, f49, f50, f51, f52, f53, f54, f55, f56, f57, f58, f59, f60, f61, f62, f63;
};

static_assert(field_count<Empty> == 0);
static_assert(field_count<One> == 1);
static_assert(field_count<Tree> == 1);
static_assert(field_count<Everything> == 17);
static_assert(field_count<Full> == 64);
static_assert(!Aggregate<std::string> && !Aggregate<int> && !Aggregate<std::array<int, 2>>);

TEST(Reflect, NamesEveryFieldInOrderOfDeclaration) {
  EXPECT_EQ(field_names<Money>[0], "amount");
  EXPECT_EQ(field_names<Money>[1], "currency");
  EXPECT_EQ(field_names<Everything>.front(), "text");
  EXPECT_EQ(field_names<Everything>[10], "empty");
  EXPECT_EQ(field_names<Everything>.back(), "bytes");
  EXPECT_EQ(field_names<Full>[63], "f63");
  EXPECT_EQ(field_names<Tree>[0], "children");
  EXPECT_EQ(field_names<Tagged<")}; = ">>[0], "value");
}

TEST(Reflect, VisitsFieldsByReference) {
  Money money{3, "USD"};
  std::string seen;
  for_each_field(money, [&](std::string_view name, auto& field) {
    seen += name;
    if constexpr (std::is_same_v<decltype(field), long&>) field = 5;
  });
  EXPECT_EQ(seen, "amountcurrency");
  EXPECT_EQ(money.amount, 5);
}

TEST(Reflect, NamesATypeWithoutNamespaceAndArguments) {
  struct Local {
    int x;
  };
  EXPECT_EQ(type_name<Money>(), "Money");
  EXPECT_EQ(type_name<const Everything&>(), "Everything");
  EXPECT_EQ(type_name<Tagged<"x">>(), "Tagged");
  EXPECT_EQ(type_name<int>(), "int");
  EXPECT_EQ(type_name<Local>(), "Local");
}

TEST(Reflect, NamesEnumerators) {
  EXPECT_EQ(enumerators<Color>.size(), 3u);
  EXPECT_EQ(enum_name(Color::dark_blue), "dark_blue");
  EXPECT_EQ(enum_name(static_cast<Color>(3)), "");
  EXPECT_EQ(enum_from_name<Color>("green"), Color::green);
  EXPECT_EQ(enum_from_name<Color>("Green"), std::nullopt);
  EXPECT_EQ(enumerators<Sparse>.size(), 2u);
  EXPECT_EQ(enum_name(Sparse::last), "last");
  EXPECT_EQ(enum_name(Sparse::first), "first");
  using Nested = Scope<std::map<int, Scope<int>>>::Kind;
  static_assert(Nested::plain != Nested::rare);  // clang names the enumerators of a template once they are used
  EXPECT_EQ(enumerators<Nested>.size(), 2u);
  EXPECT_EQ(enum_name(Nested::rare), "rare");
}

TEST(FixedString, ComparesByText) {
  static_assert(FixedString{"order"}.view() == "order");
  static_assert(FixedString{"a"} == FixedString{"a"});
  static_assert(!(FixedString{"a"} == FixedString{"ab"}));
}

}  // namespace
}  // namespace troupe::wire::reflected
