#pragma once

#include <string>

#include <troupe/cli/exit_code.hpp>
#include <troupe/node/application.hpp>

namespace troupe::cli {

/// `schema`: prints the application's protocols; against an older document, what has changed since: `failed` where
/// that breaks peers of the older version, `misused` where it cannot be read.
ExitCode schema(const node::Application& application, const std::string& against);

}  // namespace troupe::cli
