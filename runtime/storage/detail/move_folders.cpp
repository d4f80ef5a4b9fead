#include <troupe/storage/detail/move_folders.hpp>

#include <set>
#include <stdexcept>

namespace troupe::storage {

namespace fs = std::filesystem;

MoveFolders::MoveFolders(const Layout& from, const Layout& to, MoveGoal goal) : from_(from), to_(to) {
  gather(goal);
  for (auto& [path, folder] : folders_) {
    if (folder.after) make_folder(to_.data, folder.after->node);
    folder.lock = std::make_unique<FolderLock>(path);
    folder.database = std::make_unique<NodeDatabase>(path);
  }
  lock_databases();
}

void MoveFolders::gather(MoveGoal goal) {
  for (const auto& node : from_.nodes) {
    if (fs::exists(node.folder / "node.db")) {
      folders_[node.folder].before = &node;
    } else if (!node.databases.empty()) {
      throw std::runtime_error("there is no data of node " + node.node + " in " + node.folder.string() +
                               "; a move needs the folders of all nodes of " + from_.files +
                               " on this machine: bring them here, or start a node that never ran");
    }
  }
  for (const auto& node : to_.nodes) {
    const bool made = goal == MoveGoal::finish && !node.databases.empty();
    if (made || fs::exists(node.folder / "node.db")) folders_[node.folder].after = &node;
  }
  for (auto& [path, folder] : folders_) folder.path = path;
}

void MoveFolders::lock_databases() {
  std::set<fs::path> locked;
  for (auto& [path, folder] : folders_) {
    for (const auto* node : {folder.before, folder.after}) {
      if (!node) continue;
      for (const auto& database : node->databases) {
        if (lies_in(database.file, path) || !locked.insert(database.file).second) continue;
        folder.databases.push_back(FolderLock::of_database(database.file));
      }
    }
  }
}

std::vector<MoveMark> MoveFolders::marks() const {
  std::vector<MoveMark> marks;
  for (const auto& [path, folder] : folders_) {
    if (auto move = folder.database->record().move) marks.push_back(*std::move(move));
  }
  return marks;
}

void MoveFolders::check_owners() const {
  for (const auto& [path, folder] : folders_) {
    const auto record = folder.database->record();
    if (record.move || !record.owner) continue;
    const auto& owner = *record.owner;
    const auto& layout = folder.before ? from_ : to_;
    const auto& node = folder.before ? folder.before->node : folder.after->node;
    if (owner.topology == layout.topology && owner.node == node) continue;
    throw std::runtime_error(path.string() + " holds the data of node " + owner.node + " of topology " +
                             owner.topology + ", not of node " + node + " of " + layout.topology + " in " +
                             layout.files + "; name the topology that the data was written with");
  }
}

}  // namespace troupe::storage
