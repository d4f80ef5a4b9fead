#include <troupe/gateway/failure_problem.hpp>

#include <utility>

namespace troupe::gateway {
namespace {

bool is_bug(const Failure& failure) {
  // A reply that no link takes: the domain should have answered in pages.
  if (failure.code == failure_code::too_large && failure.unknown()) return true;
  for (const FailureCode code : {failure_code::actor_crashed, failure_code::call_cycle, failure_code::read_only,
                                 failure_code::too_many_hops, failure_code::undeclared}) {
    if (failure.code == code) return true;
  }
  return false;
}

}  // namespace

Problem to_problem(const Failure& failure, std::string trace_id) {
  Problem problem;
  problem.trace_id = std::move(trace_id);
  if (failure.rejected()) {
    problem.code = failure.code;
    problem.detail = failure.detail;
    problem.errors = failure.faults;
  } else if (is_bug(failure)) {
    problem.code = "internal";
  } else if (failure.unknown() || failure.code == failure_code::expired) {
    problem.code = "timeout";
    problem.detail = "no answer in time; a POST may be repeated with the same Idempotency-Key";
  } else if (failure.code == failure_code::too_large) {
    problem.code = "too_large";
    problem.detail = "this request needs a message larger than nodes exchange; nothing was done";
  } else if (failure.code == failure_code::overloaded) {
    problem.code = "overloaded";
    problem.detail = "too busy; nothing was done";
  } else if (failure.code == failure_code::call_deadlock) {
    problem.code = "unavailable";
    problem.detail = "this request and another one waited for each other; nothing was done";
  } else if (failure.code == failure_code::incompatible) {
    problem.code = "unavailable";
    problem.detail = "parts of this service run versions that do not understand each other; nothing was done";
  } else {
    problem.code = "unavailable";
    problem.detail = "what this request needs is out of reach; nothing was done";
  }
  return problem;
}

bool is_final(std::uint16_t status) { return status == 404 || status == 409 || status == 422; }

}  // namespace troupe::gateway
