#include <troupe/transport/detail/frame_queue.hpp>

#include <iterator>
#include <utility>

namespace troupe::transport::detail {

void FrameQueue::push(const Frame& frame, std::size_t shard) {
  frames_.push_back(
      {shard, frame.type, frame.flags, frame.request, {frame.payload.begin(), frame.payload.end()}, frame.deadline});
  by_request_[frame.request] = std::prev(frames_.end());
  octets_ += size_of(frame);
}

FrameQueue::Entry FrameQueue::pop() {
  Entry entry = std::move(frames_.front());
  frames_.pop_front();
  by_request_.erase(entry.request);
  octets_ -= size_of(entry.frame());
  return entry;
}

bool FrameQueue::remove(std::uint64_t request) {
  const auto found = by_request_.find(request);
  if (found == by_request_.end()) return false;
  octets_ -= size_of(found->second->frame());
  frames_.erase(found->second);
  by_request_.erase(found);
  return true;
}

}  // namespace troupe::transport::detail
