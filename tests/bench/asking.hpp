#pragma once

#include <cstdint>
#include <iostream>
#include <string_view>
#include <utility>
#include <vector>

#include <troupe/actor/entity.hpp>
#include <troupe/actor/entity_type.hpp>
#include <troupe/engine/engine.hpp>

/// The two entities whose calls are measured: one asks, one replies.
namespace troupe::bench {

namespace replier {

using ReplierId = troupe::Id<"replier">;

/// Not a read, so that an answer passes through all that a turn is: alone on its entity, a transaction.
struct Next {
  using Reply = std::uint64_t;
  static constexpr auto effect = Effect::idempotent;
  std::uint64_t number = 0;
};
using Api = troupe::Protocol<"replier", Next>;

struct State {
  std::uint64_t number = 0;
};

class Replier : public Entity<Api, State> {
 public:
  Task<std::uint64_t> on(Next m) { co_return m.number + 1; }
};

}  // namespace replier

namespace asker {

/// Asks `calls` times, `in_flight` at once.
struct Run {
  using Reply = Done;
  replier::ReplierId replier;
  std::uint64_t calls = 0;
  std::uint64_t in_flight = 1;
};
using Api = troupe::Protocol<"asker", Run>;

class Asker : public Entity<Api, replier::State, Asks<replier::Api>> {
 public:
  Task<Done> on(Run m) {
    const auto other = troupe::actor<replier::Api>(m.replier);
    if (m.in_flight == 1) {
      for (std::uint64_t i = 0; i < m.calls; ++i) co_await other.ask<replier::Next>(i);
      co_return Done{};
    }
    std::vector<troupe::Ask<replier::Next>> asks;
    for (std::uint64_t asked = 0; asked < m.calls; asked += m.in_flight) {
      asks.clear();
      for (std::uint64_t i = 0; i < m.in_flight; ++i) asks.push_back(other.ask<replier::Next>(asked + i));
      static_cast<void>(co_await troupe::all(std::move(asks)));
    }
    co_return Done{};
  }
};

}  // namespace asker

/// One that has never enough: it sends itself message after message, until it is told to stop.
namespace flooder {

struct Spin {
  using Reply = Done;
  static constexpr auto effect = Effect::idempotent;
};
/// Reply: how many turns it had.
struct Stop {
  using Reply = std::uint64_t;
  static constexpr auto effect = Effect::idempotent;
};
using Api = troupe::Protocol<"flooder", Spin, Stop>;

struct State {
  std::uint64_t turns = 0;
  bool is_stopped = false;
};

class Flooder : public Entity<Api, State> {
 public:
  Task<Done> on(Spin) {
    ++edit().turns;
    if (!state().is_stopped) send<Spin>(troupe::actor<Api>(key()));
    co_return Done{};
  }
  Task<std::uint64_t> on(Stop) {
    edit().is_stopped = true;
    co_return state().turns;
  }
};

}  // namespace flooder

/// Says on standard error what should not happen.
struct ErrorReporter final : troupe::engine::Reporter {
  void crashed(const engine::CrashReport& report) override {
    std::cerr << report.message << " crashed: " << report.what << '\n';
  }
  void trouble(std::string_view what) override { std::cerr << what << '\n'; }
};

}  // namespace troupe::bench
