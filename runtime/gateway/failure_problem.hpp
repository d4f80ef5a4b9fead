#pragma once

#include <cstdint>
#include <string>

#include <troupe/contract/failure.hpp>
#include <troupe/gateway/problem.hpp>

namespace troupe::gateway {

/// The problem that a client hears of a failure. A rejection is told as the domain put it; of what goes on inside, a
/// client learns only whether to try again: no node, protocol or field is named.
Problem to_problem(const Failure& failure, std::string trace_id);

/// Whether the same request would hear the same again: what an Idempotency-Key keeps besides successes.
bool is_final(std::uint16_t status);

}  // namespace troupe::gateway
