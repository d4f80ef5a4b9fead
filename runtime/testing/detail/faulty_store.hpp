#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include <troupe/contract/store.hpp>
#include <troupe/loop/worker.hpp>
#include <troupe/testing/commit_fault.hpp>

namespace troupe::testing::detail {

/// A store whose next commits end as a test says; beyond these it is the store that it stands before.
///
/// Lifetime: `faults` outlives it. Threads: a simulation's one.
class FaultyStore final : public Store {
 public:
  FaultyStore(std::unique_ptr<Store> store, loop::WorkerFactory& workers, std::deque<CommitFault>& faults)
      : store_(std::move(store)), worker_(workers.make("faults")), faults_(faults) {}

  void load(LoadRequest& request) override { store_->load(request); }
  void commit(CommitRequest& request) override;
  void query(QueryRequest& request) override { store_->query(request); }
  std::vector<PendingSend> take_pending_sends() override { return store_->take_pending_sends(); }
  void acknowledge(const Key& sender, std::uint64_t sequence) override { store_->acknowledge(sender, sequence); }
  void close() override;
  std::string trouble() const override { return store_->trouble(); }

 private:
  std::unique_ptr<Store> store_;
  std::unique_ptr<loop::Worker> worker_;
  std::deque<CommitFault>& faults_;
};

}  // namespace troupe::testing::detail
