#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "tests/bench/rounds.hpp"

namespace troupe::bench {

/// Where things are and how long to measure.
struct Setup {
  std::filesystem::path programs;      ///< Folder of the shop and of this folder's programs.
  std::filesystem::path peers;         ///< Folder of the peers that are not C++.
  std::filesystem::path node_modules;  ///< Where npm put Moleculer.
  std::filesystem::path scratch;       ///< For data; on the disk that is measured.
  std::chrono::milliseconds warm_up{1'000};
  std::chrono::milliseconds measured{4'000};
  std::uint64_t calls = 1'000'000;  ///< For the rows that count calls instead of time.
  std::size_t actors = 1'000'000;   ///< For the rows that measure memory.
  std::size_t children = 100'000;   ///< Of one supervisor.
};

/// What the load on orders is spread over.
constexpr std::size_t load_products = 200;
constexpr std::size_t load_customers = 8;
/// Size of a peer's answer to `GET /products/1`: about that of the shop's.
constexpr std::size_t peer_product_bytes = 300;

/// Every group that can be measured: ask, remote, memory, supervise, get, orders, durable, recover, start.
std::vector<Group> make_groups(const Setup& setup);

}  // namespace troupe::bench
