#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "tests/crash/ledger.hpp"
#include "tests/shop/background.hpp"
#include "tests/shop/shop_test.hpp"

namespace shop::testing {

/// The seed of this run: TROUPE_TEST_SEED, or the same one every time. Printed, so that a failure can be repeated.
std::uint32_t test_seed();

/// Customers who place, edit, pay and cancel, and admins who deliver, ship and cancel, all at once and at random, on
/// few products. Every answer goes into the ledger; a call that got none is kept, to be repeated with its idempotency
/// key.
class Workload {
 public:
  Workload(const RunningShop& shop, std::uint32_t seed) : Workload(shop.address(), seed) {}
  /// Of the shop that serves there.
  Workload(const std::string& address, std::uint32_t seed);
  ~Workload();
  Workload(const Workload&) = delete;
  Workload& operator=(const Workload&) = delete;

  /// Starts all clients; each ends by itself when its connection is lost.
  void start(const std::string& address);

  /// Lets every client finish the call that it is in.
  void stop();

  /// Repeats the calls that got no answer until they get one.
  void repeat_unanswered(const std::string& address);

  /// Some of the customers delete themselves.
  void delete_some_customers(const std::string& address);

  /// How many calls have been answered with 2xx since the beginning.
  int acknowledged() const { return acknowledged_; }
  /// How many clients have lost their connection, or waited in vain for an answer.
  int cut_off() const { return cut_off_; }

  const Ledger& ledger() const { return ledger_; }
  const std::string& admin_token() const { return admin_token_; }

 private:
  /// A POST with an idempotency key, and what its answer means for the ledger.
  struct Call {
    std::string token;
    std::string target;
    Json body;
    std::string key;
    std::function<void(const Answer&)> acknowledge;
  };

  struct Client;

  void post(Session& session, Call call);
  void act_as_customer(Client& client, Session& session);
  void act_as_admin(Client& client, Session& session);
  void place(Client& client, Session& session);
  void pay(Client& client, Session& session, const std::string& order);
  void edit(Client& client, Session& session, const std::string& order);
  void cancel(Session& session, const std::string& order);
  void deliver(Client& client, Session& session);
  void ship(Session& session, const std::string& order);
  void look_at_a_product(Client& client, Session& session);
  void settle(const Call& call, const Answer& answer);
  std::string next_key();
  Lines random_lines(Client& client) const;

  std::string admin_token_;
  std::vector<std::string> products_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<Background> threads_;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> acknowledged_ = 0;
  std::atomic<int> cut_off_ = 0;
  std::atomic<int> keys_ = 0;
  Ledger ledger_;
  std::mutex mutex_;
  std::deque<Call> unanswered_;
};

}  // namespace shop::testing
