#include <troupe/observe/process.hpp>

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>

namespace troupe::observe {
namespace {

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

ProcessUsage process_usage() {
  ProcessUsage usage;
  std::uint64_t total_pages = 0;
  std::uint64_t resident_pages = 0;
  if (std::ifstream("/proc/self/statm") >> total_pages >> resident_pages) {
    usage.resident_bytes = resident_pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  }
  rusage spent{};
  if (::getrusage(RUSAGE_SELF, &spent) == 0)
    usage.cpu_seconds = seconds_of(spent.ru_utime) + seconds_of(spent.ru_stime);
  const auto count = [](const char* folder) {
    std::error_code error;
    const std::filesystem::directory_iterator entries(folder, error);
    return error ? 0 : static_cast<std::uint64_t>(std::distance(begin(entries), end(entries)));
  };
  usage.open_descriptors = count("/proc/self/fd");
  usage.threads = count("/proc/self/task");
  return usage;
}

void add_process_metrics(Registry& registry) {
  registry.counter_from("process_cpu_seconds_total", "User and system CPU time spent.", {},
                        [] { return process_usage().cpu_seconds; });
  registry.gauge_from("process_resident_memory_bytes", "Resident memory.", {},
                      [] { return static_cast<double>(process_usage().resident_bytes); });
  registry.gauge_from("process_open_fds", "Open file descriptors.", {},
                      [] { return static_cast<double>(process_usage().open_descriptors); });
  registry.gauge_from("process_threads", "Operating system threads.", {},
                      [] { return static_cast<double>(process_usage().threads); });
}

}  // namespace troupe::observe
