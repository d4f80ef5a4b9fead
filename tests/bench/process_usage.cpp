#include "tests/bench/process_usage.hpp"

#include <unistd.h>

#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string>

namespace troupe::bench {
namespace {

std::string read_proc(pid_t pid, const char* file) {
  const std::string path = "/proc/" + std::to_string(pid) + "/" + file;
  std::ifstream in(path);
  std::string text(std::istreambuf_iterator<char>{in}, {});
  if (text.empty()) throw std::runtime_error("cannot read " + path + ": the process has ended");
  return text;
}

}  // namespace

std::chrono::nanoseconds process_cpu(pid_t pid) {
  const std::string stat = read_proc(pid, "stat");
  // The second field is the program's name in parentheses and may hold blanks: count from the last parenthesis.
  std::istringstream fields(stat.substr(stat.rfind(')') + 1));
  std::string skipped;
  for (int field = 3; field < 14; ++field) fields >> skipped;
  std::uint64_t user_ticks = 0;
  std::uint64_t system_ticks = 0;
  if (!(fields >> user_ticks >> system_ticks)) throw std::runtime_error("/proc/PID/stat has an unknown form: " + stat);
  const std::uint64_t tick_nanoseconds = 1'000'000'000ULL / static_cast<std::uint64_t>(sysconf(_SC_CLK_TCK));
  return std::chrono::nanoseconds((user_ticks + system_ticks) * tick_nanoseconds);
}

std::chrono::nanoseconds process_tree_cpu(pid_t pid) {
  std::chrono::nanoseconds sum = process_cpu(pid);
  std::ifstream children("/proc/" + std::to_string(pid) + "/task/" + std::to_string(pid) + "/children");
  for (pid_t child = 0; children >> child;) sum += process_tree_cpu(child);
  return sum;
}

std::uint64_t process_resident_bytes(pid_t pid) {
  std::istringstream lines(read_proc(pid, "status"));
  std::string word;
  while (lines >> word) {
    std::uint64_t kibibytes = 0;
    if (word == "VmRSS:" && lines >> kibibytes) return kibibytes * 1024;
  }
  throw std::runtime_error("/proc/PID/status has no VmRSS");
}

}  // namespace troupe::bench
