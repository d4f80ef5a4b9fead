#pragma once

#include <atomic>
#include <caf/allowed_unsafe_message_type.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <troupe/engine/caf/supervised_actor.hpp>
#include <troupe/engine/detail/shard_probe.hpp>
#include <troupe/engine/shard.hpp>
#include <troupe/loop/loop_driver.hpp>

namespace troupe::engine {

class ShardActor;

/// It stays while the actors behind it come and go. Threads: of the loops; what is handed over is seen by an actor, or
/// refused, as long as every loop runs.
class ShardMailbox final : public Mailbox {
 public:
  void deliver(EnvelopePtr envelope, std::uint64_t hash) override;
  void withdraw(const Key& target, std::uint64_t hash) override;
  void probe(std::shared_ptr<ShardProbe> probe) override;

 private:
  friend class ShardActor;

  std::atomic<ShardActor*> actor_{nullptr};
  std::atomic<std::uint32_t> under_way_{0};
};

struct Delivery {
  EnvelopePtr envelope;
  std::uint64_t hash = 0;
};
struct Withdrawal {
  Key target;
  std::uint64_t hash = 0;
};
struct Probing {
  std::shared_ptr<ShardProbe> probe;
};
/// The store of the shard was read, or can't be.
struct StoreChecked {
  std::string trouble;  ///< empty: it was
};
/// All that was handed over before the mailbox was closed is in front of this.
struct Drained {};
/// What the shard had has ended. An actor can only end while it handles a message.
struct Stopped {};

/// One life of a shard in the tree: its mailbox, open while it runs.
///
/// It does not start where its store can't be read, which is its supervisor's to count. Its end takes as long as the
/// store needs to decide what the shard has under way, also after a kill; the next life begins behind it.
class ShardActor final : public SupervisedActor {
 public:
  ShardActor(caf::actor_config& config, Shard& shard, ShardMailbox& mailbox, loop::LoopDriver& driver)
      : SupervisedActor(config, shard.loop()), shard_(shard), mailbox_(mailbox), driver_(driver) {}

  const char* name() const override { return "shard"; }

 protected:
  void start() override;
  void exit(ExitSignal signal) override;
  caf::message_handler handlers() override;

 private:
  void check_store();
  void open();
  /// Nothing more comes in by it. False: it was not this life's any more.
  bool close_mailbox();
  void end_if_done();

  Shard& shard_;
  ShardMailbox& mailbox_;
  loop::LoopDriver& driver_;
  std::optional<ExitSignal> signal_;
  bool is_open_ = false;
  bool is_drained_ = false;
  bool is_stopped_ = false;  ///< what the shard had in this life has ended
};

}  // namespace troupe::engine

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::engine::Delivery)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::engine::Withdrawal)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::engine::Probing)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::engine::StoreChecked)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::engine::Drained)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::engine::Stopped)
