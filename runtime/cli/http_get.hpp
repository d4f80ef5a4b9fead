#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <troupe/http/client.hpp>
#include <troupe/topology/model.hpp>
#include <troupe/wire/time.hpp>

namespace troupe::cli {

/// What came of a GET from one node.
struct HttpGetResult {
  std::string body;     ///< of an answer 200
  std::string trouble;  ///< why there is none; empty: there is one
};

/// Gets `path` from every address, from all at the same time, and returns what they say in the same order. Blocks, at
/// most for `limit` and for as long as names are looked up.
std::vector<HttpGetResult> get_from_all(const std::vector<topology::Address>& addresses, std::string_view path,
                                        Duration limit);

/// The body of a 200 whose length the node has told, and what is wrong with any other.
HttpGetResult to_get_result(http::ClientResult result, Duration limit);

}  // namespace troupe::cli
