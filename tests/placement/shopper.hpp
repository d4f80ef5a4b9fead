#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <troupe/testing/scenario.hpp>

namespace shop::testing {

using troupe::testing::Header;
using troupe::testing::HttpAnswer;
using troupe::testing::HttpRequest;
using troupe::testing::ScenarioDriver;

inline constexpr const char* good_card = R"({"card":"4242424242424242"})";
inline constexpr const char* declined_card = R"({"card":"4000000000000002"})";
inline constexpr const char* silent_card = R"({"card":"4000000000000119"})";

struct Line {
  std::string product;
  std::uint32_t quantity = 1;
};

// Bodies of requests.
std::string profile_of(std::string_view email, std::string_view name);
std::string product_of(std::string_view name, std::int64_t price, std::int64_t stock);
std::string order_of(const std::vector<Line>& lines);

/// Somebody who uses the shop on a driver: with a token, or as anyone.
class Shopper {
 public:
  explicit Shopper(ScenarioDriver& driver) : stage_(&driver) {}
  Shopper(ScenarioDriver& driver, std::string path, Header token)
      : stage_(&driver), path_(std::move(path)), headers_{std::move(token)} {}

  /// Of this one's user.
  const std::string& path() const { return path_; }

  HttpAnswer get(const std::string& target, std::vector<Header> more = {});
  HttpAnswer post(const std::string& target, std::string body, std::vector<Header> more = {});
  HttpAnswer put(const std::string& target, std::string body, std::vector<Header> more = {});
  HttpAnswer remove(const std::string& target);
  /// A request in this one's name, to be asked together with others.
  HttpRequest request(std::string method, std::string target, std::string body = {});

  /// Creates a product and returns its id.
  std::string create(std::string_view name, std::int64_t price, std::int64_t stock);
  /// Places an order and returns its path.
  std::string place(const std::vector<Line>& lines);
  /// Every page of a listing.
  void list(const std::string& target, int limit);

 private:
  std::vector<Header> with(std::vector<Header> more) const;

  ScenarioDriver* stage_;
  std::string path_;
  std::vector<Header> headers_;
};

/// A customer with an e-mail that nobody has.
Shopper sign_up(ScenarioDriver& driver, std::string_view email);
Shopper sign_in(ScenarioDriver& driver, std::string_view email);
Shopper admin(ScenarioDriver& driver);

/// The last segment of a path.
std::string id_of(const std::string& path);

}  // namespace shop::testing
