#include <gtest/gtest.h>

#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <troupe/testing/world.hpp>
#include "actors/product/declaration.hpp"
#include "actors/product/product.hpp"

namespace shop::product {
namespace {

struct Step {
  enum class Kind : std::uint8_t { reserve, ship, restart };
  Kind kind = Kind::reserve;
  std::uint64_t order = 0;
  std::uint32_t revision = 0;
  std::uint32_t quantity = 0;
};

/// What one order last said, as the contract has it.
struct Expected {
  std::uint32_t revision = 0;
  std::uint32_t quantity = 0;
  bool seen = false;
  bool shipped = false;
};

rc::Gen<Step> any_step() {
  return rc::gen::apply(
      [](int kind, std::uint64_t order, std::uint32_t revision, std::uint32_t quantity) {
        const auto of = kind == 0 ? Step::Kind::restart : kind < 3 ? Step::Kind::ship : Step::Kind::reserve;
        return Step{of, order, revision, quantity};
      },
      rc::gen::inRange(0, 20), rc::gen::inRange<std::uint64_t>(1, 4), rc::gen::inRange<std::uint32_t>(1, 6),
      rc::gen::inRange<std::uint32_t>(0, 8));
}

// Messages of three orders, in any order and as often as may be: units are neither made nor lost.
RC_GTEST_PROP(Stock, IsConstantUnderAnyOrderOfMessages, ()) {
  constexpr std::int64_t stock = 12;
  const auto steps = *rc::gen::container<std::vector<Step>>(any_step());
  const troupe::Key lamp(ProductId{{1, 1}});
  troupe::testing::World world(7);
  world.add<Declaration>().attempts(1).start();
  RC_ASSERT(
      (world.ask<Api, Create>(lamp, std::string("Lamp"), std::optional<std::string>(), Money{1, "USD"}, stock)).ok());

  std::map<std::uint64_t, Expected> orders;
  std::int64_t sold = 0;
  std::int64_t held = 0;
  for (const Step& step : steps) {
    Expected& order = orders[step.order];
    const OrderId id{{7, step.order}};
    if (step.kind == Step::Kind::restart) {
      world.restart();
    } else if (step.kind == Step::Kind::ship) {
      RC_ASSERT((world.ask<Api, Ship>(lamp, id)).ok());
      sold += order.quantity;
      held -= order.quantity;
      if (order.quantity > 0) order.shipped = true;
      order.quantity = 0;
    } else {
      const auto reserved = world.ask<Api, Reserve>(lamp, id, Revision{step.revision}, step.quantity);
      const bool repeats = order.seen && step.revision == order.revision && step.quantity == order.quantity;
      const bool newer =
          !order.seen || step.revision > order.revision || (step.revision == order.revision && step.quantity == 0);
      if (order.shipped || !(repeats || newer)) {
        RC_ASSERT(reserved.rejected("superseded"));
      } else if (step.quantity > stock - sold - held + order.quantity) {
        RC_ASSERT(reserved.rejected("out_of_stock"));
      } else {
        RC_ASSERT(reserved.ok());
        held += std::int64_t{step.quantity} - order.quantity;
        order = {step.revision, step.quantity, true, false};
      }
    }
    const auto view = world.ask<Api, Get>(lamp);
    RC_ASSERT(view->reserved == held);
    RC_ASSERT(view->stock + view->reserved + sold == stock);
    RC_ASSERT(view->stock >= 0);
  }
}

}  // namespace
}  // namespace shop::product
