#include "tests/bench/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace troupe::bench {
namespace {

using Clock = std::chrono::steady_clock;

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

std::vector<std::string> environment_with(const std::vector<std::string>& added) {
  std::vector<std::string> result(added);
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view inherited(*entry);
    const std::string_view name_and_sign = inherited.substr(0, inherited.find('=') + 1);
    bool replaced = false;
    for (const std::string& own : added) replaced = replaced || own.starts_with(name_and_sign);
    if (!replaced) result.emplace_back(inherited);
  }
  return result;
}

int exit_code_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

}  // namespace

ChildProcess::ChildProcess(const Command& command) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
  output_ = ends[0];

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  if (!command.error_log.empty()) {
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, command.error_log.c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                     0644);
  }
  std::vector<std::string> arguments(command.arguments);
  std::vector<std::string> environment = environment_with(command.environment);
  const int error = posix_spawnp(&pid_, arguments.at(0).c_str(), &actions, nullptr, pointers(arguments).data(),
                                 pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (error != 0) {
    close(output_);
    throw std::runtime_error("cannot start " + arguments[0] + ": " + std::strerror(error));
  }
}

ChildProcess::~ChildProcess() {
  if (exit_code_ < 0) {
    kill(pid_, SIGKILL);
    wait();
  }
  close(output_);
}

bool ChildProcess::fill(Clock::time_point until) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
  pollfd wanted{output_, POLLIN, 0};
  const int ready = poll(&wanted, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
  if (ready < 0 && errno == EINTR) return true;
  if (ready <= 0) {
    throw std::runtime_error("process " + std::to_string(pid_) + " said nothing in time; last words: " + held_);
  }
  std::array<char, 4096> chunk{};
  const ssize_t bytes = ::read(output_, chunk.data(), chunk.size());
  if (bytes <= 0) return false;
  held_.append(chunk.data(), static_cast<std::size_t>(bytes));
  return true;
}

std::string ChildProcess::read_line(const std::string& prefix, std::chrono::milliseconds longest) {
  const Clock::time_point until = Clock::now() + longest;
  while (true) {
    for (std::size_t end = held_.find('\n'); end != std::string::npos; end = held_.find('\n')) {
      const std::string line = held_.substr(0, end);
      held_.erase(0, end + 1);
      if (line.starts_with(prefix)) return line;
    }
    if (!fill(until)) throw std::runtime_error("the program ended before it said \"" + prefix + "\"");
  }
}

std::string ChildProcess::read_all(std::chrono::milliseconds longest) {
  const Clock::time_point until = Clock::now() + longest;
  while (fill(until)) {
  }
  return std::exchange(held_, {});
}

int ChildProcess::stop(std::chrono::milliseconds grace) {
  if (exit_code_ >= 0) return exit_code_;
  kill(pid_, SIGTERM);
  const Clock::time_point until = Clock::now() + grace;
  while (Clock::now() < until) {
    int status = 0;
    if (waitpid(pid_, &status, WNOHANG) == pid_) return exit_code_ = exit_code_of(status);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  kill(pid_, SIGKILL);
  return wait();
}

int ChildProcess::wait() {
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  return exit_code_ = exit_code_of(status);
}

std::string run_to_end(const Command& command, std::chrono::milliseconds longest) {
  ChildProcess child(command);
  std::string output = child.read_all(longest);
  if (const int code = child.wait(); code != 0) {
    throw std::runtime_error(command.arguments[0] + " failed with exit code " + std::to_string(code));
  }
  return output;
}

bool can_run(const std::string& program) {
  if (program.find('/') != std::string::npos) return access(program.c_str(), X_OK) == 0;
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (access((folder + "/" + program).c_str(), X_OK) == 0) return true;
  }
  return false;
}

void end_with_parent() {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) throw std::runtime_error("prctl failed");
}

std::uint16_t free_port() {
  boost::asio::io_context context;
  const boost::asio::ip::tcp::endpoint any_port(boost::asio::ip::address_v4::loopback(), 0);
  return boost::asio::ip::tcp::acceptor(context, any_port).local_endpoint().port();
}

}  // namespace troupe::bench
