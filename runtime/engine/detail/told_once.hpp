#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include <troupe/contract/message_info.hpp>

namespace troupe::engine {

/// What has been reported already, of mistakes in a program that would show with every call. Threads: any.
class ToldOnce {
 public:
  /// Of one message: the text of a mistake may be any, and name what each call is about.
  static constexpr std::size_t limit_of_message = 5;
  static constexpr std::size_t limit = 1000;

  /// Whether this of `message` has not been told, and now should be. The last one that is says so.
  bool is_new(const MessageInfo& message, std::string& what);

 private:
  std::mutex mutex_;
  std::unordered_map<const MessageInfo*, std::unordered_set<std::uint64_t>> told_;  ///< hashes of texts
  std::size_t count_ = 0;
};

}  // namespace troupe::engine
