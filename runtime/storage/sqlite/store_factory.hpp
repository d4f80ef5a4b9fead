#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include <troupe/contract/store.hpp>
#include <troupe/loop/worker.hpp>
#include <troupe/storage/data_folder.hpp>
#include <troupe/storage/file_owner.hpp>

namespace troupe::storage {

namespace sqlite {
class Maintenance;
}

/// The bounds of one store.
struct StoreLimits {
  std::size_t queued_commits = 8192;  ///< beyond these, requests are answered `overloaded` at once
  std::size_t queued_loads = 8192;
  std::size_t queued_queries = 256;
  std::size_t batch_commits = 256;    ///< members of one transaction
  std::size_t batch_bytes = 4 << 20;  ///< bodies in one transaction; one larger member goes alone
  std::size_t batch_loads = 256;      ///< loads of one read transaction
  int checkpoint_frames = 4096;       ///< log length (pages) from which it is moved into the database
};

/// What stores tell their node of, on threads of their own.
struct StoreEvents {
  /// A sync failed: the process must end soon, without reporting success. Once a store.
  std::function<void(const std::string& text)> fatal;
  /// Commits of the protocol begin to fail, and why; empty: they work again. May be left out.
  std::function<void(const std::string& protocol, const std::string& text)> trouble = {};
};

/// Keeps each protocol in a SQLite file of its own.
///
/// Each store has a writer and a reader thread, made when first used; all share one for checkpoints.
/// Lifetime: the workers and the factory outlive the stores. Only one process at a time may have the files.
class SqliteStoreFactory final : public StoreFactory {
 public:
  using FileOf = std::function<std::filesystem::path(const std::string& protocol)>;

  SqliteStoreFactory(FileOf file_of, loop::WorkerFactory& workers, StoreEvents events, StoreLimits limits = {});
  /// All in the data folder, as `<protocol>.db`.
  SqliteStoreFactory(const DataFolder& folder, loop::WorkerFactory& workers, StoreEvents events,
                     StoreLimits limits = {});
  ~SqliteStoreFactory() override;

  /// The node that the files belong to: those that do not tell of any yet will tell of it.
  void set_owner(std::string topology, std::string node) {
    owner_ = FileOwner{std::move(topology), std::move(node), {}};
  }

  std::unique_ptr<Store> open(const StoreDeclaration& declaration) override;

 private:
  FileOf file_of_;
  loop::WorkerFactory& workers_;
  StoreEvents events_;
  StoreLimits limits_;
  std::optional<FileOwner> owner_;
  std::shared_ptr<sqlite::Maintenance> maintenance_;
};

}  // namespace troupe::storage
