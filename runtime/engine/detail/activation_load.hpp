#pragma once

#include <cstdint>
#include <memory>

#include <troupe/contract/store.hpp>
#include <troupe/engine/shard.hpp>

namespace troupe::engine {

/// Reads a state, or looks an operation up, for one activation; deletes itself when it has told `then`, on their loop.
struct ActivationLoad final : LoadRequest {
  Shard& shard;
  Activation& activation;
  EnvelopePtr envelope;  ///< of a look-up
  void (*then)(ActivationLoad&);

  ActivationLoad(Shard& shard, Activation& activation, void (*then)(ActivationLoad&))
      : shard(shard), activation(activation), then(then) {
    key = EntityAccess::key(*activation.entity);
  }
  void done() override {
    const loop::Job job{[](void* load, std::uint64_t) {
                          std::unique_ptr<ActivationLoad> self(static_cast<ActivationLoad*>(load));
                          self->then(*self);
                        },
                        this, 0, [](void* load) { delete static_cast<ActivationLoad*>(load); }};
    shard.loop().here() ? shard.loop().defer(job) : shard.loop().post(job);
  }
};

}  // namespace troupe::engine
