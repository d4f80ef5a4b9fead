#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <troupe/actor/all.hpp>
#include <troupe/actor/entity.hpp>
#include <troupe/actor/entity_type.hpp>
#include <troupe/actor/ref.hpp>

/// Entities that ask each other as they are told: enough for every deadlock.
namespace troupe::engine::knots {

using namespace std::chrono_literals;
using Names = std::vector<std::string>;

/// Waits, then pulls the first of these knots, which pulls the next. Reply: how that went.
struct Pull {
  using Reply = std::string;
  Duration wait{};
  Names through;
};
/// The same with reads only.
struct Peek {
  using Reply = std::string;
  static constexpr auto effect = Effect::read;
  Duration wait{};
  Names through;
};
/// Waits, then pulls all of them, at once.
struct PullAll {
  using Reply = std::string;
  Duration wait{};
  Names all;
};
using Api = Protocol<"knot", Pull, Peek, PullAll>;

struct State {};

inline std::string text_of(const Outcome<std::string>& outcome) {
  if (outcome.ok()) return *outcome;
  return outcome.failure().code + (outcome.not_executed() ? ", not executed" : ", unknown");
}

class Knot : public Entity<Api, State> {
 public:
  /// `begun` gets the name of each that begins to pull.
  explicit Knot(std::vector<std::string>* begun) : begun_(begun) {}

  Task<std::string> on(Pull m) {
    begun_->push_back(key().to_string());
    if (m.wait > Duration::zero()) co_await pause(m.wait);
    if (m.through.empty()) co_return "done";
    const Key next(m.through.front());
    m.through.erase(m.through.begin());
    co_return text_of(co_await actor<Api>(next).try_ask<Pull>(Duration{}, std::move(m.through)));
  }
  Task<std::string> on(Peek m) const {
    if (m.wait > Duration::zero()) co_await pause(m.wait);
    if (m.through.empty()) co_return "done";
    const Key next(m.through.front());
    m.through.erase(m.through.begin());
    co_return text_of(co_await actor<Api>(next).try_ask<Peek>(Duration{}, std::move(m.through)));
  }
  Task<std::string> on(PullAll m) {
    if (m.wait > Duration::zero()) co_await pause(m.wait);
    std::vector<TryAsk<Pull>> asks;
    for (const auto& name : m.all) asks.push_back(actor<Api>(Key(name)).try_ask<Pull>(Duration{}, Names{}));
    std::string text = "done";
    for (const auto& outcome : co_await all(std::move(asks))) {
      if (!outcome.ok()) text = text_of(outcome);
    }
    co_return text;
  }

 private:
  std::vector<std::string>* begun_;
};

template <class M>
Task<std::string> asking(std::string name, Duration wait, Names through) {
  co_return co_await actor<Api>(Key(name)).template ask<M>(wait, std::move(through));
}

}  // namespace troupe::engine::knots
