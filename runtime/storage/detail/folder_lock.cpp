#include <troupe/storage/detail/folder_lock.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <vector>

#include <troupe/storage/detail/durable_file.hpp>
#include <troupe/storage/private_file.hpp>

namespace troupe::storage {

namespace fs = std::filesystem;

fs::path make_folder(const fs::path& data, std::string_view node) {
  const fs::path path = fs::absolute(data / node).lexically_normal();
  std::error_code error;
  std::vector<fs::path> missing;
  for (fs::path folder = path; !fs::exists(folder, error) && folder.has_relative_path();
       folder = folder.parent_path()) {
    missing.push_back(folder);
  }
  const bool made = fs::create_directories(path, error);
  if (error) throw std::runtime_error(file_fault("can't make the data folder", path, error.value(), folder_hint));
  // It holds secrets and people's data.
  if (!made) refuse_foreign_folder(path);
  if (made) fs::permissions(path, fs::perms::owner_all, error);
  if (error) throw std::runtime_error(file_fault("can't protect the data folder", path, error.value(), folder_hint));
  for (const auto& folder : missing) sync_to_disk(folder.parent_path());
  return path;
}

FolderLock::FolderLock(const fs::path& folder) : FolderLock(folder / "lock", "the data folder " + folder.string()) {}

std::unique_ptr<FolderLock> FolderLock::of_database(const fs::path& database) {
  make_folder_of(database);
  refuse_shared_folder(database.parent_path());
  return std::unique_ptr<FolderLock>(new FolderLock(database.string() + ".lock", "the database " + database.string()));
}

FolderLock::FolderLock(const fs::path& file, const std::string& what) {
  make_private(file);
  descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor_ < 0) throw std::runtime_error(file_fault("can't open", file, errno, folder_hint));
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    const int error = errno;
    const std::string holder = read_holder();
    ::close(descriptor_);
    if (error != EWOULDBLOCK) throw std::runtime_error(file_fault("can't lock", file, error, folder_hint));
    throw std::runtime_error(what + " is in use by process " + holder +
                             "; end that process, or give this node another data folder");
  }
  write_holder(file);
}

FolderLock::~FolderLock() { ::close(descriptor_); }

std::string FolderLock::read_holder() const {
  std::array<char, 32> text{};
  const auto size = ::pread(descriptor_, text.data(), text.size(), 0);
  std::string holder(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  while (!holder.empty() && holder.back() == '\n') holder.pop_back();
  return holder.empty() ? "(unknown)" : holder;
}

/// Writes which process holds the lock, for error messages; the lock itself is the kernel's.
void FolderLock::write_holder(const fs::path& file) {
  const std::string text = std::to_string(::getpid()) + "\n";
  const bool written = ::ftruncate(descriptor_, 0) == 0 &&
                       ::pwrite(descriptor_, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size());
  if (written) return;
  const int error = errno;
  ::close(descriptor_);
  throw std::runtime_error(file_fault("can't write", file, error, folder_hint));
}

bool lies_in(const fs::path& file, const fs::path& folder) {
  const auto relative = file.lexically_relative(folder);
  return !relative.empty() && *relative.begin() != "..";
}

}  // namespace troupe::storage
