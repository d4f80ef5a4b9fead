#include "runtime/storage/data_folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>

#include "runtime/storage/detail/durable_file.hpp"
#include "runtime/storage/sqlite/detail/database_file.hpp"

namespace troupe::storage {

namespace fs = std::filesystem;

namespace {

constexpr std::array<sqlite::Migration, 1> migrations = {R"(
  CREATE TABLE boot (id INTEGER PRIMARY KEY CHECK (id = 1), incarnation INTEGER NOT NULL);
  INSERT INTO boot VALUES (1, 0);
  CREATE TABLE secret (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
)"};

constexpr std::int32_t application_id = 0x5472756e;  // "Trun"
constexpr const char* folder_hint = "give this process the right to write it, or choose another data folder";

fs::path make_folder(const fs::path& data, std::string_view node) {
  const fs::path path = fs::absolute(data / node);
  std::error_code error;
  std::vector<fs::path> missing;
  for (fs::path folder = path; !fs::exists(folder, error) && folder.has_relative_path();
       folder = folder.parent_path()) {
    missing.push_back(folder);
  }
  const bool made = fs::create_directories(path, error);
  if (error) throw std::runtime_error(file_fault("can't make the data folder", path, error.value(), folder_hint));
  // It holds secrets and people's data.
  if (made) fs::permissions(path, fs::perms::owner_all, error);
  if (error) throw std::runtime_error(file_fault("can't protect the data folder", path, error.value(), folder_hint));
  for (const auto& folder : missing) sync_to_disk(folder.parent_path());
  return path;
}

}  // namespace

/// Held as long as the process lives: the kernel lets go of it also when the process is killed.
class DataFolder::Lock {
 public:
  explicit Lock(const fs::path& folder) {
    const fs::path file = folder / "lock";
    descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor_ < 0) throw std::runtime_error(file_fault("can't open", file, errno, folder_hint));
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
      const int error = errno;
      const std::string holder = read_holder();
      ::close(descriptor_);
      if (error != EWOULDBLOCK) throw std::runtime_error(file_fault("can't lock", file, error, folder_hint));
      throw std::runtime_error("the data folder " + folder.string() + " is in use by process " + holder +
                               "; end that process, or give this node another data folder");
    }
    write_holder(file);
  }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  ~Lock() { ::close(descriptor_); }

 private:
  std::string read_holder() const {
    std::array<char, 32> text{};
    const auto size = ::pread(descriptor_, text.data(), text.size(), 0);
    std::string holder(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    while (!holder.empty() && holder.back() == '\n') holder.pop_back();
    return holder.empty() ? "(unknown)" : holder;
  }

  /// For the message of whoever comes second, and for people; the lock itself is the kernel's.
  void write_holder(const fs::path& file) {
    const std::string text = std::to_string(::getpid()) + "\n";
    const bool written = ::ftruncate(descriptor_, 0) == 0 &&
                         ::pwrite(descriptor_, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size());
    if (written) return;
    const int error = errno;
    ::close(descriptor_);
    throw std::runtime_error(file_fault("can't write", file, error, folder_hint));
  }

  int descriptor_ = -1;
};

class DataFolder::Database {
  template <class F>
  auto guarded(F work) {
    try {
      return work();
    } catch (const sqlite::Error& error) {
      throw std::runtime_error(sqlite::explain(file_, error));
    }
  }

 public:
  explicit Database(fs::path file)
      : file_(std::move(file)),
        connection_(sqlite::open_file(file_, {application_id, migrations}, [](sqlite::Connection&) {}).connection) {}

  std::uint64_t begin_incarnation() {
    return guarded([&] {
      connection_.execute("UPDATE boot SET incarnation = incarnation + 1");
      return static_cast<std::uint64_t>(connection_.integer("SELECT incarnation FROM boot"));
    });
  }

  std::vector<std::byte> get_or_create(std::string_view name, const std::function<std::vector<std::byte>()>& make) {
    return guarded([&] {
      auto select = connection_.prepare("SELECT value FROM secret WHERE name = ?1");
      select.bind_text(1, name);
      if (select.step()) {
        const auto bytes = std::as_bytes(std::span(select.bytes(0)));
        return std::vector<std::byte>(bytes.begin(), bytes.end());
      }
      auto value = make();
      auto insert = connection_.prepare("INSERT INTO secret VALUES (?1, ?2)");
      insert.bind_text(1, name);
      insert.bind_blob(2, std::span<const std::byte>(value));
      insert.run();
      return value;
    });
  }

 private:
  fs::path file_;
  sqlite::Connection connection_;
};

DataFolder::DataFolder(const fs::path& data, std::string_view node)
    : path_(make_folder(data, node)),
      lock_(std::make_unique<Lock>(path_)),
      database_(std::make_unique<Database>(path_ / "node.db")),
      incarnation_(database_->begin_incarnation()) {}

DataFolder::~DataFolder() = default;

std::vector<std::byte> DataFolder::get_or_create(std::string_view name,
                                                 const std::function<std::vector<std::byte>()>& make) {
  return database_->get_or_create(name, make);
}

}  // namespace troupe::storage
