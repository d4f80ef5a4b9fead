#include "tests/process/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>

namespace troupe::process {
namespace {

constexpr int could_not_mount = 124;
constexpr int could_not_start = 127;

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

std::vector<std::string> environment_of(const Command& command) {
  std::vector<std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text{*entry};
    const auto is_set = [name = text.substr(0, text.find('='))](const auto& own) { return own.first == name; };
    if (text.starts_with("SHOP_") || text.starts_with("TROUPE_")) continue;
    if (std::ranges::none_of(command.environment, is_set)) result.emplace_back(text);
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

/// A name that PATH has nowhere is a fault of the caller; a path that can't be executed is told by the child.
std::vector<std::string> arguments_of(const Command& command) {
  auto result = command.arguments;
  const std::filesystem::path program{result.at(0)};
  if (program.has_parent_path()) return result;
  result[0] = find_program(program).string();
  if (result[0].empty()) throw std::runtime_error("there is no program " + program.string());
  return result;
}

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
  auto argument_texts = arguments_of(command);
  auto environment_texts = environment_of(command);
  const auto arguments = pointers(argument_texts);
  const auto environment = pointers(environment_texts);
  const std::optional<PrivateMount> mount = command.mount ? std::optional<PrivateMount>{*command.mount} : std::nullopt;
  const std::string error_log = command.error_log.string();
  Pipe output;
  Pipe error;
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) fail("fork");
  if (pid_ == 0) {
    ::dup2(output.ends[1], STDOUT_FILENO);
    ::dup2(::open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
    if (!error_log.empty()) {
      ::dup2(::open(error_log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644), STDERR_FILENO);
    } else if (command.standard_error == Command::StandardError::captured) {
      ::dup2(error.ends[1], STDERR_FILENO);
    }
    // A socket of the test that lived on in here would not end when the test closes it.
    ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
    if (mount && !mount->perform()) ::_exit(could_not_mount);
    if (!command.folder.empty() && ::chdir(command.folder.c_str()) != 0) ::_exit(could_not_start);
    // Last: a change of user, as a mount may need, unties a process from its parent.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(could_not_start);
    ::execve(arguments[0], arguments.data(), environment.data());
    ::_exit(could_not_start);
  }
  ::close(output.ends[1]);
  ::close(error.ends[1]);
  handle_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
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
  if (!exit_) ::kill(pid_, number);
}

std::optional<Exit> ChildProcess::wait(std::chrono::milliseconds limit) {
  if (exit_) return exit_;
  pollfd handle{handle_, POLLIN, 0};
  if (::poll(&handle, 1, static_cast<int>(limit.count())) <= 0) return std::nullopt;
  int status = 0;
  if (::waitpid(pid_, &status, 0) != pid_) fail("waitpid");
  exit_ = WIFEXITED(status) ? Exit{WEXITSTATUS(status), 0} : Exit{-1, WTERMSIG(status)};
  return exit_;
}

Exit ChildProcess::stop(std::chrono::milliseconds limit) {
  signal(SIGTERM);
  if (const auto exit = wait(limit)) return *exit;
  signal(SIGKILL);
  return wait().value_or(Exit{});
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

std::string ChildProcess::require_line(std::string_view beginning, std::chrono::milliseconds limit) {
  if (auto line = wait_for_line(beginning, limit)) return *std::move(line);
  throw std::runtime_error("process " + std::to_string(pid_) + " did not say \"" + std::string{beginning} + "\":\n" +
                           standard_output() + standard_error());
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
  std::ifstream status{"/proc/" + std::to_string(pid_) + "/status"};
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

std::filesystem::path find_program(const std::filesystem::path& program) {
  const auto executable = [](const std::filesystem::path& path) { return ::access(path.c_str(), X_OK) == 0; };
  if (program.has_parent_path()) return executable(program) ? program : std::filesystem::path{};
  const char* path = std::getenv("PATH");
  std::istringstream folders{path == nullptr ? "" : path};
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (executable(folder / program)) return folder / program;
  }
  return {};
}

}  // namespace troupe::process
