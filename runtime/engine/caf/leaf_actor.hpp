#pragma once

#include <caf/allowed_unsafe_message_type.hpp>
#include <functional>
#include <memory>

#include <troupe/engine/caf/supervised_actor.hpp>
#include <troupe/engine/tree.hpp>

namespace troupe::engine {

/// A leaf has ended, by itself or as it was told.
struct LeafEnded {
  supervision::ExitReason reason;
};

/// One life of a leaf in the tree.
class LeafActor final : public SupervisedActor {
 public:
  LeafActor(caf::actor_config& config, loop::Loop& home, std::function<std::unique_ptr<Leaf>(loop::Loop&)> make)
      : SupervisedActor(config, home), make_(std::move(make)) {}

  const char* name() const override { return "worker"; }

 protected:
  void start() override;
  void exit(ExitSignal signal) override;
  caf::message_handler handlers() override;
  void on_exit() override { leaf_.reset(); }

 private:
  std::function<std::unique_ptr<Leaf>(loop::Loop&)> make_;
  std::unique_ptr<Leaf> leaf_;
};

}  // namespace troupe::engine

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::engine::LeafEnded)
