#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <troupe/actor/envelope.hpp>
#include <troupe/engine/loop.hpp>

namespace troupe::cluster {

/// A directory's question while its owners answer: their parts become one answer; if one is missing, so is the whole.
///
/// Threads: its loop's only. Lifetime: held by the parts that are out.
class Gathering final : public RefCounted {
 public:
  /// Those of one loop, by the request that waits for them.
  using Open = boost::unordered_flat_map<std::uint64_t, Gathering*>;

  /// `asked` waits under its request on this loop. Is found in `open` for as long as it lives.
  Gathering(EnvelopePtr asked, engine::Loop& loop, std::size_t parts, Open& open);
  ~Gathering() override;
  Gathering(const Gathering&) = delete;
  Gathering& operator=(const Gathering&) = delete;

  /// What was sent to another node.
  struct Sent {
    std::uint16_t peer;
    std::uint64_t request;
  };
  std::vector<Sent> sent;

  /// The question for one of the owners; it reports its answer here. The answers are merged in their order.
  EnvelopePtr make_part(std::size_t index);

 private:
  class Part;

  void take(std::size_t index, EnvelopePtr part);
  void finish();

  EnvelopePtr asked_;
  engine::Loop& loop_;
  Open& open_;
  const std::uint64_t request_;
  std::size_t missing_;
  std::vector<EnvelopePtr> parts_;
  std::unique_ptr<Failure> failure_;
};

}  // namespace troupe::cluster
