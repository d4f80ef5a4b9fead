#include <troupe/cluster/probe_codec.hpp>

#include <string>
#include <utility>
#include <vector>

#include <troupe/cluster/call_codec.hpp>
#include <troupe/wire/msgpack.hpp>
#include <troupe/wire/utf8.hpp>

namespace troupe::cluster {

namespace deadlock = engine::deadlock;

namespace {

struct WireParty {
  std::string protocol;
  Bytes key;
  std::string message;
};

struct WireWait {
  std::string node;
  std::uint32_t loop = 0;
  std::uint64_t request = 0;
  Time since{};
  WireParty waiter;
  WireParty asked;
  bool queued = false;
};

struct WireProbe {
  deadlock::Probe::Purpose purpose = deadlock::Probe::Purpose::search;
  std::uint32_t at = 0;
  std::vector<WireWait> path;
};

WireParty wire_party_of(const deadlock::Party& party) { return {party.protocol, octets_of(party.key), party.message}; }

/// Errors: false where its key is none.
bool read_party(deadlock::Party& into, WireParty& party) {
  const auto key = Key::from_bytes(party.key);
  if (!key || !wire::is_utf8(key->text())) return false;
  into = {std::move(party.protocol), *key, std::move(party.message)};
  return true;
}

}  // namespace

std::optional<Bytes> write_probe(const deadlock::Probe& probe) {
  WireProbe out{probe.purpose, probe.at, {}};
  for (const deadlock::Wait& wait : probe.path) {
    out.path.push_back({wait.ask.node, wait.ask.loop, wait.ask.request, wait.since, wire_party_of(wait.waiter),
                        wire_party_of(wait.asked), wait.queued});
  }
  Bytes octets = wire::to_msgpack(out, wire::Encoding::keyed);
  if (octets.size() > max_probe_octets) return std::nullopt;
  return octets;
}

std::optional<deadlock::Probe> read_probe(std::span<const std::byte> octets) {
  if (octets.size() > max_probe_octets) return std::nullopt;
  auto in = wire::from_msgpack<WireProbe>(octets, wire::Encoding::keyed);
  if (!in || in->at >= in->path.size() || in->path.size() > deadlock::longest_path) return std::nullopt;
  deadlock::Probe probe{in->purpose, in->at, {}};
  for (WireWait& wait : in->path) {
    deadlock::Wait& read = probe.path.emplace_back();
    read.ask = {std::move(wait.node), wait.loop, wait.request};
    read.since = wait.since;
    read.queued = wait.queued;
    if (!read_party(read.waiter, wait.waiter) || !read_party(read.asked, wait.asked)) return std::nullopt;
  }
  return probe;
}

}  // namespace troupe::cluster
