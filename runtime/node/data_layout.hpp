#pragma once

#include <string_view>

#include <troupe/storage/layout.hpp>
#include <troupe/topology/model.hpp>

namespace troupe::node {

inline constexpr std::string_view token_key_secret = "token-key";
inline constexpr std::string_view idempotency_secret = "idempotency";

/// What a topology says of its nodes' data, with paths made absolute.
storage::Layout data_layout(const topology::Topology& topology);

}  // namespace troupe::node
