#pragma once

#include <string>

#include "tests/http_client/message.hpp"

namespace troupe::bench {

/// A request as the benchmarks send it. An empty `token` sends no Authorization, an empty `body` none.
http_client::Request request_of(std::string method, std::string target, const std::string& token = {},
                                std::string body = {});

}  // namespace troupe::bench
