#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <troupe/contract/store.hpp>
#include <troupe/loop/worker.hpp>

namespace troupe::engine {

/// A store in memory whose next answers a test may choose: what a database does only on a bad day.
class ScriptedStore final : public Store {
 public:
  explicit ScriptedStore(loop::WorkerFactory& workers) : workers_(workers), worker_(workers.make("scripted")) {}

  struct Row {
    StoredState state;
  };

  std::map<Key, StoredState> rows;
  std::map<Key, std::map<std::uint16_t, IndexValue>> indexes;
  std::map<std::pair<Key, Uuid>, InboxRow> inbox;
  std::vector<PendingSend> outbox;
  std::vector<DeadLetter> letters;
  std::vector<PendingSend> left_over;    ///< what take_pending_sends() gives
  std::deque<StoreStatus> next_commits;  ///< statuses of the next commits; then `done`
  bool keep_unknown = false;             ///< commits that end as `unknown` are done all the same
  std::deque<StoreStatus> next_loads;
  std::deque<StoreStatus> next_queries;
  std::deque<StoreStatus> next_moves;
  std::size_t commits = 0;
  std::size_t loads = 0;
  std::size_t moves = 0;
  std::uint64_t letters_beside = 0;  ///< dead letters that are only counted
  bool held = false;                 ///< commits and moves wait until release()
  std::string fails_to_acknowledge;  ///< what the next acknowledgement throws; empty: nothing
  void release();
  bool loads_held = false;  ///< loads wait until release_loads()
  void release_loads();

  /// The lane crashes: what is held is refused, as is what comes until it is begun again.
  void crash(std::string what);
  std::string
      crashes_at_commit;         ///< the next commit ends as `unknown`, and the lane with it by this; empty: it goes on
  std::string refuses_to_begin;  ///< why a lane that is down does not come up; empty: it does
  std::size_t lanes_begun = 0;   ///< such as were down before
  std::vector<LaneEnd> lanes_ended;  ///< by order, each with how
  bool lane_is_up() const { return !is_down_; }

  void load(LoadRequest& request) override;
  void commit(CommitRequest& request) override;
  void query(QueryRequest& request) override;
  std::vector<PendingSend> take_pending_sends() override { return std::move(left_over); }
  void acknowledge(const Key& sender, std::uint64_t sequence) override;
  void move(DeadLetterMove& request) override;
  std::uint64_t dead_letters() const override { return letters.size() + letters_beside; }
  bool begin_lane(LaneWatcher watcher) override;
  void end_lane(LaneEnd how, std::function<void()> ended) override;
  /// Ends what was accepted, so that an engine may go; commits that are held are gone. It may be used again.
  void close() override {
    waiting_.clear();
    release_loads();
    release();
    worker_ = nullptr;
    worker_ = workers_.make("scripted");
  }
  std::string trouble() const override { return {}; }

 private:
  template <class Request>
  bool refused(Request& request) const;
  void refuse_held();
  void lane_crashed(const std::string& what);
  void apply(CommitRequest& request);
  void apply(DeadLetterMove& request);

  loop::WorkerFactory& workers_;
  std::unique_ptr<loop::Worker> worker_;
  LaneWatcher watcher_;
  bool is_down_ = false;
  std::deque<CommitRequest*> waiting_;
  std::deque<LoadRequest*> waiting_loads_;
  std::deque<DeadLetterMove*> waiting_moves_;
};

}  // namespace troupe::engine
