// A node whose entities hold their loop or crash, and whose worker crashes, as they are told.
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <stdexcept>

#include <troupe/actor.hpp>
#include <troupe/cli/command_line.hpp>

namespace wheel {

using namespace std::chrono_literals;

/// Holds the loop until the file is there.
struct Spin {
  using Reply = troupe::Done;
  static constexpr auto effect = troupe::Effect::idempotent;
  std::string until;
};
/// Makes the whole process stand still in the midst of a handler that goes on for a while.
struct Freeze {
  using Reply = troupe::Done;
  static constexpr auto effect = troupe::Effect::idempotent;
};
/// Throws.
struct Break {
  using Reply = troupe::Done;
  static constexpr auto effect = troupe::Effect::idempotent;
};
using Api = troupe::Protocol<"wheel", Spin, Freeze, Break>;

struct State {};

class Wheel : public troupe::Entity<Api, State> {
 public:
  troupe::Task<troupe::Done> on(Spin m) {
    while (!std::filesystem::exists(m.until)) {
    }
    co_return troupe::Done{};
  }
  troupe::Task<troupe::Done> on(Freeze) {
    hold();
    ::kill(::getpid(), SIGSTOP);
    hold();
    co_return troupe::Done{};
  }
  troupe::Task<troupe::Done> on(Break) {
    co_await troupe::pause(1ms);
    throw std::runtime_error("a spoke broke");
  }

 private:
  /// For some looks of a watchdog.
  static void hold() {
    for (const auto end = std::chrono::steady_clock::now() + 500ms; std::chrono::steady_clock::now() < end;) {
    }
  }
};

struct Settings {
  bool rattles = false;  ///< its worker crashes whenever it runs
};

troupe::Task<troupe::Done> turn(bool rattles) {
  if (rattles) throw std::runtime_error("it rattles");
  co_return troupe::Done{};
}

struct Declaration {
  using Entities = troupe::Entities<Wheel>;
  using Settings = wheel::Settings;
  static void sweeps(troupe::Domain& domain, const Settings& settings) {
    domain.sweep<Api>("turning", 10ms, [rattles = settings.rattles](troupe::Share<Api>) { return turn(rattles); });
  }
  static void routes(troupe::gateway::Routes& r) {
    r.put<Api, Spin>("/wheels/{id}/spin").says("Spins a wheel");
    r.put<Api, Freeze>("/wheels/{id}/freeze").says("Freezes a wheel, and all others with it");
    r.put<Api, Break>("/wheels/{id}/break").says("Breaks a wheel");
  }
};

}  // namespace wheel

int main(int argc, char** argv) {
  troupe::node::Application application("wheels", "1.0.0");
  application.add<wheel::Declaration>();
  return troupe::cli::run(application, argc, argv);
}
