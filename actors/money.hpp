#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include <troupe/actor.hpp>

namespace shop {

/// An amount in the minor units of its currency: `{1999, "USD"}` is 19.99 US dollars.
struct Money {
  static constexpr std::int64_t max_amount = 9'000'000'000;

  std::int64_t amount = 0;
  std::string currency;  ///< ISO 4217: "EUR"

  static bool is_currency(std::string_view code) {
    return code.size() == 3 && std::ranges::all_of(code, [](char c) { return c >= 'A' && c <= 'Z'; });
  }
  static void check(troupe::Checker<Money>& c) {
    c.field(&Money::amount).range(0, max_amount);
    c.field(&Money::currency).matches(&is_currency, "three capital letters");
  }

  friend bool operator==(const Money&, const Money&) = default;
};

}  // namespace shop
