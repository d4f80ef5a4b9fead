#include <troupe/loop/detail/cores.hpp>

#include <gtest/gtest.h>
#include <sched.h>

#include <fstream>
#include <string_view>
#include <utility>
#include <vector>

#include <troupe/testing/temporary_folder.hpp>

namespace troupe::loop::detail {
namespace {

/// Files of a folder that looks like `/` to `cpu_quota`.
using Files = std::vector<std::pair<std::string_view, std::string_view>>;

std::optional<double> quota_of(const Files& files) {
  const troupe::testing::TemporaryFolder root;
  for (const auto& [path, text] : files) {
    std::filesystem::create_directories((root.path() / path).parent_path());
    std::ofstream(root.path() / path) << text;
  }
  return cpu_quota(root.path());
}

constexpr std::string_view two_mounted =
    "22 1 0:20 / /proc rw shared:5 - proc proc rw\n"
    "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";

TEST(CpuQuota, IsReadOfVersion2) {
  const auto of = [](std::string_view max) {
    return quota_of(
        {{"proc/self/mountinfo", two_mounted}, {"proc/self/cgroup", "0::/\n"}, {"sys/fs/cgroup/cpu.max", max}});
  };
  EXPECT_EQ(of("150000 100000\n"), 1.5);
  EXPECT_EQ(of("max 100000\n"), std::nullopt);
  EXPECT_EQ(of(""), std::nullopt);
  EXPECT_EQ(of("nonsense"), std::nullopt);
  EXPECT_EQ(of("0 100000\n"), std::nullopt);
}

TEST(CpuQuota, IsTheLeastOfAllGroupsAbove) {
  const auto of = [](std::string_view group) {
    return quota_of({{"proc/self/mountinfo", two_mounted},
                     {"proc/self/cgroup", group},
                     {"sys/fs/cgroup/shops.slice/cpu.max", "200000 100000\n"},
                     {"sys/fs/cgroup/shops.slice/shop.service/cpu.max", "300000 100000\n"},
                     {"sys/fs/cgroup/shops.slice/small.service/cpu.max", "50000 100000\n"}});
  };
  EXPECT_EQ(of("0::/shops.slice/shop.service\n"), 2.0);
  EXPECT_EQ(of("0::/shops.slice/small.service\n"), 0.5);
  EXPECT_EQ(of("0::/shops.slice\n"), 2.0);
  EXPECT_EQ(of("0::/others.slice\n"), std::nullopt);
}

TEST(CpuQuota, IsReadOfVersion1) {
  const auto of = [](std::string_view quota) {
    return quota_of({{"proc/self/mountinfo",
                      "40 30 0:30 /docker/1f /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct\n"
                      "41 30 0:31 /docker/1f /sys/fs/cgroup/cpuset ro - cgroup cgroup rw,cpuset\n"},
                     {"proc/self/cgroup", "5:cpuset:/docker/1f\n4:cpu,cpuacct:/docker/1f\n0::/system.slice\n"},
                     {"sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", quota},
                     {"sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "50000\n"}});
  };
  EXPECT_EQ(of("100000\n"), 2.0);
  EXPECT_EQ(of("-1\n"), std::nullopt);
}

TEST(CpuQuota, IsFoundWhereTheGroupIsNamedAsOutsideOfTheContainer) {
  EXPECT_EQ(quota_of({{"proc/self/mountinfo", "30 23 0:26 /../../.. /sys/fs/cgroup ro - cgroup2 cgroup ro\n"},
                      {"proc/self/cgroup", "0::/../other\n"},
                      {"sys/fs/cgroup/cpu.max", "100000 100000\n"}}),
            1.0);
}

TEST(CpuQuota, IsNoneWhereTheSystemTellsNothing) {
  EXPECT_EQ(quota_of({}), std::nullopt);
  EXPECT_EQ(quota_of({{"proc/self/mountinfo", "nonsense\n - \n"}, {"proc/self/cgroup", "nonsense\n"}}), std::nullopt);
}

/// The cores that this thread may run on, which it has again in the end.
class Affinity {
 public:
  Affinity() : is_known_(sched_getaffinity(0, sizeof before_, &before_) == 0) {}
  ~Affinity() {
    if (!is_known_) return;
    EXPECT_EQ(sched_setaffinity(0, sizeof before_, &before_), 0);
  }
  Affinity(const Affinity&) = delete;
  Affinity& operator=(const Affinity&) = delete;

  bool is_known() const { return is_known_; }
  int cores() const { return CPU_COUNT(&before_); }
  bool narrow_to_one() const {
    cpu_set_t one;
    CPU_ZERO(&one);
    int first = 0;
    while (!CPU_ISSET(first, &before_)) ++first;
    CPU_SET(first, &one);
    return sched_setaffinity(0, sizeof one, &one) == 0;
  }

 private:
  cpu_set_t before_{};
  bool is_known_;
};

TEST(UsableCores, AreNoMoreThanTheProcessMayRunOn) {
  const Affinity affinity;
  ASSERT_TRUE(affinity.is_known());
  EXPECT_GE(usable_cores(), 1U);
  EXPECT_LE(usable_cores(), static_cast<unsigned>(affinity.cores()));
  ASSERT_TRUE(affinity.narrow_to_one());
  EXPECT_EQ(usable_cores(), 1U);
}

}  // namespace
}  // namespace troupe::loop::detail
