#pragma once

#include <any>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include <troupe/supervision/event.hpp>
#include <troupe/supervision/snapshot.hpp>
#include <troupe/supervision/spec.hpp>

namespace troupe::supervision::detail {

/// What a supervisor knows of one child.
struct Child {
  std::shared_ptr<const ChildSpec> spec;  ///< null in simple_one_for_one: the template is everybody's
  std::any arguments;
  ChildRef ref = ChildRef::none;  ///< its life; where it does not run, its last one
  ChildState state = ChildState::stopped;
  bool exited = false;            ///< of a running one: it has ended, with last_reason, but its turn is still to come
  TimerId timer = TimerId::none;  ///< where it backs off
  std::uint32_t failures = 0;     ///< in a row, for the backoff
  Instant started{};
  std::uint64_t restarts = 0;
  std::optional<ExitReason> last_reason;
  std::list<Child>::iterator place;
};

/// The children of a supervisor in the order of their start, found by id and by ref; every operation but merging takes
/// the same time however many they are. A Child stays where it is until it is erased.
class Children {
 public:
  /// Static children, each with a spec of its own; or dynamic ones of one template.
  enum class Form { listed, dynamic };

  explicit Children(const SupervisorSpec& spec);

  Form form() const { return form_; }
  bool dynamic() const { return form_ == Form::dynamic; }
  const std::shared_ptr<const ChildSpec>& spec_of(const Child& child) const {
    return dynamic() ? template_ : child.spec;
  }
  const std::shared_ptr<const ChildSpec>& child_template() const { return template_; }

  Child& add(std::shared_ptr<const ChildSpec> spec);
  Child& add_dynamic(std::any arguments);
  void erase(Child& child);
  /// The specs of a reload: new ones in their order, then the old ones that are not among them.
  void merge(const SupervisorSpec& spec);

  /// A listed child by its id, a dynamic one by its ref; null: there is none.
  Child* find(const ChildName& name) const;
  /// Any child by its last ref.
  Child* find(ChildRef ref) const;

  void set_running(Child& child, ChildRef ref, Instant now);
  void set_exited(Child& child, const ExitReason& reason);
  void set_state(Child& child, ChildState state);

  ChildCounts counts() const;
  std::size_t size() const { return list_.size(); }
  auto begin() { return list_.begin(); }
  auto end() { return list_.end(); }
  auto begin() const { return list_.begin(); }
  auto end() const { return list_.end(); }

 private:
  bool alive(const Child& child) const { return child.state == ChildState::running && !child.exited; }
  void forget_ref(Child& child);

  Form form_;
  std::shared_ptr<const ChildSpec> template_;  ///< of dynamic children
  std::list<Child> list_;
  std::unordered_map<std::string, Child*> by_id_;
  std::unordered_map<ChildRef, Child*> by_ref_;
  std::size_t alive_ = 0;
  std::size_t supervisors_ = 0;
};

}  // namespace troupe::supervision::detail
