#pragma once

#include <cstdint>
#include <memory>

#include <troupe/contract/store.hpp>
#include <troupe/engine/shard.hpp>

namespace troupe::engine {

/// Reads a state, or looks an operation up, for one resident; deletes itself when it has told `then`, on their loop.
struct ResidentLoad final : LoadRequest {
  Shard& shard;
  Resident& resident;
  EnvelopePtr envelope;  ///< of a look-up
  void (*then)(ResidentLoad&);

  ResidentLoad(Shard& shard, Resident& resident, void (*then)(ResidentLoad&))
      : shard(shard), resident(resident), then(then) {
    key = EntityAccess::key(*resident.entity);
  }
  void done() override {
    const loop::Job job{[](void* load, std::uint64_t) {
                          std::unique_ptr<ResidentLoad> self(static_cast<ResidentLoad*>(load));
                          self->then(*self);
                        },
                        this, 0, [](void* load) { delete static_cast<ResidentLoad*>(load); }};
    shard.loop().here() ? shard.loop().defer(job) : shard.loop().post(job);
  }
};

}  // namespace troupe::engine
