#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <troupe/storage/layout.hpp>
#include "tests/storage/support.hpp"

namespace troupe::storage::test {

/// Which nodes share the shards of a protocol out.
struct HostedProtocol {
  std::string protocol;
  std::vector<std::string> nodes;
  std::uint32_t shards = 8;
};

/// The layout of a topology `name`, whose file is `name.toml`, in the folder `data`.
Layout layout_of(const std::string& name, const std::filesystem::path& data,
                 const std::vector<HostedProtocol>& protocols);

/// What a test has a node write: every kind of row, for `entities` entities of the protocol.
void write_things(const Layout& layout, const std::string& protocol, std::uint64_t entities);

/// Starts a node on its folder and leaves its record, as a real one would.
void leave_record(const Layout& layout, const std::string& node);

/// Every row of every protocol under these folders as text, wherever it lies, in order.
std::vector<std::string> all_rows(const std::vector<std::filesystem::path>& folders);

/// The rows of a protocol that lie elsewhere than the layout has them; empty: all is where it should be.
std::string misplaced_row(const Layout& layout, const std::string& protocol);

}  // namespace troupe::storage::test
