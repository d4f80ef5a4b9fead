#include <troupe/supervision/detail/children.hpp>

#include <stdexcept>
#include <utility>

namespace troupe::supervision::detail {

Children::Children(const SupervisorSpec& spec)
    : form_(spec.flags.strategy == Strategy::simple_one_for_one ? Form::dynamic : Form::listed) {
  if (dynamic()) {
    template_ = std::make_shared<const ChildSpec>(spec.children.front());
  } else {
    for (const ChildSpec& child : spec.children) add(std::make_shared<const ChildSpec>(child));
  }
}

Child& Children::add(std::shared_ptr<const ChildSpec> spec) {
  Child& child = list_.emplace_back();
  child.place = std::prev(list_.end());
  child.spec = std::move(spec);
  by_id_.emplace(child.spec->id, &child);
  if (child.spec->type == ChildType::supervisor) ++supervisors_;
  return child;
}

Child& Children::add_dynamic(std::any arguments) {
  Child& child = list_.emplace_back();
  child.place = std::prev(list_.end());
  child.arguments = std::move(arguments);
  return child;
}

void Children::erase(Child& child) {
  if (alive(child)) --alive_;
  forget_ref(child);
  if (!dynamic()) {
    by_id_.erase(child.spec->id);
    if (child.spec->type == ChildType::supervisor) --supervisors_;
  }
  list_.erase(child.place);
}

void Children::merge(const SupervisorSpec& spec) {
  if (dynamic()) {
    template_ = std::make_shared<const ChildSpec>(spec.children.front());
    return;
  }
  std::list<Child> merged;
  for (const ChildSpec& child : spec.children) {
    if (const auto old = by_id_.find(child.id); old != by_id_.end()) {
      old->second->spec = std::make_shared<const ChildSpec>(child);
      merged.splice(merged.end(), list_, old->second->place);
    } else {
      Child& added = merged.emplace_back();
      added.place = std::prev(merged.end());
      added.spec = std::make_shared<const ChildSpec>(child);
      by_id_.emplace(child.id, &added);
    }
  }
  list_.splice(list_.begin(), merged);
  supervisors_ = 0;
  for (const Child& child : list_) supervisors_ += child.spec->type == ChildType::supervisor ? 1 : 0;
}

Child* Children::find(const ChildName& name) const {
  if (const auto* id = std::get_if<std::string>(&name)) {
    const auto found = by_id_.find(*id);
    return found == by_id_.end() ? nullptr : found->second;
  }
  return dynamic() ? find(std::get<ChildRef>(name)) : nullptr;
}

Child* Children::find(ChildRef ref) const {
  const auto found = by_ref_.find(ref);
  return found == by_ref_.end() ? nullptr : found->second;
}

void Children::set_running(Child& child, ChildRef ref, Instant now) {
  if (ref == ChildRef::none || !by_ref_.emplace(ref, &child).second)
    throw std::logic_error("a child was started under a ref that is none, or another's");
  forget_ref(child);
  child.ref = ref;
  child.state = ChildState::running;
  child.exited = false;
  child.started = now;
  ++alive_;
}

void Children::set_exited(Child& child, const ExitReason& reason) {
  child.exited = true;
  child.last_reason = reason;
  --alive_;
}

void Children::set_state(Child& child, ChildState state) {
  if (alive(child)) --alive_;
  child.exited = false;
  child.state = state;
}

ChildCounts Children::counts() const {
  const std::size_t supervisors = !dynamic()                                 ? supervisors_
                                  : template_->type == ChildType::supervisor ? list_.size()
                                                                             : 0;
  return {.specs = dynamic() ? 1 : list_.size(),
          .active = alive_,
          .supervisors = supervisors,
          .workers = list_.size() - supervisors};
}

void Children::forget_ref(Child& child) {
  if (const auto found = by_ref_.find(child.ref); found != by_ref_.end() && found->second == &child)
    by_ref_.erase(found);
}

}  // namespace troupe::supervision::detail
