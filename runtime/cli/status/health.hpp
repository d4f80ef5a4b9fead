#pragma once

#include <string>

#include <troupe/cli/exit_code.hpp>
#include <troupe/http/client.hpp>

namespace troupe::cli {

/// What a node's answer to `/readyz` comes to.
struct Verdict {
  ExitCode code = failed;  ///< `done`: it is ready
  std::string line;        ///< says so, or why not, without the line's end
};

/// Of whatever has come instead of an answer, too.
Verdict to_verdict(const http::ClientResult& result);

/// `health`: asks the node at `admin` (empty: 127.0.0.1:9101) whether it is ready, and prints one line; `failed` where
/// it is not. For health checks, which may have nothing else that speaks HTTP.
ExitCode health(const std::string& admin);

}  // namespace troupe::cli
