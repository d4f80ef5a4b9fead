#include "tests/crash/ledger.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <iterator>

namespace shop::testing {
namespace {

using ::testing::AssertionFailure;
using ::testing::AssertionResult;
using ::testing::AssertionSuccess;

Lines lines_of(const Json& order) {
  Lines lines;
  for (const auto& item : order.at("items").as_array()) lines[text(item, "product_id")] += number(item, "quantity");
  return lines;
}

bool has(const std::set<std::string>& statuses, const char* status) { return statuses.contains(status); }

/// A status that an answer has shown is final, or can only have been followed by these.
bool may_follow(const std::set<std::string>& reached, const std::string& status) {
  if (has(reached, "shipped") || has(reached, "cancelled") || has(reached, "expired"))
    return has(reached, status.c_str());
  if (has(reached, "paid")) return status == "paid" || status == "shipped" || status == "cancelled";
  return true;
}

/// No order is charged twice, none is paid or shipped without a charge, and what is not sold is paid back.
AssertionResult charges_match(const std::string& id, const Json& order, Session& admin) {
  const auto done = elements(expecting(200, admin.get("/payments?order_id=" + id)).json(), "items");
  const auto kinds = pluck(done, "kind");
  const auto charges = std::ranges::count(kinds, "charge");
  const auto refunds = std::ranges::count(kinds, "refund");
  const auto status = text(order, "status");
  const bool sold = status == "paid" || status == "shipped";
  if (charges > 1 || refunds > charges || (sold && (charges != 1 || refunds != 0)) || (!sold && charges != refunds)) {
    return AssertionFailure() << id << " is " << status << " with " << charges << " charges, " << refunds << " refunds";
  }
  for (const auto& payment : done) {
    if (payment.at("amount") != order.at("total")) {
      return AssertionFailure() << id << " costs " << boost::json::serialize(order.at("total")) << ", but "
                                << boost::json::serialize(payment);
    }
  }
  return AssertionSuccess();
}

}  // namespace

void Ledger::put_in(const std::string& product, std::int64_t units) {
  const std::scoped_lock lock{mutex_};
  put_in_[product] += units;
}

void Ledger::placed(const std::string& order, const Lines& lines) {
  const std::scoped_lock lock{mutex_};
  orders_[order].possible = {lines};
}

void Ledger::reached(const std::string& order, const std::string& status) {
  const std::scoped_lock lock{mutex_};
  orders_[order].reached.insert(status);
}

void Ledger::edited(const std::string& order, const Lines& lines) {
  const std::scoped_lock lock{mutex_};
  orders_[order].possible = {lines};
}

void Ledger::perhaps_edited(const std::string& order, const Lines& lines) {
  const std::scoped_lock lock{mutex_};
  orders_[order].possible.push_back(lines);
}

std::string Ledger::any_order(std::mt19937& random) const {
  const std::scoped_lock lock{mutex_};
  if (orders_.empty()) return {};
  return std::next(orders_.begin(), static_cast<std::ptrdiff_t>(random() % orders_.size()))->first;
}

AssertionResult Ledger::matches(Session& admin) const {
  std::map<std::string, Json> shown;
  for (auto& order : list(admin, "/orders")) {
    const auto id = text(order, "id");
    if (!shown.emplace(id, std::move(order)).second) return AssertionFailure() << id << " is listed twice";
  }
  const std::scoped_lock lock{mutex_};
  if (const auto result = knows_every_order(shown, admin); !result) return result;
  for (const auto& [id, order] : shown) {
    if (const auto result = charges_match(id, order, admin); !result) return result;
  }
  return conserves_stock(shown, admin);
}

AssertionResult Ledger::knows_every_order(const std::map<std::string, Json>& shown, Session& admin) const {
  for (const auto& [id, order] : orders_) {
    const auto found = shown.find(id);
    if (found == shown.end()) return AssertionFailure() << id << " was answered, and is not listed";
    const auto status = text(found->second, "status");
    if (!may_follow(order.reached, status)) {
      auto failure = AssertionFailure() << id << " is " << status << " after answers that it is";
      for (const auto& reached : order.reached) failure << ' ' << reached;
      return failure;
    }
    if (!order.possible.empty() && std::ranges::count(order.possible, lines_of(found->second)) == 0) {
      return AssertionFailure() << id << " lost an answered edit: " << boost::json::serialize(found->second);
    }
    if (!has(order.reached, "paid")) continue;
    const auto history = elements(expecting(200, admin.get("/orders/" + id + "/status")).json(), "history");
    if (std::ranges::count(pluck(history, "status"), "paid") != 1) {
      return AssertionFailure() << id << " was answered as paid, which its history does not tell once";
    }
  }
  return AssertionSuccess();
}

AssertionResult Ledger::conserves_stock(const std::map<std::string, Json>& shown, Session& admin) const {
  Lines held;
  Lines sold;
  for (const auto& [id, order] : shown) {
    const auto status = text(order, "status");
    for (const auto& [product, quantity] : lines_of(order)) {
      if (status == "placed" || status == "paid") held[product] += quantity;
      if (status == "shipped") sold[product] += quantity;
    }
  }
  for (const auto& [product, total] : put_in_) {
    const auto now = units(admin, product);
    if (now.stock < 0 || now.reserved != held[product] || now.stock + now.reserved + sold[product] != total) {
      return AssertionFailure() << product << " has stock " << now.stock << ", reserved " << now.reserved
                                << "; its orders hold " << held[product] << " and have bought " << sold[product]
                                << " of " << total << " that were put in";
    }
  }
  return AssertionSuccess();
}

}  // namespace shop::testing
