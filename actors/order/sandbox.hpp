#pragma once

#include <memory>
#include <vector>

#include <troupe/actor.hpp>
#include "actors/order/payment_provider.hpp"

/// The built-in payment provider: it moves no money, but keeps durable books as a real one would.
namespace shop::order::sandbox {

inline constexpr std::string_view approved_card = "4242424242424242";
inline constexpr std::string_view silent_card = "4000000000000119";  ///< charged, and never answered

/// For so long a query does not find what the silent card was charged.
inline constexpr troupe::Duration silence = std::chrono::seconds(1);
/// For so long the shop waits for an answer to a charge.
inline constexpr troupe::Duration patience = std::chrono::milliseconds(250);

struct Answer {
  enum class Kind : std::uint8_t { approved, declined, none };

  Kind kind = Kind::declined;
};

/// Reply: Answer. Idempotent.
struct Charge {
  using Is = troupe::Idempotent<Answer>;
  troupe::Uuid operation;
  Money amount;
  troupe::Secret card;
};

/// What became of a charge; an unknown one is refused from now on. Reply: payment::Resolved. Idempotent.
struct Find {
  using Is = troupe::Idempotent<payment::Resolved>;
  troupe::Uuid operation;
};

/// Reply: Done. Rejects: not_found (no such charge). Idempotent.
struct Refund {
  using Is = troupe::Idempotent<>;
  troupe::Uuid operation;
  troupe::Uuid charge;
  Money amount;
};

/// Reply: the books. Read.
struct List {
  using Is = troupe::Read<payment::Movements>;
};

using Api = troupe::Protocol<"sandbox", Charge, Find, Refund, List>;

struct State {
  std::vector<payment::Movement> books;
  std::vector<troupe::Uuid> refused;     ///< charges, latest last
  std::vector<troupe::Uuid> unanswered;  ///< charges of the silent card
};

/// The provider's books for one order.
class Sandbox : public troupe::Entity<Api, State> {
 public:
  troupe::Task<Answer> on(Charge m);
  troupe::Task<payment::Resolved> on(Find m);
  troupe::Task<troupe::Done> on(Refund m);
  troupe::Task<payment::Movements> on(List) const;

 private:
  const payment::Movement* find(troupe::Uuid operation) const;
  bool is_unanswered(troupe::Uuid operation) const;
  void refuse(troupe::Uuid operation);
};

/// The way to the sandbox's books.
std::unique_ptr<payment::PaymentProvider> make_provider();

}  // namespace shop::order::sandbox
