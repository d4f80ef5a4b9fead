#include <troupe/storage/sqlite/detail/store.hpp>

#include <troupe/storage/sqlite/detail/database/database_file.hpp>
#include <troupe/storage/sqlite/detail/database/owner_mark.hpp>
#include <troupe/storage/sqlite/detail/database/store_schema.hpp>
#include <troupe/storage/sqlite/detail/sends/outbox.hpp>

namespace troupe::storage::sqlite {

SqliteStore::SqliteStore(const std::filesystem::path& file, const std::optional<FileOwner>& owner,
                         const StoreDeclaration& declaration, loop::WorkerFactory& workers,
                         const std::shared_ptr<Maintenance>& maintenance, StoreEvents events, const StoreLimits& limits)
    : file_(file) {
  auto opened = open_file(file, store_schema(), [&](Connection& connection) {
    reconcile_indexes(connection, file, declaration);
    if (owner) add_owner(connection, *owner);
  });
  explained(file, [&] {
    pending_ = Outbox::read(opened.connection);
    high_water_mark_.emplace(opened.connection);
    writes_ = std::make_unique<CommitQueue>(std::move(opened.connection), file, declaration, workers, maintenance,
                                            std::move(events), limits);
  });
  reads_ = std::make_unique<ReadQueue>(file, declaration, workers, *writes_, limits);
  if (opened.soundness == Soundness::unchecked) maintenance->post(cancellation_, [this] { check_whole_file(); });
}

SqliteStore::~SqliteStore() { close(); }

void SqliteStore::load(LoadRequest& request) {
  if (request.operation || !high_water_mark_->is_before(request.key)) return reads_->load(request);
  request.status = StoreStatus::done;
  request.detail.clear();
  request.state = {};
  request.done();
}

void SqliteStore::commit(CommitRequest& request) {
  high_water_mark_->saw(request.key);
  writes_->commit(request);
}

void SqliteStore::acknowledge(const Key& sender, std::uint64_t sequence) {
  writes_->forget({sender.to_bytes(), sequence});
}

void SqliteStore::close() {
  high_water_mark_->invalidate();
  cancellation_->cancel();
  // The writer last: closing the last connection moves the log into the database.
  reads_->close();
  writes_->close();
}

// On the maintenance thread.
void SqliteStore::check_whole_file() {
  std::string damage;
  try {
    Connection connection = connect(file_);
    damage = find_damage(connection);
  } catch (const Error& error) {
    damage = error.what();
  }
  if (damage.empty()) return;
  writes_->refuse_for_good(file_.string() + " is damaged (" + damage +
                           "): stop the node and restore the file from a backup");
}

}  // namespace troupe::storage::sqlite
