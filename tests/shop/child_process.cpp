#include "tests/shop/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <system_error>

namespace shop::testing {
namespace {

constexpr int could_not_mount = 124;
constexpr int could_not_start = 127;

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

std::vector<std::string> environment_of(const Command& command) {
  std::vector<std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text{*entry};
    if (!text.starts_with("SHOP_") && !text.starts_with("TROUPE_")) result.emplace_back(text);
  }
  for (const auto& [name, value] : command.environment) result.push_back(name + "=" + value);
  return result;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (auto& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

bool write_file(const char* path, std::string_view text) {
  const int file = ::open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) return false;
  const bool written = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::close(file);
  return written;
}

/// A mount namespace of our own; without root's rights, inside a user namespace in which we are root.
bool leave_mount_namespace(const std::string& user_map) {
  if (::unshare(CLONE_NEWNS) != 0) {
    if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
    if (!write_file("/proc/self/uid_map", user_map)) return false;
  }
  return ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
}

bool perform(const Mount& mount, const char* at) {
  if (mount.kind == Mount::Kind::memory) return ::mount("tmpfs", at, "tmpfs", 0, mount.options.c_str()) == 0;
  return ::mount(at, at, nullptr, MS_BIND, nullptr) == 0 &&
         ::mount(nullptr, at, nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr) == 0;
}

std::string own_user_map() { return "0 " + std::to_string(::getuid()) + " 1"; }

struct Pipe {
  Pipe() {
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("pipe");
  }
  std::array<int, 2> ends{};
};

void append_available(int& source, std::string& target) {
  std::array<char, 4096> buffer;
  const auto count = ::read(source, buffer.data(), buffer.size());
  if (count > 0) {
    target.append(buffer.data(), static_cast<std::size_t>(count));
  } else if (count == 0 || errno != EINTR) {
    ::close(source);
    source = -1;
  }
}

}  // namespace

ChildProcess::ChildProcess(const Command& command) {
  // Everything that allocates is made before the fork: the child of a threaded process may only make system calls.
  auto argument_texts = command.arguments;
  auto environment_texts = environment_of(command);
  const auto arguments = pointers(argument_texts);
  const auto environment = pointers(environment_texts);
  const std::string user_map = own_user_map();
  const std::string mount_point = command.mount ? command.mount->at.string() : std::string{};
  Pipe output;
  Pipe error;
  const pid_t parent = ::getpid();
  id_ = ::fork();
  if (id_ < 0) fail("fork");
  if (id_ == 0) {
    ::dup2(output.ends[1], STDOUT_FILENO);
    ::dup2(error.ends[1], STDERR_FILENO);
    ::dup2(::open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
    // A socket of the test that lived on in here would not end when the test closes it.
    ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
    if (command.mount && !(leave_mount_namespace(user_map) && perform(*command.mount, mount_point.c_str()))) {
      ::_exit(could_not_mount);
    }
    if (!command.folder.empty() && ::chdir(command.folder.c_str()) != 0) ::_exit(could_not_start);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(could_not_start);
    ::execve(arguments[0], arguments.data(), environment.data());
    ::_exit(could_not_start);
  }
  ::close(output.ends[1]);
  ::close(error.ends[1]);
  handle_ = static_cast<int>(::syscall(SYS_pidfd_open, id_, 0));
  reader_ = std::thread([this, out = output.ends[0], err = error.ends[0]] { capture(out, err); });
}

ChildProcess::~ChildProcess() {
  if (running()) {
    signal(SIGKILL);
    wait();
  }
  reader_.join();
  ::close(handle_);
}

void ChildProcess::capture(int output, int error) {
  while (output >= 0 || error >= 0) {
    std::array<pollfd, 2> sources{pollfd{output, POLLIN, 0}, pollfd{error, POLLIN, 0}};
    if (::poll(sources.data(), sources.size(), -1) < 0) continue;
    const std::scoped_lock lock{mutex_};
    if (output >= 0 && sources[0].revents != 0) append_available(output, output_);
    if (error >= 0 && sources[1].revents != 0) append_available(error, error_);
    changed_.notify_all();
  }
  const std::scoped_lock lock{mutex_};
  ended_ = true;
  changed_.notify_all();
}

bool ChildProcess::running() { return !wait(std::chrono::milliseconds{0}); }

void ChildProcess::signal(int number) {
  if (!exit_) ::kill(id_, number);
}

std::optional<Exit> ChildProcess::wait(std::chrono::milliseconds limit) {
  if (exit_) return exit_;
  pollfd handle{handle_, POLLIN, 0};
  if (::poll(&handle, 1, static_cast<int>(limit.count())) <= 0) return std::nullopt;
  int status = 0;
  if (::waitpid(id_, &status, 0) != id_) fail("waitpid");
  exit_ = WIFEXITED(status) ? Exit{WEXITSTATUS(status), 0} : Exit{-1, WTERMSIG(status)};
  return exit_;
}

std::optional<std::string> ChildProcess::wait_for_line(std::string_view beginning, std::chrono::milliseconds limit) {
  const auto find = [&]() -> std::optional<std::string> {
    for (std::size_t start = 0, end = 0; (end = output_.find('\n', start)) != std::string::npos; start = end + 1) {
      const std::string_view line{output_.data() + start, end - start};
      if (line.starts_with(beginning)) return std::string{line};
    }
    return std::nullopt;
  };
  std::unique_lock lock{mutex_};
  std::optional<std::string> found;
  changed_.wait_for(lock, limit, [&] { return (found = find()).has_value() || ended_; });
  return found;
}

void ChildProcess::wait_for_end_of_outputs() {
  std::unique_lock lock{mutex_};
  changed_.wait_for(lock, patience, [&] { return ended_; });
}

std::string ChildProcess::standard_output() const {
  const std::scoped_lock lock{mutex_};
  return output_;
}

std::string ChildProcess::standard_error() const {
  const std::scoped_lock lock{mutex_};
  return error_;
}

long ChildProcess::peak_memory_kib() const {
  std::ifstream status{"/proc/" + std::to_string(id_) + "/status"};
  for (std::string word; status >> word;) {
    if (word != "VmHWM:") continue;
    long kib = 0;
    status >> kib;
    return kib;
  }
  return 0;
}

Finished run_to_end(const Command& command, std::chrono::milliseconds limit) {
  ChildProcess child{command};
  auto exit = child.wait(limit);
  if (!exit) {
    child.signal(SIGKILL);
    exit = child.wait();
  }
  child.wait_for_end_of_outputs();
  return Finished{exit.value_or(Exit{}), child.standard_output(), child.standard_error()};
}

bool private_mounts_possible() {
  const std::string user_map = own_user_map();
  const pid_t child = ::fork();
  if (child < 0) fail("fork");
  if (child == 0) {
    const Mount probe{Mount::Kind::memory, "/tmp", "size=64k"};
    ::_exit(leave_mount_namespace(user_map) && perform(probe, "/tmp") ? 0 : could_not_mount);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace shop::testing
