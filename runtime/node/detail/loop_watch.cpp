#include <troupe/node/detail/loop_watch.hpp>

#include <chrono>

#include <troupe/loop/clock.hpp>

namespace troupe::node {

namespace {

/// The last words must not wait for long for a reader of the log that does not read.
constexpr Duration last_words_patience = std::chrono::seconds(1);

std::string turn_of(const loop::Activity& activity) {
  return std::string(activity.protocol) + '.' + std::string(activity.message);
}

std::string doing_of(const loop::StuckLoop& stuck) {
  if (!stuck.at) return "its thread takes no signal, so it waits for the system";
  const loop::Activity& activity = stuck.at->activity;
  if (!activity.message.empty()) return turn_of(activity) + " of " + activity.key();
  return activity.protocol.empty() ? "no turn" : "a request or a sweep, in no turn";
}

}  // namespace

LoopWatch::LoopWatch(loop::ThreadedLoops& loops, loop::WatchdogLimits limits, int exit_code, observe::Log log)
    : log_(std::move(log)), seen_(loops.size()), watchdog_(loops, limits, exit_code, *this) {}

std::optional<LoopWatch::Stuck> LoopWatch::find_stuck(std::size_t loop) const {
  const Instant now = loop::system_clock().monotonic();
  const std::lock_guard lock(mutex_);
  const auto& seen = seen_[loop];
  if (!seen) return std::nullopt;
  return Stuck{std::chrono::floor<Duration>(now - seen->since), seen->doing};
}

std::optional<std::string> LoopWatch::trouble_of(std::size_t loop) const {
  const auto stuck = find_stuck(loop);
  return stuck ? std::optional("stuck for " + to_text(stuck->held) + ": " + stuck->doing) : std::nullopt;
}

observe::Log LoopWatch::log_of(const loop::StuckLoop& stuck) const {
  observe::Log log = log_.with({{"loop", stuck.loop}, {"held", to_text(stuck.held)}});
  if (!stuck.at || stuck.at->activity.message.empty()) {
    log = log.with({{"doing", doing_of(stuck)}});
  } else {
    log = log.with({{"turn", turn_of(stuck.at->activity)}, {"key", stuck.at->activity.key()}});
  }
  return stuck.at ? log.with({{"stack", loop::to_text(stuck.at->stack.addresses())}}) : log;
}

void LoopWatch::stuck(const loop::StuckLoop& stuck) {
  log_of(stuck).warning("a loop is stuck: what lives on it waits");
  const Instant now = loop::system_clock().monotonic();
  const std::lock_guard lock(mutex_);
  auto& seen = seen_[stuck.loop];
  // Counted anew after a pause, it has been stuck since before.
  const Instant since = seen ? seen->since : now - stuck.held;
  seen = Seen{since, doing_of(stuck)};
}

void LoopWatch::went_on(std::size_t loop, Duration held) {
  log_.info("a loop goes on that was stuck", {{"loop", loop}, {"held", to_text(held)}});
  const std::lock_guard lock(mutex_);
  seen_[loop].reset();
}

void LoopWatch::ending(const loop::StuckLoop& stuck) {
  log_of(stuck).error("a loop is stuck for so long that the process ends");
  log_.flush(last_words_patience);
}

}  // namespace troupe::node
