#include <troupe/engine/caf/actor_system.hpp>

#include <algorithm>
#include <any>
#include <caf/actor_cast.hpp>
#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/group.hpp>
#include <caf/scheduled_actor.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>
#include <utility>
#include <vector>

#include <troupe/engine/caf/leaf_actor.hpp>
#include <troupe/engine/caf/shard_actor.hpp>
#include <troupe/engine/caf/supervisor_actor.hpp>

namespace troupe::engine {

namespace {

/// Messages that one actor handles before others of its loop get their turn.
constexpr std::size_t messages_per_resume = 64;

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
    if (stopped_.load(std::memory_order_acquire)) return end(what);
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
  static void drop(void* object) { end(static_cast<caf::resumable*>(object)); }

  /// Ends an actor that runs no more, and those that hear of it. CAF's cleanup_and_release does not give back its
  /// references to the latter, its supervisor among them.
  static void end(caf::resumable* what) {
    struct Unit final : caf::execution_unit {
      std::vector<caf::resumable*> woken;
      explicit Unit(caf::actor_system* system) : caf::execution_unit(system) {}
      void exec_later(caf::resumable* resumable) override { woken.push_back(resumable); }
    };
    auto* const first = dynamic_cast<caf::scheduled_actor*>(what);
    if (!first) return cleanup_and_release(what);
    Unit unit(&first->home_system());
    unit.woken.push_back(what);
    while (!unit.woken.empty()) {
      caf::resumable* const next = unit.woken.back();
      unit.woken.pop_back();
      if (auto* actor = dynamic_cast<caf::scheduled_actor*>(next)) {
        actor->cleanup(caf::make_error(caf::exit_reason::user_shutdown), &unit);
      }
      caf::intrusive_ptr_release(next);
    }
  }

  std::vector<std::unique_ptr<Unit>> units_;
  NoClock clock_;
  std::atomic<bool> stopped_{false};
};

}  // namespace

struct ActorSystem::Parts {
  explicit Parts(loop::LoopDriver& driver) : driver(driver) {}

  loop::LoopDriver& driver;
  Config config;
  std::unique_ptr<caf::actor_system> system;
  std::unique_ptr<TreeContext> context;
  caf::actor root;
  SupervisorActor* supervisor = nullptr;  ///< the root's

  caf::actor spawn_leaf(const supervision::ChildSpec& spec) {
    if (Shard* const* shard = std::any_cast<Shard*>(&spec.start)) {
      auto& mailbox = static_cast<ShardMailbox&>(*(*shard)->mailbox());
      return system->spawn<ShardActor, caf::lazy_init + caf::hidden>(std::ref(**shard), std::ref(mailbox),
                                                                     std::ref(driver));
    }
    const LeafSpec& leaf = std::any_cast<const LeafSpec&>(spec.start);
    return system->spawn<LeafActor, caf::lazy_init + caf::hidden>(std::ref(driver.loop(leaf.loop)), leaf.make);
  }

  /// Null: nothing of this path is alive.
  caf::actor find(std::string_view path) const {
    caf::actor at = root;
    while (at && !path.empty()) {
      const auto* above = dynamic_cast<SupervisorActor*>(caf::actor_cast<caf::abstract_actor*>(at));
      if (!above) return {};
      const std::string_view id = path.substr(0, path.find('/'));
      path.remove_prefix(std::min(path.size(), id.size() + 1));
      at = above->find(std::string(id));
    }
    return at;
  }
};

ActorSystem::ActorSystem(loop::LoopDriver& driver) : parts_(std::make_unique<Parts>(driver)) {
  parts_->config.driver = &driver;
  parts_->config.load<Coordinator>();
  parts_->system = std::make_unique<caf::actor_system>(parts_->config);
  parts_->system->await_actors_before_shutdown(false);
}

ActorSystem::~ActorSystem() { refuse(); }

void ActorSystem::refuse() {
  static_cast<Coordinator&>(parts_->system->scheduler()).stop();
  // What is cut off has not crashed.
  if (parts_->context) parts_->context->ended = [](const supervision::ExitReason&) {};
}

void ActorSystem::give_mailbox(Shard& shard) { shard.set_mailbox(std::make_unique<ShardMailbox>()); }

void ActorSystem::start_tree(const supervision::SupervisorSpec& spec, const std::string& name, TreeHooks hooks) {
  Parts& parts = *parts_;
  loop::Loop& home = parts.driver.loop(0);
  parts.context = std::make_unique<TreeContext>(TreeContext{
      .system = *parts.system,
      .home = home,
      .spawn_leaf = [&parts](const supervision::ChildSpec& leaf) { return parts.spawn_leaf(leaf); },
      .report = std::move(hooks.report),
      .started = std::move(hooks.started),
      .ended = std::move(hooks.ended),
  });
  parts.root = parts.system->spawn<SupervisorActor, caf::lazy_init + caf::hidden>(std::ref(*parts.context), name, spec);
  parts.supervisor = dynamic_cast<SupervisorActor*>(caf::actor_cast<caf::abstract_actor*>(parts.root));
  parts.supervisor->begin({});
  parts.context->is_alone = false;
}

const std::string& ActorSystem::start_error() const { return parts_->context->start_error; }

void ActorSystem::stop_tree() { post_urgently(parts_->root, {ExitSignal::shutdown}); }

TreeNode ActorSystem::tree() const { return parts_->supervisor->snapshot(); }

std::vector<MissingActor> ActorSystem::missing(TreePart part, std::size_t most) const {
  std::vector<MissingActor> missing;
  parts_->supervisor->add_missing(missing, part, most);
  return missing;
}

bool ActorSystem::kill(const std::string& path) {
  const caf::actor found = parts_->find(path);
  if (found) post_urgently(found, {ExitSignal::kill});
  return static_cast<bool>(found);
}

bool ActorSystem::request(const std::string& path, supervision::Event request) {
  const caf::actor found = parts_->find(path);
  if (!found || !dynamic_cast<SupervisorActor*>(caf::actor_cast<caf::abstract_actor*>(found))) return false;
  post(found, Tell{std::move(request)});
  return true;
}

}  // namespace troupe::engine
