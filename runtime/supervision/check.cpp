#include <troupe/supervision/check.hpp>

#include <set>

#include <troupe/wire/enumerators.hpp>

namespace troupe::supervision {
namespace {

std::string below(const std::string& path, const std::string& id) { return path.empty() ? id : path + "/" + id; }

template <class E>
std::string all_names() {
  std::string text;
  for (const auto& enumerator : wire::enumerators<E>) text.append(text.empty() ? "" : ", ").append(enumerator.name);
  return text;
}

class Checker {
 public:
  void supervisor(const std::string& path, const SupervisorSpec& spec) {
    flags(path, spec.flags);
    if (spec.flags.strategy == Strategy::simple_one_for_one && spec.children.size() != 1)
      add(path, "simple_one_for_one with " + std::to_string(spec.children.size()) + " child specs",
          "give it one, the template of all its children");
    std::set<std::string> ids;
    for (const ChildSpec& child : spec.children) {
      if (!ids.insert(child.id).second)
        add(below(path, child.id), "two children have this id", "ids are unique within their supervisor");
      this->child(path, spec.flags, child);
    }
  }

  void child(const std::string& parent, const SupervisorFlags& flags, const ChildSpec& child) {
    const std::string path = below(parent, child.id);
    if (child.id.empty()) add(parent, "a child has no id", "name it after what it does");
    if (child.id.find('/') != std::string::npos)
      add(path, "the id `" + child.id + "` has a slash", "slashes stand between the ids of a path");
    named("restart", path, child.restart);
    named("type", path, child.type);
    if (child.significant && child.restart == Restart::permanent)
      add(path, "a significant child that is permanent never ends by itself", "make it transient or temporary");
    if (child.significant && flags.auto_shutdown == AutoShutdown::never)
      add(path, "a significant child, but auto_shutdown is never",
          "set its supervisor's auto_shutdown to any_significant or all_significant");
    times(path, child);
    if (child.children == nullptr) return;
    if (child.type != ChildType::supervisor)
      add(path, "has children but is no supervisor", "set its type to supervisor");
    supervisor(path, *child.children);
  }

  std::vector<SpecFault> take() { return std::move(faults_); }

 private:
  void add(const std::string& path, std::string what, std::string hint) {
    faults_.push_back({path, std::move(what), std::move(hint)});
  }

  template <class E>
  void named(const std::string& what, const std::string& path, E value) {
    if (!wire::enum_name(value).empty()) return;
    add(path, "unknown " + what + " " + std::to_string(static_cast<unsigned>(value)), "one of " + all_names<E>());
  }

  void flags(const std::string& path, const SupervisorFlags& flags) {
    named("strategy", path, flags.strategy);
    named("auto_shutdown", path, flags.auto_shutdown);
    if (flags.intensity < 0)
      add(path, "intensity " + std::to_string(flags.intensity) + " is below 0", "0 bears no restart at all");
    if (flags.period <= Duration(0))
      add(path, "period " + troupe::to_text(flags.period) + " is not above 0", "OTP's default is 5s");
    if (!flags.backoff) return;
    if (flags.backoff->first <= Duration(0) || flags.backoff->longest < flags.backoff->first)
      add(path,
          "backoff " + troupe::to_text(flags.backoff->first) + ".." + troupe::to_text(flags.backoff->longest) +
              " is no range above 0",
          "give the first wait and the longest, as in 100ms..10s, or leave it out");
  }

  void times(const std::string& path, const ChildSpec& child) {
    if (child.shutdown && child.shutdown->kind == Shutdown::Kind::timeout && child.shutdown->timeout < Duration(0))
      add(path, "shutdown " + troupe::to_text(child.shutdown->timeout) + " is below 0",
          "give a time from 0, or infinity, or brutal_kill");
    if (child.start_timeout && *child.start_timeout <= Duration(0))
      add(path, "start_timeout " + troupe::to_text(*child.start_timeout) + " is not above 0",
          "leave it out to wait without a limit");
  }

  std::vector<SpecFault> faults_;
};

}  // namespace

std::string to_text(const SpecFault& fault) { return fault.path + ": " + fault.what + "; " + fault.hint; }

std::vector<SpecFault> check(const std::string& path, const SupervisorSpec& spec) {
  Checker checker;
  checker.supervisor(path, spec);
  return checker.take();
}

std::vector<SpecFault> check_child(const std::string& parent, const SupervisorFlags& flags, const ChildSpec& child) {
  Checker checker;
  checker.child(parent, flags, child);
  return checker.take();
}

}  // namespace troupe::supervision
