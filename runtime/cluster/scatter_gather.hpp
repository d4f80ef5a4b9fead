#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <troupe/contract/envelope.hpp>

namespace troupe::cluster {

/// A directory message that every owner is asked: merges their parts into one answer, or fails as a whole if one fails.
///
/// Threads: its loop's only. Lifetime: held by the parts that have no answer yet.
class ScatterGather final : public RefCounted {
 public:
  /// Those of one loop, by the request that waits for them.
  using Open = boost::unordered_flat_map<std::uint64_t, ScatterGather*>;

  /// `asked` waits under its request, on the loop that is its home. `open` lists this object from its construction to
  /// its destruction.
  ScatterGather(EnvelopePtr asked, std::size_t parts, Open& open);
  ~ScatterGather() override;
  ScatterGather(const ScatterGather&) = delete;
  ScatterGather& operator=(const ScatterGather&) = delete;

  /// A part that was sent to another node.
  struct RemotePart {
    std::uint16_t peer;
    std::uint64_t request;
  };
  std::vector<RemotePart> remote_parts;

  /// An ask for each owner, whose answers come back here and are merged in this order. None: it can't be copied, and is
  /// answered so.
  std::vector<EnvelopePtr> make_parts();

 private:
  class Part;

  EnvelopePtr make_part(std::size_t index);

  void take(std::size_t index, EnvelopePtr part);
  void finish();

  EnvelopePtr asked_;
  Open& open_;
  const std::uint64_t request_;
  std::size_t missing_;
  std::vector<EnvelopePtr> parts_;
  std::unique_ptr<Failure> failure_;
};

}  // namespace troupe::cluster
