#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include <troupe/observe/health.hpp>
#include <troupe/wire/time.hpp>

namespace troupe::node {

/// What has become of the links to each peer. Several connections may make one link: it is up while any is open.
///
/// Threads: any.
class LinkHistory {
 public:
  using State = observe::LinkStatus::State;
  struct Entry {
    State state = State::idle;
    std::optional<Time> since;       ///< when it came into this state
    std::uint64_t connections = 0;   ///< open ones
    std::uint64_t reconnects = 0;    ///< times that it came up again
    std::optional<std::string> why;  ///< of one that is down
  };

  void opened(std::string_view peer, Time at);
  void closed(std::string_view peer, Time at, std::string_view why);
  /// An attempt to open one has failed.
  void failed(std::string_view peer, Time at, std::string_view why);

  Entry of(std::string_view peer) const;

 private:
  struct Kept : Entry {
    std::uint64_t ups = 0;
  };

  mutable std::mutex mutex_;
  std::map<std::string, Kept, std::less<>> entries_;
};

}  // namespace troupe::node
