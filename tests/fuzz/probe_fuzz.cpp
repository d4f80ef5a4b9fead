// Any octets as a probe: what is read keeps its limits, and comes to the same when it is written and read again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include <troupe/cluster/probe_codec.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using troupe::engine::deadlock::longest_path;
  const auto probe = troupe::cluster::read_probe(std::as_bytes(std::span(data, size)));
  if (!probe) return 0;
  if (probe->at >= probe->path.size() || probe->path.size() > longest_path) std::abort();
  // MessagePack has shorter and longer forms of the same: what was written longer may be within the limit, or beyond.
  const auto octets = troupe::cluster::write_probe(*probe);
  if (octets && troupe::cluster::read_probe(*octets) != probe) std::abort();
  return 0;
}
