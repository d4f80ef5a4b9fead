#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <troupe/engine/engine.hpp>

namespace troupe::engine {

/// What the supervision tree has of the outbox of a domain: while it is up, the sends of the domain's entities leave,
/// on every loop. Its end holds them up; what is committed stays, and leaves again with its next life.
///
/// Threads: of the first loop.
class OutboxRelay final : public Leaf {
 public:
  OutboxRelay(Engine& engine, std::string domain) : engine_(engine), domain_(std::move(domain)) {}
  ~OutboxRelay() override;

  void start(Told told) override;
  void exit(ExitSignal signal) override;
  /// Something was thrown on the way of a send.
  void crashed(std::string_view what);

 private:
  void end(supervision::ExitReason reason);

  Engine& engine_;
  std::string domain_;
  Told told_;
  enum class Phase : std::uint8_t { up, ending } phase_ = Phase::up;
};

}  // namespace troupe::engine
