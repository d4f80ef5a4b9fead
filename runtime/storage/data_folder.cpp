#include <troupe/storage/data_folder.hpp>

#include <set>

#include <troupe/storage/detail/durable_file.hpp>
#include <troupe/storage/detail/folder_lock.hpp>
#include <troupe/storage/detail/node_database.hpp>

namespace troupe::storage {

DataFolder::DataFolder(const std::filesystem::path& data, std::string_view node)
    : path_(make_folder(data, node)),
      lock_(std::make_unique<FolderLock>(path_)),
      database_(std::make_unique<NodeDatabase>(path_)),
      incarnation_(database_->begin_incarnation()) {}

DataFolder::~DataFolder() = default;

void DataFolder::hold(const std::filesystem::path& database) {
  if (!lies_in(database, path_)) held_.push_back(FolderLock::of_database(database));
}

std::vector<std::byte> DataFolder::get_or_create(std::string_view name,
                                                 const std::function<std::vector<std::byte>()>& make) {
  if (auto value = database_->secret(name)) return *std::move(value);
  auto value = make();
  database_->keep_secret(name, value);
  return value;
}

NodeRecord DataFolder::record() const { return database_->record(); }

void DataFolder::keep(const NodeRecord& record) {
  // A loss of power must not take a file's name away again once the record tells of it.
  std::set<std::filesystem::path> folders;
  for (const auto& known : record.databases) {
    if (known.moved_to.empty()) folders.insert(known.database.file.parent_path());
  }
  for (const auto& folder : folders) sync_to_disk(folder);
  database_->keep(record);
}

}  // namespace troupe::storage
