#include <troupe/engine/detail/crash_records.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace troupe::engine {

using supervision::CrashLoop;

CrashRecords::Noted CrashRecords::note(Activation& activation, std::string reason) {
  activation.has_crashed = true;
  Record& record = records_[&activation];
  ++record.crashes;
  record.last_reason = std::move(reason);
  const CrashLoop::Phase phase = record.loop.crashed(limits_, loop_.now(), loop_.random());
  if (phase != CrashLoop::Phase::calm && !std::exchange(activation.crash_looping, true)) {
    record.looping_since = loop_.wall_time();
    looping_.fetch_add(1, std::memory_order_relaxed);
  }
  return {record.crashes, activation.crash_looping};
}

bool CrashRecords::may_try(const Activation& activation) { return records_.at(&activation).loop.admits(loop_.now()); }

Failure CrashRecords::refusal(const Activation& activation) const {
  const Record& record = records_.at(&activation);
  const auto wait = std::chrono::ceil<std::chrono::seconds>(record.loop.next_try() - loop_.now());
  return Failure::not_executed(failure_code::crash_looping,
                               std::string(protocol_) + '/' + EntityAccess::key(*activation.entity).to_string() +
                                   " has crashed " + std::to_string(record.crashes) + " times; it is tried again in " +
                                   std::to_string(std::max<std::chrono::seconds::rep>(wait.count(), 0)) + " s");
}

bool CrashRecords::handled(Activation& activation) {
  Record& record = records_.at(&activation);
  record.loop.handled();
  if (record.loop.phase() != CrashLoop::Phase::calm) return false;
  activation.crash_looping = false;
  looping_.fetch_sub(1, std::memory_order_relaxed);
  return true;
}

void CrashRecords::forget(const Activation& activation) {
  records_.erase(&activation);
  if (activation.crash_looping) looping_.fetch_sub(1, std::memory_order_relaxed);
}

void CrashRecords::list_looping(std::vector<CrashLoopingEntity>& entities, std::size_t limit) const {
  if (looping() == 0) return;
  for (const auto& [activation, record] : records_) {
    if (entities.size() >= limit) return;
    if (!activation->crash_looping) continue;
    entities.push_back(
        {protocol_, EntityAccess::key(*activation->entity), record.looping_since, record.crashes, record.last_reason});
  }
}

}  // namespace troupe::engine
