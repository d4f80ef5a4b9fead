#pragma once

#include <troupe/topology/value.hpp>

#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::topology {

/// Something wrong in a topology file: where, what, and what to do about it.
struct TopologyFault {
  std::string file;
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  std::string what;
  std::string hint;

  friend bool operator==(const TopologyFault&, const TopologyFault&) = default;
};

/// `FILE:LINE:COL: what; hint`
std::string to_string(const TopologyFault& fault);

/// A value, or all the reasons why there is none.
template <class T>
struct Checked {
  std::optional<T> value;
  std::vector<TopologyFault> faults;

  explicit operator bool() const { return value.has_value(); }
};

/// Collects the faults of one file, or of several that were read one over the other.
class Faults {
 public:
  explicit Faults(std::string file) : files_{std::move(file)} {}
  /// The files that positions count, at least one.
  explicit Faults(std::vector<std::string> files) : files_(std::move(files)) {}

  /// Control characters, which the file may hold, are replaced.
  void add(Position at, std::string what, std::string hint = {});

  bool empty() const { return list_.empty(); }
  std::size_t size() const { return list_.size(); }
  /// The first, which the others change.
  const std::string& file() const { return files_.front(); }
  const std::vector<std::string>& files() const { return files_; }

  /// From now on nothing more is added at the places that already have a fault: what is broken there needs no second
  /// opinion.
  void seal_places();

  /// All of them, in the order of the files.
  std::vector<TopologyFault> take();

 private:
  struct Placed {
    Position at;
    TopologyFault fault;
  };

  std::vector<std::string> files_;
  std::vector<Placed> list_;
  std::set<Position> sealed_;
};

/// The candidate that `word` was probably meant to be; empty where none is close.
std::string_view nearest(std::string_view word, std::span<const std::string> candidates);

/// "did you mean `x`?", or where nothing is close, the whole list: "known nodes: a, b".
std::string suggest(std::string_view word, std::span<const std::string> candidates, std::string_view kind);

/// `word` between backquotes; long texts are cut.
std::string quote(std::string_view word);

}  // namespace troupe::topology
