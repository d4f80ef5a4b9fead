#pragma once

#include <troupe/topology/address.hpp>
#include <troupe/topology/duration.hpp>
#include <troupe/topology/fault.hpp>
#include <troupe/topology/value.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::topology::detail {

template <class T>
struct Located {
  T value;
  Position at;
};

struct Range {
  std::uint32_t from = 0;
  std::uint32_t to = 0;
};

inline constexpr std::string_view duration_hint = "write a duration such as \"250ms\", \"10s\" or \"15m\"";
inline constexpr std::string_view address_hint = "write \"HOST:PORT\", such as \"127.0.0.1:8080\"";

/// Reads one table strictly: each `read` names a key that may stand there, `finish` complains about all others.
///
/// A value that is wrong is reported and leaves its target as it was.
class TableReader {
 public:
  TableReader(const Table& table, std::string path, Faults& faults)
      : table_(table), path_(std::move(path)), faults_(faults) {}

  const Entry* entry(std::string_view key);

  void read(std::string_view key, std::string& target);
  void read(std::string_view key, std::uint32_t& target, Range range);
  void read(std::string_view key, Duration& target, Duration least);

  /// Nothing where the key is absent or no table.
  const Table* table(std::string_view key);

  /// The texts of a list; those that are none are reported and left out.
  std::vector<Located<std::string>> texts(std::string_view key);

  /// One address or a list of them; a bad one is reported and kept as an empty place, so that the count stays right.
  /// What an address may be: that of a TCP port, or of a Unix socket as well.
  enum class AddressKind : std::uint8_t { port, port_or_socket };
  std::vector<Located<std::optional<Address>>> addresses(std::string_view key, AddressKind kind);

  /// An IP address without a port; nothing where the key is absent or wrong.
  std::optional<Located<std::string>> ip_address(std::string_view key);

  /// Reports every key that nobody asked for, with the nearest that somebody did.
  void finish();

  /// `x` in [nodes.edge] or, at the top, just `x`.
  std::string name(std::string_view key) const;

  const std::string& path() const { return path_; }
  Faults& faults() { return faults_; }

 private:
  void wrong_type(const Entry& entry, std::string_view wanted, std::string_view hint);

  const Table& table_;
  std::string path_;
  Faults& faults_;
  std::vector<std::string> known_;
};

}  // namespace troupe::topology::detail
