#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <troupe/topology/model.hpp>
#include <troupe/wire/time.hpp>

namespace troupe::cli {

/// What came of a question to one server.
struct Heard {
  std::string body;     ///< of an answer 200
  std::string trouble;  ///< why there is none; empty: there is one
};

/// Asks every address for `path` by HTTP, all at the same time, and returns what they say in the same order. Blocks, at
/// most for `limit` and for as long as names are looked up.
std::vector<Heard> get_from_all(const std::vector<topology::Address>& addresses, std::string_view path, Duration limit);

/// A whole HTTP/1.1 answer as it came, up to the end of the connection: the body of a 200, and what is wrong with any
/// other.
Heard read_answer(std::string_view answer);

}  // namespace troupe::cli
