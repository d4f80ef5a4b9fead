#pragma once

#include <chrono>
#include <string>

namespace troupe::bench::rpc {

/// The other end of the calls that are measured.
void serve_replier();

/// Measures calls between two processes on loopback; `program` is this program, to be started as the other end.
void measure_calls_between_processes(const std::string& program, std::chrono::duration<double> each);

}  // namespace troupe::bench::rpc
