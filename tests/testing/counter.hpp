#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include <troupe/actor.hpp>
#include <troupe/gateway/routes.hpp>

// A counter: enough of a domain for everything that the fixtures promise.
namespace troupe::testing::counter {

struct Total {
  std::int64_t sum = 0;
  Time changed_at;
};
struct Add {
  using Reply = Total;
  static constexpr auto effect = Effect::keyed;
  std::int64_t amount = 0;
};
struct Read {
  using Reply = Total;
  static constexpr auto effect = Effect::read;
};
struct Reset {
  using Reply = Done;
};
struct Fail {
  using Reply = Done;
};
struct Pass {
  using Reply = Done;
  std::string to;
};
struct All {
  using Reply = std::vector<std::int64_t>;
  static constexpr auto effect = Effect::read;
  static constexpr auto scope = Scope::directory;
};
using Api = Protocol<"counter", Add, Read, Reset, Fail, Pass, All>;

struct State {
  std::int64_t sum = 0;
  Time changed_at;
};

class Counter : public Entity<Api, State> {
 public:
  explicit Counter(std::int64_t limit = 100) : limit_(limit) {}

  Task<Total> on(Add m) {
    if (state().sum + m.amount > limit_) co_return Rejected{"too_much", "the limit is reached"};
    edit() = {state().sum + m.amount, now()};
    co_return Total{state().sum, state().changed_at};
  }
  Task<Total> on(Read) const { co_return Total{state().sum, state().changed_at}; }
  Task<Done> on(Reset) {
    if (!principal().has_role("admin")) co_return Rejected{"forbidden"};
    erase();
    co_return Done{};
  }
  Task<Done> on(Fail) {
    edit().sum = -1;
    throw std::runtime_error("a bug");
    co_return Done{};
  }
  Task<Done> on(Pass m) {
    send<Add>(actor<Api>(Key(m.to)), state().sum);
    edit().sum = 0;
    co_return Done{};
  }
  static std::vector<std::int64_t> on(All, const Rows& rows) {
    std::vector<std::int64_t> sums;
    rows.each([&sums](const Key&, const State& s) {
      sums.push_back(s.sum);
      return true;
    });
    return sums;
  }

 private:
  std::int64_t limit_;
};

struct Declaration {
  using Entities = troupe::Entities<Counter>;
  static void routes(gateway::Routes& r) {
    r.problem("too_much", 422, "Too much");
    r.post<Api, Add>("/counters/{id}/additions").signed_in().rejects("too_much").says("Adds to a counter");
    r.get<Api, Read>("/counters/{id}").says("Shows a counter");
  }
};

inline Domain domain() { return DomainOf<Declaration>::make({}); }

}  // namespace troupe::testing::counter
