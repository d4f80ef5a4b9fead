#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include <troupe/engine/deadlock/probe.hpp>
#include <troupe/wire/bytes.hpp>

/// Probes as octets: keyed msgpack, as docs/wire.md has it.
namespace troupe::cluster {

/// The largest that is sent or read.
inline constexpr std::size_t max_probe_octets = 64 << 10;

/// Empty: it is too large to travel.
std::optional<Bytes> write_probe(const engine::deadlock::Probe& probe);
/// Empty: these octets are no probe, or one beyond the limits.
std::optional<engine::deadlock::Probe> read_probe(std::span<const std::byte> octets);

}  // namespace troupe::cluster
