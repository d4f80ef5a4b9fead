#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <troupe/contract/store.hpp>
#include <troupe/loop/worker.hpp>
#include <troupe/testing/commit_fault.hpp>

namespace troupe::testing::detail {

/// What a test has told of the commits to come, and how many have come.
struct CommitScript {
  std::deque<std::optional<CommitFault>> results;  ///< of the next ones; then they pass
  std::size_t commits = 0;
  bool held = false;
};

/// A store whose next commits end as a test says; beyond these it is the store that it stands before.
///
/// Lifetime: `script` outlives it. Threads: a simulation's one.
class FaultyStore final : public Store {
 public:
  FaultyStore(std::unique_ptr<Store> store, loop::WorkerFactory& workers, CommitScript& script)
      : store_(std::move(store)), worker_(workers.make("faults")), script_(script) {}

  void load(LoadRequest& request) override { store_->load(request); }
  void commit(CommitRequest& request) override;
  void query(QueryRequest& request) override { store_->query(request); }
  std::vector<PendingSend> take_pending_sends() override { return store_->take_pending_sends(); }
  void acknowledge(const Key& sender, std::uint64_t sequence) override { store_->acknowledge(sender, sequence); }
  void move(DeadLetterMove& request) override { store_->move(request); }
  std::uint64_t dead_letters() const override { return store_->dead_letters(); }
  bool begin_lane(LaneWatcher watcher) override { return store_->begin_lane(std::move(watcher)); }
  void end_lane(LaneEnd how, std::function<void()> ended) override { store_->end_lane(how, std::move(ended)); }
  /// Ends the commits that were accepted; those that are held are lost.
  void close() override;
  std::string trouble() const override { return store_->trouble(); }

  /// Lets the held commits go on, in their order.
  void release();
  /// The store that this one stands before.
  Store& whole() { return *store_; }

 private:
  void pass(CommitRequest& request);

  std::unique_ptr<Store> store_;
  std::unique_ptr<loop::Worker> worker_;
  CommitScript& script_;
  std::deque<CommitRequest*> waiting_;
};

}  // namespace troupe::testing::detail
