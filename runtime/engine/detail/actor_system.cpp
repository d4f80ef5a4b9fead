#include <troupe/engine/detail/actor_system.hpp>

#include <boost/unordered/unordered_flat_map.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/group.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>
#include <caf/send.hpp>
#include <utility>
#include <vector>

namespace troupe::engine {

/// The messages that CAF carries for us.
struct Delivery {
  EnvelopePtr envelope;
  std::uint64_t hash = 0;
};
struct Withdrawal {
  Key target;
  std::uint64_t hash = 0;
};

}  // namespace troupe::engine

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::engine::Delivery)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::engine::Withdrawal)

namespace troupe::engine {

namespace {

/// Messages that one actor handles before others of its loop get their turn.
constexpr std::size_t messages_per_resume = 64;
/// Envelopes under way to one shard from other loops.
constexpr std::uint32_t mailbox_limit = 65536;

/// An actor that runs on one loop for its whole life.
class Homed {
 public:
  explicit Homed(loop::Loop& home) : home_(home) {}
  virtual ~Homed() = default;
  loop::Loop& home() const { return home_; }

 private:
  loop::Loop& home_;
};

class ShardActor final : public caf::event_based_actor, public Homed {
 public:
  ShardActor(caf::actor_config& config, Shard& shard)
      : caf::event_based_actor(config), Homed(shard.loop()), shard_(shard) {}

  const char* name() const override { return "shard"; }
  std::atomic<std::uint32_t>& under_way() { return under_way_; }

 protected:
  caf::behavior make_behavior() override {
    return {[this](Delivery& delivery) {
              under_way_.fetch_sub(1, std::memory_order_relaxed);
              shard_.deliver(std::move(delivery.envelope), delivery.hash);
            },
            [this](const Withdrawal& withdrawal) { shard_.withdraw(withdrawal.target, withdrawal.hash); }};
  }

 private:
  Shard& shard_;
  std::atomic<std::uint32_t> under_way_{0};
};

struct Config : caf::actor_system_config {
  loop::LoopDriver* driver = nullptr;
};

/// CAF's timeouts are never used: time is the loops' business. Its stock clock would want a thread of its own.
class NoClock final : public caf::actor_clock {
 public:
  void set_ordinary_timeout(time_point, caf::abstract_actor*, caf::atom_value, std::uint64_t) override {}
  void set_multi_timeout(time_point, caf::abstract_actor*, caf::atom_value, std::uint64_t) override {}
  void set_request_timeout(time_point, caf::abstract_actor*, caf::message_id) override {}
  void cancel_ordinary_timeout(caf::abstract_actor*, caf::atom_value) override {}
  void cancel_request_timeout(caf::abstract_actor*, caf::message_id) override {}
  void cancel_timeouts(caf::abstract_actor*) override {}
  void schedule_message(time_point, caf::strong_actor_ptr, caf::mailbox_element_ptr) override {}
  void schedule_message(time_point, caf::group, caf::strong_actor_ptr, caf::message) override {}
  void cancel_all() override {}
};

/// Runs every resumable on the loop where it is at home; what has no home, on the first.
class Coordinator final : public caf::scheduler::abstract_coordinator {
 public:
  explicit Coordinator(caf::actor_system& system) : abstract_coordinator(system) {}

  static caf::actor_system::module* make(caf::actor_system& system, caf::detail::type_list<>) {
    return new Coordinator(system);
  }

  void enqueue(caf::resumable* what) override {
    if (stopped_.load(std::memory_order_acquire)) return cleanup_and_release(what);
    const auto* homed = dynamic_cast<Homed*>(what);
    loop::Loop& home = homed ? homed->home() : driver().loop(0);
    const loop::Job job{&Coordinator::resume, what, reinterpret_cast<std::uint64_t>(this), &Coordinator::drop};
    if (home.here()) {
      home.defer(job);
    } else {
      home.post(job);
    }
  }

  caf::actor_clock& clock() noexcept override { return clock_; }

  void start() override {
    for (std::size_t i = 0; i < driver().size(); ++i) units_.push_back(std::make_unique<Unit>(&system_, *this));
  }
  void stop() override { stopped_.store(true, std::memory_order_release); }

 private:
  struct Unit final : caf::execution_unit {
    Coordinator& coordinator;
    Unit(caf::actor_system* system, Coordinator& coordinator) : caf::execution_unit(system), coordinator(coordinator) {}
    void exec_later(caf::resumable* what) override { coordinator.enqueue(what); }
  };

  loop::LoopDriver& driver() { return *static_cast<const Config&>(system_.config()).driver; }

  static void resume(void* object, std::uint64_t coordinator) {
    auto* what = static_cast<caf::resumable*>(object);
    auto& self = *reinterpret_cast<Coordinator*>(coordinator);
    switch (what->resume(self.units_[loop::Loop::current()->index()].get(), messages_per_resume)) {
      case caf::resumable::resume_later:
        self.enqueue(what);
        break;
      case caf::resumable::done:
      case caf::resumable::awaiting_message:
      case caf::resumable::shutdown_execution_unit:
        caf::intrusive_ptr_release(what);
        break;
    }
  }
  static void drop(void* object) { cleanup_and_release(static_cast<caf::resumable*>(object)); }

  std::vector<std::unique_ptr<Unit>> units_;
  NoClock clock_;
  std::atomic<bool> stopped_{false};
};

}  // namespace

struct ActorSystem::Parts {
  Config config;
  std::unique_ptr<caf::actor_system> system;
  struct Mailbox {
    caf::actor actor;
    ShardActor* shard_actor;
  };
  boost::unordered_flat_map<const Shard*, Mailbox> mailboxes;
};

ActorSystem::ActorSystem(loop::LoopDriver& driver) : parts_(std::make_unique<Parts>()) {
  parts_->config.driver = &driver;
  parts_->config.load<Coordinator>();
  parts_->system = std::make_unique<caf::actor_system>(parts_->config);
  parts_->system->await_actors_before_shutdown(false);
}

ActorSystem::~ActorSystem() {
  refuse();
  for (auto& [shard, mailbox] : parts_->mailboxes) {
    caf::anon_send_exit(mailbox.actor, caf::exit_reason::user_shutdown);
  }
}

void ActorSystem::refuse() { static_cast<Coordinator&>(parts_->system->scheduler()).stop(); }

void ActorSystem::give_mailbox(Shard& shard) {
  caf::actor actor = parts_->system->spawn<ShardActor, caf::lazy_init + caf::hidden>(std::ref(shard));
  auto* shard_actor = dynamic_cast<ShardActor*>(caf::actor_cast<caf::abstract_actor*>(actor));
  parts_->mailboxes.emplace(&shard, Parts::Mailbox{std::move(actor), shard_actor});
}

void ActorSystem::deliver(Shard& shard, EnvelopePtr envelope, std::uint64_t hash) {
  const auto& mailbox = parts_->mailboxes.find(&shard)->second;
  if (mailbox.shard_actor->under_way().fetch_add(1, std::memory_order_relaxed) >= mailbox_limit) {
    mailbox.shard_actor->under_way().fetch_sub(1, std::memory_order_relaxed);
    envelope->failure = std::make_unique<Failure>(
        Failure::not_executed(failure_code::overloaded, "too many calls are on their way to one shard"));
    return Shard::answer(std::move(envelope));
  }
  mailbox.shard_actor->enqueue(nullptr, caf::make_message_id(), caf::make_message(Delivery{std::move(envelope), hash}),
                               nullptr);
}

void ActorSystem::withdraw(Shard& shard, const Key& target, std::uint64_t hash) {
  // Not counted among what is under way: there is at most one for each ask that was.
  const auto& mailbox = parts_->mailboxes.find(&shard)->second;
  mailbox.shard_actor->enqueue(nullptr, caf::make_message_id(), caf::make_message(Withdrawal{target, hash}), nullptr);
}

}  // namespace troupe::engine
