#include <troupe/node/detail/engine_log.hpp>

#include <algorithm>

#include <troupe/contract/dead_letter_id.hpp>
#include <troupe/loop/clock.hpp>
#include <troupe/loop/stack_trace.hpp>
#include <troupe/wire/enumerators.hpp>

namespace troupe::node {

bool StackAllowance::take(Instant now) {
  const std::lock_guard lock(mutex_);
  used_until_ = std::max(used_until_, now);
  if (used_until_ - now > (burst - 1) * interval) return false;
  used_until_ += interval;
  return true;
}

void EngineLog::crashed(const engine::CrashReport& report) {
  observe::Log log = log_;
  if (!report.stack.empty()) {
    const bool told = stacks_.take(loop::system_clock().monotonic());
    log = log.with({{"stack", told ? loop::to_text(report.stack) : "left out: there are too many crashes"}});
  }
  log.error(report.is_looping ? "an actor is crash-looping: it is asked only to try it, from time to time"
                              : "an actor crashed and starts anew",
            {{"protocol", report.protocol},
             {"key", report.key.to_string()},
             {"message", report.message},
             {"what", report.what},
             {"trace_id", report.trace},
             {"crashes", report.crashes}});
}

void EngineLog::crash_loop_ended(std::string_view protocol, const Key& key) {
  log_.info("an actor is crash-looping no more", {{"protocol", protocol}, {"key", key.to_string()}});
}

void EngineLog::trouble(std::string_view what) { log_.warning(what); }

void EngineLog::supervised(const supervision::Report& report) {
  const auto& offender = report.offender;
  log_.warning("a supervisor reports", {{"supervisor", report.supervisor},
                                        {"context", wire::enum_name(report.context)},
                                        {"reason", to_text(report.reason)},
                                        {"child", offender.spec ? std::string_view(offender.spec->id) : ""},
                                        {"restart", offender.spec ? wire::enum_name(offender.spec->restart) : ""}});
}

void EngineLog::gave_up(const supervision::ExitReason& reason) {
  log_.error("the supervisors of this node gave up: it ends", {{"reason", to_text(reason)}});
  if (on_gave_up_) on_gave_up_();
}

void EngineLog::breaker_changed(const engine::Edge::Branch& branch, resilience::Breaker::Change change) {
  const engine::Edge& edge = branch.edge();
  if (change == resilience::Breaker::Change::opened) {
    log_.warning("a breaker opened: such calls fail at once",
                 {{"from", edge.from()}, {"to", edge.to()}, {"node", branch.to()}});
  } else {
    log_.info("a breaker closed: such calls pass again",
              {{"from", edge.from()}, {"to", edge.to()}, {"node", branch.to()}});
  }
}

void EngineLog::deadlocked(const std::vector<engine::deadlock::Wait>& cycle) {
  const engine::deadlock::Wait& failed = cycle.front();
  log_.warning("calls waited for each other: the youngest failed, so that the others go on",
               {{"failed", to_text(failed.asked)},
                {"asked_by", to_text(failed.waiter)},
                {"node", failed.ask.node},
                {"cycle", to_text(cycle)}});
}

void EngineLog::buried(std::string_view protocol, const DeadLetter& letter) {
  const std::string id = to_text(DeadLetterId{std::string(protocol), letter.send.operation});
  log_.warning("a send is a dead letter: its receiver crashed on it again and again",
               {{"id", id},
                {"sender", std::string(protocol) + '/' + letter.sender.to_string()},
                {"receiver", letter.send.protocol + '/' + letter.send.target.to_string()},
                {"sent", letter.send.message},
                {"attempts", letter.attempts},
                {"reason", letter.reason},
                {"trace_id", letter.send.trace},
                {"look", application_ + " dead-letters show " + id}});
}

void EngineLog::storage_changed(std::string_view protocol, std::string_view trouble) const {
  if (trouble.empty()) {
    log_.info("the storage takes commits again", {{"protocol", protocol}});
  } else {
    log_.error("the storage takes no commits", {{"protocol", protocol}, {"detail", trouble}});
  }
}

}  // namespace troupe::node
