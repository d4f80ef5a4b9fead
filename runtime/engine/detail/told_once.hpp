#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>

namespace troupe::engine {

/// What has been reported already, of mistakes in a program that would show with every call. Threads: any.
class ToldOnce {
 public:
  /// Beyond so many nothing is told, for a rejection's code may be any text.
  static constexpr std::size_t limit = 1000;

  /// Whether this has not been told, and now should be. The last one that is says so.
  bool is_new(std::string& what);

 private:
  std::mutex mutex_;
  std::unordered_set<std::uint64_t> told_;  ///< their hashes
};

}  // namespace troupe::engine
