// The shop with a payment provider whose line breaks once for each file `break` in its working directory.
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include <troupe/cli/command_line.hpp>
#include "apps/shop/first_start.hpp"
#include "apps/shop/session_tokens.hpp"
#include "apps/shop/shop.hpp"

namespace shop::testing {

namespace payment = order::payment;

class BreakingProvider final : public payment::PaymentProvider {
 public:
  static std::unique_ptr<payment::PaymentProvider> make() { return std::make_unique<BreakingProvider>(); }

  troupe::Task<troupe::Done> charge(OrderId order, troupe::Uuid operation, Money amount, troupe::Secret card) override {
    if (std::filesystem::remove("break")) throw std::runtime_error("the line to the provider broke");
    return sandbox_->charge(order, operation, std::move(amount), std::move(card));
  }
  troupe::Task<payment::Verdict> find(OrderId order, troupe::Uuid operation) override {
    return sandbox_->find(order, operation);
  }
  troupe::Task<troupe::Done> refund(OrderId order, troupe::Uuid operation, troupe::Uuid charge, Money amount) override {
    return sandbox_->refund(order, operation, charge, std::move(amount));
  }
  troupe::Task<payment::Movements> movements(OrderId order) override { return sandbox_->movements(order); }

 private:
  std::unique_ptr<payment::PaymentProvider> sandbox_ = order::sandbox::make_provider();
};

class BreakingConnection : public payment::connection::Connection {
 public:
  BreakingConnection() : Connection(&BreakingProvider::make) {}
};

struct OrderDeclaration : order::Declaration {
  using Workers = troupe::Workers<BreakingConnection>;
};

}  // namespace shop::testing

int main(int argc, char** argv) {
  using Domains =
      troupe::node::Domains<shop::user::Declaration, shop::product::Declaration, shop::testing::OrderDeclaration>;
  troupe::node::Application application("shop", "1.0.0");
  application.sessions(&shop::authenticate, "SHOP_TOKEN_KEY");
  application.add(Domains());
  application.on_start(&shop::see_to_first_admin);
  return troupe::cli::run(application, argc, argv);
}
