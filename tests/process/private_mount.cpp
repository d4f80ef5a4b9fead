#include "tests/process/private_mount.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <system_error>

namespace troupe::process {
namespace {

bool write_file(const char* path, std::string_view text) {
  const int file = ::open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) return false;
  const bool written = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::close(file);
  return written;
}

/// Without root's rights, the namespace lies inside a user namespace in which we are root.
bool leave_mount_namespace(std::string_view user_map) {
  if (::unshare(CLONE_NEWNS) != 0) {
    if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
    if (!write_file("/proc/self/uid_map", user_map)) return false;
  }
  return ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
}

}  // namespace

PrivateMount::PrivateMount(const Mount& mount)
    : kind_(mount.kind),
      at_(mount.at.string()),
      options_(mount.options),
      user_map_("0 " + std::to_string(::getuid()) + " 1") {}

bool PrivateMount::perform() const {
  if (!leave_mount_namespace(user_map_)) return false;
  if (kind_ == Mount::Kind::memory) return ::mount("tmpfs", at_.c_str(), "tmpfs", 0, options_.c_str()) == 0;
  return ::mount(at_.c_str(), at_.c_str(), nullptr, MS_BIND, nullptr) == 0 &&
         ::mount(nullptr, at_.c_str(), nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr) == 0;
}

bool private_mounts_possible() {
  const PrivateMount probe({Mount::Kind::memory, "/tmp", "size=64k"});
  const pid_t child = ::fork();
  if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (child == 0) ::_exit(probe.perform() ? 0 : 1);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace troupe::process
