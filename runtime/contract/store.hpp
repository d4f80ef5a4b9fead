#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/contract/failure.hpp>
#include <troupe/contract/key.hpp>
#include <troupe/contract/principal.hpp>
#include <troupe/contract/stored.hpp>
#include <troupe/wire/time.hpp>

/// The port through which the engine reaches durable state; runtime/storage puts databases behind it.
namespace troupe {

/// How an operation on the store ended. Of all but `done` and `unknown` it is certain that nothing was done.
enum class StoreStatus : std::uint8_t {
  done,
  fenced,       ///< the row's version is not the expected one: another commit came between; nothing was written
  full,         ///< no space: nothing was written
  overloaded,   ///< too much waits for the database already: nothing was written
  unavailable,  ///< the database can't be reached, is closed or refused the work: nothing was written
  unknown,      ///< failed while committing: reload before going on
  corrupt,      ///< a row can't be read or understood; `detail` says which
};

/// What callers are told of work that the store has not done, where nothing closer is known.
constexpr FailureCode refusal_code(StoreStatus status) {
  return status == StoreStatus::overloaded ? failure_code::overloaded : failure_code::unavailable;
}

/// What one protocol keeps: its name, its state's layout and the indexes its entities declare.
struct StoreDeclaration {
  /// A stored body's value for each index, in the order of `indexes`; empty where the state has none.
  using IndexValues = std::function<std::vector<std::optional<IndexValue>>(const Key& key, std::uint32_t layout,
                                                                           std::string_view body)>;

  std::string protocol;
  std::vector<IndexDeclaration> indexes;
  /// The state's declared `version`. When it has risen, opening rebuilds every index; a higher stored one is refused.
  std::uint32_t layout = 1;
  /// Fills an index that is new, has another type or is rebuilt; runs inside StoreFactory::open. May throw.
  IndexValues index_values;
};

/// A message to be delivered at least once, in its sender's own sequence.
struct OutboxRow {
  std::uint64_t sequence = 0;  ///< of the sender: increasing, not gapless
  Uuid operation;
  std::string protocol;  ///< of the receiver
  Key target;
  std::string message;  ///< the message's name in the receiver's protocol
  std::string body;     ///< JSON
  Principal principal;
  std::string trace;  ///< W3C traceparent, or empty
  Time at{};
};

/// An operation that was done, and its answer, for whoever repeats it.
struct InboxRow {
  Uuid operation;
  std::string reply;  ///< JSON
  Time at{};
};

/// All that one turn makes durable, or nothing of it.
///
/// Lifetime: the caller keeps it until `done()` was called, which is the store's last touch.
/// Threads: `done()` runs on a thread of the store and only hands the request back to its loop.
struct CommitRequest {
  enum class State : std::uint8_t { untouched, put, erase };

  Key key;
  std::uint64_t expected_version = 0;  ///< the row's version before; the commit makes it one more
  std::uint32_t layout = 1;
  State state = State::untouched;  ///< `untouched` still raises the version
  std::string body;
  std::vector<TableChange> tables;
  std::vector<IndexChange> indexes;
  std::vector<OutboxRow> sends;
  std::vector<InboxRow> inbox;

  StoreStatus status = StoreStatus::unavailable;  ///< set before done()
  std::string detail;                             ///< for people, when the status is not `done`
  /// Set before done(), where an `erase` took the whole row: the entity is as never written, its next version is 1.
  /// A row whose sends still wait to be delivered, or are dead letters, is kept without its body, so that their
  /// sequence goes on.
  bool row_is_gone = false;

  virtual void done() = 0;

 protected:
  ~CommitRequest() = default;
};

/// Reads one entity's state, or looks an operation up. Lifetime and threads: as CommitRequest.
struct LoadRequest {
  Key key;
  std::optional<Uuid> operation;  ///< look this operation up in the inbox instead of loading the state

  StoreStatus status = StoreStatus::unavailable;
  std::string detail;
  StoredState state;
  std::optional<InboxRow> found;  ///< the operation's row

  virtual void done() = 0;

 protected:
  ~LoadRequest() = default;
};

/// A send that was given up, because its receiver crashed on it again and again.
struct DeadLetter {
  Key sender;
  OutboxRow send;
  std::uint32_t attempts = 0;  ///< deliveries on which the receiver crashed
  std::string reason;          ///< what the last one ended with, for people
  Time died_at{};
};

/// Takes a send out of the order of deliveries, or back into it. Lifetime and threads: as CommitRequest.
struct DeadLetterMove {
  enum class Action : std::uint8_t {
    bury,    ///< from the outbox to the dead letters
    revive,  ///< back to its place in the outbox
    drop,    ///< out of the dead letters, for good
  };

  Action action = Action::bury;
  /// To bury, `sender` and `send.sequence` say which one, and the rest but `send` is kept with it. Otherwise
  /// `send.operation` says which one, and all of it is set before done().
  DeadLetter letter;

  StoreStatus status = StoreStatus::unavailable;
  std::string detail;
  /// Set before done(): whether it was there to be moved. A burial that is asked for again finds nothing, and is done.
  bool found = false;

  virtual void done() = 0;

 protected:
  ~DeadLetterMove() = default;
};

/// Runs `read` on a thread of the store. Lifetime and threads: as CommitRequest.
struct QueryRequest {
  StoreStatus status = StoreStatus::unavailable;
  std::string detail;

  /// On a thread of the store, inside a read transaction. An exception becomes status `corrupt` with its text.
  virtual void read(Snapshot& snapshot) = 0;
  virtual void done() = 0;

 protected:
  ~QueryRequest() = default;
};

/// Sends that were committed and not acknowledged when the store was opened, by sender and sequence.
struct PendingSend {
  Key sender;
  OutboxRow row;
};

/// Who hears of a store's lane; neither throws. Threads: of any. Lifetime: until close() has returned.
struct LaneWatcher {
  /// It is up, or why it can't be.
  std::function<void(std::string trouble)> begun;
  /// It is down by itself: what was thrown.
  std::function<void(std::string what)> crashed;
};

/// What becomes of what waits in a lane that ends.
enum class LaneEnd : std::uint8_t { when_done, at_once };

/// The durable state of one protocol on one node.
///
/// Its work is done in a *lane*, threads and connections that fail as one and are made anew as one. It is up once the
/// store is open. Where something is thrown in it that is no request's failure, it crashes: what is under way is told
/// as it is known, what waits is refused. While it is down, so is everything asked for; acknowledgements wait.
///
/// Threads: every member may be called from any thread; none blocks on the disk except the constructor of the
/// implementation and `close`.
class Store {
 public:
  virtual ~Store() = default;

  virtual void load(LoadRequest& request) = 0;
  virtual void commit(CommitRequest& request) = 0;
  virtual void query(QueryRequest& request) = 0;

  /// What was left in the outbox at opening. Called once, before the first commit.
  virtual std::vector<PendingSend> take_pending_sends() = 0;
  /// Removes a delivered send, lazily, with some later commit or within a bounded time: it may be delivered again.
  virtual void acknowledge(const Key& sender, std::uint64_t sequence) = 0;

  virtual void move(DeadLetterMove& request) = 0;
  /// How many dead letters there are.
  virtual std::uint64_t dead_letters() const = 0;

  /// Makes the lane anew where it is down, in the place of one that still ends, and has it watched from now on. True:
  /// it is up already, and `begun` is not told.
  virtual bool begin_lane(LaneWatcher watcher) = 0;
  /// Takes the lane down. `ended` is told when nothing of it is under way.
  virtual void end_lane(LaneEnd how, std::function<void()> ended) = 0;

  /// Ends all work accepted so far, then refuses more with `unavailable`. Idempotent.
  virtual void close() = 0;

  /// A short statement for health checks: empty when the store takes commits, else why it doesn't.
  virtual std::string trouble() const = 0;
};

/// Opens the stores of one node's protocols; one per node. Errors: throws std::runtime_error whose text says what is
/// wrong with which file and what to do.
class StoreFactory {
 public:
  virtual ~StoreFactory() = default;
  virtual std::unique_ptr<Store> open(const StoreDeclaration& declaration) = 0;
};

}  // namespace troupe
