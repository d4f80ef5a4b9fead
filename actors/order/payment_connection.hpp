#pragma once

#include <memory>
#include <string>

#include <troupe/actor.hpp>
#include "actors/order/payment_provider.hpp"
#include "actors/order/sandbox.hpp"

namespace shop::order::payment::connection {

/// Takes the money, once for each operation; unknown where the provider does not answer. Reply: Done. Rejects:
/// payment_declined. Once: what became of one without an answer is for Find to tell.
struct Charge {
  using Is = troupe::Once<>;
  static constexpr auto rejects = troupe::codes("payment_declined");
  OrderId order;
  troupe::Uuid operation;
  Money amount;
  troupe::Secret card;
};

/// What became of a charge; one that the provider does not know is given up there. Reply: Resolved. Idempotent.
struct Find {
  using Is = troupe::Idempotent<Resolved>;
  OrderId order;
  troupe::Uuid operation;
};

/// Gives a charge back, once for each operation. Reply: Done. Idempotent.
struct Refund {
  using Is = troupe::Idempotent<>;
  OrderId order;
  troupe::Uuid operation;
  troupe::Uuid charge;
  Money amount;
};

/// What the provider really did for an order. Reply: Movements. Read.
struct List {
  using Is = troupe::Read<Movements>;
  OrderId order;
};

using Api = troupe::Protocol<"payment_connection", Charge, Find, Refund, List>;

/// A node's connection to the payment provider: the worker `provider` beside its payments. What fails in it ends here,
/// and its next life begins with a provider made anew; payments then hear that nothing was done, or that nobody knows.
class Connection : public troupe::Worker<Api, troupe::Asks<sandbox::Api>> {
 public:
  /// A silent provider holds up nobody else's payment.
  static constexpr troupe::WorkerSpec spec{.name = "provider", .turns = troupe::Turns::interleaved};
  using Beside = payment::Api;
  using MakeProvider = std::unique_ptr<PaymentProvider> (*)();

  /// Another provider takes the sandbox's place here, and in what the connection asks.
  explicit Connection(MakeProvider make_provider = &sandbox::make_provider) : provider_(make_provider()) {}

  troupe::Task<troupe::Done> on(Charge m);
  troupe::Task<Resolved> on(Find m);
  troupe::Task<troupe::Done> on(Refund m);
  troupe::Task<Movements> on(List m) const;

 private:
  std::unique_ptr<PaymentProvider> provider_;
};

}  // namespace shop::order::payment::connection
