#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/http/client.hpp>
#include <troupe/topology/model.hpp>
#include <troupe/wire/time.hpp>

namespace troupe::cli {

/// What a node's operations listener has answered, or why it is not known.
struct NodeAnswer {
  std::uint16_t status = 0;  ///< 0: there is no answer
  std::string body;          ///< of a 200
  std::string trouble;       ///< why there is none; empty: there is one
};

/// A node that is busy beyond this is told of as one that does not answer.
inline constexpr Duration node_patience = std::chrono::seconds(3);

/// What one node is asked.
struct NodeRequest {
  enum class Kind : std::uint8_t {
    read,     ///< GET
    command,  ///< POST, with `{}`
  };

  topology::Address address;
  std::string path;
  Kind kind = Kind::read;
};

/// The request as it is sent, with `node_patience` as its deadline.
http::ClientRequest to_http_request(const NodeRequest& request);

/// Why there is no answer, as a sentence about the node.
std::string trouble_of(const http::ClientFailure& failure);

/// Asks all at the same time, and returns what they say in the same order. Blocks, at most for `node_patience` and for
/// as long as names are looked up.
std::vector<NodeAnswer> ask_nodes(const std::vector<NodeRequest>& requests);

/// The body of a 200 whose length the node has told, and what is wrong with any other.
NodeAnswer to_node_answer(http::ClientResult result);

}  // namespace troupe::cli
