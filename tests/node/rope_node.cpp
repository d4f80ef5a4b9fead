// A program of two domains that ask each other in both directions, which no domain should: their calls can wait for
// each other.
#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include <troupe/actor.hpp>
#include <troupe/cli/command_line.hpp>

namespace rope {

using namespace std::chrono_literals;

struct Pulled {
  std::string how;
};

/// What one end is told: it makes the file `begun`, waits for the file `go`, and pulls the other end that it is to.
struct Pull {
  std::optional<std::string> begun;
  std::optional<std::string> go;
  std::optional<troupe::Uuid> then;
};

}  // namespace rope

namespace left {
struct Pull {
  using Reply = rope::Pulled;
  static constexpr auto effect = troupe::Effect::idempotent;
  rope::Pull how;
};
using Api = troupe::Protocol<"left", Pull>;
}  // namespace left

namespace right {
struct Pull {
  using Reply = rope::Pulled;
  static constexpr auto effect = troupe::Effect::idempotent;
  rope::Pull how;
};
using Api = troupe::Protocol<"right", Pull>;
}  // namespace right

namespace rope {

struct State {};

/// An end of the rope, of the protocol `Own`.
template <class Own, class OwnPull, class Other, class OtherPull>
class End : public troupe::Entity<Own, State, troupe::Asks<Other, OtherPull>> {
 public:
  troupe::Task<Pulled> on(OwnPull m) {
    if (m.how.begun) std::ofstream(*m.how.begun) << "begun";
    while (m.how.go && !std::filesystem::exists(*m.how.go)) co_await troupe::pause(1ms);
    // Between processes an age is known but for the time that messages take: far apart, both see the same one younger.
    co_await troupe::pause(1s);
    if (!m.how.then) co_return Pulled{"done"};
    const troupe::Key other(*m.how.then);
    const auto outcome = co_await troupe::actor<Other>(other).template try_ask<OtherPull>(Pull{});
    if (outcome.ok()) co_return Pulled{"done"};
    co_return Pulled{outcome.failure().code + (outcome.not_executed() ? ", not executed" : ", unknown")};
  }
};

}  // namespace rope

namespace left {
using Left = rope::End<Api, Pull, right::Api, right::Pull>;
struct Declaration {
  using Entities = troupe::Entities<Left>;
  static void routes(troupe::gateway::Routes& r) { r.put<Api, Pull>("/lefts/{id}").says("Pulls a left end"); }
};
}  // namespace left

namespace right {
using Right = rope::End<Api, Pull, left::Api, left::Pull>;
struct Declaration {
  using Entities = troupe::Entities<Right>;
  static void routes(troupe::gateway::Routes& r) { r.put<Api, Pull>("/rights/{id}").says("Pulls a right end"); }
};
}  // namespace right

int main(int argc, char** argv) {
  troupe::node::Application application("ropes", "1.0.0");
  application.add<left::Declaration>().add<right::Declaration>();
  return troupe::cli::run(application, argc, argv);
}
