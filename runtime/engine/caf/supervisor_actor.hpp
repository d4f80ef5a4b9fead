#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include <troupe/engine/caf/supervised_actor.hpp>
#include <troupe/engine/tree.hpp>
#include <troupe/supervision/supervisor.hpp>

namespace troupe::engine {

/// What the supervisors of one engine share. Lifetime: longer than theirs.
struct TreeContext {
  caf::actor_system& system;
  loop::Loop& home;  ///< of all supervisors
  /// Makes the actor of a child that is no supervisor.
  std::function<caf::actor(const supervision::ChildSpec&)> spawn_leaf;
  std::function<void(const supervision::Report&)> report;
  /// The root is up.
  std::function<void()> started;
  /// The root has ended, for this reason, or has not come up.
  std::function<void(const supervision::ExitReason&)> ended;
  /// Before the loops run: everything happens at once, on the calling thread.
  bool is_alone = true;
  bool is_up = false;         ///< the root has started
  std::string start_error{};  ///< until it is: what did not start, and why
  std::uint64_t last_ref = 0;
};

/// Carries out what a supervisor of OTP's rules decides: its children are actors, which it monitors. Should it crash,
/// it takes them along, as OTP's links do; CAF's take a time that grows with the number of children, for each of them.
class SupervisorActor final : public SupervisedActor {
 public:
  SupervisorActor(caf::actor_config& config, TreeContext& context, std::string path,
                  const supervision::SupervisorSpec& spec);
  ~SupervisorActor() override;

  const char* name() const override { return "supervisor"; }
  bool is_alone() const { return context_.is_alone; }

  /// Threads: of its loop, or before the loops run.
  void tell(supervision::Event event);
  /// It and what is below it.
  TreeNode snapshot() const;
  /// Adds what should run below it, is of that part and does not run, until there are `most`. Takes no time for shards,
  /// as long as all run.
  void add_missing(std::vector<MissingActor>& missing, TreePart part, std::size_t most) const;
  /// The actor of a child, if it lives.
  caf::actor find(const std::string& id) const;

 protected:
  void start() override { tell(supervision::Start{}); }
  void exit(ExitSignal signal) override;
  caf::message_handler handlers() override;

 private:
  struct Timer;
  void on_exit() override;
  struct Child {
    caf::actor actor;
    std::string id;
  };

  void carry_out(supervision::command::StartChild command);
  void carry_out(const supervision::command::CancelStart& command);
  void carry_out(const supervision::command::ExitChild& command);
  void carry_out(const supervision::command::ArmTimer& command);
  void carry_out(const supervision::command::CancelTimer& command);
  void carry_out(supervision::command::Requeue command);
  void carry_out(const supervision::command::Reply&) {}
  void carry_out(const supervision::command::Started& command);
  void carry_out(const supervision::command::StartFailed& command);
  void carry_out(const supervision::command::Terminate& command);
  void carry_out(const supervision::Report& report);
  void carry_out(const supervision::Progress&) {}

  std::string path_of(const std::string& id) const { return is_root() ? id : core_.path() + '/' + id; }
  void down(const caf::down_msg& message);
  void tell_self(supervision::Event event);

  TreeContext& context_;
  supervision::Supervisor core_;
  std::unordered_map<supervision::ChildRef, Child> children_;  ///< those that live, or are being started
  std::unordered_map<caf::actor_id, supervision::ChildRef> refs_;
  supervision::StartId starting_ = supervision::StartId::none;  ///< the attempt of the child below
  supervision::ChildRef started_ref_ = supervision::ChildRef::none;
  std::unordered_map<supervision::TimerId, std::unique_ptr<Timer>> timers_;
  std::deque<supervision::Event> events_;
  bool handling_ = false;
};

}  // namespace troupe::engine
