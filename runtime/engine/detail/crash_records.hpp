#pragma once

#include <atomic>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/contract/failure.hpp>
#include <troupe/engine/activation.hpp>
#include <troupe/engine/crash_report.hpp>
#include <troupe/loop/loop.hpp>
#include <troupe/supervision/crash_loop.hpp>

namespace troupe::engine {

/// What a shard remembers of its entities that have crashed, for as long as they are in memory.
/// Threads: of the shard's loop, but for looping().
class CrashRecords {
 public:
  CrashRecords(std::string_view protocol, supervision::CrashLoopLimits limits, loop::Loop& loop)
      : protocol_(protocol), limits_(limits), loop_(loop) {}

  struct Noted {
    std::uint64_t crashes;  ///< of this entity
    bool is_looping;
  };
  Noted note(Activation& activation, std::string reason);

  // Of an activation that is crash-looping:
  /// Whether a message may try now whether it works again.
  bool may_try(const Activation& activation);
  /// What a message is told that may not.
  Failure refusal(const Activation& activation) const;
  /// It has handled a message. Returns whether it is crash-looping no more.
  bool handled(Activation& activation);

  void forget(const Activation& activation);

  /// How many are crash-looping. Threads: any.
  std::uint64_t looping() const { return looping_.load(std::memory_order_relaxed); }
  /// Adds those that are, until there are `limit`.
  void list_looping(std::vector<CrashLoopingEntity>& entities, std::size_t limit) const;

 private:
  struct Record {
    supervision::CrashLoop loop;
    std::uint64_t crashes = 0;
    Time looping_since{};
    std::string last_reason;
  };

  const std::string_view protocol_;
  const supervision::CrashLoopLimits limits_;
  loop::Loop& loop_;
  boost::unordered_flat_map<const Activation*, Record> records_;
  std::atomic<std::uint64_t> looping_{0};
};

}  // namespace troupe::engine
