#include <troupe/cluster/probe_codec.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

namespace troupe::cluster::probes {
namespace {

using engine::deadlock::longest_path;
using engine::deadlock::Probe;
using engine::deadlock::Wait;

Wait wait_of(std::uint64_t request, const std::string& key) {
  return {.ask = {"edge", 3, request},
          .since = *parse_time("2026-03-01T10:00:00.123Z"),
          .waiter = {"order", Key(Uuid{1, request}), "Place"},
          .asked = {"product", Key(key), "Reserve"},
          .queued = request % 2 == 0};
}
Probe probe_of(std::size_t waits, std::size_t key = 1) {
  Probe probe{Probe::Purpose::confirm, static_cast<std::uint32_t>(waits - 1), {}};
  for (std::size_t i = 0; i < waits; ++i) probe.path.push_back(wait_of(i, std::string(key, 'k')));
  return probe;
}

TEST(ProbeCodec, ReadsWhatItWrote) {
  for (const std::size_t waits : {std::size_t{1}, std::size_t{2}, longest_path}) {
    const auto octets = write_probe(probe_of(waits));
    ASSERT_TRUE(octets);
    EXPECT_EQ(read_probe(*octets), probe_of(waits));
  }
}

TEST(ProbeCodec, ReadsNoProbeBeyondItsLimits) {
  Probe none = probe_of(1);
  none.path.clear();
  EXPECT_FALSE(read_probe(*write_probe(none))) << "it follows nothing";
  Probe beyond = probe_of(2);
  beyond.at = 2;
  EXPECT_FALSE(read_probe(*write_probe(beyond))) << "there is no such wait";
  EXPECT_FALSE(read_probe(*write_probe(probe_of(longest_path + 1))));
  EXPECT_FALSE(write_probe(probe_of(300, Key::max_text_bytes))) << "too large";
  EXPECT_FALSE(read_probe(Bytes(max_probe_octets + 1)));
}

RC_GTEST_PROP(ProbeCodec, TakesAnyOctets, (const std::vector<std::uint8_t>& octets)) {
  static_cast<void>(read_probe(std::as_bytes(std::span(octets))));
}

RC_GTEST_PROP(ProbeCodec, ReadsNothingThatIsCutOrChangedIntoMoreThanItMayBe, (std::uint16_t at, std::uint8_t octet)) {
  Bytes octets = *write_probe(probe_of(3));
  octets[at % octets.size()] = std::byte{octet};
  if (const auto read = read_probe(octets)) RC_ASSERT(read->at < read->path.size());
  RC_ASSERT(!read_probe(std::span(octets).first(at % octets.size())));
}

}  // namespace
}  // namespace troupe::cluster::probes
