#include "tests/storage/lane/failing_memory.hpp"

#include "tests/storage/lane/lane_fixture.hpp"

// One allocation after the other fails in a store's lane: whatever it was for, all that is told is true.
namespace troupe::storage::test {
namespace {

/// A commit that touches all that one can, and counts how often it was answered.
struct Counted final : CommitRequest {
  int answers = 0;
  void done() override { ++answers; }
};
struct CountedMove final : DeadLetterMove {
  int answers = 0;
  void done() override { ++answers; }
};
struct CountedLoad final : LoadRequest {
  int answers = 0;
  void done() override { ++answers; }
};
struct CountedQuery final : QueryRequest {
  int answers = 0;
  std::size_t seen = 0;
  void read(Snapshot& snapshot) override {
    snapshot.scan({}, [this](const ScannedRow&) {
      ++seen;
      return true;
    });
  }
  void done() override { ++answers; }
};

class AFailingAllocation : public ALane {
 protected:
  /// Lets the n-th allocation of the lane's work fail. False: there were not so many.
  bool run_with_failure(std::size_t n) {
    const FailingMemory failing(n);
    workers_.run();
    return failing.has_failed();
  }
  /// The lane, where it has crashed, comes back.
  void come_back() {
    EXPECT_LE(crashes_.size(), 1U);
    if (!crashes_.empty()) begin();
    for (const auto& trouble : begun_) EXPECT_EQ(trouble, "");
  }
  void start_anew() {
    close();
    std::filesystem::remove_all(folder_.path() / "main");
    crashes_.clear();
    begun_.clear();
    // What is told allocates nothing here.
    crashes_.reserve(8);
    begun_.reserve(8);
    open({});
  }
};

TEST_F(AFailingAllocation, LeavesCommitsDoneOrUndoneAsTheyAreTold) {
  bool has_failed = true;
  std::size_t crashes = 0;
  for (std::size_t n = 0; has_failed; ++n) {
    start_anew();
    const auto sending = put(id_key(100), 0, "0");
    sending->sends = {send_row(1), send_row(2)};
    store_->commit(*sending);
    workers_.run();
    ASSERT_EQ(sending->status, StoreStatus::done);

    std::vector<Counted> commits(3);
    for (std::uint64_t i = 0; i < commits.size(); ++i) {
      commits[i].key = id_key(i);
      commits[i].state = CommitRequest::State::put;
      commits[i].body = std::string(100, 'x');
      commits[i].tables = {{0, "item", std::string(100, 'y')}};
      commits[i].sends = {send_row(1)};
      commits[i].inbox = {{uuid(500 + i), std::string(100, 'z'), {}}};
      store_->commit(commits[i]);
    }
    CountedMove move;
    move.letter.sender = id_key(100);
    move.letter.send.sequence = 1;
    move.letter.reason = std::string(100, 'r');
    store_->move(move);
    store_->acknowledge(id_key(100), 2);
    has_failed = run_with_failure(n);
    crashes += crashes_.size();
    come_back();
    for (std::uint64_t i = 0; i < commits.size(); ++i) {
      SCOPED_TRACE(::testing::Message() << "allocation " << n << ", commit " << i << ": " << commits[i].detail);
      EXPECT_EQ(commits[i].answers, 1);
      EXPECT_NE(commits[i].status, StoreStatus::unknown) << "nothing was thrown by COMMIT";
      EXPECT_EQ(version_of(i), commits[i].status == StoreStatus::done ? 1U : 0U);
      if (commits[i].status != StoreStatus::done) {
        EXPECT_EQ(put_now(i, 0, "again"), StoreStatus::done);
      }
    }
    EXPECT_EQ(move.answers, 1);
    const bool is_buried = move.status == StoreStatus::done && move.found;
    EXPECT_EQ(store_->dead_letters(), is_buried ? 1U : 0U) << "allocation " << n;
  }
  EXPECT_GT(crashes, 5U);
}

TEST_F(AFailingAllocation, LeavesNoReadWithoutAnAnswer) {
  bool has_failed = true;
  std::size_t crashes = 0;
  for (std::size_t n = 0; has_failed; ++n) {
    start_anew();
    for (std::uint64_t i = 0; i < 3; ++i) ASSERT_EQ(put_now(i, 0, std::string(100, 'x')), StoreStatus::done);
    std::vector<CountedLoad> loads(3);
    for (std::uint64_t i = 0; i < loads.size(); ++i) {
      loads[i].key = id_key(i);
      store_->load(loads[i]);
    }
    CountedQuery query;
    store_->query(query);
    has_failed = run_with_failure(n);
    crashes += crashes_.size();
    come_back();
    for (const auto& load : loads) {
      EXPECT_EQ(load.answers, 1) << n;
      EXPECT_TRUE(load.status == StoreStatus::done || load.status == StoreStatus::unavailable) << n;
      if (load.status == StoreStatus::done) {
        EXPECT_EQ(load.state.version, 1U) << n;
      }
    }
    EXPECT_EQ(query.answers, 1) << n;
    if (query.status == StoreStatus::done) {
      EXPECT_EQ(query.seen, 3U) << n;
    }
    SCOPED_TRACE(::testing::Message() << "allocation " << n << ": " << query.detail);
    EXPECT_EQ(version_of(1), 1U);
  }
  EXPECT_GT(crashes, 3U);
}

TEST_F(AFailingAllocation, LetsALaneComeBackAtTheNextTry) {
  bool has_failed = true;
  for (std::size_t n = 0; has_failed; ++n) {
    start_anew();
    ASSERT_EQ(put_now(1, 0, "1"), StoreStatus::done);
    store_->end_lane(LaneEnd::at_once, [] {});
    workers_.run();
    EXPECT_FALSE(store_->begin_lane(watcher()));
    has_failed = run_with_failure(n);
    ASSERT_EQ(begun_.size(), 1U) << n;
    if (!begun_.back().empty()) begin();
    EXPECT_EQ(begun_.back(), "") << n;
    EXPECT_EQ(version_of(1), 1U);
    EXPECT_EQ(put_now(1, 1, "2"), StoreStatus::done);
  }
}

}  // namespace
}  // namespace troupe::storage::test
