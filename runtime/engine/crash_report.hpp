#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <troupe/contract/key.hpp>
#include <troupe/wire/time.hpp>

namespace troupe::engine {

/// A bug of a domain, as it showed: a handler that threw, or an entity that could not be made.
/// Lifetime: of the call that passes it on.
struct CrashReport {
  std::string_view protocol;
  const Key& key;  ///< nil for a directory message, which no entity handles
  std::string_view message;
  std::string_view what;
  std::string_view trace;     ///< W3C traceparent, or empty
  std::uint64_t crashes = 1;  ///< of this entity since it came into memory
  /// The entity does little else by now: what it is asked is refused, but for a try from time to time.
  bool is_looping = false;
  /// Where it was thrown, for loop::to_text(); empty where that is not known.
  std::span<const std::uintptr_t> stack = {};
};

/// An entity that is crash-looping.
struct CrashLoopingEntity {
  std::string_view protocol;
  Key key;
  Time since{};
  std::uint64_t crashes = 0;  ///< since it came into memory
  std::string last_reason;    ///< the message, and what was thrown
};

}  // namespace troupe::engine
