#include <boost/json.hpp>
#include <set>
#include <string>

#include "tests/shop/shop_test.hpp"

namespace shop::testing {
namespace {

using Validation = ShopTest;

/// Where a body's template has its hole.
std::string filled(std::string_view body, std::string_view value) {
  std::string text{body};
  return text.replace(text.find('$'), 1, value);
}

std::string in_quotes(std::string_view text) { return '"' + std::string{text} + '"'; }

std::string repeated(int count, std::string_view text) {
  std::string result;
  for (int i = 0; i < count; ++i) result += text;
  return result;
}

/// A field of a request, by a body that is right but for it, with values at and just beyond each bound.
struct Rule {
  std::string method;
  std::string target;
  std::string body;
  std::string pointer;
  std::vector<std::string> bad;
  std::vector<std::string> good;
};

void check(Session& session, int success, const Rule& rule) {
  for (const auto& value : rule.bad) {
    const auto answer = session.send({rule.method, rule.target, filled(rule.body, value), {}});
    EXPECT_TRUE(is_invalid(answer, {rule.pointer})) << rule.pointer << " = " << value.substr(0, 80);
  }
  for (const auto& value : rule.good) {
    const auto answer = session.send({rule.method, rule.target, filled(rule.body, value), {}});
    EXPECT_TRUE(has_status(answer, success)) << rule.pointer << " = " << value.substr(0, 80);
  }
}

const std::vector<std::string> not_texts{"null", "1", "true", "{}", "[]", "[\"text\"]"};

std::vector<std::string> with(std::vector<std::string> values, const std::vector<std::string>& more) {
  values.insert(values.end(), more.begin(), more.end());
  return values;
}

/// Values that no whole number from 0 up can be.
const std::vector<std::string> not_counts{"null",
                                          "\"1\"",
                                          "true",
                                          "[]",
                                          "{}",
                                          "-1",
                                          "1.5",
                                          "1e400",
                                          "-1e18",
                                          "1e-1",
                                          "9223372036854775808",
                                          "18446744073709551616",
                                          "-9223372036854775809",
                                          "99999999999999999999999999999999999999"};

TEST_F(Validation, OfUserNames) {
  auto http = anyone();
  int count = 0;
  const auto email = unused_email();
  for (const auto& name : {repeated(200, "n"), repeated(200, "é"), repeated(200, "🍵"), std::string{"n"}}) {
    const auto body =
        "{\"email\":\"" + std::to_string(++count) + email + "\",\"name\":\"" + name + "\",\"password\":\"12345678\"}";
    EXPECT_TRUE(has_status(http.send({"POST", "/users", body, {}}), 201)) << name;
  }
  check(http, 201,
        {"POST",
         "/users",
         R"({"email":"free@shop.test","name":$,"password":"12345678"})",
         "/name",
         with(not_texts, {"\"\"", in_quotes(repeated(201, "n")), in_quotes(repeated(201, "é"))}),
         {}});
}

TEST_F(Validation, OfEmails) {
  const std::string label(57, 'd');
  const auto longest = [&](std::string_view local) {
    return std::string{local} + "@" + label + "." + label + "." + label + "." + label.substr(0, 10) + ".test";
  };
  auto http = anyone();
  const auto of_length = [&](std::size_t length) {
    const auto domain = longest("");
    return in_quotes(std::string(length - domain.size(), 'l') + domain);
  };
  check(http, 201,
        {"POST",
         "/users",
         R"({"email":$,"name":"Ada","password":"12345678"})",
         "/email",
         with(not_texts, {"\"\"", "\"plain\"", "\"@\"", "\"a@\"", "\"@shop.test\"", of_length(255), of_length(2000)}),
         {of_length(254), in_quotes("a.b+c@shop.test")}});
}

TEST_F(Validation, OfPasswordsInBytes) {
  auto http = anyone();
  const std::string body = R"({"email":"@EMAIL","name":"Ada","password":$})";
  const auto with_email = [&] { return std::string{body}.replace(body.find("@EMAIL"), 6, unused_email()); };
  for (const auto& good : {std::string(8, 'p'), std::string(256, 'p'), repeated(4, "é"), repeated(128, "é")}) {
    EXPECT_TRUE(has_status(http.send({"POST", "/users", filled(with_email(), in_quotes(good)), {}}), 201)) << good;
  }
  check(http, 201,
        {"POST",
         "/users",
         with_email(),
         "/password",
         with(not_texts, {in_quotes(""), in_quotes("1234567"), in_quotes(repeated(3, "é")),
                          in_quotes(std::string(257, 'p')), in_quotes(repeated(129, "é"))}),
         {}});
}

TEST_F(Validation, OfASignIn) {
  auto http = anyone();
  EXPECT_TRUE(is_invalid(http.post("/sessions", boost::json::object{}), {"/email", "/password"}));
  EXPECT_TRUE(
      is_invalid(http.post("/sessions", {{"email", 1}, {"password", 2}, {"otp", 3}}), {"/email", "/password", "/otp"}));
}

TEST_F(Validation, OfAChangedUser) {
  auto user = customer();
  const auto target = "/users/" + user.id;
  EXPECT_TRUE(is_invalid(user.session.put(target, boost::json::object{}), {"/email", "/name"}));
  EXPECT_TRUE(
      is_invalid(user.session.put(target, {{"email", ""}, {"name", ""}, {"password", "short"}, {"role", "admin"}}),
                 {"/email", "/name", "/password", "/role"}));
  EXPECT_EQ(text(user.session.get(target).json(), "name"), "Ada");
}

TEST_F(Validation, OfProductNamesAndDescriptions) {
  check(admin(), 201,
        {"POST",
         "/products",
         R"({"name":$,"price":{"amount":1,"currency":"USD"},"stock":1})",
         "/name",
         with(not_texts, {"\"\"", in_quotes(repeated(201, "n")), in_quotes(repeated(201, "🍵"))}),
         {in_quotes("n"), in_quotes(repeated(200, "n")), in_quotes(repeated(200, "🍵"))}});
  check(admin(), 201,
        {"POST",
         "/products",
         R"({"name":"Tea","description":$,"price":{"amount":1,"currency":"USD"},"stock":1})",
         "/description",
         {"1", "false", "[]", in_quotes(repeated(10'001, "d")), in_quotes(repeated(10'001, "é"))},
         {"null", in_quotes("d"), in_quotes(repeated(10'000, "d")), in_quotes(repeated(10'000, "é"))}});
}

TEST_F(Validation, OfMoney) {
  check(admin(), 201,
        {"POST",
         "/products",
         R"({"name":"Tea","price":{"amount":$,"currency":"USD"},"stock":1})",
         "/price/amount",
         with(not_counts, {"9000000001", "10000000000000000000"}),
         {"0", "1", "9000000000"}});
  check(admin(), 201,
        {"POST",
         "/products",
         R"({"name":"Tea","price":{"amount":1,"currency":$},"stock":1})",
         "/price/currency",
         with(not_texts, {"\"\"", "\"usd\"", "\"US\"", "\"USDT\"", "\"U5D\"", "\"US \"", "\"ÜSD\""}),
         {"\"USD\"", "\"XYZ\""}});
  check(admin(), 201,
        {"POST",
         "/products",
         R"({"name":"Tea","price":$,"stock":1})",
         "/price",
         {"null", "1", "\"1 USD\"", "[1, \"USD\"]"},
         {}});
}

TEST_F(Validation, OfStock) {
  check(admin(), 201,
        {"POST",
         "/products",
         R"({"name":"Tea","price":{"amount":1,"currency":"USD"},"stock":$})",
         "/stock",
         with(not_counts, {"1000000001"}),
         {"0", "1000000000"}});
  const auto product = "/products/" + create_product(admin());
  check(admin(), 200,
        {"POST",
         product + "/stock",
         R"({"delta":$})",
         "/delta",
         {"null", "\"1\"", "1.5", "true", "[]", "1e400", "9223372036854775808", "-9223372036854775809"},
         {"1", "-1"}});
}

TEST_F(Validation, OfOrderLines) {
  const auto product = create_product(admin(), {.stock = 1'000'000});
  auto user = customer();
  check(user.session, 201,
        {"POST",
         "/orders",
         R"({"items":[{"product_id":")" + product + R"(","quantity":$}]})",
         "/items/0/quantity",
         with(not_counts, {"0", "10001"}),
         {"1", "10000"}});
  check(user.session, 201,
        {"POST",
         "/orders",
         R"({"items":[{"product_id":$,"quantity":1}]})",
         "/items/0/product_id",
         not_texts,
         {in_quotes(product)}});
  const auto item = R"({"product_id":")" + product + R"(","quantity":1})";
  check(user.session, 201,
        {"POST",
         "/orders",
         R"({"items":$})",
         "/items",
         {"null", "[]", "{}", "\"x\"", "[" + repeated(100, item + ",") + item + "]"},
         {"[" + item + "]", "[" + repeated(99, item + ",") + item + "]"}});
  check(user.session, 201, {"POST", "/orders", R"({"items":[$]})", "/items/0", {"null", "1", "\"x\"", "[]"}, {}});
}

TEST_F(Validation, OfCards) {
  auto user = customer();
  const auto mine = place(user.session, {{create_product(admin()), 1}});
  const auto target = "/orders/" + mine + "/payment";
  check(user.session, 422,
        {"POST",
         target,
         R"({"card":$})",
         "/card",
         with(not_texts, {"\"\"", in_quotes(std::string(12, '4')), in_quotes(std::string(20, '4')), "4242424242424242",
                          in_quotes("4242-4242-4242-4242"), in_quotes("4242 4242 4242 4242"),
                          in_quotes("424242424242424x"), in_quotes("٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢"), in_quotes("+424242424242424")}),
         {in_quotes(std::string(13, '4')), in_quotes(std::string(19, '4'))}});
  EXPECT_EQ(status_of(user.session, mine), "placed");
}

TEST_F(Validation, OfShipments) {
  auto user = customer();
  const auto order = place(user.session, {{create_product(admin()), 1}});
  pay(user.session, order);
  const auto target = "/orders/" + order + "/shipment";
  const auto bad = with(not_texts, {"\"\"", in_quotes(repeated(101, "c")), in_quotes(repeated(101, "é"))});
  check(admin(), 200, {"POST", target, R"({"carrier":$,"tracking":"T"})", "/carrier", bad, {}});
  check(admin(), 200, {"POST", target, R"({"carrier":"C","tracking":$})", "/tracking", bad, {}});
  const auto longest = repeated(100, "é");
  EXPECT_TRUE(has_status(admin().post(target, {{"carrier", longest}, {"tracking", longest}}), 200));
}

TEST_F(Validation, NamesAllFaultsOfABodyAtOnce) {
  auto http = anyone();
  EXPECT_TRUE(is_invalid(http.post("/users", boost::json::object{}), {"/email", "/name", "/password"}));
  EXPECT_TRUE(is_invalid(http.send({"POST", "/users", R"({"email":null,"name":"","password":1,"age":3})", {}}),
                         {"/email", "/name", "/password", "/age"}));
  EXPECT_TRUE(is_invalid(
      admin().send({"POST",
                    "/products",
                    R"({"name":"","price":{"amount":-1,"currency":"usd","tax":1},"stock":1.5,"colour":"red"})",
                    {}}),
      {"/name", "/price/amount", "/price/currency", "/price/tax", "/stock", "/colour"}));
  auto user = customer();
  EXPECT_TRUE(is_invalid(user.session.send({"POST",
                                            "/orders",
                                            R"({"items":[{"product_id":"p","quantity":0},{"product_id":1},
                                                         {"product_id":"p","quantity":10001,"note":"x"}],"a/b~c":1})",
                                            {}}),
                         {"/items/0/quantity", "/items/1/product_id", "/items/1/quantity", "/items/2/quantity",
                          "/items/2/note", "/a~1b~0c"}));
}

TEST_F(Validation, PointsAtNamesThatWereEscaped) {
  auto http = anyone();
  const std::set<std::string> required{"/email", "/name", "/password"};
  const auto pointing = [&](const std::string& pointer) {
    auto pointers = required;
    pointers.insert(pointer);
    return pointers;
  };
  EXPECT_TRUE(is_invalid(http.send({"POST", "/users", R"({"\/":1})", {}}), pointing("/~1")));
  EXPECT_TRUE(is_invalid(http.send({"POST", "/users", R"({"abcdefg\/":1})", {}}), pointing("/abcdefg~1")));
  for (int size = 0; size <= 64; ++size) {
    const auto name = repeated(size, "n");
    const auto answer = http.send({"POST", "/users", R"({")" + name + R"(\/":1})", {}});
    EXPECT_TRUE(is_invalid(answer, pointing("/" + name + "~1"))) << size;
  }
}

TEST_F(Validation, OfTheWholeDocument) {
  auto http = anyone();
  std::vector<std::string> documents{"",
                                     " ",
                                     "null",
                                     "1",
                                     "\"x\"",
                                     "[]",
                                     "{",
                                     "{}}",
                                     "{} {}",
                                     "{\"name\"}",
                                     "{'a':1}",
                                     "{\"a\":01}",
                                     "{\"a\":}",
                                     "{\"a\":1,}",
                                     "{\"a\":NaN}",
                                     "{\"a\":+1}",
                                     "{\"a\":.5}",
                                     "/**/{}",
                                     "nul",
                                     "{\"a\":\"\n\"}",
                                     "{\"a\":\"\\x\"}"};
  documents.emplace_back("{}\0", 3);
  for (const auto& document : documents) {
    const auto answer = http.send({"POST", "/users", document, {{"Content-Type", "application/json"}}});
    EXPECT_TRUE(is_invalid(answer, {""})) << document;
  }
}

TEST_F(Validation, RefusesWhatIsNotUtf8) {
  for (const auto* name : {"\xFF", "a\xC3", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82", "\\ud800",
                           "\\udc00\\ud800", "\\ud800x"}) {
    const auto body = R"({"name":")" + std::string{name} + R"(","price":{"amount":1,"currency":"USD"},"stock":1})";
    EXPECT_TRUE(is_problem(admin().send({"POST", "/products", body, {}}), 400, "invalid")) << name;
  }
  EXPECT_TRUE(is_problem(anyone().get("/products?q=%FF"), 400, "invalid"));
  EXPECT_TRUE(is_problem(anyone().get("/products?q=%C3"), 400, "invalid"));
}

TEST_F(Validation, KeepsEveryCharacterOfAText) {
  const std::string name = "\"\\/\b\f\n\r\t é 🍵 \u2028";
  auto body = body_of({.name = name});
  const auto product = expecting(201, admin().post("/products", body)).json();
  EXPECT_EQ(text(product, "name"), name);
  EXPECT_EQ(text(anyone().get("/products/" + text(product, "id")).json(), "name"), name);
  const std::string escaped_body = R"({"name":"\u0041\ud83c\udf75","price":{"amount":1,"currency":"USD"},"stock":1})";
  EXPECT_EQ(text(admin().send({"POST", "/products", escaped_body, {}}).json(), "name"), "A🍵");
}

TEST_F(Validation, RefusesDeepDocuments) {
  auto http = anyone();
  for (const int depth : {32, 1'000, 500'000}) {
    const auto nested = "{\"a\":" + std::string(static_cast<std::size_t>(depth), '[') +
                        std::string(static_cast<std::size_t>(depth), ']') + "}";
    EXPECT_TRUE(is_problem(http.send({"POST", "/users", nested, {}}), 400, "invalid")) << depth;
    const auto unclosed = std::string(static_cast<std::size_t>(depth), '[');
    EXPECT_TRUE(is_problem(http.send({"POST", "/users", unclosed, {}}), 400, "invalid")) << depth;
  }
  const auto allowed = "{\"a\":" + std::string(31, '[') + std::string(31, ']') + "}";
  EXPECT_TRUE(is_invalid(http.send({"POST", "/users", allowed, {}}), {"/a", "/email", "/name", "/password"}));
}

TEST_F(Validation, OfLimitsAndCursors) {
  auto user = customer();
  auto http = anyone();
  for (const auto* limit : {"0", "201", "-1", "1.5", "abc", "", "1e1", "0x10", "%201", "99999999999999999999"}) {
    EXPECT_TRUE(is_invalid(http.get(std::string{"/products?limit="} + limit), {"?limit"})) << limit;
    EXPECT_TRUE(is_invalid(user.session.get(std::string{"/orders?limit="} + limit), {"?limit"})) << limit;
  }
  for (const auto* limit : {"1", "200"}) {
    EXPECT_TRUE(has_status(http.get(std::string{"/products?limit="} + limit), 200));
    EXPECT_TRUE(has_status(user.session.get(std::string{"/orders?limit="} + limit), 200));
  }
  for (const auto* cursor : {"x", "%00", "AAAA", "%7B%7D", "99999999999999999999999999999999"}) {
    EXPECT_TRUE(is_invalid(http.get(std::string{"/products?cursor="} + cursor), {"?cursor"})) << cursor;
    EXPECT_TRUE(is_invalid(user.session.get(std::string{"/orders?cursor="} + cursor), {"?cursor"})) << cursor;
  }
  EXPECT_TRUE(is_invalid(http.get("/products?limit=0&cursor=x"), {"?limit", "?cursor"}));
}

TEST_F(Validation, RefusesUnknownQueryParametersOnEveryRoute) {
  auto user = customer();
  const auto product = create_product(admin());
  const auto order = place(user.session, {{product, 1}});
  auto http = anyone();
  const Json signing_in{{"email", user.email}, {"password", user.password}};
  const std::set<std::string> fault{"?colour"};
  EXPECT_TRUE(is_invalid(http.get("/products?colour=red"), fault));
  EXPECT_TRUE(is_invalid(http.get("/products/" + product + "?colour=red"), fault));
  EXPECT_TRUE(is_invalid(http.post("/sessions?colour=red", signing_in), fault));
  EXPECT_TRUE(is_invalid(user.session.get("/users/" + user.id + "?colour=red"), fault));
  EXPECT_TRUE(is_invalid(user.session.get("/orders?colour=red&limit=5"), fault));
  EXPECT_TRUE(is_invalid(user.session.get("/orders/" + order + "?colour"), fault));
  EXPECT_TRUE(is_invalid(user.session.get("/orders/" + order + "/status?colour=red"), fault));
  EXPECT_TRUE(is_invalid(user.session.post("/orders?colour=red", order_of({{product, 1}})), fault));
  EXPECT_TRUE(is_invalid(user.session.remove("/orders/" + order + "?colour=red"), fault));
  EXPECT_TRUE(is_invalid(admin().get("/payments?order_id=" + order + "&colour=red"), fault));
  EXPECT_TRUE(is_invalid(admin().remove("/products/" + product + "?colour=red"), fault));
  EXPECT_EQ(status_of(user.session, order), "placed");
}

}  // namespace
}  // namespace shop::testing
