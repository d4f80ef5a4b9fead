#include <troupe/resilience/repetition.hpp>

#include <algorithm>
#include <array>

namespace troupe::resilience {

namespace {

/// `expired` means here that the edge's timeout ran out on the way or in the queue; where it was the caller's own
/// deadline, no time is left to repeat anything.
constexpr std::array outages = {failure_code::unavailable, failure_code::timeout, failure_code::commit_unknown,
                                failure_code::expired};

bool contains(const auto& codes, std::string_view code) { return std::ranges::find(codes, code) != codes.end(); }

}  // namespace

bool may_repeat(Effect effect, const Failure& failure, Trace trace) {
  if (failure.rejected() || failure.passed_on) return false;
  if (!contains(outages, failure.code) && failure.code != failure_code::overloaded) return false;
  if (effect == Effect::once) return failure.not_executed() && trace == Trace::untouched;
  return true;
}

bool is_outage(const Failure& failure) {
  return !failure.rejected() && !failure.passed_on && contains(outages, failure.code);
}

}  // namespace troupe::resilience
