#include <troupe/storage/sqlite/store_factory.hpp>

#include <stdexcept>

#include <troupe/storage/sqlite/detail/maintenance.hpp>
#include <troupe/storage/sqlite/detail/store.hpp>

namespace troupe::storage {

SqliteStoreFactory::SqliteStoreFactory(FileOf file_of, loop::WorkerFactory& workers, StoreEvents events,
                                       StoreLimits limits)
    : file_of_(std::move(file_of)),
      workers_(workers),
      events_(std::move(events)),
      limits_(limits),
      maintenance_(std::make_shared<sqlite::Maintenance>(workers)) {}

SqliteStoreFactory::SqliteStoreFactory(const DataFolder& folder, loop::WorkerFactory& workers, StoreEvents events,
                                       StoreLimits limits)
    : SqliteStoreFactory([folder = folder.path()](const std::string& name) { return folder / (name + ".db"); }, workers,
                         std::move(events), limits) {}

SqliteStoreFactory::~SqliteStoreFactory() = default;

std::unique_ptr<Store> SqliteStoreFactory::open(const StoreDeclaration& declaration) {
  const auto& protocol = declaration.protocol;
  if (protocol.empty() || protocol.front() == '.' || protocol.find('/') != std::string::npos || protocol == "node") {
    throw std::runtime_error("a protocol named \"" + protocol +
                             "\" can't be stored: its name must make a file name other than node.db");
  }
  const auto file = file_of_(protocol);
  auto owner = owner_;
  if (owner) owner->protocol = protocol;
  return std::make_unique<sqlite::SqliteStore>(file, owner, declaration, workers_, maintenance_, events_, limits_);
}

}  // namespace troupe::storage
