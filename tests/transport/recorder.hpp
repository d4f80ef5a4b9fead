#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include <troupe/transport/receiver.hpp>

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
    Instant deadline;
    std::uint8_t flags;
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
  void on_lost(loop::Loop& loop, std::uint64_t request, Fate fate, const std::string& why) override;
  void on_up(Link& link) override;
  void on_down(Link& link, const std::string& why) override;
  void on_silent(Link& link) override;
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
  std::size_t silences() const { return locked(silences_); }
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
  std::size_t silences_ = 0;
  std::size_t leavings_ = 0;
  std::size_t answers_ = 0;
};

Self make_self(std::string name, std::uint64_t instance);
std::span<const std::byte> as_octets(const std::string& text);
std::string as_text(std::span<const std::byte> octets);

}  // namespace troupe::transport
