#include <boost/json.hpp>
#include <chrono>
#include <iomanip>
#include <sstream>

#include "tests/shop/shop_test.hpp"

namespace shop::testing {
namespace {

using ShopUsers = ShopTest;

Json new_user(std::string_view email, std::string_view password = "a password of theirs") {
  return {{"email", email}, {"name", "Ada"}, {"password", password}};
}

Json credentials(const User& user) { return {{"email", user.email}, {"password", user.password}}; }

TEST_F(ShopUsers, AreCreatedByAnyoneAsCustomers) {
  auto http = anyone();
  const auto email = unused_email();
  const auto answer = http.post("/users", new_user(email));
  ASSERT_TRUE(has_status(answer, 201));
  const auto user = answer.json();
  EXPECT_TRUE(has_fields(user, {"id", "email", "name", "role", "created_at", "updated_at"}));
  EXPECT_EQ(text(user, "email"), email);
  EXPECT_EQ(text(user, "name"), "Ada");
  EXPECT_EQ(text(user, "role"), "customer");
  EXPECT_TRUE(is_time(user.at("created_at")));
  EXPECT_TRUE(is_time(user.at("updated_at")));
  EXPECT_EQ(answer.header("Location"), "/users/" + text(user, "id"));
  EXPECT_TRUE(answer.header("Content-Type").value_or("").starts_with("application/json"));
}

TEST_F(ShopUsers, CannotMakeThemselvesAdmins) {
  auto body = new_user(unused_email());
  body.as_object()["role"] = "admin";
  EXPECT_TRUE(is_invalid(anyone().post("/users", body), {"/role"}));
}

TEST_F(ShopUsers, KeepTheirEmailAsGiven) {
  auto http = anyone();
  const auto email = "MiXed." + unused_email();
  const auto answer = http.post("/users", new_user(email));
  ASSERT_TRUE(has_status(answer, 201));
  EXPECT_EQ(text(answer.json(), "email"), email);
}

TEST_F(ShopUsers, CannotShareAnEmailThatDiffersOnlyInAsciiCase) {
  auto http = anyone();
  const auto email = unused_email();
  ASSERT_TRUE(has_status(http.post("/users", new_user(email)), 201));
  auto shouted = email;
  for (auto& letter : shouted) letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  EXPECT_TRUE(is_problem(http.post("/users", new_user(email)), 409, "conflict"));
  EXPECT_TRUE(is_problem(http.post("/users", new_user(shouted)), 409, "conflict"));
}

TEST_F(ShopUsers, OpenSessionsThatLastTwelveHours) {
  auto user = customer();
  auto http = anyone();
  const auto answer = http.post("/sessions", credentials(user));
  ASSERT_TRUE(has_status(answer, 201));
  const auto session = answer.json();
  EXPECT_TRUE(has_fields(session, {"token", "expires_at", "user"}));
  EXPECT_EQ(session.at("user"), user.session.get("/users/" + user.id).json());
  ASSERT_TRUE(is_time(session.at("expires_at")));
  std::tm time{};
  std::istringstream{text(session, "expires_at")} >> std::get_time(&time, "%Y-%m-%dT%H:%M:%S");
  const auto left = std::chrono::system_clock::from_time_t(::timegm(&time)) - std::chrono::system_clock::now();
  EXPECT_GT(left, std::chrono::hours{11});
  EXPECT_LE(left, std::chrono::hours{12});
}

TEST_F(ShopUsers, SignInWithoutRegardToTheCaseOfTheirEmail) {
  auto http = anyone();
  const auto email = unused_email();
  ASSERT_TRUE(has_status(http.post("/users", new_user("X" + email)), 201));
  const Json body{{"email", "x" + email}, {"password", "a password of theirs"}};
  EXPECT_TRUE(has_status(http.post("/sessions", body), 201));
}

TEST_F(ShopUsers, GetOneAnswerForAnUnknownEmailAndAWrongPassword) {
  const auto user = customer();
  auto http = anyone();
  const Json stranger{{"email", unused_email()}, {"password", "some password"}};
  const Json guess{{"email", user.email}, {"password", "some password"}};
  const auto unknown = http.post("/sessions", stranger);
  const auto wrong = http.post("/sessions", guess);
  ASSERT_TRUE(is_problem(unknown, 401, "unauthenticated"));
  ASSERT_TRUE(is_problem(wrong, 401, "unauthenticated"));
  auto left = unknown.json().as_object();
  auto right = wrong.json().as_object();
  left.erase("trace_id");
  right.erase("trace_id");
  EXPECT_EQ(left, right);
}

TEST_F(ShopUsers, AreReadByThemselvesAndAdmins) {
  auto user = customer();
  const auto own = user.session.get("/users/" + user.id);
  ASSERT_TRUE(has_status(own, 200));
  EXPECT_EQ(text(own.json(), "email"), user.email);
  const auto seen = admin().get("/users/" + user.id);
  ASSERT_TRUE(has_status(seen, 200));
  EXPECT_EQ(seen.json(), own.json());
  EXPECT_TRUE(is_problem(anyone().get("/users/" + user.id), 401, "unauthenticated"));
}

TEST_F(ShopUsers, AreClosedToOtherCustomersWithoutALookUp) {
  auto user = customer();
  const auto other = customer();
  for (const auto& id : {other.id, std::string{"nobody"}}) {
    const auto target = "/users/" + id;
    EXPECT_TRUE(is_problem(user.session.get(target), 403, "forbidden"));
    EXPECT_TRUE(is_problem(user.session.put(target, {{"email", "x"}}), 403, "forbidden"));
    EXPECT_TRUE(is_problem(user.session.remove(target), 403, "forbidden"));
  }
  EXPECT_TRUE(has_status(admin().get("/users/" + other.id), 200));
}

TEST_F(ShopUsers, AreNotFoundByAnIdThatNobodyHas) {
  const Json change{{"email", unused_email()}, {"name", "Ada"}};
  const auto gone = customer();
  ASSERT_TRUE(has_status(admin().remove("/users/" + gone.id), 204));
  for (const auto& id : {gone.id, std::string{"nobody"}, std::string(400, 'x'), std::string{"%20"}}) {
    EXPECT_TRUE(is_problem(admin().get("/users/" + id), 404, "not_found"));
    EXPECT_TRUE(is_problem(admin().put("/users/" + id, change), 404, "not_found"));
    EXPECT_TRUE(is_problem(admin().remove("/users/" + id), 404, "not_found"));
  }
}

TEST_F(ShopUsers, ChangeTheirNameAndEmail) {
  auto user = customer();
  const auto email = unused_email();
  const auto answer = user.session.put("/users/" + user.id, {{"email", email}, {"name", "Grace"}});
  ASSERT_TRUE(has_status(answer, 200));
  EXPECT_EQ(text(answer.json(), "email"), email);
  EXPECT_EQ(text(answer.json(), "name"), "Grace");
  EXPECT_EQ(user.session.get("/users/" + user.id).json(), answer.json());
  EXPECT_TRUE(has_status(anyone().post("/sessions", {{"email", email}, {"password", user.password}}), 201));
  EXPECT_TRUE(is_problem(anyone().post("/sessions", credentials(user)), 401, "unauthenticated"));
  EXPECT_TRUE(has_status(anyone().post("/users", new_user(user.email)), 201)) << "the old e-mail is free";
}

TEST_F(ShopUsers, CannotTakeTheEmailOfAnother) {
  auto user = customer();
  const auto other = customer();
  const auto answer = user.session.put("/users/" + user.id, {{"email", other.email}, {"name", "Grace"}});
  EXPECT_TRUE(is_problem(answer, 409, "conflict"));
  const auto unchanged = user.session.get("/users/" + user.id).json();
  EXPECT_EQ(text(unchanged, "email"), user.email);
  EXPECT_EQ(text(unchanged, "name"), "Ada");
}

TEST_F(ShopUsers, MayChangeTheCaseOfTheirOwnEmail) {
  auto user = customer();
  const auto email = "C" + user.email.substr(1);
  const auto answer = user.session.put("/users/" + user.id, {{"email", email}, {"name", "Ada"}});
  ASSERT_TRUE(has_status(answer, 200));
  EXPECT_EQ(text(answer.json(), "email"), email);
}

TEST_F(ShopUsers, AreChangedByAdmins) {
  auto user = customer();
  const auto answer = admin().put("/users/" + user.id, {{"email", user.email}, {"name", "Renamed"}});
  ASSERT_TRUE(has_status(answer, 200));
  EXPECT_EQ(text(answer.json(), "name"), "Renamed");
  EXPECT_EQ(text(answer.json(), "role"), "customer");
}

TEST_F(ShopUsers, EndTheSessionsBegunBeforeByANewPassword) {
  auto user = customer();
  auto other_session = sign_in(shop().address(), user.email, user.password);
  const auto target = "/users/" + user.id;
  const Json change{{"email", user.email}, {"name", "Ada"}, {"password", "another password"}};
  ASSERT_TRUE(has_status(user.session.put(target, change), 200));
  EXPECT_TRUE(is_problem(user.session.get(target), 401, "unauthenticated"));
  EXPECT_TRUE(is_problem(other_session.get(target), 401, "unauthenticated"));
  EXPECT_TRUE(is_problem(anyone().post("/sessions", credentials(user)), 401, "unauthenticated"));
  auto fresh = sign_in(shop().address(), user.email, "another password");
  EXPECT_TRUE(has_status(fresh.get(target), 200));
}

TEST_F(ShopUsers, KeepPasswordAndSessionsWhenOnlyTheRestChanges) {
  auto user = customer();
  for (const auto& change : {Json{{"email", user.email}, {"name", "Grace"}},
                             Json{{"email", user.email}, {"name", "Grace"}, {"password", nullptr}}}) {
    ASSERT_TRUE(has_status(user.session.put("/users/" + user.id, change), 200));
  }
  EXPECT_TRUE(has_status(user.session.get("/users/" + user.id), 200));
  EXPECT_TRUE(has_status(anyone().post("/sessions", credentials(user)), 201));
}

TEST_F(ShopUsers, LoseTheirTokensAndFreeTheirEmailWhenDeleted) {
  auto user = customer();
  const auto answer = user.session.remove("/users/" + user.id);
  ASSERT_TRUE(has_status(answer, 204));
  EXPECT_TRUE(answer.body.empty());
  EXPECT_TRUE(is_problem(user.session.get("/users/" + user.id), 401, "unauthenticated"));
  EXPECT_TRUE(is_problem(user.session.get("/orders"), 401, "unauthenticated"));
  EXPECT_TRUE(is_problem(user.session.get("/products"), 401, "unauthenticated"));
  EXPECT_TRUE(is_problem(anyone().post("/sessions", credentials(user)), 401, "unauthenticated"));
  EXPECT_TRUE(is_problem(admin().get("/users/" + user.id), 404, "not_found"));
  const auto again = anyone().post("/users", new_user(user.email));
  ASSERT_TRUE(has_status(again, 201));
  EXPECT_NE(text(again.json(), "id"), user.id);
}

TEST_F(ShopUsers, AreDeletedByAdmins) {
  auto user = customer();
  ASSERT_TRUE(has_status(admin().remove("/users/" + user.id), 204));
  EXPECT_TRUE(is_problem(user.session.get("/users/" + user.id), 401, "unauthenticated"));
}

TEST_F(ShopUsers, LeaveCancelledOrdersToTheAdminsWhenDeleted) {
  auto user = customer();
  const auto product = create_product(admin(), {.stock = 10});
  const auto placed = place(user.session, {{product, 1}});
  const auto paid = place(user.session, {{product, 2}});
  pay(user.session, paid);
  const auto shipped = place(user.session, {{product, 3}});
  pay(user.session, shipped);
  ship(admin(), shipped);
  ASSERT_TRUE(has_status(user.session.remove("/users/" + user.id), 204));
  EXPECT_TRUE(eventually([&] { return status_of(admin(), placed) == "cancelled"; }));
  EXPECT_TRUE(eventually([&] { return status_of(admin(), paid) == "cancelled"; }));
  EXPECT_TRUE(eventually([&] { return payments(admin(), paid) == std::vector<std::string>{"charge", "refund"}; }));
  EXPECT_TRUE(eventually([&] { return units(admin(), product) == Units{7, 0}; }));
  EXPECT_EQ(status_of(admin(), shipped), "shipped");
  EXPECT_EQ(list(admin(), "/orders?user_id=" + user.id).size(), 3U);
}

TEST_F(ShopUsers, AlwaysIncludeAnAdmin) {
  const Json body{{"email", admin_email}, {"password", admin_password}};
  const auto session = expecting(201, anyone().post("/sessions", body)).json();
  EXPECT_EQ(text(session.at("user"), "role"), "admin");
  const auto target = "/users/" + text(session.at("user"), "id");
  EXPECT_TRUE(is_problem(admin().remove(target), 409, "conflict"));
  const auto kept = admin().get(target);
  ASSERT_TRUE(has_status(kept, 200));
  EXPECT_EQ(text(kept.json(), "role"), "admin");
}

}  // namespace
}  // namespace shop::testing
