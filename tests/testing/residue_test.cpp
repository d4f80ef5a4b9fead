#include <troupe/testing/residue.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <troupe/contract/protocol.hpp>

namespace troupe::testing {
namespace {

struct Item {
  std::int64_t count = 0;
};
struct State {
  std::string note;
  Table<std::string, Item> items;
  Table<std::string, Item> others;
};
struct Touch {
  using Reply = Done;
};
class Box : public Entity<Protocol<"box", Touch>, State> {
 public:
  Task<Done> on(Touch) { co_return Done{}; }
};

const Key key{"a"};

StoredState box() {
  return {3,
          1,
          R"({"note":"kept","items":"rows","others":"rows"})",
          {{0, "x", R"({"count":1})"}, {0, "y", R"({"count":2})"}, {1, "x", R"({"count":3})"}}};
}

TEST(Residue, IsTakenOutOfFieldsAndTables) {
  const auto residue = Residue::in<Box>([](State& s) {
    s.note = "changed";
    s.items.remove("x");
    s.items.put("y", {7});
    return Remains::state;
  });
  EXPECT_EQ(residue.protocol(), "box");
  StoredState stored = box();
  residue.take_out_of(key, stored);
  EXPECT_EQ(stored.body, R"({"note":"changed","items":"rows","others":"rows"})");
  ASSERT_EQ(stored.rows.size(), 2U);
  EXPECT_EQ(stored.rows[0].table, 1) << "another table's item of the same name stays";
  EXPECT_EQ(stored.rows[1].item, "y");
  EXPECT_EQ(stored.rows[1].body, R"({"count":7})");
}

TEST(Residue, MayBeAllThereIs) {
  StoredState stored = box();
  Residue::in<Box>([](State&) { return Remains::nothing; }).take_out_of(key, stored);
  EXPECT_FALSE(stored.body);
  EXPECT_TRUE(stored.rows.empty());
}

TEST(Residue, SaysWhichStateCannotBeRead) {
  StoredState stored = box();
  stored.body = R"({"note":7})";
  const auto residue = Residue::in<Box>([](State&) { return Remains::state; });
  EXPECT_THROW(
      try { residue.take_out_of(key, stored); } catch (const std::runtime_error& error) {
        EXPECT_THAT(error.what(), ::testing::HasSubstr("note"));
        throw;
      },
      std::runtime_error);
}

}  // namespace
}  // namespace troupe::testing
