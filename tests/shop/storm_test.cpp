#include <atomic>
#include <boost/json.hpp>

#include "tests/shop/background.hpp"
#include "tests/shop/shop_test.hpp"

namespace shop::testing {
namespace {

using Storm = ShopTest;

/// What a storm may leave in memory besides the idle process: a hash of 19 MiB at work on each of a few cores, and the
/// connections.
constexpr long memory_bound_kib = 400 * 1024;

/// Refused at once, or not reached in time on a machine that is busy with other things.
bool is_shed(const Answer& answer) {
  return answer.status == 504 ? bool(is_problem(answer, 504, "timeout")) : bool(is_problem(answer, 503, "overloaded"));
}

TEST_F(Storm, OfSignInsIsAnsweredWithinBounds) {
  const auto user = customer();
  std::atomic<int> let_in = 0;
  in_parallel(96, [&](int i) {
    const auto guess = i % 3;
    Session http{shop().address()};
    for (int attempt = 0; attempt < 3; ++attempt) {
      const Json body{{"email", guess == 2 ? "nobody@shop.test" : user.email},
                      {"password", guess == 0 ? user.password : "a wrong password"}};
      const auto answer = http.post("/sessions", body);
      if (answer.status == 201) {
        EXPECT_EQ(guess, 0);
        ++let_in;
      } else if (answer.status == 401) {
        EXPECT_NE(guess, 0);
        EXPECT_TRUE(is_problem(answer, 401, "unauthenticated"));
      } else {
        EXPECT_TRUE(is_shed(answer)) << answer.status << ' ' << answer.body;
      }
    }
  });
  EXPECT_GT(let_in, 0) << "overload is shed, not the whole service";
#ifndef TROUPE_SANITIZED
  EXPECT_LT(shop().process().child().peak_memory_kib(), memory_bound_kib);
#endif
  EXPECT_TRUE(eventually([&] {
    return anyone().post("/sessions", {{"email", user.email}, {"password", user.password}}).status == 201;
  })) << "and it passes";
}

TEST_F(Storm, OfNewUsersIsAnsweredWithinBounds) {
  std::atomic<int> created = 0;
  in_parallel(64, [&](int) {
    Session http{shop().address()};
    const auto answer = http.post("/users", {{"email", unused_email()}, {"name", "Ada"}, {"password", "12345678"}});
    if (answer.status == 201) {
      ++created;
    } else {
      EXPECT_TRUE(is_shed(answer)) << answer.status << ' ' << answer.body;
    }
  });
  EXPECT_GT(created, 0);
}

TEST_F(Storm, ForOneEmailCreatesOneUser) {
  const auto email = unused_email();
  std::atomic<int> created = 0;
  std::atomic<bool> one_is_unknown = false;
  in_parallel(8, [&](int) {
    Session http{shop().address()};
    Answer answer;
    do {  // shed on a machine that is busy with the others
      answer = http.post("/users", {{"email", email}, {"name", "Ada"}, {"password", "12345678"}});
      if (answer.status == 504) one_is_unknown = true;
    } while (answer.status == 503 || answer.status == 504);
    if (answer.status == 201) ++created;
    if (answer.status != 201) {
      EXPECT_TRUE(is_problem(answer, 409, "conflict"));
    }
  });
  EXPECT_LE(created, 1);
  EXPECT_TRUE(created == 1 || one_is_unknown);
  EXPECT_TRUE(has_status(anyone().post("/sessions", {{"email", email}, {"password", "12345678"}}), 201));
}

}  // namespace
}  // namespace shop::testing
