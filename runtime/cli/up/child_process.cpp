#include <troupe/cli/up/child_process.hpp>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>
#include <system_error>

namespace troupe::cli {

namespace {

[[noreturn]] void fail(const std::string& what, int error) {
  throw std::system_error(error, std::generic_category(), what);
}

struct Pipe {
  explicit Pipe(const std::string& path) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) fail("cannot start " + path, errno);
    read = Descriptor(ends[0]);
    write = Descriptor(ends[1]);
  }
  Descriptor read;
  Descriptor write;
};

std::vector<std::string> environment_of(const Program& program) {
  std::vector<std::string> texts;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const auto name = text.substr(0, text.find('='));
    const bool replaced = std::ranges::any_of(program.environment, [&](const auto& own) { return own.first == name; });
    if (!replaced) texts.emplace_back(text);
  }
  for (const auto& [name, value] : program.environment) texts.push_back(name + "=" + value);
  return texts;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (auto& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// What the child does up to its exec: system calls only, with what was made before the fork. It points into its own
/// texts.
class ChildSetup {
 public:
  ChildSetup(const Program& program, int output, int error, int report)
      : path_(program.path.c_str()),
        argument_texts_(program.arguments),
        environment_texts_(environment_of(program)),
        arguments_(pointers_to(argument_texts_)),
        environment_(pointers_to(environment_texts_)),
        output_(output),
        error_(error),
        report_(report) {}
  ChildSetup(const ChildSetup&) = delete;
  ChildSetup& operator=(const ChildSetup&) = delete;

  [[noreturn]] void run(pid_t parent) const {
    ::setpgid(0, 0);
    // SIGKILL, because a child that ignores signals must end too; what it has answered is on the disk.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::signal(SIGPIPE, SIG_DFL);
    const int input = ::open("/dev/null", O_RDONLY);
    if (input >= 0 && ::dup2(input, STDIN_FILENO) >= 0 && ::dup2(output_, STDOUT_FILENO) >= 0 &&
        ::dup2(error_, STDERR_FILENO) >= 0) {
      if (input > STDERR_FILENO) ::close(input);
      ::execve(path_, arguments_.data(), environment_.data());
    }
    const int why = errno;
    static_cast<void>(!::write(report_, &why, sizeof why));
    ::_exit(1);
  }

 private:
  const char* path_;
  std::vector<std::string> argument_texts_;
  std::vector<std::string> environment_texts_;
  std::vector<char*> arguments_;
  std::vector<char*> environment_;
  int output_;
  int error_;
  int report_;
};

pid_t wait_for(pid_t id, int& status, int flags) {
  pid_t result = 0;
  do {
    result = ::waitpid(id, &status, flags);
  } while (result < 0 && errno == EINTR);
  return result;
}

/// Why the exec failed; 0 where it did not, which closes the pipe.
int reported(int report) {
  int why = 0;
  ssize_t got = 0;
  do {
    got = ::read(report, &why, sizeof why);
  } while (got < 0 && errno == EINTR);
  return got == sizeof why ? why : 0;
}

}  // namespace

std::string to_string(const ExitStatus& status) {
  if (status.signal == 0) return "with exit code " + std::to_string(status.code);
  return "by signal " + std::to_string(status.signal) + " (" + ::strsignal(status.signal) + ")";
}

ChildProcess::ChildProcess(const Program& program) {
  Pipe output(program.path);
  Pipe error(program.path);
  Pipe report(program.path);
  const ChildSetup setup(program, output.write.number(), error.write.number(), report.write.number());
  const pid_t parent = ::getpid();
  id_ = ::fork();
  if (id_ == 0) setup.run(parent);
  if (id_ < 0) fail("cannot start " + program.path, errno);
  report.write.close();
  if (const int why = reported(report.read.number()); why != 0) {
    int status = 0;
    wait_for(id_, status, 0);
    fail("cannot start " + program.path, why);
  }
  output_ = std::move(output.read);
  error_ = std::move(error.read);
  ::fcntl(output_.number(), F_SETFL, O_NONBLOCK);
  ::fcntl(error_.number(), F_SETFL, O_NONBLOCK);
}

ChildProcess::~ChildProcess() {
  if (exit_status()) return;
  signal(SIGKILL);
  int status = 0;
  wait_for(id_, status, 0);
}

void ChildProcess::signal(int number) const {
  // The kernel gives the id to no other process before this one was waited for.
  if (!exit_status_) ::kill(id_, number);
}

std::optional<ExitStatus> ChildProcess::exit_status() {
  int status = 0;
  if (!exit_status_ && wait_for(id_, status, WNOHANG) == id_) {
    exit_status_ = WIFEXITED(status) ? ExitStatus{WEXITSTATUS(status), 0} : ExitStatus{0, WTERMSIG(status)};
  }
  return exit_status_;
}

}  // namespace troupe::cli
