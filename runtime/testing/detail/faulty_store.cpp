#include <troupe/testing/detail/faulty_store.hpp>

#include <utility>

namespace troupe::testing::detail {

namespace {

constexpr const char* as_asked = "the test lets this commit fail";

/// A commit that is done, of which whoever asked for it hears that it may be.
class KeptCommit final : public CommitRequest {
 public:
  explicit KeptCommit(CommitRequest& asked) : CommitRequest(asked), asked_(asked) {}

  void done() override {
    const std::unique_ptr<KeptCommit> self(this);
    const bool written = status == StoreStatus::done;
    asked_.status = written ? StoreStatus::unknown : status;
    asked_.detail = written ? as_asked : detail;
    asked_.done();
  }

 private:
  CommitRequest& asked_;
};

StoreStatus status_of(CommitFault fault) {
  switch (fault) {
    case CommitFault::full:
      return StoreStatus::full;
    case CommitFault::unavailable:
      return StoreStatus::unavailable;
    default:
      return StoreStatus::unknown;
  }
}

}  // namespace

void FaultyStore::commit(CommitRequest& request) {
  if (script_.held) {
    waiting_.push_back(&request);
  } else {
    pass(request);
  }
}

void FaultyStore::release() {
  for (CommitRequest* request : std::exchange(waiting_, {})) pass(*request);
}

void FaultyStore::pass(CommitRequest& request) {
  ++script_.commits;
  if (script_.results.empty()) return store_->commit(request);
  const std::optional<CommitFault> result = script_.results.front();
  script_.results.pop_front();
  if (!result) return store_->commit(request);
  const CommitFault fault = *result;
  if (fault == CommitFault::kept) return store_->commit(*new KeptCommit(request));
  request.status = status_of(fault);
  request.detail = as_asked;
  worker_->post([&request] { request.done(); });
}

void FaultyStore::close() {
  waiting_.clear();
  worker_.reset();
  store_->close();
}

}  // namespace troupe::testing::detail
