#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "runtime/actor/envelope.hpp"
#include "runtime/engine/loop.hpp"

namespace troupe::cluster {

/// A directory's question while its owners answer: their parts become one answer; if one is missing, so is the whole.
///
/// Threads: its loop's only. Lifetime: held by the parts that are out.
class Gathering final : public RefCounted {
 public:
  /// `asked` waits under its request on this loop.
  Gathering(EnvelopePtr asked, engine::Loop& loop, std::size_t parts);

  /// The question for one of the owners; it reports its answer here. The answers are merged in their order.
  EnvelopePtr make_part(std::size_t index);

 private:
  class Part;

  void take(std::size_t index, EnvelopePtr part);
  void finish();

  EnvelopePtr asked_;
  engine::Loop& loop_;
  std::size_t missing_;
  std::vector<EnvelopePtr> parts_;
  std::unique_ptr<Failure> failure_;
};

}  // namespace troupe::cluster
