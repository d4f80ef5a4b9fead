#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <troupe/contract/store.hpp>
#include <troupe/loop/worker.hpp>
#include <troupe/storage/stored_entity.hpp>
#include <troupe/testing/commit_fault.hpp>
#include <troupe/testing/detail/faulty_store.hpp>

namespace troupe::testing {

/// What one protocol of a World keeps at rest, and what becomes of its commits: for tests that look behind the answers.
///
/// ```
/// world.store("order").let_commits_pass(1);
/// world.store("order").fail_next_commit(CommitFault::full);  // so the second
/// ```
/// Lifetime: the world's, across its restarts. Threads: one.
class ProtocolStore {
 public:
  ProtocolStore() = default;
  ProtocolStore(const ProtocolStore&) = delete;
  ProtocolStore& operator=(const ProtocolStore&) = delete;

  /// The next commit fails so; each call adds one.
  void fail_next_commit(CommitFault fault) { script_.results.push_back(fault); }
  /// So many pass before what is told to fail after this call.
  void let_commits_pass(std::size_t count) { script_.results.insert(script_.results.end(), count, std::nullopt); }
  /// Takes back what has been told and has not come; whether a failure was among it.
  bool forgive();
  /// Commits that were asked for since the world's beginning, whatever became of them.
  std::size_t commits() const { return script_.commits; }

  /// Commits wait from now on, until released; those that wait at a restart are lost.
  void hold_commits() { script_.held = true; }
  void release_commits();

  /// What is at rest, once started.
  std::optional<StoredState> find(const Key& key) const;
  std::vector<storage::StoredEntity> entities() const;
  /// The database.
  const std::filesystem::path& file() const { return file_; }
  /// Writes a body as an earlier version of the program may have left it. Indexes stay as they are, and an entity in
  /// memory does not hear of it: restart the world before it is asked.
  void rewrite(const Key& key, std::string body);

 private:
  friend class World;
  using RunUntil = std::function<void(const std::function<bool()>&)>;

  Store& open(std::unique_ptr<Store> store, loop::WorkerFactory& workers, std::filesystem::path file,
              RunUntil run_until);
  /// Ends what was accepted, and then goes: the engine may call in between.
  void end() {
    if (store_) store_->close();
  }
  void close() { store_.reset(); }

  detail::CommitScript script_;
  std::unique_ptr<detail::FaultyStore> store_;
  std::filesystem::path file_;
  RunUntil run_until_;
};

}  // namespace troupe::testing
