#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include <troupe/transport/identity.hpp>
#include <troupe/transport/refusal.hpp>

namespace troupe::transport::detail {

/// The nodes that this one has links with: at most one process of each name. Threads: any.
class PeerRegistry {
 public:
  struct Joined {
    std::optional<Refusal> refusal;
    bool supersedes = false;  ///< links with an earlier incarnation are to be closed
  };
  /// Counts one link with this peer, unless another process of its name stands in the way.
  Joined join(const Identity& peer);
  void leave(const Identity& peer);

 private:
  struct Entry {
    std::uint64_t incarnation = 0;
    Uuid instance;
    std::size_t links = 0;
  };

  std::mutex mutex_;
  std::map<std::string, Entry> nodes_;  ///< kept without links too: a dead incarnation never returns
};

}  // namespace troupe::transport::detail
