#include <troupe/loop/detail/cores.hpp>

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace troupe::loop::detail {

namespace {

namespace fs = std::filesystem;

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  std::istringstream in{std::string(text)};
  for (std::string part; std::getline(in, part, separator);) parts.push_back(part);
  return parts;
}

bool lists(std::string_view names, std::string_view wanted) {
  const auto parts = split(names, ',');
  return std::ranges::find(parts, wanted) != parts.end();
}

enum class Version { one, two };

/// Where a hierarchy of control groups can be seen, and which of its groups stands there.
struct Mount {
  Version version{};
  fs::path group;
  fs::path place;
};

/// Those that tell of CPU quotas, from /proc/self/mountinfo:
/// `36 35 98:0 GROUP PLACE OPTIONS [TAG…] - TYPE SOURCE SUPER_OPTIONS`.
std::vector<Mount> mounts_of(const fs::path& root) {
  std::vector<Mount> mounts;
  std::ifstream file(root / "proc/self/mountinfo");
  for (std::string line; std::getline(file, line);) {
    const auto dash = line.find(" - ");
    if (dash == std::string::npos) continue;
    const auto before = split(line.substr(0, dash), ' ');
    const auto after = split(line.substr(dash + 3), ' ');
    if (before.size() < 5 || after.size() < 3) continue;
    if (after[0] == "cgroup2") mounts.push_back({Version::two, before[3], before[4]});
    if (after[0] == "cgroup" && lists(after[2], "cpu")) mounts.push_back({Version::one, before[3], before[4]});
  }
  return mounts;
}

/// The group that the process is in, from /proc/self/cgroup: `0::GROUP`, or `4:cpu,cpuacct:GROUP` of version 1.
std::optional<fs::path> group_of(const fs::path& root, Version version) {
  std::ifstream file(root / "proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    const auto first = line.find(':');
    const auto second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const auto controllers = line.substr(first + 1, second - first - 1);
    const bool found = version == Version::two ? controllers.empty() : lists(controllers, "cpu");
    if (found) return line.substr(second + 1);
  }
  return std::nullopt;
}

/// `cpu.max` holds `QUOTA PERIOD`, or `max PERIOD`.
std::optional<double> quota_of_two(const fs::path& folder) {
  std::ifstream file(folder / "cpu.max");
  double quota = 0;
  double period = 0;
  if (!(file >> quota >> period) || quota <= 0 || period <= 0) return std::nullopt;
  return quota / period;
}

/// A quota of -1 is none.
std::optional<double> quota_of_one(const fs::path& folder) {
  std::ifstream quota_file(folder / "cpu.cfs_quota_us");
  std::ifstream period_file(folder / "cpu.cfs_period_us");
  double quota = 0;
  double period = 0;
  if (!(quota_file >> quota) || !(period_file >> period) || quota <= 0 || period <= 0) return std::nullopt;
  return quota / period;
}

/// Of the group and of all above it, as far up as can be seen.
std::optional<double> least_quota(const fs::path& root, const Mount& mount, const fs::path& group) {
  // Inside a container the group may be named as the host names it, and stand at the mount's top.
  fs::path below = group.lexically_relative(mount.group);
  if (below.empty() || *below.begin() == "..") below = ".";
  std::optional<double> least;
  const fs::path top = root / mount.place.relative_path();
  for (fs::path at = below.lexically_normal();; at = at.parent_path()) {
    const auto folder = at == "." ? top : top / at;
    const auto quota = mount.version == Version::two ? quota_of_two(folder) : quota_of_one(folder);
    if (quota) least = std::min(*quota, least.value_or(*quota));
    if (at.empty() || at == ".") return least;
  }
}

/// Nothing where the system does not tell.
std::optional<unsigned> allowed_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  // Fails where the machine has more than 1024.
  if (sched_getaffinity(0, sizeof set, &set) != 0) return std::nullopt;
  return static_cast<unsigned>(CPU_COUNT(&set));
}

}  // namespace

std::optional<double> cpu_quota(const fs::path& root) {
  std::optional<double> least;
  for (const auto& mount : mounts_of(root)) {
    const auto group = group_of(root, mount.version);
    if (!group) continue;
    const auto quota = least_quota(root, mount, *group);
    if (quota) least = std::min(*quota, least.value_or(*quota));
  }
  return least;
}

unsigned usable_cores() {
  const unsigned cores = std::max(1U, allowed_cores().value_or(std::thread::hardware_concurrency()));
  const auto quota = cpu_quota("/");
  if (!quota || *quota >= cores) return cores;
  return std::max(1U, static_cast<unsigned>(std::ceil(*quota)));
}

}  // namespace troupe::loop::detail
