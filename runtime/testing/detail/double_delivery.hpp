#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <utility>

#include <troupe/cluster/call_codec.hpp>
#include <troupe/cluster/scatter_gather.hpp>
#include <troupe/engine/engine.hpp>
#include <troupe/engine/remote_entities.hpp>
#include <troupe/testing/detail/report_collector.hpp>

namespace troupe::testing::detail {

enum class Deliveries : std::uint8_t { once, twice };

/// Carries asks within one process as a bad network would between several: message and answer go through the codec, and
/// what the runtime may repeat is delivered a second time, under the same operation, when its answer is there. The
/// asker hears the first answer; the second must tell of the same outcome, or it is reported.
///
/// Threads: a simulation's one. Lifetime: longer than the engine runs.
class DoubleDelivery final : public engine::RemoteEntities {
 public:
  DoubleDelivery(engine::Engine& engine, ReportCollector& reports) : engine_(engine), reports_(reports) {}

  void deliver(engine::Host& host, EnvelopePtr envelope, std::uint64_t hash, loop::Loop& from) override;
  void query(engine::Host& host, EnvelopePtr envelope, loop::Loop& from) override;
  /// What was begun ends by itself; nobody waits for its answer.
  void forget(engine::Host&, const Envelope&, std::uint64_t, loop::Loop&) noexcept override {}
  void follow(engine::Host& host, const Envelope& asked, std::uint64_t request, const engine::deadlock::Probe& probe,
              loop::Loop& from) override;

 private:
  class Carried;
  using Asker = std::pair<const loop::Loop*, std::uint64_t>;

  void carry(engine::Host& host, Shared<Carried> carried, loop::Loop& from);
  void answered(Carried& carried, EnvelopePtr copy);
  /// A second delivery that came to something else than the first.
  void compare(const Carried& carried, const Envelope& second);

  engine::Engine& engine_;
  ReportCollector& reports_;
  std::map<loop::Loop*, cluster::ScatterGather::Open> scatter_gathers_;
  std::map<Asker, const Carried*> under_way_;  ///< asks of entities, by the request that waits for them
};

}  // namespace troupe::testing::detail
