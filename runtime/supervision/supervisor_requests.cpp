#include <troupe/supervision/supervisor.hpp>

#include <utility>

#include <troupe/supervision/check.hpp>

/// What others ask of a supervisor, each served as OTP's function of that name.
namespace troupe::supervision {
namespace {

std::string all_of(const std::vector<SpecFault>& faults) {
  std::string text;
  for (const SpecFault& fault : faults) text += (text.empty() ? "" : "\n") + to_text(fault);
  return text;
}

}  // namespace

void Supervisor::serve(request::StartChild request) {
  if (children_.dynamic()) return refuse(request.request, Refusal::simple_one_for_one);
  if (const auto faults = check_child(path_, flags_, request.spec); !faults.empty())
    return refuse(request.request, Refusal::bad_spec, all_of(faults));
  if (const Child* known = children_.find(ChildName(request.spec.id)); known != nullptr) {
    if (known->state != ChildState::running) return refuse(request.request, Refusal::already_present);
    return refuse(request.request, Refusal::already_started, {}, known->ref);
  }
  Child& child = children_.add(std::make_shared<const ChildSpec>(std::move(request.spec)));
  begin({.kind = Job::Kind::start_child, .request = request.request, .to_start = {&child}});
}

void Supervisor::serve(request::StartDynamicChild request) {
  if (!children_.dynamic())
    return refuse(request.request, Refusal::bad_spec, "only simple_one_for_one has a template to start children from");
  Child& child = children_.add_dynamic(std::move(request.arguments));
  begin({.kind = Job::Kind::start_child, .request = request.request, .to_start = {&child}});
}

void Supervisor::serve(const request::TerminateChild& request) {
  if (children_.dynamic() && std::holds_alternative<std::string>(request.child))
    return refuse(request.request, Refusal::simple_one_for_one);
  Child* child = children_.find(request.child);
  if (child == nullptr) return refuse(request.request, Refusal::not_found);
  begin({.kind = Job::Kind::terminate_child, .request = request.request, .to_stop = {child}});
}

void Supervisor::serve(const request::RestartChild& request) {
  if (Child* child = stopped_child(request.request, request.child); child != nullptr)
    begin({.kind = Job::Kind::restart_child, .request = request.request, .to_start = {child}});
}

void Supervisor::serve(const request::DeleteChild& request) {
  if (Child* child = stopped_child(request.request, request.child); child != nullptr) {
    children_.erase(*child);
    reply(request.request);
  }
}

detail::Child* Supervisor::stopped_child(RequestId request, const ChildName& name) {
  Child* child = children_.dynamic() ? nullptr : children_.find(name);
  if (child != nullptr && child->state == ChildState::stopped) return child;
  if (children_.dynamic()) {
    refuse(request, Refusal::simple_one_for_one);
  } else if (child == nullptr) {
    refuse(request, Refusal::not_found);
  } else {
    refuse(request, child->state == ChildState::running ? Refusal::running : Refusal::restarting);
  }
  return nullptr;
}

void Supervisor::serve(const request::Reload& request) {
  if (const auto faults = check(path_, request.spec); !faults.empty())
    return refuse(request.request, Refusal::bad_spec, all_of(faults));
  if ((request.spec.flags.strategy == Strategy::simple_one_for_one) != children_.dynamic())
    return refuse(
        request.request, Refusal::bad_spec,
        path_ + ": a running supervisor cannot become simple_one_for_one, or cease to be it; " + "start a new one");
  flags_ = request.spec.flags;
  children_.merge(request.spec);
  for (auto next = children_.begin(); next != children_.end();) {
    Child& child = *next++;
    // What is temporary now is restarted no more.
    const bool restarts = child.state == ChildState::restarting || child.state == ChildState::backing_off;
    if (restarts && children_.spec_of(child)->restart == Restart::temporary) drop(child);
  }
  reply(request.request);
}

void Supervisor::refuse(RequestId request, Refusal refusal, std::string why, ChildRef child) {
  emit(command::Reply{request, refusal, child, std::move(why)});
}

void Supervisor::reply(RequestId request, ChildRef child) { emit(command::Reply{request, {}, child, {}}); }

}  // namespace troupe::supervision
