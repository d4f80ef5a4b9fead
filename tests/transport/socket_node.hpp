#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "runtime/engine/loop_driver.hpp"
#include "runtime/transport/links.hpp"
#include "runtime/transport/socket_network.hpp"

namespace troupe::transport {

/// Remembers all it is told, and answers each ask with its own payload, unless told to keep silent.
/// Threads: any.
class Recorder final : public Receiver {
 public:
  struct Received {
    FrameType type;
    std::uint64_t request;
    std::string payload;
    std::size_t loop;
    std::string from;
  };
  struct Refused {
    std::string peer;
    RefusalReason reason;
    std::string detail;
    RefusedBy by;
  };

  enum class Manner : std::uint8_t { answers, silent, holds };
  explicit Recorder(Manner manner = Manner::answers) : manner_(manner) {}

  Taken on_frame(Link& link, const Frame& frame) override;
  void on_lost(engine::Loop& loop, std::uint64_t request, Fate fate, const std::string& why) override;
  void on_up(Link& link) override;
  void on_down(Link& link, const std::string& why) override;
  void on_leaving(Link& link) override;
  void on_refused(const std::string& peer, const Refusal& refusal, RefusedBy by) override;
  void on_unreachable(const std::string& peer, const std::string& why) override;

  std::vector<Received> received() const { return locked(received_); }
  std::map<std::uint64_t, Fate> lost() const { return locked(lost_); }
  std::vector<std::string> downs() const { return locked(downs_); }
  std::vector<Refused> refused() const { return locked(refused_); }
  std::vector<std::string> unreachable() const { return locked(unreachable_); }
  std::vector<LinkPtr> links() const { return locked(links_); }
  std::size_t ups() const { return locked(ups_); }
  std::size_t leavings() const { return locked(leavings_); }
  std::size_t answers() const { return locked(answers_); }

 private:
  template <class T>
  T locked(const T& value) const {
    const std::lock_guard lock(mutex_);
    return value;
  }

  const Manner manner_;
  mutable std::mutex mutex_;
  std::vector<Received> received_;
  std::map<std::uint64_t, Fate> lost_;
  std::vector<std::string> downs_;
  std::vector<Refused> refused_;
  std::vector<std::string> unreachable_;
  std::vector<LinkPtr> links_;
  std::size_t ups_ = 0;
  std::size_t leavings_ = 0;
  std::size_t answers_ = 0;
};

Self make_self(std::string name, std::uint64_t instance);
std::span<const std::byte> as_octets(const std::string& text);
std::string as_text(std::span<const std::byte> octets);

/// A node with real loops and sockets.
class SocketNode {
 public:
  struct Options {
    std::size_t loops = 1;
    Limits limits = {};
    Recorder::Manner manner = Recorder::Manner::answers;
  };
  explicit SocketNode(Self self) : SocketNode(std::move(self), Options{}) {}
  SocketNode(Self self, Options options);
  ~SocketNode();
  SocketNode(const SocketNode&) = delete;
  SocketNode& operator=(const SocketNode&) = delete;

  /// Runs on a loop and waits for its end.
  void on_loop(std::size_t index, const std::function<void(engine::Loop&)>& what);
  Sent ask(Peer& peer, std::uint64_t request, const std::string& payload, std::size_t shard = 0, std::size_t loop = 0);
  bool eventually(const std::function<bool()>& condition);

  engine::ThreadedLoops loops;
  SocketNetwork network{loops};
  Recorder recorder;
  Links links;
};

}  // namespace troupe::transport
