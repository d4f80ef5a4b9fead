#pragma once

#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>

#include <troupe/loop/timer_wheel.hpp>
#include <troupe/transport/memory_network.hpp>
#include <troupe/wire/bytes.hpp>

namespace troupe::transport::detail {

/// What goes wrong on a simulated network at present.
struct MemoryConditions {
  std::mt19937_64 generator;
  MemoryNetwork::Faults faults;
  std::set<std::pair<std::string, std::string>> cuts;  ///< from, to

  bool is_cut(const std::string& from, const std::string& to) const { return cuts.contains({from, to}); }
  std::chrono::microseconds delay();
  bool breaks();
};

/// A connection between two hosts of one simulation: two directions, each a queue of octets with their times.
class MemoryConnection : public std::enable_shared_from_this<MemoryConnection> {
 public:
  MemoryConnection(std::shared_ptr<MemoryConditions> conditions, std::array<std::string, 2> hosts);
  ~MemoryConnection();
  MemoryConnection(const MemoryConnection&) = delete;
  MemoryConnection& operator=(const MemoryConnection&) = delete;

  /// The channel of one side, on a loop.
  std::shared_ptr<Channel> attach(std::size_t side, loop::Loop& loop);
  bool joins(const std::string& host) const { return ends_[0].host == host || ends_[1].host == host; }
  bool is_open() const { return !broken_ && (!ends_[0].closed || !ends_[1].closed); }
  /// Both ends lose the connection, and what was under way.
  void break_off();
  /// Delivers what a cut held back.
  void resume();

  // For the channels.
  void start(std::size_t side, ChannelUser& user);
  std::size_t write(std::size_t side, std::span<const std::byte> octets);
  void close(std::size_t side);
  std::chrono::milliseconds unacknowledged(std::size_t side);
  std::shared_ptr<Channel> move(std::size_t side, loop::Loop& loop);

 private:
  struct Chunk {
    Instant due;
    Bytes octets;  ///< empty: the end of the stream
  };
  struct End : loop::Timer {
    End() : Timer(&End::fired) {}
    static void fired(loop::Timer& timer);

    MemoryConnection* connection = nullptr;
    std::size_t side = 0;
    std::string host;
    loop::Loop* loop = nullptr;
    ChannelUser* user = nullptr;
    bool closed = false;
    std::deque<Chunk> incoming;
    std::size_t incoming_octets = 0;
    bool writer_waits = false;  ///< the other end, for room

    std::uint64_t written = 0;   ///< octets, from the beginning
    std::uint64_t received = 0;  ///< of what the other end has written
    std::uint64_t acknowledged = 0;
    Instant acknowledged_at;
  };

  void arm(End& end);
  void arrive(End& end);
  void deliver(End& end);
  void give_input(End& end, std::span<const std::byte> octets);
  void acknowledge(End& writer, Instant now);
  void tell_closed(std::size_t side, const std::string& why);
  End& other(const End& end) { return ends_[1 - end.side]; }

  const std::shared_ptr<MemoryConditions> conditions_;
  std::array<End, 2> ends_;
  bool broken_ = false;
};

}  // namespace troupe::transport::detail
