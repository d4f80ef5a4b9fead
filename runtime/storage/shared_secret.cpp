#include <troupe/storage/shared_secret.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include <troupe/storage/detail/durable_file.hpp>
#include <troupe/storage/detail/folder_lock.hpp>
#include <troupe/storage/private_file.hpp>

namespace troupe::storage {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view hint = "give this process the right to read and write the folder";

[[noreturn]] void fail(std::string_view what, const fs::path& path, int error) {
  throw std::runtime_error(file_fault(what, path, error, hint));
}

/// 0, or why not all of it is on the disk.
int write_whole(int file, const std::vector<std::byte>& bytes) {
  const auto written = ::write(file, bytes.data(), bytes.size());
  if (written < 0) return errno;
  if (written < static_cast<ssize_t>(bytes.size())) return ENOSPC;  // a disk that takes a part has no room for the rest
  return ::fsync(file) == 0 ? 0 : errno;
}

/// A file of a name that nobody else has, readable by its owner only from its first moment on; no file after an error.
fs::path write_draft(const fs::path& beside, const std::vector<std::byte>& secret) {
  std::string name = beside.string() + ".XXXXXX";
  const int file = ::mkostemp(name.data(), O_CLOEXEC);
  if (file < 0) fail("can't create", name, errno);
  const int error = write_whole(file, secret);
  ::close(file);
  if (error == 0) return name;
  std::error_code ignored;
  fs::remove(name, ignored);
  fail("can't write", name, error);
}

fs::path make_shared_folder(const fs::path& data) { return make_folder(data, "shared"); }

std::vector<std::byte> read(const fs::path& file) {
  make_private(file);
  std::ifstream in(file, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>{in}, {});
  if (!in) fail("can't read", file, EACCES);
  const auto* first = reinterpret_cast<const std::byte*>(text.data());
  return {first, first + text.size()};
}

}  // namespace

std::vector<std::byte> shared_secret(const fs::path& data, std::string_view name,
                                     const std::function<std::vector<std::byte>()>& make) {
  const fs::path folder = make_shared_folder(data);
  const fs::path file = folder / name;
  std::error_code error;
  if (!fs::exists(file, error)) {
    const fs::path draft = write_draft(file, make());
    // link() fails if another process has made the file meanwhile, where rename() would replace it.
    fs::create_hard_link(draft, file, error);
    const bool made = !error || error == std::errc::file_exists;
    const int reason = error.value();
    fs::remove(draft, error);
    if (!made) fail("can't create", file, reason);
    sync_to_disk(folder);
  }
  return read(file);
}

std::optional<std::vector<std::byte>> find_shared_secret(const fs::path& data, std::string_view name) {
  const fs::path file = fs::absolute(data / "shared" / name).lexically_normal();
  std::error_code error;
  if (!fs::exists(file, error)) return std::nullopt;
  refuse_foreign_folder(file.parent_path());
  return read(file);
}

void replace_shared_secret(const fs::path& data, std::string_view name, const std::vector<std::byte>& secret) {
  const fs::path folder = make_shared_folder(data);
  const fs::path draft = write_draft(folder / name, secret);
  std::error_code error;
  fs::rename(draft, folder / name, error);
  if (error) fail("can't replace", folder / name, error.value());
  sync_to_disk(folder);
}

}  // namespace troupe::storage
