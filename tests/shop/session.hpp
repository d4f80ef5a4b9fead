#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/shop/client.hpp"

namespace shop::testing {

/// Somebody who calls the shop over one connection: with a token, or as anyone.
class Session {
 public:
  explicit Session(std::string address, std::string token = {});

  Answer get(std::string_view target, Headers headers = {});
  Answer post(std::string_view target, const Json& body, Headers headers = {});
  Answer put(std::string_view target, const Json& body, Headers headers = {});
  Answer remove(std::string_view target, Headers headers = {});

  /// Adds the token, and the content type of JSON to a body, where the request does not say them itself.
  Answer send(Request request);

  const std::string& address() const { return address_; }
  const std::string& token() const { return token_; }

 private:
  std::string address_;
  std::string token_;
  Connection connection_;
};

/// A user with what is needed to sign in, and a session of theirs.
struct User {
  std::string id;
  std::string email;
  std::string password;
  Session session;
};

/// A session for an existing user. Errors: std::runtime_error with the answer when it is not 201.
Session sign_in(const std::string& address, std::string_view email, std::string_view password);

/// A new user with an e-mail that no other call has used, signed in.
User sign_up(const std::string& address);

/// An e-mail address that no other call in this process has made.
std::string unused_email();

/// The answer, if it has that status. Errors: std::runtime_error with the answer otherwise.
Answer expecting(int status, Answer answer);

Json money(std::int64_t amount, std::string_view currency = "USD");

/// What a test does not care about when it creates a product.
struct NewProduct {
  std::string name = "Tea";
  std::int64_t price = 1000;
  std::int64_t stock = 100;
  std::string currency = "USD";
};

Json body_of(const NewProduct& product);

/// Creates it and returns its id.
std::string create_product(Session& admin, const NewProduct& product = {});

struct Line {
  std::string product;
  std::int64_t quantity = 1;
};

/// The body that places or edits an order.
Json order_of(const std::vector<Line>& lines);

/// Places it and returns its id.
std::string place(Session& customer, const std::vector<Line>& lines);
std::string place(Session&& customer, const std::vector<Line>& lines);

inline constexpr const char* good_card = "4242424242424242";
inline constexpr const char* declined_card = "4000000000000002";
inline constexpr const char* silent_card = "4000000000000119";

/// Pays it, successfully.
void pay(Session& customer, const std::string& order);

/// Ships it, successfully.
void ship(Session& admin, const std::string& order);

/// How many units are free and how many are held by orders.
struct Units {
  std::int64_t stock = 0;
  std::int64_t reserved = 0;
  bool operator==(const Units&) const = default;
};
void PrintTo(const Units& units, std::ostream* out);

Units units(Session& anyone, const std::string& product);

/// The status that GET /orders/{id} shows.
std::string status_of(Session& session, const std::string& order);

/// What the provider did for that order: "charge", "refund", oldest first.
std::vector<std::string> payments(Session& admin, const std::string& order);

/// The items of a listing, over all its pages of `limit` items. The target may have a query already.
std::vector<Json> list(Session& session, std::string_view target, int limit = 200);

/// The elements of an array field of an object.
std::vector<Json> elements(const Json& object, std::string_view field);

/// The values of one text field in a list of objects.
std::vector<std::string> pluck(const std::vector<Json>& objects, std::string_view field);

/// A text field of an object.
std::string text(const Json& object, std::string_view field);

/// A whole-number field of an object.
std::int64_t number(const Json& object, std::string_view field);

}  // namespace shop::testing
