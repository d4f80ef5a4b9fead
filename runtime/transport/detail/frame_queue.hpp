#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <list>

#include <troupe/transport/frame.hpp>

namespace troupe::transport::detail {

/// Frames that wait until they can go, oldest first. An ask may be taken out again, so requests are told apart.
class FrameQueue {
 public:
  struct Entry {
    std::size_t shard;
    FrameType type;
    std::uint8_t flags;
    std::uint64_t request;
    Bytes payload;
    Instant deadline;

    Frame frame() const { return {type, flags, request, payload, deadline}; }
  };

  FrameQueue() = default;
  FrameQueue(const FrameQueue&) = delete;  // the requests point into their own list
  FrameQueue& operator=(const FrameQueue&) = delete;
  /// What was moved from may be assigned to or destroyed, no more.
  FrameQueue(FrameQueue&&) noexcept = default;
  FrameQueue& operator=(FrameQueue&&) noexcept = default;
  ~FrameQueue() = default;

  void push(const Frame& frame, std::size_t shard = 0);
  const Entry& front() const { return frames_.front(); }
  Entry pop();
  /// False: no such ask waits here.
  bool remove(std::uint64_t request);

  bool empty() const { return frames_.empty(); }
  std::size_t size() const { return frames_.size(); }
  /// As they will be on the wire.
  std::size_t octets() const { return octets_; }
  auto begin() const { return frames_.begin(); }
  auto end() const { return frames_.end(); }

 private:
  std::list<Entry> frames_;
  boost::unordered_flat_map<std::uint64_t, std::list<Entry>::iterator> by_request_;
  std::size_t octets_ = 0;
};

}  // namespace troupe::transport::detail
