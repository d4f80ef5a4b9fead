#include <troupe/node/readiness/node_readiness.hpp>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include <troupe/wire/enumerators.hpp>

namespace troupe::node {

namespace {

constexpr auto loop_patience = std::chrono::seconds(1);
/// For how long what was found stands.
constexpr auto freshness = std::chrono::milliseconds(100);
/// Of what should run and does not.
constexpr std::size_t named_actors = 10;

observe::Check check_of(std::string name, const std::optional<std::string>& trouble, observe::Health if_troubled) {
  return {std::move(name), trouble ? if_troubled : observe::Health::ok, trouble};
}

}  // namespace

NodeReadiness::NodeReadiness(engine::Engine& engine, DependencyProbe* dependencies, ReadinessSources sources)
    : engine_(engine),
      home_(engine.loop(0)),
      dependencies_(dependencies),
      sources_(std::move(sources)),
      actors_(engine) {}

void NodeReadiness::ask(std::function<void(observe::Readiness)> then) {
  const bool is_fresh = !checks_.empty() && home_.now() - looked_at_ < freshness;
  if (open_ == 0 && is_fresh) return then(answer());
  waiting_.push_back(std::move(then));
  if (open_ == 0) look();
}

void NodeReadiness::look() {
  looked_at_ = home_.now();
  open_ = 3;
  // Before the loops: one that has answered has passed on what its actors were asked.
  actors_.look([this] { part_done(); });
  AskEveryLoop<Alive>::begin(
      engine_, loop_patience, [](loop::Loop&) { return Alive{}; },
      [this](LoopAnswers<Alive> loops) {
        loops_ = std::move(loops);
        part_done();
      });
  dependencies_ ? dependencies_->ask_missing([this] { part_done(); }) : part_done();
}

void NodeReadiness::part_done() {
  if (--open_ > 0) return;
  checks_ = found();
  for (auto& then : std::exchange(waiting_, {})) then(answer());
}

std::vector<observe::Check> NodeReadiness::found() const {
  std::vector<observe::Check> checks;
  std::vector<bool> is_stuck(loops_.size());
  for (std::size_t i = 0; i < loops_.size(); ++i) {
    // What lives on the other loops works.
    auto trouble = sources_.trouble_of_loop(i);
    if (!trouble && !loops_[i]) trouble = "it does not answer";
    is_stuck[i] = trouble.has_value();
    checks.push_back(check_of("loop " + std::to_string(i), trouble, observe::Health::degraded));
  }
  const auto add = [&checks](std::vector<observe::Check> more) { std::ranges::move(more, std::back_inserter(checks)); };
  add(actors_.checks([&](std::size_t loop) { return is_stuck[loop]; }));
  checks.push_back(check_of("supervision", trouble_of(engine::TreePart::shards), observe::Health::failing));
  // Messages are served without them.
  checks.push_back(check_of("workers", trouble_of(engine::TreePart::workers), observe::Health::degraded));
  if (dependencies_) add(dependencies_->checks());
  add(sources_.checks());
  return checks;
}

std::optional<std::string> NodeReadiness::trouble_of(engine::TreePart part) const {
  const auto missing = engine_.missing(part, named_actors + 1);
  std::optional<std::string> trouble;
  if (!missing.empty()) trouble.emplace();
  for (std::size_t i = 0; i < missing.size(); ++i) {
    if (i > 0) *trouble += "; ";
    if (i == named_actors) {
      *trouble += "and more";
      break;
    }
    const auto& [path, state, reason] = missing[i];
    *trouble += (path.empty() ? "the whole tree" : path) + " is " + std::string(wire::enum_name(state));
    if (reason) *trouble += " (" + *reason + ')';
  }
  return trouble;
}

observe::Readiness NodeReadiness::answer() const {
  auto checks = checks_;
  // Not as of a moment ago: whoever sends requests here must learn of it at once.
  checks.push_back(check_of("node", sources_.trouble_of_node(), observe::Health::failing));
  return observe::readiness_of(std::move(checks));
}

}  // namespace troupe::node
