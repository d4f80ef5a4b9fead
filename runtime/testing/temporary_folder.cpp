#include <troupe/testing/temporary_folder.hpp>

#include <cstdlib>
#include <stdexcept>
#include <string>
#include <system_error>

namespace troupe::testing {

TemporaryFolder::TemporaryFolder() : TemporaryFolder(std::filesystem::temp_directory_path()) {}

TemporaryFolder::TemporaryFolder(const std::filesystem::path& parent) {
  std::string name = (parent / "troupe-test-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) {
    throw std::runtime_error("no temporary folder could be made as " + name +
                             "; see that TMPDIR names a folder that can be written");
  }
  path_ = name;
}

std::filesystem::path TemporaryFolder::in_memory() {
  std::error_code ignored;  // without such a place it is the disk
  if (!std::getenv("TMPDIR") && std::filesystem::is_directory("/dev/shm", ignored)) return "/dev/shm";
  return std::filesystem::temp_directory_path();
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code left_behind;  // what can't be removed is left to the system's own cleaning
  std::filesystem::remove_all(path_, left_behind);
}

}  // namespace troupe::testing
