#pragma once

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>

#include <troupe/actor.hpp>
#include "actors/wishlist/api.hpp"

namespace shop::wishlist::favourite {

struct View {
  std::optional<ProductId> product_id;
  std::uint32_t wishes = 0;
};

/// The product that most users wish for. Reply: the product, as of the last minute.
struct Get {
  using Is = troupe::Read<View>;
};

struct Api : troupe::Protocol<"favourite", Get> {};

/// Counts the latest wishes once a minute, so that nobody has to who wants to know.
class Favourite : public troupe::Worker<Api, troupe::Asks<wishlist::Api, List>> {
 public:
  static constexpr troupe::WorkerSpec spec{.name = "favourite"};

  troupe::Task<troupe::Done> run() override {
    for (;; co_await troupe::pause(std::chrono::minutes(1))) {
      const auto latest = co_await troupe::directory<wishlist::Api>().ask<List>(200U, std::nullopt, std::nullopt);
      favourite_ = most_wished(latest.items);
    }
  }
  troupe::Task<View> on(Get) const { co_return favourite_; }

 private:
  static View most_wished(const std::vector<wishlist::View>& wishes) {
    std::map<ProductId, std::uint32_t> counts;
    View most;
    for (const auto& wish : wishes) {
      if (++counts[wish.product_id] > most.wishes) most = {wish.product_id, counts[wish.product_id]};
    }
    return most;
  }

  View favourite_;
};

}  // namespace shop::wishlist::favourite
