#include <troupe/wire/secret.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <concepts>
#include <cstring>
#include <new>
#include <ostream>
#include <string>
#include <vector>

#include <troupe/wire/checker.hpp>
#include <troupe/wire/json.hpp>
#include <troupe/wire/msgpack.hpp>
#include <troupe/wire/schema.hpp>
#include <troupe/wire/validate.hpp>

namespace troupe::wire {
namespace {

struct Plain {
  std::string name;
  std::optional<std::string> password;
};
struct Guarded {
  std::string name;
  std::optional<Secret> password;

  static bool is_lower(std::string_view text) { return text.find('A') == std::string_view::npos; }
  static void check(Checker<Guarded>& c) { c.field(&Guarded::password).bytes(8, 16).matches(&is_lower, "lower case"); }
};

template <class T>
concept Printable = requires(std::ostream& out, const T& value) { out << value; };
template <class T>
concept Appendable = requires(std::string& text, const T& value) { text += value; };

TEST(Secret, TravelsAsAString) {
  const Plain plain{"Ada", "corr\"ect horse"};
  const Guarded guarded{"Ada", "corr\"ect horse"};
  EXPECT_EQ(to_json(guarded), to_json(plain));
  EXPECT_EQ(to_msgpack(guarded, Encoding::keyed), to_msgpack(plain, Encoding::keyed));
  EXPECT_EQ(describe(schema_of<Guarded>()), describe(schema_of<Plain>()));
  const auto read = from_json<Guarded>(to_json(plain));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->password->reveal(), "corr\"ect horse");
  const auto received = from_msgpack<Guarded>(to_msgpack(plain));
  ASSERT_TRUE(received);
  EXPECT_EQ(received->password, guarded.password);
  EXPECT_FALSE(from_json<Guarded>(R"({"name":"Ada","password":7})"));
}

TEST(Secret, KeepsTheRulesOfAString) {
  const auto faults_of = [](const char* password) {
    std::vector<Fault> faults;
    validate(Guarded{"Ada", password}, faults);
    return faults.size();
  };
  EXPECT_EQ(faults_of("long enough"), 0U);
  EXPECT_EQ(faults_of("short"), 1U);
  EXPECT_EQ(faults_of("HAS A, AND MORE"), 1U);
}

TEST(Secret, IsPrintedByNothing) {
  static_assert(!Printable<Secret> && Printable<std::string>);
  static_assert(!Appendable<Secret> && Appendable<std::string>);
  static_assert(!std::convertible_to<Secret, std::string_view> && !std::convertible_to<Secret, std::string>);
  static_assert(holds_secret<Guarded> && holds_secret<std::vector<Guarded>> && !holds_secret<Plain>);
}

TEST(Secret, IsCopiedAndMovedAsAString) {
  Secret first("first");
  Secret copy = first;
  EXPECT_EQ(copy, first);
  const Secret moved = std::move(copy);
  EXPECT_EQ(moved.reveal(), "first");
  first = Secret("second");
  EXPECT_EQ(first.reveal(), "second");
  first = moved;
  EXPECT_EQ(first.reveal(), "first");
  first.assign("");
  EXPECT_EQ(first, Secret());
}

TEST(Secret, IsOverwritten) {
  std::string text(64, 'x');
  const char* octets = text.data();
  wipe(text);
  EXPECT_TRUE(text.empty());
  EXPECT_EQ(std::string(octets + 1, 62), std::string(62, '\0')) << "the memory is still the string's";
}

}  // namespace
}  // namespace troupe::wire
