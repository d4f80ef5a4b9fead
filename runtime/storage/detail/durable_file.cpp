#include <troupe/storage/detail/durable_file.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <string>
#include <system_error>

namespace troupe::storage {

std::string file_fault(std::string_view what, const std::filesystem::path& path, int error, std::string_view hint) {
  std::string text(what);
  text += " " + path.string() + ": " + std::generic_category().message(error);
  if (!hint.empty()) text.append("; ").append(hint);
  return text;
}

void make_folder_of(const std::filesystem::path& file) {
  std::error_code error;
  std::filesystem::create_directories(file.parent_path(), error);
  if (!error) return;
  throw std::runtime_error(file_fault("can't make the folder of", file, error.value(),
                                      "give this process the right to write there, or choose another place"));
}

void sync_to_disk(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) throw std::runtime_error(file_fault("can't open", path, errno, "check the folder's permissions"));
  const int result = ::fsync(file);
  const int error = errno;
  ::close(file);
  if (result != 0) throw std::runtime_error(file_fault("can't write to disk", path, error, "check the disk"));
}

}  // namespace troupe::storage
